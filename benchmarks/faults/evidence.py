"""What a round left behind, as plain values for the auditor: the case database, Prefect's runs, the receiver's log."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.sorting import FlowRunSort
from sqlmodel import Session, col, select

from benchmarks.faults.callers import Caller
from benchmarks.faults.house import House
from models.case import Case
from models.exchange import Inbox, Notice
from models.journal import entries_of, problem_of
from models.record import Clock, Escalation, Event
from models.vocabulary import EventKind, NoticeState, Status, Target
from sla_rules.due import due_at
from sla_rules.ladder import moments
from tasks.clocks.counting import may_pause
from tasks.workplace import Workplace

MOST_RUNS = 200


@dataclass(frozen=True)
class Promise:
    """What the desk has answered for: a case, and news by their kind."""

    ref: str
    label: str
    ends_as: Status
    news: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClockFacts:
    """One clock, and what its rule makes of it.

    `recounted` is its due time counted anew from its start, None where the case has stood still or the
    joint clock cuts it; `owed` are the levels of its ladder whose moment has come.
    """

    target: Target
    department: str
    cycle: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None
    starts_in_journal: int
    stops_in_journal: tuple[datetime, ...]
    recounted: datetime | None = None
    owed: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()
    fired: tuple[int, ...] = ()


@dataclass(frozen=True)
class AlertFacts:
    """One alert of the outbox; `meaning` names what it is about however often it is decided."""

    key: str
    parcel: str
    recipient: str
    meaning: str
    state: NoticeState


@dataclass(frozen=True)
class CaseFacts:
    """One case and all that belongs to it."""

    ref: str
    label: str
    status: Status
    is_held: bool
    wake_at: datetime | None
    flag: str | None
    clocks: tuple[ClockFacts, ...] = ()
    escalations: tuple[tuple[Any, ...], ...] = ()
    news: tuple[str, ...] = ()
    unread: int = 0
    alerts: tuple[AlertFacts, ...] = ()
    chain: str | None = None
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Everything an audit looks at.

    `delivered` counts arrivals by the id they carried, `parcels` are the digests of the outbox.
    `is_prefect_older` tells that Prefect's database is a copy from before these cases.
    """

    now: datetime
    promises: tuple[Promise, ...]
    cases: tuple[CaseFacts, ...]
    delivered: Counter[str] = field(default_factory=Counter)
    parcels: frozenset[str] = frozenset()
    is_prefect_older: bool = False


def promises_of(callers: Iterable[Caller]) -> tuple[Promise, ...]:
    """What the desk has answered these callers for."""
    return tuple(
        Promise(
            each.ref, each.label, each.ends_as,
            tuple(told.news for told in each.said.values() if told.answered), tuple(each.refused),
        )
        for each in callers
    )  # fmt: skip


def gather(house: House, callers: Collection[Caller], *, is_prefect_older: bool = False) -> Evidence:
    """Look at the cases of these callers as they are now.

    Raises:
        httpx.HTTPError: Prefect is away.
        DBAPIError: The case database is away.
    """
    refs = [each.ref for each in callers]
    # Before the database is read: what is answered while we look is in it, and what was promised before must be.
    promises = promises_of(callers)
    now = house.now()
    with house.place.database.reading() as session:
        found = list(
            session.exec(select(Case).where(col(Case.source_ref).in_(refs)).order_by(col(Case.number)))
        )
        with house.prefect() as client:
            runs = _runs(client, [case.label for case in found])
        cases = tuple(_case(house.place, session, case, runs, now) for case in found)
        digests = select(Notice.parcel).where(col(Notice.parcel).startswith("digest:")).distinct()
        parcels = frozenset(str(each) for each in session.exec(digests))
    return Evidence(now, promises, cases, delivered_ids(house), parcels, is_prefect_older)


def delivered_ids(house: House) -> Counter[str]:
    """How often each id arrived, by HTTP and in the desk's file."""
    ids = Counter(each.id for each in house.receiver.deliveries())
    if house.alerts.exists():
        for line in house.alerts.read_text(encoding="utf-8").splitlines():
            try:
                ids[str(json.loads(line)["id"])] += 1
            except ValueError:
                # A line that a full disk or a kill cut short: closed before the next one, and told again.
                ids["cut short"] += 1
    return ids


