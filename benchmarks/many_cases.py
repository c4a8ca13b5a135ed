"""A year of made-up finished cases, by the hundred thousand, for whatever counts them: `fill(database, cases)`.

Each case has its lead, two clocks, three decisions, a number to call back and, mostly, a callback; shapes and codes
are those that the tasks write. The same seed and number always give the same cases.
"""

import multiprocessing
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.bulk_rows import Rows, Shape, bulk_writer
from benchmarks.records import chunks_of
from models.case import Case
from models.database import Database
from models.exchange import Assignment, Inbox
from models.matching import MatchField, MatchToken
from models.record import Clock, Decision
from models.vocabulary import DecisionKind, Grade, NewsKind, Safety, Status, Target

SEED = 20261129
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
"""The days in Beijing on which cases come in."""
YEAR_BEGINS, YEAR_S = datetime(2025, 12, 31, 16, tzinfo=UTC), 365 * 86_400
AFTERWARDS = datetime(2027, 1, 10, tzinfo=UTC)
"""A moment at which all is over."""
UNITS = ("EDU", "CIVIL", "POLICE", "HEALTH", "CULTURE", "MARKET", "TRAFFIC", "HOUSING", "JUSTICE", "LABOUR", "CYBER", "WATER")
DISTRICTS = tuple(f"D{each:02}" for each in range(1, 17))
FAMILIES = tuple("FSCNGJX")
KINDS = tuple(f"{family}{each:02}" for family in FAMILIES for each in range(1, 11))
GRADES = (*[Grade.U3] * 12, *[Grade.U4] * 3, Grade.U2, Grade.U1, Grade.UC)
ANSWERS = ("satisfied", "satisfied", "satisfied", "basically", "unsatisfied", None)
CASES_A_CALLER = 1.25
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Made = tuple[Shape, tuple[Any, ...]]


def fill(database: Database, cases: int, seed: int = SEED) -> None:
    """Put this many cases into a migrated database that has none, and gather what its planner goes by.

    While it runs the database is not safe against a crash. A million take one to two minutes; on SQLite with a page
    cache of some hundred MiB: who measures memory calls `fill_apart`.
    """
    with bulk_writer(database, SHAPES) as write:
        for made in made_cases(cases, seed):
            write(made)
    database.tend()
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def fill_apart(url: str, cases: int, seed: int = SEED) -> None:
    """The same in a process of its own, so that this one's memory stays what it is.

    Raises:
        RuntimeError: That process failed; its own words stand on stderr.
    """
    apart = multiprocessing.get_context("spawn").Process(target=_fill_url, args=(url, cases, seed))
    apart.start()
    apart.join()
    if apart.exitcode:
        raise RuntimeError(f"filling ended with {apart.exitcode}")


def _fill_url(url: str, cases: int, seed: int) -> None:
    database = Database(url)
    fill(database, cases, seed)
    database.close()


def made_cases(cases: int, seed: int = SEED) -> Iterator[Rows]:
    """Rows by shape, ten thousand cases at a time."""
    dice, other_dice = random.Random(seed), random.Random(seed + 1)
    callers = max(1, int(cases / CASES_A_CALLER))
    for numbers in chunks_of(cases):
        rows: dict[Shape, list[tuple[Any, ...]]] = {shape: [] for shape in SHAPES}
        for number in numbers:
            for shape, row in _rows(number, dice, other_dice.randrange(callers)):
                rows[shape].append(row)
        yield rows


