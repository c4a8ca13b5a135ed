"""What tasks count for Prometheus: steps that failed or ran again, and clocks that ran out."""

from prefect.context import TaskRunContext
from prometheus_client import Counter
from sqlalchemy import event
from sqlmodel import Session

from models.record import Clock

FAILED = Counter("whistle_task_failures", "Steps of cases that failed, by whether trying again may help", ["task", "passes"])
RETRIED = Counter("whistle_task_retries", "Steps of cases that were tried again", ["task"])
BREACHED = Counter("whistle_breaches", "Clocks that ran out before they were stopped", ["target", "grade"])


def count_retry(task: str) -> None:
    """Count this run of a step, if it is not the first."""
    context = TaskRunContext.get()
    if context is not None and context.task_run.run_count > 1:
        RETRIED.labels(task).inc()


def count_breach(session: Session, clock: Clock) -> None:
    """Count one breach once it is stored; a transaction that is rolled back is done again later."""
    labels = str(clock.target), str(clock.grade)
    event.listen(session, "after_commit", lambda _: BREACHED.labels(*labels).inc(), once=True)
