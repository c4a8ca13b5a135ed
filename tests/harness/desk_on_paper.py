"""A desk without Prefect: its case database, its clock, and what a test may ask of both."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel, col, func, select

from models.case import Case
from models.exchange import Assignment, Inbox, Notice
from models.journal import broken_chains
from models.record import Clock, Decision, Escalation, Event
from models.vocabulary import Ask, EventKind, NewsKind, NoticeState, Role, Target
from tasks.news.forms import NEWS_FORMS
from tasks.news.inbox import Posted, Speaker, post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.harness.times import moment

START = moment("Mon 2026-03-02 09:00")
SEATS = {role.value: Speaker(f"test-{role}", role) for role in Role if role is not Role.DEPARTMENT}
MOST_ROUNDS = 50
OPEN_CALLER = {"name": "欧阳青", "contact": "000-87654321", "may_call_back": True, "keep_secret": False}
"""A caller whom the unit in charge is told of, so that it is measured by speaking to them."""


class DeskOnPaper:
    """One desk on a fresh database and on a clock that the test sets; who works there says a subclass."""

    def __init__(self, place: Workplace, start: datetime = START) -> None:
        self.place, self.now = place, start
        self._said = 0

    def run_due(self) -> int:
        """Run activations until nothing is due now; how many ran."""
        raise NotImplementedError

    def take_in(self, text: str = "学校食堂的饭菜价格能不能公示。", **form: Any) -> str:
        """Take a request in now; the number of its case."""
        return take_in(self.place, IntakeForm(text=text, **form), self.now, actor="client:test").label

    def say(self, label: str, kind: str, who: str, /, **form: Any) -> Posted:
        """A department (`EDU`) or a seat (`supervisor`) says something now."""
        speaker = SEATS.get(who) or Speaker(f"key-{who}", Role.DEPARTMENT, who)
        self._said += 1
        news = NewsKind(kind)
        said = NEWS_FORMS[news](**form)
        return post_news(self.place, label, news, said, speaker, f"said-{self._said}", self.now)

    def jump(self, to: datetime) -> None:
        """Nobody works until `to`: the desk was down."""
        assert to >= self.now, "the clock does not go back"
        self.now = to

    def advance(self, to: datetime) -> None:
        """Live until `to`, waking every case at its moment."""
        self.run_due()
        while (wake := self._next_wake()) is not None and wake <= to:
            self.jump(max(wake, self.now))
            self.run_due()
        self.jump(to)
        self.run_due()

    def _next_wake(self) -> datetime | None:
        with self.place.database.reading() as session:
            return session.exec(select(func.min(Case.wake_at))).one()

    def case(self, label: str) -> Case:
        """The case as stored now."""
        with self.place.database.reading() as session:
            return session.exec(select(Case).where(col(Case.number) == int(label[2:]))).one()

    def rows(self, table: type[SQLModel], label: str) -> list[Any]:
        """What one table holds about a case, oldest first."""
        wanted: Any = table
        with self.place.database.reading() as session:
            found = select(wanted).where(wanted.case_id == self.case(label).id).order_by(wanted.id)
            return list(session.exec(found))

    def rows_of_lead(self, label: str) -> list[Assignment]:
        """The parts that lead the case now."""
        return [part for part in self.rows(Assignment, label) if part.leads and part.withdrawn_at is None]

    def told(self, label: str) -> Counter[tuple[str, Ask]]:
        """How often each recipient was asked what, by the outbox."""
        sent = [each for each in self.rows(Notice, label) if each.state is NoticeState.SENT]
        return Counter((each.recipient, each.ask) for each in sent)

    def alerts(self) -> list[dict[str, Any]]:
        """What really left the building."""
        path = self.place.settings.home / "alerts.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def levels(self, label: str, target: Target, *, superseded: bool = False) -> list[int]:
        """The rungs of one target's clocks that fired, or that were passed over."""
        clocks = {each.id for each in self.rows(Clock, label) if each.target is target}
        ledger = [each for each in self.rows(Escalation, label) if each.clock_id in clocks]
        return [each.level for each in ledger if each.superseded is superseded]

    def departments(self, label: str) -> dict[str, bool]:
        """Who holds the case now, and whether as lead."""
        standing = [each for each in self.rows(Assignment, label) if each.withdrawn_at is None]
        return {each.department: each.leads for each in standing}

    def decisions(self, label: str) -> dict[str, str]:
        """Key and outcome of every decision."""
        return {each.key: each.outcome for each in self.rows(Decision, label)}

    def events(self, label: str) -> list[EventKind]:
        """What happened, in order."""
        return [each.kind for each in self.rows(Event, label)]

    def refused(self, label: str) -> dict[NewsKind, str]:
        """News that did not fit, with the code why."""
        return {each.kind: each.refused for each in self.rows(Inbox, label) if each.refused}

    def broken_chains(self) -> list[str]:
        """Journals that do not hold together."""
        with self.place.database.reading() as session:
            return list(broken_chains(session))
