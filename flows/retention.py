"""Nightly: the words of cases whose time is over are destroyed, and a table says how many of which class."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session, select

from flows.clock import the_time
from flows.parking import RESULTS, only_codes
from models.sealing import SealProof
from tasks.proactive.sealing import orders_due_for_sealing, seal_order
from tasks.receiving.drafts import forget_old_drafts
from tasks.records.forgetting import AT_ONCE, forget_answers, forget_reads, forget_sessions
from tasks.words.retention import due_for_sealing, rules_of, seal_case
from tasks.workplace import workplace


@flow(name="retention", retries=0, persist_result=False, result_storage=RESULTS)
def retain(dry_run: bool = True) -> str:
    """Seal what is due; with `dry_run`, which is how it comes, only count it.

    Forms a day old, old answers to senders and sessions of browsers are forgotten anyway; old entries of the access log
    with the words only.
    """
    now = the_time()
    with only_codes():
        forget_drafts(now)
        forget_notes(now)
        due, orders = find_due(now), find_due_orders(now)
        sealed = 0 if dry_run else seal_all(due, now)
        emptied = 0 if dry_run else sum(seal_one_order(each, now) for each in orders)
        if not dry_run:
            forget_access(now)
        return tell_sealed((max(len(due), sealed), len(orders)), (sealed, emptied), dry_run, now)


@task(persist_result=False, cache_policy=NO_CACHE)
def forget_drafts(now: datetime) -> int:
    """Unfinished forms are swept whenever one is kept; on a quiet desk this does it."""
    with only_codes(), workplace().database.writing() as session:
        return forget_old_drafts(session, now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def forget_notes(now: datetime) -> int:
    """What the desk remembers of senders and browsers that are long gone."""
    with only_codes():
        return _all_of(forget_answers, now) + _all_of(forget_sessions, now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def forget_access(now: datetime) -> int:
    """Entries of the access log whose time is over, of cases without words."""
    with only_codes():
        return _all_of(forget_reads, now)


def _all_of(forget: Callable[[Session, datetime], int], now: datetime) -> int:
    """In many small transactions, so that nobody waits for long."""
    total, last = 0, AT_ONCE
    while last == AT_ONCE:
        with workplace().database.writing() as session:
            last = forget(session, now)
        total += last
    return total


@task(persist_result=False, cache_policy=NO_CACHE)
def find_due(now: datetime) -> list[UUID]:
    """The cases whose time is over."""
    place = workplace()
    with only_codes(), place.database.reading() as session:
        return due_for_sealing(session, rules_of(place), now)


def seal_all(due: list[UUID], now: datetime) -> int:
    """Group after group until nothing is due: a city closes more cases in a day than one group has."""
    total = 0
    while due and (sealed := seal_some(due, now)):
        total += sealed
        due = find_due(now)
    return total


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def seal_some(due: list[UUID], now: datetime) -> int:
    """Seal a group of cases, each by itself; repeating finds those that are sealed and goes on with the others."""
    place = workplace()
    with only_codes():
        rules = rules_of(place)
        return sum(seal_case(place, rules, each, now) for each in due)


@task(persist_result=False, cache_policy=NO_CACHE)
def find_due_orders(now: datetime) -> list[int]:
    """The proactive orders whose words' time is over."""
    place = workplace()
    with only_codes(), place.database.reading() as session:
        return orders_due_for_sealing(session, rules_of(place), now)


@task(persist_result=False, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def seal_one_order(order_id: int, now: datetime) -> bool:
    """Destroy the words of one order; repeating finds them gone."""
    place = workplace()
    with only_codes():
        return seal_order(place, rules_of(place), order_id, now)


@task(persist_result=False, cache_policy=NO_CACHE)
def tell_sealed(due: tuple[int, int], sealed: tuple[int, int], dry_run: bool, now: datetime) -> str:
    """A table by class, of everything sealed in this run; `due` and `sealed` are of cases and of orders."""
    with only_codes(), workplace().database.reading() as session:
        classes = Counter(session.exec(select(SealProof.retention_class).where(SealProof.at == now)))
    said = f"{due[0]} due, {sealed[0]} sealed; orders: {due[1]} due, {sealed[1]} sealed{', dry run' if dry_run else ''}"
    table = [{"class": code, "sealed": count} for code, count in sorted(classes.items())]
    table += [{"class": "orders", "sealed": sealed[1]}] if sealed[1] else []
    create_table_artifact(key="retention", table=table or [{"class": "–", "sealed": 0}], description=said)
    return said