def _rows(number: int, dice: random.Random, caller: int) -> Iterable[Made]:
    case_id = f"{(dice.getrandbits(63) << 64) | number:032x}"
    at = YEAR_BEGINS + timedelta(seconds=dice.randrange(YEAR_S))
    grade, lead = dice.choice(GRADES), dice.choice(UNITS)
    grave = grade is Grade.U1
    replied = at + DAY * dice.random() * 9
    reached, not_called = dice.random() < 0.85, dice.random() < 0.05
    kind, district, by_guardian = dice.choice(KINDS), dice.choice(DISTRICTS), dice.random() < 0.02
    reworked, reopened = int(dice.random() < 0.1), int(dice.random() < 0.03)
    contacted = at + HOUR + HOUR * dice.random() * 40
    closed = replied + DAY
    came, given, done, over = _text(at), _text(at + HOUR), _text(replied), _text(closed)
    yield (
        _CASE,
        (number, case_id, came, grade.value, kind, district, grave, by_guardian, _SAFE if grave else _UNKNOWN, over, reworked, reopened),
    )
    yield _LEAD, (case_id, lead, f"{number:022}", given, _text(contacted), done)
    yield _CONTACT, (number, caller * 2_654_435_761 % 2**62, came)
    for target, limit, stopped, text, reason in (
        (Target.FEEDBACK.value, 7, replied, done, "replied"), (Target.CLOSURE.value, 15, closed, over, "closed"),
    ):  # fmt: skip
        due = at + limit * DAY
        yield _CLOCK, (case_id, target, grade.value, given, _text(due), text, reason, _text(due) if stopped > due else None)
    yield _DECISION, (case_id, "screen", DecisionKind.SCREEN.value, "CLEAN", "screen", done)
    yield _DECISION, (case_id, "classify:0", DecisionKind.CLASSIFY.value, kind, "cues", done)
    asked = ("SUPPRESSED", "callback-not-agreed") if not_called else ("ASKED", "callback-allowed")
    yield _DECISION, (case_id, "callback:1", DecisionKind.CALLBACK.value, *asked, done)
    if not not_called:
        resolved, satisfied = dice.random() < 0.9, dice.choice(ANSWERS)
        told = _text(replied + HOUR)
        yield _NEWS, (case_id, *_CALLED_BACK, _ANSWERED[reached, resolved, satisfied], told, told)
    if grave:
        told = _text(at + HOUR * dice.random() * 48)
        yield _NEWS, (case_id, *_SAFETY_RECORDED, '{"safety": "safe", "source": "police"}', told, told)


def _text(at: datetime) -> str:
    """As both databases read it; in UTC."""
    return at.isoformat(" ", "microseconds")[:26]


def _answered(reached: bool, resolved: bool, satisfied: str | None) -> str:
    said = "null" if satisfied is None else f'"{satisfied}"'
    return f'{{"reached": {str(reached).lower()}, "contacted": true, "resolved": {str(resolved).lower()}, "satisfied": {said}}}'


_ANSWERED = {
    (reached, resolved, satisfied): _answered(reached, resolved, satisfied)
    for reached in (True, False)
    for resolved in (True, False)
    for satisfied in set(ANSWERS)
}
_CALLED_BACK, _SAFETY_RECORDED = (NewsKind.CALLED_BACK.value,) * 2, (NewsKind.SAFETY_RECORDED.value,) * 2
_SAFE, _UNKNOWN = Safety.SAFE.value, Safety.UNKNOWN.value
_ID = Case(source="", received_at=AFTERWARDS).id
_CASE = Shape.of(
    Case(source="bench", received_at=AFTERWARDS, status=Status.CLOSED, wrapped_key=b"k"),
    ("number", "id", "received_at", "grade", "kind", "district", "harm", "guardian_suspect", "safety", "closed_at", "rework_count", "reopen_count"),
)
_LEAD = Shape.of(
    Assignment(case_id=_ID, department="", leads=True, assigned_at=AFTERWARDS),
    ("case_id", "department", "token", "assigned_at", "contacted_at", "replied_at"),
)
_CONTACT = Shape.of(
    MatchToken(case_number=0, token=0, field=MatchField.REPORTER_CONTACT, at=AFTERWARDS),
    ("case_number", "token", "at"),
)
_CLOCK = Shape.of(
    Clock(case_id=_ID, target=Target.FEEDBACK, grade=Grade.U3, started_at=AFTERWARDS, due_at=AFTERWARDS, rule_id="u3-feedback", rule_hash="h" * 64,
          calendar_hash="c" * 64, reason_zh="自派单起七个工作日内反馈。", reason_en="Feedback within seven working days of the order."),
    ("case_id", "target", "grade", "started_at", "due_at", "stopped_at", "stop_reason", "breached_at"),
)  # fmt: skip
_DECISION = Shape.of(
    Decision(case_id=_ID, key="", kind=DecisionKind.SCREEN, outcome="", rule_id="", rule_hash="h" * 64, calendar_hash="c" * 64,
             code_version="bench", reason_zh="未发现危险。", reason_en="No sign of danger.", at=AFTERWARDS),
    ("case_id", "key", "kind", "outcome", "rule_id", "at"),
)  # fmt: skip
_NEWS = Shape.of(
    Inbox(case_id=_ID, news_key="", kind=NewsKind.CALLED_BACK, actor="client:bench", received_at=AFTERWARDS),
    ("case_id", "news_key", "kind", "codes", "received_at", "read_at"),
)
SHAPES = (_CASE, _LEAD, _CONTACT, _CLOCK, _DECISION, _NEWS)
