"""Hourly: closed cases that are to be looked at again are asked for, and the unanswered are told of."""

from datetime import datetime
from uuid import UUID

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from tasks.closing.following_up import (
    ask_for_follow_ups,
    due_to_ask,
    due_to_escalate,
    escalate_follow_ups,
)
from tasks.workplace import workplace


@flow(name="follow-ups", retries=0, persist_result=False, result_storage=RESULTS)
def follow_up() -> str:
    """Ask for every look at a closed case that is due, and tell the duty supervisor of those nobody took."""
    now = the_time()
    with only_codes():
        asked = sum(ask_one(each, now) for each in find_due(now))
        told = sum(escalate_one(each, now) for each in find_unanswered(now))
    return f"{asked} asked, {told} told of"


@task(persist_result=False, cache_policy=NO_CACHE)
def find_due(now: datetime) -> list[UUID]:
    """The closed cases with a look that is due."""
    with only_codes(), workplace().database.reading() as session:
        return due_to_ask(session, now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def ask_one(case_id: UUID, now: datetime) -> bool:
    """Ask for one; repeating finds it asked."""
    with only_codes():
        return ask_for_follow_ups(workplace(), case_id, now)


@task(persist_result=False, cache_policy=NO_CACHE)
def find_unanswered(now: datetime) -> list[UUID]:
    """The closed cases whose look nobody answered in time."""
    with only_codes(), workplace().database.reading() as session:
        return due_to_escalate(session, now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def escalate_one(case_id: UUID, now: datetime) -> bool:
    """Tell of one; repeating finds it told."""
    with only_codes():
        return escalate_follow_ups(workplace(), case_id, now)
