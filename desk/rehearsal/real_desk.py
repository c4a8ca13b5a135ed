"""The real desk as the rehearsal's engine: real intake, real activations, real deliveries."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import Session, col, func, select

from desk.rehearsal.mailbox import Mailbox, ReadAlert
from desk.rehearsal.outcome import Found
from desk.rehearsal.people import Happening, Said
from desk.rehearsal.scenario import Saying, Visit
from models.case import Case
from models.exchange import Assignment, Inbox, Notice
from models.record import Clock, Escalation, Event
from models.transitions import IS_OPEN
from models.vocabulary import Ask, EventKind, NewsKind, NoticeState, Status, Target
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, post_news
from tasks.news.what_fits import NewsDoesNotFitError
from tasks.receiving.intake import take_in
from tasks.workplace import Workplace

SOURCE = "rehearsal"


class Activates(Protocol):
    """What the rehearsal needs of the worker."""

    def run_due(self, now: datetime) -> int:
        """Run every activation due; how many ran."""

    def send_notices(self, now: datetime) -> object:
        """Hand every alert due to its channel."""


def as_the_form_asks(said: Said, *, guardian_suspect: bool) -> Saying:
    """Nobody is asked whether they are content where a guardian may be the offender; a sample's own script stays as written."""
    if said.saying.kind is not NewsKind.CALLED_BACK or not said.of_habit or not guardian_suspect:
        return said.saying
    return Saying(
        said.saying.kind, {name: each for name, each in said.saying.fields.items() if name != "satisfied"}
    )