def _runs(client: SyncPrefectClient, labels: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {label: [] for label in labels}
    if labels:
        named = FlowRunFilter(name=FlowRunFilterName(any_=labels))
        for run in client.read_flow_runs(flow_run_filter=named, sort=FlowRunSort.ID_DESC, limit=MOST_RUNS):
            found[run.name].append(f"{run.state_type.value if run.state_type else 'NONE'}:{run.id}")
    return found


def _case(
    place: Workplace, session: Session, case: Case, runs: dict[str, list[str]], now: datetime
) -> CaseFacts:
    journal = entries_of(session, case.id)
    inbox = list(session.exec(select(Inbox).where(Inbox.case_id == case.id)))
    levels = list(session.exec(select(Escalation).where(Escalation.case_id == case.id)))
    clocks = list(session.exec(select(Clock).where(Clock.case_id == case.id)))
    notices = session.exec(select(Notice).where(Notice.case_id == case.id).order_by(col(Notice.id)))
    own = str(case.run_id)
    return CaseFacts(
        ref=str(case.source_ref),
        label=case.label,
        status=case.status,
        is_held=case.lease_until is not None,
        wake_at=case.wake_at,
        flag=case.flag,
        clocks=tuple(_clock(place, case, each, clocks, levels, journal, now) for each in clocks),
        escalations=tuple(_escalated(each) for each in journal if each.kind is EventKind.ESCALATED),
        news=tuple(each.kind for each in inbox),
        unread=sum(each.read_at is None for each in inbox),
        alerts=tuple(_alert(each) for each in notices),
        chain=problem_of(case, journal),
        runs=tuple(
            f"{'own' if run.endswith(own) else 'other'} {run.split(':')[0]}" for run in runs[case.label]
        ),
    )


def _clock(
    place: Workplace,
    case: Case,
    clock: Clock,
    clocks: list[Clock],
    levels: list[Escalation],
    journal: list[Event],
    now: datetime,
) -> ClockFacts:
    def of_this(event: Event, kind: EventKind) -> bool:
        facts = event.facts
        return event.kind is kind and (facts["target"], facts["department"]) == (
            clock.target,
            clock.department,
        )

    starts = [
        each
        for each in journal
        if of_this(each, EventKind.CLOCK_STARTED) and each.facts["cycle"] == clock.cycle
    ]
    stops = [each for each in journal if of_this(each, EventKind.CLOCK_STOPPED)]
    book = place.rules_for(case)
    rule = book.rule(clock.rule_id)
    recounted, owed = None, tuple[int, ...]()
    if rule is not None and clock.stopped_at is None:
        is_cut = any(
            each.target is Target.FEEDBACK and each.due_at == clock.due_at
            for each in clocks
            if each is not clock
        )
        stood_still = may_pause(clock.target, rule) and any(
            each.facts.get("new") == Status.HUNG_UP for each in journal
        )
        if not is_cut and not stood_still and not clock.extension_seconds:
            recounted = due_at(clock.started_at, rule, book.calendar, ()).at
        rungs = book.ladder_for(clock.grade, clock.target)
        owed = tuple(
            each.level
            for each in moments(clock.started_at, clock.due_at, rule, rungs, book.calendar)
            if each.at <= now
        )
    mine = [each for each in levels if each.clock_id == clock.id and each.cycle == clock.cycle]
    return ClockFacts(
        target=clock.target,
        department=clock.department,
        cycle=clock.cycle,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        starts_in_journal=len(starts),
        stops_in_journal=tuple(each.at for each in stops),
        recounted=recounted,
        owed=owed,
        taken=tuple(sorted(each.level for each in mine)),
        fired=tuple(sorted(each.level for each in mine if not each.superseded)),
    )


def _escalated(entry: Event) -> tuple[Any, ...]:
    return tuple(entry.facts[each] for each in ("target", "department", "level"))


def _alert(notice: Notice) -> AlertFacts:
    key = notice.dedupe_key.partition(":")[2]
    # Flags carry the moment they were raised at; two of one flag are two occasions only if a person came between.
    meaning = ":".join(key.split(":")[:2]) if key.startswith(("flag:", "still-cancelled:")) else key
    return AlertFacts(
        notice.dedupe_key,
        notice.parcel or "",
        notice.recipient,
        f"{meaning}:{notice.recipient}",
        notice.state,
    )
