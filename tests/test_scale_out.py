"""The desk of docs/scale-out.md: real PostgreSQL and Redis, two Prefect APIs, services apart, two workers, two desks.

The second worker is on a host of its own, a network namespace, where the machine makes one. Each life is
of a request that came long ago, so that escalations fire, and is compared with one that nobody disturbed.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from sqlmodel import select

from benchmarks.postgres import PostgresMissingError
from benchmarks.redis import RedisMissingError
from benchmarks.spread import Spread, spread_desk
from benchmarks.stage import start
from desk.doctor.findings import Finding, Level
from desk.doctor.prefect import look_at_prefect
from models.case import Case
from models.house import WrittenOnce
from models.vocabulary import Status
from tasks.casebook import case_of
from tests.harness_processes import Life, Remains, begin_emergency, begin_life
from tests.other_host import Cable, NoOtherHostError, other_host

pytestmark = pytest.mark.long

PATIENCE_S = 180.0


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable | None]:
    """The way to the second worker's own host; None where there can be none."""
    with ExitStack() as at_the_end:
        try:
            found = at_the_end.enter_context(other_host())
        except NoOtherHostError:
            found = None
        yield found


@pytest.fixture(scope="module")
def spread(cable: Cable | None) -> Iterator[Spread]:
    with ExitStack() as at_the_end:
        try:
            desk = at_the_end.enter_context(spread_desk(workers=2, desks=2, far=cable.far if cable else None))
        except (PostgresMissingError, RedisMissingError) as error:
            pytest.skip(str(error))
        yield desk


@pytest.fixture(scope="module")
def undisturbed(spread: Spread) -> Life:
    """A life without any trouble."""
    life = begin_life(spread, "undisturbed")
    life.live_to_the_end()
    return life


def test_many_lives_are_shared_by_two_workers_and_each_ends_once(spread: Spread, undisturbed: Life):
    lives = [begin_life(spread, f"shared-{number}") for number in range(4)]

    for life in lives:
        life.live_to_the_end()

    for life in lives:
        _check_ended_once(life, undisturbed.remains())
    for worker in ("worker-1", "worker-2"):
        assert "activation completed" in _said(spread, worker) or "activation parked" in _said(
            spread, worker
        ), worker


def test_both_prefect_apis_show_the_run_and_its_steps_which_came_by_redis(spread: Spread, undisturbed: Life):
    named = FlowRunFilter(name=FlowRunFilterName(any_=[undisturbed.callers.labels[0]]))

    for api in ("prefect-api-1", "prefect-api-2"):
        with SyncPrefectClient(spread.url_of(api), auth_string=spread.login) as client:
            deadline = time.monotonic() + PATIENCE_S
            # The services write them down, from what either API put into Redis.
            while not (
                steps := {
                    each.name.partition("-")[0] for each in client.read_task_runs(flow_run_filter=named)
                }
            ):
                assert time.monotonic() < deadline, "no step was ever recorded"
                time.sleep(0.5)
        assert steps


def test_a_request_sent_to_two_desks_is_taken_in_once(spread: Spread):
    key = (spread.home_of("steps") / "keys" / "operator.key").read_text(encoding="ascii").strip()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "sent-to-two-desks"}

    answers = [
        httpx.post(
            f"http://127.0.0.1:{spread.ports[desk]}/api/v1/cases",
            json={"text": "滑梯坏了"},
            headers=headers,
            timeout=60,
        )
        for desk in ("desk-1", "desk-2")
    ]

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replay"] == "true"
    with spread.place.database.reading() as session:
        assert len(session.exec(select(WrittenOnce).where(WrittenOnce.key == "sent-to-two-desks")).all()) == 1
        assert (
            len(session.exec(select(Case).where(Case.number == int(answers[0].json()["number"][2:]))).all())
            == 1
        )


