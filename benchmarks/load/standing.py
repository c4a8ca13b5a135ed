"""The standing stock: closed cases by the million and parked ones by the ten thousand, with their flow runs, before anything is measured.

Closed ones are those of `benchmarks.many_cases`; their runs left Prefect's database thirty days after their end. A parked one
is like the case that a real worker parked just before: its flow run, states and task runs are copied with new ids.
"""

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, text
from sqlmodel import select

from benchmarks.bulk_rows import Rows, Shape, bulk_writer
from benchmarks.callers import Callers
from benchmarks.many_cases import GRADES, SHAPES, UNITS, made_cases
from benchmarks.records import chunks_of
from benchmarks.stage import Stage
from models.case import Case
from models.database import Database
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import Grade, Status, Target

SEED, EXAMPLE = 20261130, "example"
AT = datetime(2026, 11, 1, tzinfo=UTC)
_EXAMPLE = Case(source="", received_at=AT)
_CASE = Shape.of(
    Case(
        source="parked",
        received_at=AT,
        status=Status.DISPATCHED,
        kind="S09",
        district="D01",
        wrapped_key=b"k",
        summary_ct=b"x",
        waiting_for="reply",
    ),
    ("number", "id", "received_at", "grade", "run_id", "wake_at"),
)
_LEAD = Shape.of(
    Assignment(case_id=_EXAMPLE.id, department="", leads=True, assigned_at=AT),
    ("case_id", "department", "token", "assigned_at"),
)
_CLOCK = Shape.of(
    Clock(case_id=_EXAMPLE.id, target=Target.FEEDBACK, grade=Grade.U3, started_at=AT, due_at=AT, rule_id="u3-feedback", rule_hash="h" * 64,
          calendar_hash="c" * 64, reason_zh="自派单起七个工作日内反馈。", reason_en="Feedback within seven working days of the order."),
    ("case_id", "target", "grade", "started_at", "due_at"),
)  # fmt: skip
PARKED = (_CASE, _LEAD, _CLOCK)
RUN_TABLES = {
    "flow_run": "id",
    "flow_run_state": "flow_run_id",
    "task_run": "flow_run_id",
    "task_run_state": "task_run_id",
}
"""What Prefect keeps of a parked run, and the column that leads from it to the run, or to its task run."""
IDS = frozenset({"id", "flow_run_id", "task_run_id", "state_id", "idempotency_key"})


def copied_id(template: str, copy: int) -> UUID:
    """The id of one copy, the same in Python, in SQLite and in PostgreSQL."""
    return UUID(hashlib.md5(f"{template}:{copy}".encode(), usedforsecurity=False).hexdigest())


def fill_stock(stage: Stage, closed: int, parked: int, *, first_copy: int = 0) -> None:
    """Put so many closed and parked cases beside those that are there; the worker has parked one at least.

    The Prefect server must not run meanwhile. While it fills, the database is not safe against a crash.
    """
    database = stage.place.database
    run = _a_parked_run(database)
    with database.reading() as session:
        used = session.scalar(text('SELECT max(number) FROM "case"')) or 0
    shapes = (*SHAPES, *PARKED) if closed else PARKED
    with bulk_writer(database, shapes) as write:
        for rows in _shifted(made_cases(closed), used) if closed else ():
            write(rows)
        for rows in _parked(parked, used + closed, run, first_copy):
            write(rows)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('\"case\"', 'number'), (SELECT max(number) FROM \"case\"))"
            )
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.tend()
    if parked:
        copy_runs(stage, run, first_copy, parked)


def park_one(stage: Stage) -> None:
    """Let the worker, which runs, park one case: the example of all others."""
    callers = Callers(stage.place, EXAMPLE)
    callers.call()
    callers.wait_parked(120.0)


def has_example(stage: Stage) -> bool:
    """Whether a case was parked to copy."""
    with stage.place.database.reading() as session:
        return session.exec(select(Case.run_id).where(Case.source == EXAMPLE)).first() is not None


def _a_parked_run(database: Database) -> UUID:
    with database.reading() as session:
        found = session.exec(select(Case.run_id).where(Case.source == EXAMPLE)).one()
    assert found is not None
    return found


