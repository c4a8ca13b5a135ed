"""Cases written straight into a migrated database, for tests that count: only what figures look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.case import Case
from models.database import Database
from models.exchange import Assignment, Inbox
from models.migrations.running import migrate
from models.record import Clock, Decision
from models.vocabulary import DecisionKind, Grade, NewsKind, Status, Target

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Beijing."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class FigureDesk:
    """A session and short words for putting cases into its database."""

    session: Session
    _numbers: Any = field(default_factory=lambda: count(1))

    def add(self, *rows: Any) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def case(self, lead: str | None = "EDU", at: datetime = START, **fields: Any) -> UUID:
        """A case received at `at`, led from an hour later on."""
        plain: dict[str, Any] = {"kind": "S09", "district": "DONG", "grade": Grade.U3, "status": Status.CLOSED}
        case = Case(source="test", received_at=at, wrapped_key=b"k", **(plain | fields))
        case_id = case.id
        self.add(case)
        if lead:
            self.lead(case_id, lead, at + HOUR)
        return case_id

    def lead(self, case_id: UUID, department: str, at: datetime, **fields: Any) -> None:
        self.add(Assignment(case_id=case_id, department=department, leads=True, assigned_at=at, round=next(self._numbers), **fields))

    def news(self, case_id: UUID, kind: NewsKind, at: datetime, codes: dict[str, Any], **fields: Any) -> None:
        read: dict[str, Any] = {"read_at": at} | fields
        self.add(Inbox(case_id=case_id, news_key=f"n{next(self._numbers)}", kind=kind, actor="client:cli", codes=codes, received_at=at, **read))

    def called(self, case_id: UUID, at: datetime, found: str = "yes", *, contacted: bool | None = True, **fields: Any) -> None:
        """`found`: yes, basically, no, silent, or missed for nobody reached; `contacted`: None where the unit was not told who called."""
        codes: dict[str, Any] = {"reached": found != "missed", "contacted": None, "resolved": None, "satisfied": None}
        if found != "missed":
            satisfied = {"yes": "satisfied", "basically": "basically", "no": "unsatisfied", "silent": None}[found]
            codes |= {"contacted": contacted, "resolved": found != "no", "satisfied": satisfied}
        self.news(case_id, NewsKind.CALLED_BACK, at, codes, **fields)

    def not_called(self, case_id: UUID, at: datetime, why: str) -> None:
        self.add(
            Decision(case_id=case_id, key="callback:1", kind=DecisionKind.CALLBACK, outcome="SUPPRESSED", rule_id=f"callback-{why}",
                     rule_hash="", calendar_hash="", code_version="", reason_zh="因", reason_en="why", at=at)
        )  # fmt: skip

    def clock(self, case_id: UUID, target: Target, due: datetime, stopped: datetime | None, reason: str | None = None, **fields: Any) -> None:
        plain: dict[str, Any] = {"grade": Grade.U3, "rule_id": "r", "rule_hash": "", "calendar_hash": "", "reason_zh": "因", "reason_en": "why"}
        self.add(
            Clock(case_id=case_id, target=target, cycle=next(self._numbers), started_at=START, due_at=due, stopped_at=stopped,
                  stop_reason=reason, **(plain | fields))
        )  # fmt: skip


@contextmanager
def figure_desk(database: Database) -> Iterator[FigureDesk]:
    """An open transaction on the database; whatever is put in is gone afterwards."""
    connection = database.engine.connect().execution_options(whistle_writes=True)
    with connection, connection.begin() as everything, Session(bind=connection, expire_on_commit=False) as session:
        yield FigureDesk(session)
        session.close()
        everything.rollback()


def empty_database(url: str) -> Database:
    """A migrated database; what was in it is gone."""
    database = Database(url)
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    migrate(database)
    return database
