"""`python -m benchmarks.rates`: rates, compliance, times, returns, repeats and open data over many cases.

Made-up cases of a year, each with its lead, two clocks, three decisions and, mostly, a callback. Filling the
database is not measured. `seconds` is the sum over all figures, `cpu_seconds` what they took of the processors (a database server
included), `peak_mib` the memory of this process at its most.
"""

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlmodel import SQLModel

from analysis.callbacks import callbacks
from analysis.compliance import compliance
from analysis.durations import first_contact_times, times_to_safe
from analysis.grouping import Dimension, Periods
from analysis.open_data import open_data
from analysis.public_rates import public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import summary_of
from analysis.repeat_rate import repeat_rate
from analysis.returns import returns
from analysis.suppression_rules import load_suppression
from analysis.windows import Natural, naturals
from benchmarks.cpu import cpu_seconds
from benchmarks.machine import describe_machine, versions
from benchmarks.postgres import scratch_postgres
from benchmarks.records import chunks_of, write_rows
from models.case import Case
from models.database import Database
from models.exchange import Assignment, Inbox
from models.migrations.running import migrate
from models.record import Clock, Decision
from models.vocabulary import DecisionKind, Grade, NewsKind, Safety, Status, Target

SEED = 20261129
NOW = datetime(2027, 1, 10, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
YEAR_BEGINS, YEAR_S = datetime(2025, 12, 31, 16, tzinfo=UTC), 365 * 86_400
UNITS = ("EDU", "CIVIL", "POLICE", "HEALTH", "CULTURE", "MARKET", "TRAFFIC", "HOUSING", "JUSTICE", "LABOUR", "CYBER", "WATER")
DISTRICTS = tuple(f"D{each:02}" for each in range(1, 17))
FAMILIES = tuple("FSCNGJX")
KINDS = tuple(f"{family}{each:02}" for family in FAMILIES for each in range(1, 11))
GRADES = (*[Grade.U3] * 12, *[Grade.U4] * 3, Grade.U2, Grade.U1, Grade.UC)
ANSWERS = ("satisfied", "satisfied", "satisfied", "basically", "unsatisfied", None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Rows = dict[type[SQLModel], list[dict[str, Any]]]


def main() -> int:
    """Fill a database, count everything, print, and write the JSON file."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        if wanted.backend == "sqlite":
            figures = measure(f"sqlite:///{Path(folder) / 'cases.db'}", wanted.cases)
        else:
            with scratch_postgres(Path(folder)) as server:
                figures = measure(server.case_url, wanted.cases)
    told = {"backend": wanted.backend, **figures}
    print(json.dumps(told, indent=2))
    if wanted.json:
        wanted.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(url: str, cases: int) -> dict[str, Any]:
    """Seconds of each figure and of all, and the most memory used."""
    database = Database(url)
    migrate(database)
    fill(database, cases)
    database.tend()
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    load = psutil.getloadavg()
    filled = _peak_mib()
    busy = cpu_seconds(os.getpid())
    each = {name: _timed(count) for name, count in _figures(database).items()}
    database.close()
    return {
        "cases": cases,
        "seconds": round(sum(each.values()), 2),
        "cpu_seconds": round(cpu_seconds(os.getpid()) - busy, 2),
        "peak_mib": _peak_mib(),
        "peak_mib_after_filling": filled,
        "each_seconds": {name: round(seconds, 2) for name, seconds in each.items()},
        "load_before": [round(one, 2) for one in load],
        "load_after": [round(one, 2) for one in psutil.getloadavg()],
        "seed": SEED,
        "machine": describe_machine(),
        "versions": versions(),
    }


def _figures(database: Database) -> dict[str, Callable[[], object]]:
    rules, small = load_rate_rules(), load_suppression()
    months = Periods(tuple(naturals(FIRST, LAST, Natural.MONTH)))
    year = months.whole

    def counted(count: Callable[..., object], *more: Any) -> Callable[[], object]:
        def run() -> object:
            with database.reading() as session:
                return count(session, *more)

        return run

    def rates_of_departments() -> object:
        with database.reading() as session:
            tallies = callbacks(session, year, rules, (Dimension.DEPARTMENT,)).tallies
        units = {unit: tally for (unit,), tally in tallies.items()}
        return summary_of(units.values(), rules), public_rates(units, rules, small)

    return {
        "rates_by_department": rates_of_departments,
        "rates_by_month_and_district": counted(callbacks, year, rules, (months, Dimension.DISTRICT)),
        "rates_by_kind_and_grade": counted(callbacks, year, rules, (Dimension.KIND, Dimension.GRADE)),
        "compliance": counted(compliance, year, NOW),
        "times_to_safe": counted(times_to_safe, year, (Dimension.DISTRICT,)),
        "first_contact": counted(first_contact_times, year, (Dimension.DEPARTMENT,)),
        "returns": counted(returns, year, (Dimension.DEPARTMENT,)),
        "repeats": counted(repeat_rate, year.start, year.end, 90),
        "open_data_of_a_year": counted(open_data, FIRST, LAST, FAMILIES, small),
    }


def _timed(count: Callable[[], object]) -> float:
    began = time.perf_counter()
    count()
    return time.perf_counter() - began


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fill(database: Database, cases: int) -> None:
    """A year of made-up cases; the same number always gives the same ones."""
    dice = random.Random(SEED)
    for numbers in chunks_of(cases):
        rows: Rows = {Case: [], Assignment: [], Clock: [], Decision: [], Inbox: []}
        for number in numbers:
            for table, row in _rows(number, dice):
                rows[table].append(row)
        with database.writing() as session:
            for table, made in rows.items():
                write_rows(session.connection(), table, made)


def _rows(number: int, dice: random.Random) -> Iterator[tuple[type[SQLModel], dict[str, Any]]]:
    case_id = UUID(int=(dice.getrandbits(63) << 64) | number)
    at = YEAR_BEGINS + timedelta(seconds=dice.randrange(YEAR_S))
    grade, lead = dice.choice(GRADES), dice.choice(UNITS)
    grave = grade is Grade.U1
    replied = at + DAY * dice.random() * 9
    reached, not_called = dice.random() < 0.85, dice.random() < 0.05
    case: dict[str, Any] = {
        "id": case_id, "source": "bench", "received_at": at, "status": Status.CLOSED, "grade": grade, "kind": dice.choice(KINDS),
        "district": dice.choice(DISTRICTS), "harm": grave, "guardian_suspect": dice.random() < 0.02, "wrapped_key": b"k",
        "safety": Safety.SAFE if grave else Safety.UNKNOWN, "closed_at": replied + DAY, "rework_count": int(dice.random() < 0.1),
        "reopen_count": int(dice.random() < 0.03),
    }  # fmt: skip
    yield Case, {**_PLAIN[Case], **case, "number": number, "version": 1}
    yield Assignment, {
        **_PLAIN[Assignment], "case_id": case_id, "department": lead, "token": f"{number:022}", "assigned_at": at + HOUR,
        "contacted_at": at + HOUR + HOUR * dice.random() * 40, "replied_at": replied,
    }  # fmt: skip
    for target, limit, stopped, reason in (
        (Target.FEEDBACK, 7, replied, "replied"), (Target.CLOSURE, 15, replied + DAY, "closed"),
    ):  # fmt: skip
        due = at + limit * DAY
        yield Clock, {
            **_PLAIN[Clock], "case_id": case_id, "target": target, "grade": grade, "started_at": at + HOUR, "due_at": due,
            "stopped_at": stopped, "stop_reason": reason, "breached_at": due if stopped > due else None,
        }  # fmt: skip
    for key, kind, outcome, rule in (
        ("screen", DecisionKind.SCREEN, "CLEAN", "screen"), ("classify:0", DecisionKind.CLASSIFY, case["kind"], "cues"),
        ("callback:1", DecisionKind.CALLBACK, "SUPPRESSED" if not_called else "ASKED", "callback-not-agreed" if not_called else "callback-allowed"),
    ):  # fmt: skip
        yield Decision, {**_PLAIN[Decision], "case_id": case_id, "key": key, "kind": kind, "outcome": outcome, "rule_id": rule, "at": replied}
    if not not_called:
        codes = {"reached": reached, "contacted": True, "resolved": dice.random() < 0.9, "satisfied": dice.choice(ANSWERS)}
        yield Inbox, _news(case_id, NewsKind.CALLED_BACK, replied + HOUR, codes)
    if grave:
        yield Inbox, _news(case_id, NewsKind.SAFETY_RECORDED, at + HOUR * dice.random() * 48, {"safety": "safe", "source": "police"})


def _news(case_id: UUID, kind: NewsKind, at: datetime, codes: dict[str, Any]) -> dict[str, Any]:
    return {**_PLAIN[Inbox], "case_id": case_id, "news_key": kind.value, "kind": kind, "codes": codes, "received_at": at, "read_at": at}


def _plain(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(exclude={"id", "number"})


_ID = UUID(int=0)
_PLAIN: dict[type[SQLModel], dict[str, Any]] = {
    Case: _plain(Case(source="", received_at=NOW)),
    Assignment: _plain(Assignment(case_id=_ID, department="", leads=True, assigned_at=NOW)),
    Clock: _plain(
        Clock(case_id=_ID, target=Target.FEEDBACK, grade=Grade.U3, started_at=NOW, due_at=NOW, rule_id="u3-feedback", rule_hash="h" * 64,
              calendar_hash="c" * 64, reason_zh="自派单起七个工作日内反馈。", reason_en="Feedback within seven working days of the order.")
    ),
    Decision: _plain(
        Decision(case_id=_ID, key="", kind=DecisionKind.SCREEN, outcome="", rule_id="", rule_hash="h" * 64, calendar_hash="c" * 64,
                 code_version="bench", reason_zh="未发现危险。", reason_en="No sign of danger.", at=NOW)
    ),
    Inbox: _plain(Inbox(case_id=_ID, news_key="", kind=NewsKind.CALLED_BACK, actor="client:bench", received_at=NOW)),
}  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--backend", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
