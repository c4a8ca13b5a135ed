"""What Whistle relies on in the pinned Prefect: each promise tried on the real server."""

import inspect
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import prefect
import prefect.flow_engine
import pytest
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.flow_engine import run_flow_sync
from prefect.states import Failed, Pending, Running, Scheduled, Suspended
from prefect.workers.base import BaseWorker

from desk.doctor.findings import Level
from desk.doctor.prefect import RECORDED_BY_NOW, look_at_redis, look_at_services
from flows.case import handle_case
from models.case import Case
from models.vocabulary import Ask, EventKind, Flag, Recipient, Status
from tests.harness.living_desk import LivingDesk
from tests.harness.worker_loop import work_until
from workers import activation
from workers.asking_again import AskingAgain
from workers.case_worker import CaseWorker
from workers.threads import thread_client

ROOT = Path(__file__).parents[1]
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
CALLER = {"contact": "1", "may_call_back": True}
REPLY = "已到校核实并要求调整作业量，恢复体育课，学校已向家长说明。"


@pytest.fixture
def parked(desk: LivingDesk) -> str:
    """An ordinary case whose run is parked."""
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    assert desk.state(label).name == "Suspended"
    return label


@pytest.fixture
def pool(desk: LivingDesk) -> Iterator[None]:
    """The work pool, as it was again afterwards."""
    yield
    desk.client.request(
        "PATCH", "/work_pools/{name}", path_params={"name": "cases"},
        json={"is_paused": False, "concurrency_limit": None},
    )  # fmt: skip


def answer_to(desk: LivingDesk, run_id: UUID, wanted: Any) -> SetStateStatus:
    """What the server says to a state that somebody wants the run to be in."""
    result: OrchestrationResult[Any] = desk.client.set_flow_run_state(run_id, wanted)
    return result.status


def make_due(desk: LivingDesk, label: str) -> None:
    """As if the case's moment had come."""
    with desk.place.database.writing() as session:
        stored = session.get(Case, int(label[2:]))
        assert stored is not None
        stored.wake_at = desk.now


def cancel(desk: LivingDesk, label: str) -> None:
    """What the Cancel button of the UI does."""
    desk.client.set_flow_run_state(desk.run(label).id, State(type=StateType.CANCELLING))


def test_the_version_that_runs_is_the_one_everything_here_was_tried_on() -> None:
    """Another version needs these tests first, then a new pin."""
    pin = next(line for line in (ROOT / "requirements.in").read_text().splitlines() if line.startswith("prefect=="))
    assert pin.split()[0] == f"prefect=={prefect.__version__}" == "prefect==3.8.8"


def test_a_parked_run_may_go_on_running_at_once(desk: LivingDesk, parked: str) -> None:
    """PAUSED to RUNNING needs no scheduling in between."""
    assert answer_to(desk, desk.run(parked).id, Running()) is SetStateStatus.ACCEPT


def test_a_run_whose_worker_died_may_be_run_again(desk: LivingDesk, parked: str) -> None:
    """RUNNING to RUNNING is accepted, and the next activation parks it as usual."""
    run_id = desk.run(parked).id
    desk.client.set_flow_run_state(run_id, Running())
    assert answer_to(desk, run_id, Running()) is SetStateStatus.ACCEPT
    make_due(desk, parked)
    desk.run_due()
    assert desk.state(parked).name == "Suspended"
    assert desk.case(parked).failures == 0


def test_a_parked_run_may_not_become_pending(desk: LivingDesk, parked: str) -> None:
    """Which is why an activation runs the engine on the run instead of submitting it."""
    assert answer_to(desk, desk.run(parked).id, Pending()) is not SetStateStatus.ACCEPT


def test_every_parking_uses_a_key_of_its_own(desk: LivingDesk, parked: str) -> None:
    """A repeated key would be answered as already resumed, and the run would not park."""
    make_due(desk, parked)
    desk.run_due()
    keys = desk.run(parked).empirical_policy.pause_keys or set()
    assert len(keys) == desk.activations == 2
    run_id = desk.run(parked).id
    desk.client.set_flow_run_state(run_id, Running())
    assert answer_to(desk, run_id, Suspended(pause_key=next(iter(keys)))) is not SetStateStatus.ACCEPT
    assert answer_to(desk, run_id, Suspended(pause_key=uuid4().hex)) is SetStateStatus.ACCEPT


def test_cancelling_a_parked_run_cancels_it_at_once(desk: LivingDesk, parked: str) -> None:
    """Nobody has to be there to confirm it."""
    cancel(desk, parked)
    assert desk.state(parked).type is StateType.CANCELLED