def test_a_life_goes_on_while_one_prefect_api_is_dead(spread: Spread, undisturbed: Life):
    life = begin_life(spread, "api-killed")
    life.live_until(undisturbed.traces() // 3)

    spread.parts["prefect-api-2"].kill()
    life.live_to_the_end()
    start(spread.parts["prefect-api-2"])

    _check_ended_once(life, undisturbed.remains())


def test_redis_may_forget_everything_and_die_in_the_middle_of_a_life(spread: Spread, undisturbed: Life):
    life = begin_life(spread, "redis-killed")
    life.live_until(undisturbed.traces() // 3)

    spread.redis.flush()
    life.live_until(undisturbed.traces() // 2)
    spread.redis.kill()
    try:
        # Prefect refuses every state of a run that it cannot tell of: cases wait, and what cannot wait goes without it.
        emergency = begin_emergency(spread)
        emergency.wait_until(lambda: bool(emergency.dedupe_keys()) and not emergency.alerts_on_their_way())
    finally:
        spread.redis.start()
    life.live_to_the_end()

    _check_ended_once(life, undisturbed.remains())
    assert sorted(emergency.delivered()) == emergency.dedupe_keys()


def test_doctor_tells_a_redis_that_is_full_from_one_that_takes_more(spread: Spread):
    user, _, password = spread.login.partition(":")

    def found() -> Finding:
        findings = look_at_prefect(spread.api_url, datetime.now(UTC), asked_for=True, login=(user, password))
        [of_redis] = [each for each in findings if each.name == "Prefect's Redis"]
        return of_redis

    assert found().level is Level.OK
    spread.redis.fill()
    try:
        full = found()
    finally:
        spread.redis.empty()
    assert full.level is Level.BAD and "takes nothing more" in full.words
    assert found().level is Level.OK


def test_a_worker_that_hangs_loses_its_case_to_another_and_does_nothing_twice_when_it_wakes(
    spread: Spread, undisturbed: Life
):
    life = _hold_in_the_middle(spread, "worker-frozen", "worker-1")

    spread.freeze("worker-1")
    try:
        _live_to_the_end_without_it(life)
    finally:
        spread.thaw("worker-1")
    life.live_to_the_end()

    _check_ended_once(life, undisturbed.remains())


def test_a_worker_host_that_is_cut_off_loses_its_case_and_does_nothing_twice_when_it_is_back(
    spread: Spread, cable: Cable | None, undisturbed: Life
):
    if cable is None:
        pytest.skip("no second host here: needs root, iproute2 and network namespaces")
    life = _hold_in_the_middle(spread, "host-cut-off", "worker-2")

    cable.pull()
    try:
        _live_to_the_end_without_it(life)
    finally:
        cable.plug_in()
    life.live_to_the_end()
    another = begin_life(spread, "after-the-cut")
    another.live_to_the_end()

    _check_ended_once(life, undisturbed.remains())
    _check_ended_once(another, undisturbed.remains())
    assert spread.parts["worker-2"].exit_code() is None


def _hold_in_the_middle(spread: Spread, name: str, worker: str) -> Life:
    """A life of which this worker holds the case just now, taken in until that happens."""
    owner = f":{spread.parts[worker].pid()}:"
    deadline = time.monotonic() + PATIENCE_S
    for number in count():
        life = begin_life(spread, f"{name}-{number}")
        while (case := _case_of(spread, life)).status is Status.RECEIVED or case.lease_owner:
            assert time.monotonic() < deadline, f"{worker} never took a case"
            if case.lease_owner and owner in case.lease_owner:
                return life
            time.sleep(0.005)
        life.live_to_the_end()
    raise AssertionError


def _case_of(spread: Spread, life: Life) -> Case:
    with spread.place.database.reading() as session:
        return case_of(session, life.case_id)


def _live_to_the_end_without_it(life: Life) -> None:
    """As if the two minutes had passed for which the alerts of a worker that is gone count as being sent."""
    time.sleep(0.5)
    life.let_claims_on_alerts_run_out()
    life.callers.live_on(PATIENCE_S)
    deadline = time.monotonic() + PATIENCE_S
    while life.alerts_on_their_way():
        assert time.monotonic() < deadline, f"{life.alerts_on_their_way()} alerts"
        time.sleep(0.1)


def _check_ended_once(life: Life, undisturbed: Remains) -> None:
    assert life.remains() == undisturbed
    assert life.broken_chains() == []
    # At least once each, under its own id: a receiver that drops known ids sees each alert once.
    assert sorted(life.delivered()) == life.dedupe_keys()


def _said(spread: Spread, part: str) -> str:
    return spread.parts[part].log.read_text(encoding="utf-8")
