"""Whole lives through a real Prefect server; the stories stand in `tests/scenarios/`."""

from pathlib import Path

import pytest

from tests.harness.living_desk import LivingDesk
from tests.harness.living_through import live_through
from tests.harness.scenario import Scenario, load_scenarios

SCENARIOS = load_scenarios(Path(__file__).parent / "scenarios")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_a_life(scenario: Scenario, desk: LivingDesk) -> None:
    """After each moment the case stands as the scenario says, and every promise holds."""
    live_through(desk, scenario)


def test_no_two_scenarios_share_a_name() -> None:
    """Or one of them would hide behind the other in a report."""
    names = [each.name for each in SCENARIOS]
    assert len(set(names)) == len(names) >= 10
