"""Everybody outside the desk, played as fast as the desk can take it: callers, one department, one seat.

A plain case lives three activations: it is taken in and dispatched; the department replies and the
desk is asked to call back; the callback finds it resolved and the case closes.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha512

from sqlmodel import col, select

from models.case import Case
from models.vocabulary import NewsKind, Role, Status
from tasks.news.forms import CalledBack, NewsForm, Replied
from tasks.news.inbox import Speaker, post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.workplace import Workplace

KIND, DEPARTMENT = "S09", "EDU"
"""Workload and sport time at school: one department, no co-handler, grade U3, ordinary callback."""
TEXT = "孩子每天作业写到很晚，学校还占用体育课的时间，希望学校按规定减少作业。"
REPLY = Replied(text="已到校核实并要求调整作业量，恢复体育课，学校已向家长说明。", resolved=True)
CALLBACK = CalledBack(reached=True, contacted=True, resolved=True, satisfied="satisfied")
UNIT = Speaker("bench", Role.DEPARTMENT, DEPARTMENT)
SEAT = Speaker("bench", Role.OPERATOR)
LOOK_EVERY_S = 0.05

ANSWERS: dict[Status, tuple[NewsKind, NewsForm, Speaker]] = {
    Status.DISPATCHED: (NewsKind.REPLIED, REPLY, UNIT),
    Status.CALLBACK: (NewsKind.CALLED_BACK, CALLBACK, SEAT),
}
ACTIVATIONS_BEHIND: dict[Status, int] = {Status.DISPATCHED: 1, Status.CALLBACK: 2, Status.CLOSED: 3}
"""How many activations a parked case in this status has behind it."""


class LifeTooLongError(TimeoutError):
    """Some cases did not reach their end in time; the message counts the statuses."""


@dataclass
class Callers:
    """One round of cases and what was said in them.

    `said_at` is the moment (`time.monotonic`) at which each piece of news was durable, by the
    dedupe key of the alert that it must cause. `received_at` is when the requests came, if earlier.
    """

    place: Workplace
    source: str
    labels: list[str] = field(default_factory=list)
    received_at: datetime | None = None
    said_at: dict[str, float] = field(default_factory=dict)
    _answered: set[tuple[str, Status]] = field(default_factory=set)

    def call(self) -> None:
        """Take one request in."""
        number = len(self.labels)
        matter = sha512(f"{self.source} {number}".encode()).hexdigest()
        form = IntakeForm(
            # Other words and another caller each time, or the desk would ask whether it is one matter.
            text=f"{TEXT}（{matter}）",
            # Whether the machine would write one depends on the figures above: no two lives would be alike.
            summary=TEXT,
            source=self.source,
            source_ref=f"{self.source}-{number}",
            kind=KIND,
            received_at=self.received_at,
            reporter=PersonForm(contact=f"bench-{matter[:12]}", may_call_back=True),
        )
        taken = take_in(self.place, form, datetime.now(UTC), actor=SEAT.actor)
        self.labels.append(taken.label)
        self.said_at[f"{taken.case_id.hex}:order:1:{DEPARTMENT}"] = time.monotonic()

    def answer_parked(self, among: Collection[str] | None = None) -> list[Case]:
        """Give every parked case (of these labels) the answer it waits for; returns who got one."""
        parked = [
            case
            for case in self._parked()
            if (among is None or case.label in among) and (case.label, case.status) not in self._answered
        ]
        for case in parked:
            kind, form, speaker = ANSWERS[case.status]
            post_news(self.place, case.label, kind, form, speaker, f"bench:{kind}", datetime.now(UTC))
            self._answered.add((case.label, case.status))
            if kind is NewsKind.REPLIED:
                self.said_at[f"{case.id.hex}:callback:{case.cycle}:DESK"] = time.monotonic()
        return parked

    def closed(self) -> int:
        """How many of this round's cases are closed and at rest."""
        return self.statuses().get(Status.CLOSED, 0)

    def statuses(self) -> dict[Status, int]:
        """How many of this round's cases rest in which status."""
        with self.place.database.reading() as session:
            wanted = select(Case.status).where(Case.source == self.source, col(Case.lease_until).is_(None))
            found = [Status(each) for each in session.exec(wanted)]
        return {status: found.count(status) for status in set(found)}

    def live_on(self, seconds: float) -> None:
        """Answer until every case of this round is closed.

        Raises:
            LifeTooLongError: That did not happen within so many seconds.
        """
        deadline = time.monotonic() + seconds
        while self.closed() < len(self.labels):
            if time.monotonic() > deadline:
                raise LifeTooLongError(f"after {seconds:.0f} s: {self.statuses()}")
            self.answer_parked()
            time.sleep(LOOK_EVERY_S)

    def wait_parked(self, seconds: float) -> None:
        """Until every case of this round waits for its department.

        Raises:
            LifeTooLongError: That did not happen within so many seconds.
        """
        deadline = time.monotonic() + seconds
        while len(self._parked()) < len(self.labels):
            if time.monotonic() > deadline:
                raise LifeTooLongError(f"after {seconds:.0f} s: {self.statuses()}")
            time.sleep(LOOK_EVERY_S)

    def _parked(self) -> list[Case]:
        with self.place.database.reading() as session:
            wanted = select(Case).where(
                Case.source == self.source,
                col(Case.status).in_(list(ANSWERS)),
                col(Case.lease_until).is_(None),
                # Settled: what it waits for is written when an activation ends.
                col(Case.wake_at) > datetime.now(UTC),
            )
            return list(session.exec(wanted))