class Desk:
    """One desk with its worker and the mailbox all its alerts go to."""

    def __init__(self, place: Workplace, worker: Activates, mailbox: Mailbox) -> None:
        self._place, self._worker, self._mailbox = place, worker, mailbox
        self._labels: dict[str, str] = {}
        self._of_case: dict[UUID, str] = {}
        self._cases: dict[str, UUID] = {}
        self._last_event = 0
        self._reached: dict[str, set[Status]] = defaultdict(set)
        self._happened: dict[str, set[EventKind]] = defaultdict(set)
        self._not_taken: dict[str, list[tuple[NewsKind, str]]] = defaultdict(list)
        self.told: dict[str, Counter[tuple[str, Ask]]] = defaultdict(Counter)

    def take_in(self, visit: Visit, now: datetime) -> str:
        """Take a request in; the number of its case."""
        main = self._labels.get(visit.same_matter_as or "")
        form = visit.sample.intake.model_copy(
            update={"source": SOURCE, "source_ref": visit.id, "same_matter_as": main}
        )
        taken = take_in(self._place, form, now, actor=f"client:{SOURCE}")
        self._labels[visit.id] = taken.label
        self._of_case[taken.case_id] = taken.label
        self._cases[taken.label] = taken.case_id
        return taken.label

    def say(self, said: Said, now: datetime) -> None:
        """Bring a piece of news; one that is turned away is a finding, not the end of the rehearsal."""
        kind = said.saying.kind
        try:
            post_news(self._place, said.label, kind, self._asked(said).form(now), said.speaker, said.key, now)
        except (CaseNotFoundError, NewsDoesNotFitError, NewsNotAllowedError):
            self._not_taken[said.label].append((kind, f"not for {said.speaker.actor}"))

    def _asked(self, said: Said) -> Saying:
        """What is said, as far as the desk's form asks it."""
        if said.saying.kind is not NewsKind.CALLED_BACK:
            return said.saying
        with self._place.database.reading() as session:
            asked_of = select(Case.guardian_suspect).where(Case.id == self._cases[said.label])
            return as_the_form_asks(said, guardian_suspect=session.exec(asked_of).one())

    def run_due(self, now: datetime) -> int:
        """Run every activation due at `now`, then send the alerts that waited for this moment."""
        ran = self._worker.run_due(now)
        self._worker.send_notices(now)
        return ran

    def happenings(self) -> list[Happening]:
        """What was journaled since the last time."""
        with self._place.database.reading() as session:
            wanted = select(Event).where(col(Event.id) > self._last_event).order_by(col(Event.id))
            events = list(session.exec(wanted))
        if events:
            self._last_event = events[-1].id or self._last_event
        return [self._noted(event) for event in events if event.case_id in self._of_case]

    def mail(self) -> list[ReadAlert]:
        """What was delivered since the last time."""
        alerts = self._mailbox.empty()
        for alert in alerts:
            self.told[alert.label][alert.recipient, alert.ask] += 1
        return alerts

    def next_moment(self, now: datetime) -> datetime | None:
        """When, after `now`, a case or an alert is next due."""
        with self._place.database.reading() as session:
            case = session.exec(select(func.min(Case.wake_at)).where(col(Case.wake_at) > now)).one()
            alert = session.exec(
                select(func.min(Notice.next_try_at)).where(
                    Notice.state == NoticeState.WAITING, col(Notice.next_try_at) > now
                )
            ).one()
        return min((each for each in (case, alert) if each is not None), default=None)

    def undelivered(self) -> int:
        """How many alerts the desk believes sent that nobody received."""
        with self._place.database.reading() as session:
            sent = session.exec(
                select(func.count())
                .select_from(Notice)
                .where(Notice.state == NoticeState.SENT, col(Notice.case_id).is_not(None))
            ).one()
        return sent - sum(times for told in self.told.values() for times in told.values())

    def found(self) -> dict[str, Found]:
        """Every case by its number, as it stands now."""
        with self._place.database.reading() as session:
            cases = session.exec(select(Case).where(Case.source == SOURCE).order_by(col(Case.number)))
            return {case.label: self._found(session, case) for case in cases}

    def standing(self) -> tuple[int, int]:
        """How many cases are open now, and how many are closed."""
        with self._place.database.reading() as session:
            rows = session.exec(select(Case.status, func.count()).group_by(Case.status)).all()
        still_open = sum(int(count) for status, count in rows if IS_OPEN[Status(status)])
        return still_open, sum(count for _, count in rows) - still_open

    def clocks(self) -> dict[Target, Counter[str]]:
        """Per target: how many clocks were met, breached, or still run."""
        counted: dict[Target, Counter[str]] = defaultdict(Counter)
        with self._place.database.reading() as session:
            for clock in session.exec(select(Clock)):
                counted[clock.target][_fate(clock)] += 1
        return counted

    def escalations(self) -> Counter[tuple[Target, int]]:
        """How often each rung of each target was climbed; rungs passed over do not count."""
        with self._place.database.reading() as session:
            rows = session.exec(
                select(Clock.target, Escalation.level)
                .join(Escalation, col(Escalation.clock_id) == Clock.id)
                .where(col(Escalation.superseded).is_(False))
            )
            return Counter((Target(target), level) for target, level in rows)

    def _noted(self, event: Event) -> Happening:
        label = self._of_case[event.case_id]
        status = Status(event.facts["new"]) if event.kind is EventKind.MOVED else None
        self._happened[label].add(event.kind)
        if status is not None:
            self._reached[label].add(status)
        return Happening(label, event.kind, status)

    def _found(self, session: Session, case: Case) -> Found:
        parts = session.exec(
            select(Assignment).where(Assignment.case_id == case.id, col(Assignment.withdrawn_at).is_(None))
        ).all()
        clocks = session.exec(select(Clock).where(Clock.case_id == case.id)).all()
        refused = session.exec(
            select(Inbox.kind, Inbox.refused).where(Inbox.case_id == case.id, col(Inbox.refused).is_not(None))
        )
        return Found(
            status=case.status,
            kind=case.kind,
            grade=case.grade,
            outcome=case.outcome,
            lead=next((part.department for part in parts if part.leads), None),
            co_handlers=frozenset(part.department for part in parts if not part.leads),
            callback=case.callback_class,
            safety=case.safety,
            reworks=case.rework_count,
            reopened=case.reopen_count,
            flag=case.flag,
            breached=frozenset(clock.target for clock in clocks if clock.breached_at is not None),
            escalated=_highest_rungs(session, case),
            reached=frozenset(self._reached[case.label]),
            happened=frozenset(self._happened[case.label]),
            told=self.told[case.label],
            refused=(*self._not_taken[case.label], *((NewsKind(kind), str(why)) for kind, why in refused)),
        )


def _highest_rungs(session: Session, case: Case) -> dict[Target, int]:
    rows = session.exec(
        select(Clock.target, func.max(Escalation.level))
        .join(Escalation, col(Escalation.clock_id) == Clock.id)
        .where(Escalation.case_id == case.id)
        .group_by(Clock.target)
    )
    return {Target(target): int(level or 0) for target, level in rows}


def _fate(clock: Clock) -> str:
    if clock.breached_at is not None:
        return "breached"
    return "met" if clock.stopped_at is not None else "running"
