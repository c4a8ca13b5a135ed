"""`python -m benchmarks.data_checks`: planted faults found, and how long checking takes.

It fills a fresh case database with invented orders and the ledgers of their departments, plants a
fault of some class in a share of them, runs the nightly checks of every part as the flow does, and
counts. Then the same expectations are run on data frames, by Great Expectations' own pandas engine,
for the ratio, and must find as many (`--skip-pandas` leaves that out).
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlmodel import col

from benchmarks.machine import describe_machine
from benchmarks.postgres import scratch_postgres
from benchmarks.record_faults import BESIDES_WHOLE, FAULTS, WHOLE, plant_one
from benchmarks.records import (
    DAY,
    HOUR,
    KINDS,
    NOW,
    chunks_of,
    make_order,
    number_in,
    write_departments,
    write_import,
    write_orders,
)
from data_checks.child import Checkers
from data_checks.requests import CheckOutcome, CheckRequest, Terms
from models.checks import DataFinding
from models.database import Database
from models.ledgers import LedgerImport, LedgerQuarantine
from models.migrations.running import migrate
from models.vocabulary import CheckScope, ExtractState, Grade, Status

TAKEN_AT = NOW - HOUR
SIDE_BY_SIDE = 2


@dataclass
class Planted:
    """Which order has which class of fault, and which department has which."""

    orders: dict[int, str] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """How many of each class."""
        return dict(sorted((Counter(self.orders.values()) + Counter(self.departments.values())).items()))


def department_codes(count: int) -> list[str]:
    """Codes of invented departments."""
    return [f"UNIT{chr(ord('A') + index // 26)}{chr(ord('A') + index % 26)}" for index in range(count)]


def fill(database: Database, count: int, departments: list[str], share: float, seed: int) -> Planted:
    """A case database of `count` orders, `share` of which have a fault."""
    rng, planted = random.Random(seed), Planted()
    names = list(WHOLE) if share else []
    planted.departments = dict(zip(departments, names, strict=False))
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        write_departments(connection, departments)
        taken = {each: _taken_at(planted, each) for each in departments}
        imports = {each: write_import(connection, each, taken[each], count // len(departments)) for each in departments}
    for numbers in chunks_of(count):
        orders = [make_order(number, departments, rng) for number in numbers]
        for order in orders:
            if rng.random() < share and (found := plant_one(order, rng, departments)):
                planted.orders[order.number] = found
        with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
            write_orders(connection, orders, imports, taken)
    with database.engine.connect().execution_options(whistle_writes=True) as connection, connection.begin():
        _plant_in_departments(connection, planted, imports, count // len(departments))
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return planted


def _taken_at(planted: Planted, department: str) -> datetime:
    return NOW - 3 * DAY if planted.departments.get(department) == "stale_extract" else TAKEN_AT


def _plant_in_departments(connection: Any, planted: Planted, imports: dict[str, int], rows: int) -> None:
    for department, fault in planted.departments.items():
        if fault == "refused_extract":
            connection.execute(
                insert(LedgerImport).values(
                    department=department, file_digest="", whole=True, imported_at=NOW, state=ExtractState.REFUSED,
                    problem="columns_changed", rows=0, landed=0, unchanged=0, older=0, quarantined=0,
                )
            )  # fmt: skip
        elif fault == "quarantined_rows":
            connection.execute(
                insert(LedgerQuarantine).values(
                    import_id=imports[department], department=department, line=2, field="status",
                    problem="unknown_code", shown="",
                )
            )  # fmt: skip
        elif fault == "volume_drift":
            # The last extract is the one that the rows belong to: those before it were far larger.
            last = imports[department]
            for _ in range(5):
                write_import(connection, department, TAKEN_AT - 2 * DAY, 5 * rows)
            newest = write_import(connection, department, TAKEN_AT, rows)
            moved = text("UPDATE ledger_row SET import_id = :newest WHERE import_id = :last")
            connection.execute(moved, {"newest": newest, "last": last})
            connection.execute(text("DELETE FROM ledger_import WHERE id = :last"), {"last": last})


def check_all(
    url: str, departments: Sequence[str], site: Path | None = None, now: datetime = NOW
) -> list[CheckOutcome]:
    """The nightly checks of all parts as of `now`, two at a time as in the flow."""
    requests = requests_for(url, departments, site, now)
    with Checkers(SIDE_BY_SIDE) as checkers, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(checkers.check, requests))


def requests_for(url: str, departments: Sequence[str], site: Path | None, now: datetime) -> list[CheckRequest]:
    """What the nightly flow asks, what takes longest first."""
    known = {
        "kinds": (*KINDS, "C01"),
        "departments": tuple(departments),
        "statuses": tuple(each.value for each in Status),
        "grades": tuple(each.value for each in Grade),
    }
    terms = [Terms(department=each, grace_s=86_400, tolerance_s=3_600, freshness_s=2 * 86_400) for each in departments]

    def ask(of: Terms | None = None, *, journals: bool = False) -> CheckRequest:
        where = str(site) if site else None
        return CheckRequest(
            scope=CheckScope.NIGHTLY, now=now, database_url=url, known=known, terms=of, journals=journals, site=where
        )

    return [ask(journals=True), ask(), *(ask(each) for each in terms)]


def check_all_on_pandas(url: str, departments: Sequence[str], outcomes: Sequence[CheckOutcome]) -> dict[str, Any]:
    """The same expectations on data frames, as many processes; `differs` names rules that count otherwise."""
    from benchmarks.pandas_checks import check_on_pandas  # noqa: PLC0415 - it takes seconds

    began = time.perf_counter()
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(SIDE_BY_SIDE, mp_context=fresh) as pool:
        found = list(pool.map(check_on_pandas, requests_for(url, departments, None, NOW)))
    seconds = time.perf_counter() - began
    theirs = {(each.part, rule): count for each in found for rule, count in each.failing.items()}
    ours = {(each.part, result.rule): result.count for each in outcomes for result in each.results}
    return {
        "pandas_seconds": round(seconds, 2),
        "pandas_seconds_reading": round(sum(each.reading for each in found), 2),
        "differs": sorted(f"{part or 'desk'}:{rule}" for part, rule in theirs.keys() | ours.keys()
                          if theirs.get((part, rule)) != ours.get((part, rule))),
    }  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """Found of each class, and findings that nothing planted explains, by rule."""

    found: dict[str, int]
    false_alarms: dict[str, int]


def count(database: Database, planted: Planted) -> Counted:
    """Hold every open finding against what was planted."""
    seen: set[tuple[str, object]] = set()
    alarms: Counter[str] = Counter()
    with database.reading() as session:
        wanted = select(col(DataFinding.rule), col(DataFinding.department), col(DataFinding.subject))
        findings = session.execute(wanted.where(col(DataFinding.cleared_at).is_(None))).all()
    for rule, department, subject in findings:
        number = number_in(subject)
        fault = planted.orders.get(number) if number is not None else None
        whole = planted.departments.get(department)
        if number is None and whole and WHOLE[whole] == rule:
            seen.add((whole, department))
        elif fault and rule in FAULTS[fault].rules:
            seen.add((fault, number))
        elif not (fault and rule in FAULTS[fault].besides) and rule not in BESIDES_WHOLE:
            alarms[rule] += 1
    by_class = Counter(name for name, _ in seen)
    return Counted({name: by_class.get(name, 0) for name in planted.counts()}, dict(alarms))


@contextmanager
def _database(backend: str, folder: Path) -> Iterator[Database]:
    if backend == "sqlite":
        database = Database(f"sqlite:///{folder / 'cases.db'}")
        migrate(database)
        yield database
        database.close()
        return
    with scratch_postgres(folder) as server:
        database = Database(server.case_url)
        migrate(database)
        yield database
        database.close()


def measure(
    orders: int, departments: int, share: float, seed: int, backend: str, *, on_pandas: bool = True
) -> dict[str, Any]:
    """One run; see the module."""
    codes = department_codes(departments)
    with tempfile.TemporaryDirectory(prefix="whistle-checks-") as name:
        folder = Path(name)
        with _database(backend, folder) as database:
            filled = time.perf_counter()
            planted = fill(database, orders, codes, share, seed)
            began = time.perf_counter()
            url = database.engine.url.render_as_string(hide_password=False)
            outcomes = check_all(url, codes)
            seconds = time.perf_counter() - began
            counted = count(database, planted)
            with database.reading() as session:
                findings = session.execute(select(func.count()).select_from(DataFinding)).scalar_one()
            children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            other = check_all_on_pandas(url, codes, outcomes) if on_pandas else {}
    if other:
        other["ratio"] = round(other["pandas_seconds"] / seconds, 2)
    return {
        "orders": orders, "departments": departments, "backend": backend, "machine": describe_machine(),
        "planted": planted.counts(), "found": counted.found, "false_alarms": counted.false_alarms,
        "findings": findings, "unchecked": [each.part for each in outcomes if each.error],
        "seconds": round(seconds, 2), "seconds_filling": round(began - filled, 1),
        "seconds_by_part": {each.part or "desk": round(each.seconds, 2) for each in outcomes},
        "peak_mib": round(max([each.peak_mib for each in outcomes] + [children])),
        **other,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the figures to `--json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--departments", type=int, default=20)
    parser.add_argument("--faults", type=float, default=0.02, help="share of the orders with a planted fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--skip-pandas", action="store_true", help="do not run the expectations on data frames too")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    figures = measure(given.orders, given.departments, given.faults, given.seed, given.backend, on_pandas=not given.skip_pandas)
    for name, planted in figures["planted"].items():
        print(f"{name:20} planted {planted:6} found {figures['found'][name]:6}")
    print(f"false alarms: {figures['false_alarms'] or 'none'}")
    print(f"{figures['orders']} orders, {figures['departments']} departments, {figures['backend']}: {figures['seconds']} s, peak {figures['peak_mib']} MiB")
    if "ratio" in figures:
        print(f"on pandas: {figures['pandas_seconds']} s ({figures['ratio']} times as long), of it {figures['pandas_seconds_reading']} s reading")
        print(f"rules that count otherwise there: {', '.join(figures['differs']) or 'none'}")
    if given.json:
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    complete = figures["planted"] == figures["found"] and not figures["false_alarms"] and not figures["unchecked"] and not figures.get("differs")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