def _shifted(chunks: Iterator[Rows], by: int) -> Iterator[Rows]:
    """Made-up cases are numbered from 1: these go after the real ones, ids and tokens as they are."""
    for rows in chunks:
        yield {shape: [_renumbered(shape, row, by) for row in each] for shape, each in rows.items()}


def _renumbered(shape: Shape, row: tuple[Any, ...], by: int) -> tuple[Any, ...]:
    return (row[0] + by, *row[1:]) if shape.varying[0] in ("number", "case_number") else row


def _parked(parked: int, used: int, run: UUID, first_copy: int) -> Iterator[Rows]:
    dice, now = random.Random(SEED + first_copy), datetime.now(UTC)
    for chunk in chunks_of(parked):
        rows: dict[Shape, list[tuple[Any, ...]]] = {shape: [] for shape in PARKED}
        for each in chunk:
            copy = first_copy + each
            at, wake = (
                now - timedelta(seconds=dice.randrange(600_000)),
                now + timedelta(seconds=dice.randrange(90_000, 2_000_000)),
            )
            case_id, grade = copied_id("case", copy).hex, dice.choice(GRADES).value
            rows[_CASE].append(
                (used + each, case_id, _text(at), grade, copied_id(str(run), copy).hex, _text(wake))
            )
            rows[_LEAD].append((case_id, dice.choice(UNITS), f"p{copy:021}", _text(at)))
            for target, due in ((Target.FEEDBACK, wake), (Target.CLOSURE, wake + timedelta(days=8))):
                rows[_CLOCK].append((case_id, target.value, grade, _text(at), _text(due)))
        yield rows


def _text(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def copy_runs(stage: Stage, run: UUID, first: int, copies: int) -> None:
    """Copies `first + 1` to `first + copies` of one flow run, with its states and task runs."""
    engine = create_engine(prefect_url(stage))
    with engine.begin() as connection:
        clone = _prepare(connection)
        connection.execute(text("CREATE TEMPORARY TABLE copies (copy INTEGER)"))
        connection.execute(
            text("INSERT INTO copies VALUES (:copy)"),
            [{"copy": first + each} for each in range(1, copies + 1)],
        )
        ids = [
            str(row[0])
            for row in connection.execute(
                text("SELECT id FROM task_run WHERE flow_run_id = :run"), {"run": str(run)}
            )
        ]
        for table, leads_by in RUN_TABLES.items():
            among = ids if leads_by == "task_run_id" else [str(run)]
            columns = [
                row[0]
                for row in connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).cursor.description or ()
            ]
            told = ", ".join(_copied(table, each, clone) for each in columns)
            wanted = ", ".join(f"'{each}'" for each in among)
            names = ", ".join(f'"{each}"' for each in columns)
            if among:
                connection.execute(
                    text(
                        f"INSERT INTO {table} ({names}) SELECT {told} FROM {table} CROSS JOIN copies WHERE {leads_by} IN ({wanted})"
                    )
                )
        connection.execute(text("DROP TABLE copies"))
    engine.dispose()


def prefect_url(stage: Stage) -> str:
    """SQLAlchemy URL of Prefect's own database, for a driver that is not asynchronous."""
    if stage.postgres:
        return stage.postgres.prefect_url.replace("+asyncpg", "+pg8000")
    return f"sqlite:///{stage.place.settings.home / 'prefect' / 'prefect.db'}"


def _prepare(connection: Connection) -> Callable[[str], str]:
    """How a copied id is said in SQL."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return lambda column: f"md5({column}::text || '\\:' || copy)"
    raw: Any = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.create_function("copied_id", 2, lambda told, copy: str(copied_id(told, copy)), deterministic=True)
    return lambda column: f"copied_id({column}, copy)"


def _copied(table: str, column: str, clone: Callable[[str], str]) -> str:
    if column in IDS:
        said = clone(f"{table}.{column}")
        if said.startswith("md5") and column != "idempotency_key":
            said = f"({said})::uuid"
        return f"CASE WHEN {table}.{column} IS NULL THEN NULL ELSE {said} END"
    return (
        f"{table}.name || '-' || copy" if column == "name" and table == "flow_run" else f'{table}."{column}"'
    )
