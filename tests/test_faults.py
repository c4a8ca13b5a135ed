"""The fault benchmark itself, for real and short: a living desk is harmed, and every promise is kept.

The long runs, their seeds and what was mended after them are in `docs/reliability.md`.
"""

import random
from collections.abc import Iterator

import pytest

from benchmarks.faults.__main__ import FIGURES
from benchmarks.faults.auditor import Broken
from benchmarks.faults.house import House, fault_house
from benchmarks.faults.mischief import MISCHIEFS, Mischief
from benchmarks.faults.rounds import Rounds, draw

SEED = 2026
ROUNDS = 2
SHORT = ("worker killed", "clock back", "channel hangs_up")
"""What is played here: all at once, because starting the house takes longer than a round."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with fault_house("sqlite") as house:
        yield house


@pytest.mark.long
def test_a_desk_that_is_harmed_keeps_its_promises(house: House):
    rounds = Rounds(house, SEED, [each for each in MISCHIEFS if each.name in SHORT])
    try:
        played = [rounds.play(number) for number in range(ROUNDS)]
    finally:
        rounds.close()

    assert [each.findings for each in played] == [[]] * ROUNDS
    assert all(each.promised and each.faults for each in played)


@pytest.mark.long
def test_every_fault_can_be_played_somewhere_or_says_why_not(house: House):
    reasons = {each.name: each.missing(house) for each in MISCHIEFS}

    assert {name for name, why in reasons.items() if why is not None} <= {
        "clock forward", "clock back", "disk full", "database killed", "database restarted", "redis flushed",
        "redis killed", "prefect restored",
    }  # fmt: skip
    assert all(why for why in reasons.values() if why is not None)


def test_no_two_faults_share_a_name_and_every_broken_promise_has_a_figure():
    assert len({each.name for each in MISCHIEFS}) == len(MISCHIEFS) >= 20
    assert set(FIGURES) == set(Broken)


def test_what_is_drawn_depends_on_seed_and_round_alone():
    def drawn(seed: int, number: int) -> list[Mischief]:
        return draw(random.Random(f"{seed} {number}"), MISCHIEFS)

    assert drawn(1, 7) == drawn(1, 7)
    assert drawn(1, 7) != drawn(1, 8)
