"""A step is told of once, when it has ended; one that lasts, while it runs."""

import inspect
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import prefect.task_engine
import prefect.utilities.engine
import pytest
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.states import Completed, Failed, Pending, Running

from workers import step_events
from workers.step_events import StepEvents, tell_of_ends

WHERE = ContextVar("WHERE", default="nowhere")
PENDING, RUNNING, DONE = Pending(), Running(), Completed()


class Told(list[tuple[str, str | None, str]]):
    """What reached Prefect: the state, the one before it, and where that was said."""

    def __call__(
        self,
        task_run: TaskRun,
        initial_state: State[Any] | None,
        validated_state: State[Any],
        follows: Any = None,
    ) -> None:
        self.append((validated_state.name or "", initial_state and initial_state.name, WHERE.get()))


@pytest.fixture
def told() -> Told:
    """Nothing so far."""
    return Told()


def a_step() -> TaskRun:
    """A task run that nothing has been told of."""
    return TaskRun(id=uuid4(), task_key="screen", dynamic_key="1")


def test_a_short_step_is_told_of_once(told: Told) -> None:
    """With the state it was in before, as Prefect itself would say."""
    events, step = StepEvents(told), a_step()
    events(step, None, PENDING)
    events(step, PENDING, RUNNING)
    events(step, RUNNING, DONE)
    events.tell_what_lasts()
    assert told == [("Completed", "Running", "nowhere")]


def test_a_lasting_step_is_told_of_while_it_runs_in_the_words_of_its_own_run(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another thread, but with the context that says which flow run it belongs to; and only once."""
    monkeypatch.setattr(step_events, "LASTS_S", 0.0)
    events, step = StepEvents(told), a_step()
    token = WHERE.set("in its flow run")
    events(step, None, PENDING)
    events(step, PENDING, RUNNING)
    WHERE.reset(token)
    events.tell_what_lasts()
    events.tell_what_lasts()
    events(step, RUNNING, DONE)
    assert told == [("Running", "Pending", "in its flow run"), ("Completed", "Running", "nowhere")]


def test_a_step_that_has_just_begun_is_not_a_lasting_one(told: Told) -> None:
    """The look comes every second and most steps take milliseconds."""
    events, step = StepEvents(told), a_step()
    events(step, None, PENDING)
    events.tell_what_lasts()
    assert told == []


def test_steps_side_by_side_are_kept_apart(told: Told) -> None:
    """Each has a beginning of its own."""
    events, one, other = StepEvents(told), a_step(), a_step()
    events(one, None, PENDING)
    events(other, None, PENDING)
    events(one, RUNNING, DONE)
    events(other, RUNNING, Failed())
    assert [name for name, *_ in told] == ["Completed", "Failed"]


def test_a_step_that_waits_for_another_try_says_so_at_once(told: Told) -> None:
    """So does the try itself: somebody may be looking for the reason why a case does not go on."""
    events, step = StepEvents(told), a_step()
    events(step, None, PENDING)
    events(step, RUNNING, State(type=StateType.SCHEDULED, name="AwaitingRetry"))
    events(step, None, State(type=StateType.RUNNING, name="Retrying"))
    assert [name for name, *_ in told] == ["AwaitingRetry", "Retrying"]


def test_the_whole_process_tells_through_one_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pools of threads there are."""
    monkeypatch.setattr(
        prefect.task_engine,
        "emit_task_run_state_change_event",
        prefect.utilities.engine.emit_task_run_state_change_event,
    )
    first = tell_of_ends()
    assert tell_of_ends() is first
    assert prefect.task_engine.emit_task_run_state_change_event is first


def test_prefect_s_own_door_has_the_shape_we_took_it_to_have() -> None:
    """A private function: its parameters must stay."""
    theirs = inspect.signature(prefect.utilities.engine.emit_task_run_state_change_event).parameters
    assert list(theirs) == list(inspect.signature(StepEvents.__call__).parameters)[1:]
