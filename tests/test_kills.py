"""Killing the worker, or Prefect's server, in the middle of lives: everything ends, and ends once.

Each life is of a request that came long ago, so that escalations fire in it as well. It is compared
with a life that nobody disturbed. Where the kill falls is drawn from a fixed seed.
"""

import random
import time
from collections.abc import Iterator

import pytest
from prefect.client.schemas.objects import StateType

from benchmarks.stage import Stage, private_stage, start
from models.vocabulary import NoticeState, Status
from tests.harness_processes import Life, Remains, begin_emergency, begin_life

SEED = 12345
WORKER_KILLS = 5
SERVER_KILLS = 1
LEASE_SECONDS = 2.0


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A private desk on SQLite whose killed worker's cases are free again after two seconds."""
    with private_stage("sqlite", threads=2, lease_seconds=LEASE_SECONDS) as running:
        start(running.worker)
        yield running


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Life:
    """A life without any kill."""
    life = begin_life(stage, "undisturbed")
    life.live_to_the_end()
    return life


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The same draws in every run of the same test."""
    return random.Random(f"{SEED} {request.node.name}")


def test_the_undisturbed_life_escalates_tells_and_closes(undisturbed: Life):
    remains = undisturbed.remains()

    assert remains.status is Status.CLOSED
    assert any(not superseded for _, _, superseded in remains.escalations)
    assert {state for _, _, state in remains.notices} == {NoticeState.SENT}


@pytest.mark.parametrize("kill", range(WORKER_KILLS))
def test_a_life_whose_worker_is_killed_at_a_random_point_ends_once(
    stage: Stage, undisturbed: Life, chance: random.Random, kill: int
):
    life = begin_life(stage, f"worker-kill-{kill}")

    # One of equal parts of the life for each kill, so that no part of it is spared.
    part = undisturbed.traces() / WORKER_KILLS
    life.live_until(max(1, round(part * (kill + chance.random()))))
    time.sleep(chance.random() * 0.03)
    stage.worker.kill()
    life.let_claims_on_alerts_run_out()
    start(stage.worker)
    life.live_to_the_end()

    _check_ended_once(life, undisturbed.remains())


@pytest.mark.parametrize("kill", range(SERVER_KILLS))
def test_a_life_whose_prefect_server_is_killed_in_the_middle_ends_once(
    stage: Stage, undisturbed: Life, chance: random.Random, kill: int
):
    life = begin_life(stage, f"server-kill-{kill}")

    part = undisturbed.traces() / SERVER_KILLS
    life.live_until(max(1, round(part * (kill + chance.random()))))
    stage.server.kill()
    start(stage.server)
    life.live_to_the_end()

    _check_ended_once(life, undisturbed.remains())


@pytest.mark.parametrize("worker", ["alive", "started meanwhile"])
def test_an_emergency_is_told_while_prefect_is_away_and_has_its_run_afterwards(stage: Stage, worker: str):
    stage.server.kill()
    if worker == "started meanwhile":
        stage.worker.kill()
        stage.worker.start()
    life = begin_emergency(stage)

    life.wait_until(lambda: bool(life.dedupe_keys()) and not life.alerts_on_their_way())
    assert life.case().run_id is None, "Prefect knows nothing of it yet"
    assert sorted(life.delivered()) == life.dedupe_keys()
    start(stage.server)
    life.wait_until(lambda: life.case().run_id is not None and life.case().lease_until is None)
    assert life.run_states() == [StateType.PAUSED]
    assert life.broken_chains() == []


def _check_ended_once(life: Life, undisturbed: Remains) -> None:
    assert life.remains() == undisturbed
    assert life.broken_chains() == []
    # At least once each, under its own id: a receiver that drops known ids sees each alert once.
    assert sorted(life.delivered()) == life.dedupe_keys()
