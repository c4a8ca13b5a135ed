"""Every quarter of an hour: the clocks of proactive orders. Each is reminded of, escalated and evaluated once.

One run looks at all orders, with a task run for each that has something due, named by its number. A flow run of its
own for each order, as a case has, would need claims, leases and parking for what happens five times in a month; an
order's history is its journal in the case database, and its page shows it.
"""

from datetime import datetime

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from tasks.proactive.standing import standing_table
from tasks.proactive.ticking import Told, due_orders, tick
from tasks.workplace import workplace


class OrdersNotTendedError(RuntimeError):
    """Some orders could not be looked at; the message has their numbers."""


@flow(name="proactive", retries=0, persist_result=False, result_storage=RESULTS)
def tend_orders() -> str:
    """Tell what the clock of every order says; one that fails holds up no other, and fails the run in the end."""
    now = the_time()
    with only_codes():
        due = find_due(now)
        states = {label: tend_one.with_options(task_run_name=label)(each, now, return_state=True) for each, label in due}
        show_orders(now)
        told = sum((state.result() for state in states.values() if state.is_completed()), Told())
    if failed := [label for label, state in states.items() if not state.is_completed()]:
        raise OrdersNotTendedError(", ".join(failed))
    return f"{told.reminded} reminded, {told.escalated} escalated, {told.evaluated} to decide on"


@task(persist_result=False, cache_policy=NO_CACHE)
def find_due(now: datetime) -> list[tuple[int, str]]:
    """Id and number of the orders with a moment that has come."""
    with only_codes(), workplace().database.reading() as session:
        return due_orders(session, now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def tend_one(order_id: int, now: datetime) -> Told:
    """One order, in one transaction; repeating tells nothing twice."""
    with only_codes():
        return tick(workplace(), order_id, now)


@task(persist_result=False, cache_policy=NO_CACHE)
def show_orders(now: datetime) -> None:
    """A table in Prefect of how many orders of each unit stand where, and how many are late: codes and counts."""
    place = workplace()
    with only_codes():
        with place.database.reading() as session:
            rows = standing_table(session, now)
        create_table_artifact(
            key="proactive-orders", table=rows or [{"unit": "–"}],
            description=f"[Orders]({place.settings.link_base}/proactive)",
        )  # fmt: skip
