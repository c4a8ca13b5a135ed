"""Telling Prefect of a step once, when it has ended, instead of three times.

Prefect's engine sends an event when a task run is pending, running and ended. Most steps take milliseconds, and each of the
three is built, sent, parsed by four services, and stored with a row for everything it is related to. The event of the end
holds start, end and outcome, so it alone shows the step. A step that lasts is told of while it runs.
"""

import threading
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import prefect.task_engine
from prefect.client.schemas.objects import State, TaskRun
from prefect.events import Event

LASTS_S = 2.0
"""As long as the server waits anyway before it writes task runs down (`TASK_RUN_RECORDER_FLUSH_INTERVAL`)."""
DOOR = "emit_task_run_state_change_event"
EARLY = frozenset({"Pending", "Running"})
"""By name: what is awaited or tried again has another one, and is told at once."""

Tell = Callable[..., Event | None]


@dataclass(frozen=True)
class Held:
    """The newest early state of one step that has not ended yet."""

    since: float
    context: Context
    task_run: TaskRun
    initial_state: State[Any] | None
    validated_state: State[Any]


class StepEvents:
    """Stands before Prefect's own function that tells of a task run's state; safe between threads."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._held: dict[UUID, Held] = {}
        self._lock = threading.Lock()

    def __call__(
        self,
        task_run: TaskRun,
        initial_state: State[Any] | None,
        validated_state: State[Any],
        follows: Event | None = None,
    ) -> Event | None:
        """Hold an early state back, or tell of any other one."""
        with self._lock:
            held = self._held.pop(task_run.id, None)
            if validated_state.name in EARLY:
                since = held.since if held else time.monotonic()
                # Its context says which flow run it belongs to, whichever thread tells of it.
                self._held[task_run.id] = Held(
                    since, copy_context(), task_run.model_copy(), initial_state, validated_state
                )
                return None
        return self._tell(
            task_run=task_run, initial_state=initial_state, validated_state=validated_state, follows=follows
        )

    def tell_what_lasts(self) -> None:
        """Tell of the steps that have been running for two seconds; their ends may come before or after it."""
        latest = time.monotonic() - LASTS_S
        with self._lock:
            lasting = [each for each in self._held.values() if each.since <= latest]
            for each in lasting:
                del self._held[each.task_run.id]
        for each in lasting:
            each.context.run(
                self._tell,
                task_run=each.task_run,
                initial_state=each.initial_state,
                validated_state=each.validated_state,
            )


def tell_of_ends() -> StepEvents:
    """Let this process's steps be told of once; the same for the whole process, however often it is asked for."""
    # The engine has no other door for it; a test says if a new release moves it.
    of_engine = vars(prefect.task_engine)
    known = of_engine[DOOR]
    if isinstance(known, StepEvents):
        return known
    events = of_engine[DOOR] = StepEvents(known)
    return events
