"""What every task of a case has in common: retries with back-off, and errors that say only a code."""

import functools
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from tasks.tally import FAILED, count_retry

log = logging.getLogger("whistle.tasks")

RETRIES = 4
PASSING = (OperationalError, IntegrityError, StaleDataError, ConnectionError, TimeoutError)
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class CaseTaskError(RuntimeError):
    """A step of a case failed; the message is a code, because Prefect shows it to everybody."""

    def __init__(self, code: str, *, passes: bool) -> None:
        self.code, self.passes = code, passes
        super().__init__(code)


def coded_error(error: Exception) -> CaseTaskError:
    """The code of an error, which never repeats what the error says.

    The message of an error may quote a row or a parameter. Class and place do not, and are enough
    to find the line.
    """
    if isinstance(error, CaseTaskError):
        return error
    # An integrity error is two steps writing the same natural key at once: the next look finds it.
    passes = isinstance(error, PASSING) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = f"{last.tb_frame.f_globals.get('__name__', '?')}:{last.tb_lineno}" if last else "?"
    code = f"{type(error).__name__}@{where}"
    log.error("step failed: %s", code, extra={"event": "step_failed"})
    return CaseTaskError(code, passes=passes)


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    # A defect fails at once, where somebody sees it; a locked or restarted database is tried again.
    error = state.data
    outcome = getattr(error, "result", error)
    return isinstance(outcome, CaseTaskError) and outcome.passes


def case_task(
    function: Callable[Parameters, Answer],
) -> Task[Parameters, Answer]:
    """A Prefect task on one case: repeatable, never cached, never persisted, with coded errors."""

    @functools.wraps(function)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        count_retry(function.__name__)
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - nothing but a code may reach Prefect
            coded = coded_error(error)
            FAILED.labels(function.__name__, str(coded.passes).lower()).inc()
            raise coded from None

    prepare = task(
        retries=RETRIES,
        retry_delay_seconds=exponential_backoff(backoff_factor=0.5),
        retry_jitter_factor=0.5,
        retry_condition_fn=_may_pass,
        persist_result=False,
        cache_policy=NO_CACHE,
        cache_result_in_memory=False,
    )
    return prepare(guarded)