def test_prefect_would_let_a_cancelled_run_go_on(desk: LivingDesk, parked: str) -> None:
    """So the guard against it must be our own."""
    cancel(desk, parked)
    assert answer_to(desk, desk.run(parked).id, Running()) is SetStateStatus.ACCEPT


def test_a_cancelled_run_flags_its_case_and_is_not_run(desk: LivingDesk, parked: str) -> None:
    """The child is not dropped: the duty supervisor hears of it, and again a day later."""
    cancel(desk, parked)
    make_due(desk, parked)
    desk.run_due()
    assert desk.state(parked).type is StateType.CANCELLED
    assert desk.case(parked).flag is Flag.RUN_CANCELLED
    assert desk.case(parked).status is Status.DISPATCHED
    assert desk.case(parked).wake_at == desk.now + timedelta(days=1)


def test_a_person_who_resumes_the_case_revives_its_run(desk: LivingDesk, parked: str) -> None:
    """On the very same run, with the clocks as they were."""
    before = desk.run(parked).id
    cancel(desk, parked)
    make_due(desk, parked)
    desk.run_due()
    desk.say(parked, "resumed", "supervisor")
    desk.run_due()
    assert desk.run(parked).id == before
    assert desk.state(parked).name == "Suspended"
    assert desk.case(parked).flag is None
    assert desk.events(parked)[-2:] == [EventKind.NEWS, EventKind.UNFLAGGED]
    assert desk.told(parked)[Recipient.DUTY_SUPERVISOR, Ask.FLAGGED] == 1


def test_news_does_not_revive_a_cancelled_run_but_is_kept(desk: LivingDesk, parked: str) -> None:
    """Only a person's word does; then what was said meanwhile is digested."""
    cancel(desk, parked)
    desk.say(parked, "acknowledged", "EDU")
    desk.run_due()
    assert desk.case(parked).status is Status.DISPATCHED
    desk.say(parked, "resumed", "supervisor")
    desk.run_due()
    assert desk.case(parked).status is Status.ACCEPTED


def test_a_failed_run_is_run_again(desk: LivingDesk, parked: str) -> None:
    """A failure belongs to an activation, not to the case."""
    desk.client.set_flow_run_state(desk.run(parked).id, Failed(), force=True)
    make_due(desk, parked)
    desk.run_due()
    assert desk.state(parked).name == "Suspended"


def test_the_run_of_a_closed_case_is_revived_when_it_reopens(desk: LivingDesk) -> None:
    """COMPLETED becomes AwaitingRetry, and the case goes on in the same run."""
    label = desk.take_in(kind="X02", nature="SUGGEST", reporter=CALLER)
    desk.run_due()
    first = desk.run(label).id
    assert desk.state(label).type is StateType.COMPLETED
    desk.say(label, "reopened", "operator", reason="new_facts")
    desk.run_due()
    assert desk.run(label).id == first
    assert desk.state(label).name == "Suspended"


def test_a_run_lost_from_prefect_is_made_anew(desk: LivingDesk, parked: str) -> None:
    """Prefect shows the activations; the truth is in the case database."""
    lost = desk.run(parked).id
    desk.client.delete_flow_run(lost)
    make_due(desk, parked)
    desk.run_due()
    assert desk.run(parked).id != lost
    assert desk.state(parked).name == "Suspended"
    assert len(desk.artifacts(parked)) == 1


def test_an_activation_starts_no_observer_and_no_heartbeat(
    desk: LivingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are a thread and a connection a run, and the observer is there for Prefect's own suspend."""
    observed: list[UUID] = []
    threads: list[set[str]] = []
    engine = run_flow_sync
    monkeypatch.setattr(prefect.flow_engine, "observe_flow_run_suspension", lambda run, _: observed.append(run))

    def spied(*args: Any, **kwargs: Any) -> Any:
        ended = engine(*args, **kwargs)
        threads.append({each.name for each in threading.enumerate()})
        return ended

    def seconds(engine: Any) -> int | None:
        beats: int | None = heartbeat(engine)
        beating.append(beats)
        return beats

    beating: list[int | None] = []
    flow_run_engine = prefect.flow_engine.BaseFlowRunEngine
    heartbeat = flow_run_engine.heartbeat_seconds.fget  # type: ignore[attr-defined]  # a property
    monkeypatch.setattr(flow_run_engine, "heartbeat_seconds", property(seconds))
    monkeypatch.setattr(activation, "run_flow_sync", spied)
    desk.take_in(kind="X02", nature="SUGGEST")
    assert desk.run_due() == 1
    assert observed == []
    assert beating == [None]
    assert not [name for name in threads[0] if "observ" in name.lower() or "heartbeat" in name.lower()]


def asked_of_prefect(desk: LivingDesk) -> list[str]:
    """What the activation thread asks of the server from now on: a growing list of methods and paths without ids."""
    asked: list[str] = []
    hooks = desk.pool.submit(thread_client).result()._client.event_hooks

    def note(request: httpx.Request) -> None:
        asked.append(f"{request.method} {ID.sub('ID', request.url.path.removeprefix('/api'))}")

    hooks["request"].append(note)
    desk.pool.submit(thread_client).result()._client.event_hooks = hooks
    return asked


def test_a_run_is_made_although_prefect_is_busy_twice(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite every other run that is made at the same time is answered 503; the client alone would sleep for two seconds."""
    client = desk.pool.submit(thread_client).result()
    busy: list[str] = []

    class BusyTwice(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/create_flow_run") and len(busy) < 2:
                busy.append(request.url.path)
                return httpx.Response(503, request=request)
            return inner.handle_request(request)

    transport: Any = client._client._transport
    assert isinstance(transport, AskingAgain)
    inner = transport._inner
    monkeypatch.setattr(transport, "_inner", BusyTwice())
    slept: list[float] = []
    monkeypatch.setattr("prefect.client.base.time", SimpleNamespace(sleep=slept.append))
    desk.take_in(kind="X02", nature="SUGGEST")
    assert desk.run_due() == 1
    assert len(busy) == 2 and slept == []


def test_an_activation_asks_prefect_five_things(desk: LivingDesk) -> None:
    """The engine alone would write its retries into the run and read the run again, every time."""
    asked = asked_of_prefect(desk)
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    begun = [
        "POST /deployments/ID/create_flow_run",
        "POST /flow_runs/ID/set_state",
        "PATCH /flow_runs/ID",
        "POST /artifacts/",
        "POST /flow_runs/ID/set_state",
    ]
    assert asked == begun
    asked.clear()
    desk.say(label, "replied", "EDU", text=REPLY, resolved=True)
    desk.run_due()
    assert asked == [
        "GET /flow_runs/ID",
        "POST /flow_runs/ID/set_state",
        "PATCH /flow_runs/ID",
        "PATCH /artifacts/ID",
        "POST /flow_runs/ID/set_state",
    ]
    run = desk.run(label)
    assert run.flow_version == handle_case.version
    assert "status:callback" in run.tags
    assert run.deployment_id == desk.deployment_id


def test_a_step_is_shown_by_the_one_event_of_its_end(desk: LivingDesk) -> None:
    """With its begin and end, below its flow run; the server writes it down a moment later.

    Prefect drops a whole batch of events in which one is of a run that was deleted meanwhile, as other tests here do:
    then the steps of another life are looked for.
    """
    shown = next(steps for _ in range(4) if (steps := steps_shown_of_a_life(desk)))
    assert {each["state_name"] for each in shown} == {"Completed"}
    assert all(each["start_time"] and each["end_time"] and each["run_count"] == 1 for each in shown)


def steps_shown_of_a_life(desk: LivingDesk) -> list[dict[str, Any]]:
    """The steps of a new case up to its closing as the server shows them, or none after 15 seconds."""
    label = desk.take_in(kind="X02", nature="SUGGEST")
    desk.run_due()
    of_run = {"flow_runs": {"id": {"any_": [str(desk.run(label).id)]}}}
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        shown: list[dict[str, Any]] = desk.client.request("POST", "/task_runs/filter", json=of_run).json()
        if any(each["name"].startswith("close_case") for each in shown):
            return shown
        time.sleep(0.2)
    return []


def test_prefect_understands_what_doctor_asks_of_leases_runs_and_events(desk: LivingDesk, parked: str) -> None:
    """A lease that nobody has is 410, and a run is found by its start, its events by its id."""

    def get(path: str, body: Any = None) -> Any:
        answer = desk.client._client.post(f"{desk.client.api_url}{path.removeprefix('/')}", json=body)
        answer.raise_for_status()
        return answer.json()

    assert look_at_redis(get).level is Level.OK
    deadline = time.monotonic() + 30
    # As two minutes later: by then the services have written down what ran.
    while look_at_services(get, datetime.now(UTC) + RECORDED_BY_NOW).words != "what runs is recorded":
        assert time.monotonic() < deadline, "the run of the parked case was never recorded"
        time.sleep(0.5)


def test_what_is_to_run_by_the_clock_is_planned_by_the_server(desk: LivingDesk) -> None:
    """Started without the hint of `desk/prefect_cli.py` its scheduler fails at every turn, in its log alone."""
    deployments = desk.client.read_deployments()
    by_clock = {each.id for each in deployments if any(one.active for one in each.schedules)}
    assert len(by_clock) >= 10
    for each in by_clock:
        desk.client.request("POST", "/deployments/{id}/schedule", path_params={"id": each}, json={}).raise_for_status()
    planned = desk.client.request(
        "POST", "/flow_runs/filter", json={"flow_runs": {"deployment_id": {"any_": [str(each) for each in by_clock]}}, "limit": 200}
    ).json()
    assert {UUID(each["deployment_id"]) for each in planned if each["auto_scheduled"]} == by_clock
    for each in planned:
        desk.client.delete_flow_run(UUID(each["id"]))


def test_the_worker_overrides_the_method_prefect_submits_runs_with() -> None:
    """A private method: its name and its one parameter must stay."""
    assert list(inspect.signature(BaseWorker._submit_run).parameters) == ["self", "flow_run"]
    assert CaseWorker._submit_run is not BaseWorker._submit_run
    assert inspect.iscoroutinefunction(BaseWorker._submit_run)


def test_resume_in_the_ui_ends_in_an_activation(desk: LivingDesk, parked: str) -> None:
    """Through a real worker's polling; the case is as before, and its run is parked again."""
    before = desk.state(parked).id
    assert answer_to(desk, desk.run(parked).id, Scheduled(name="Resuming")) is SetStateStatus.ACCEPT
    assert work_until(lambda: desk.state(parked).name == "Suspended" and desk.state(parked).id != before)
    assert desk.case(parked).status is Status.DISPATCHED


def test_retry_in_the_ui_of_a_failed_run_ends_in_an_activation(desk: LivingDesk, parked: str) -> None:
    """The Retry button forces AwaitingRetry on a finished run."""
    run_id = desk.run(parked).id
    desk.client.set_flow_run_state(run_id, Failed(), force=True)
    desk.client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)
    assert work_until(lambda: desk.state(parked).name == "Suspended")


def test_cancel_in_the_ui_flags_the_case_and_tells_the_duty_supervisor(desk: LivingDesk, parked: str) -> None:
    """The worker looks for cancelled runs itself; nobody has to wait for the case's next moment."""
    cancel(desk, parked)

    def is_told() -> bool:
        # The worker sends what an activation left behind after a moment of the desk's time.
        desk.now += timedelta(seconds=1)
        return bool(desk.told(parked)[Recipient.DUTY_SUPERVISOR, Ask.FLAGGED])

    assert work_until(is_told)
    assert desk.case(parked).flag is Flag.RUN_CANCELLED
    assert desk.told(parked)[Recipient.DUTY_SUPERVISOR, Ask.FLAGGED] == 1
    assert desk.state(parked).type is StateType.CANCELLED


def test_a_second_run_for_a_case_is_cancelled(desk: LivingDesk, parked: str) -> None:
    """Somebody pressed Run on the deployment with a case id: a case has one run for life."""
    extra: FlowRun = desk.client.create_flow_run_from_deployment(
        desk.deployment_id, parameters={"case_id": str(desk.case(parked).id)}, name="by-hand"
    )
    assert work_until(lambda: desk.client.read_flow_run(extra.id).state_type is StateType.CANCELLED)
    assert desk.state(parked).name == "Suspended"


@pytest.mark.usefixtures("pool")
def test_a_paused_pool_starts_nothing_until_it_goes_on(desk: LivingDesk) -> None:
    """Administrators stop the desk's machine, not its clocks."""
    desk.client.update_work_pool("cases", WorkPoolUpdate(is_paused=True))
    label = desk.take_in(kind="S09", reporter=CALLER)
    assert not work_until(lambda: desk.case(label).run_id is not None, patience=4)
    desk.client.update_work_pool("cases", WorkPoolUpdate(is_paused=False))
    assert work_until(lambda: desk.case(label).status is Status.DISPATCHED)


@pytest.mark.usefixtures("pool")
def test_the_pool_s_limit_bounds_what_runs_at_once(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit of one, four due cases are activated one after the other."""
    at_once, most = 0, 0
    lock = threading.Lock()
    engine = run_flow_sync

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return engine(*args, **kwargs)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(activation, "run_flow_sync", counted)
    desk.client.update_work_pool("cases", WorkPoolUpdate(concurrency_limit=1))
    labels = [desk.take_in(kind="X02", nature="SUGGEST") for _ in range(4)]
    assert work_until(lambda: all(desk.case(each).status is Status.CLOSED for each in labels))
    assert most == 1
