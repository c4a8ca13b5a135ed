"""`python -m benchmarks.baltimore FILE`: the data checks on Baltimore's real requests of 2018.

Each agency's rows are landed as the extract of its ledger, through the same reader as any other. Our
side is what the city's call centre knows when it passes a request on: received and dispatched at
`CreatedDate`, answered and closed at `CloseDate`, and open without one. Everything that is found is
therefore a row that contradicts itself: a status that its dates do not bear out, dates in the wrong
order, a request that is there twice, one that was passed on to another agency.
"""

import argparse
import csv
import gzip
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from benchmarks.data_checks import check_all
from benchmarks.records import Order, make_order, write_departments, write_orders
from data_checks.contract import Contract, SchemaVersion
from data_checks.extract_files import Extract
from data_checks.landing import land
from models.checks import DataFinding
from models.database import Database
from models.ledgers import LedgerQuarantine
from models.migrations.running import migrate
from models.vocabulary import LedgerStatus, Status

ZONE = ZoneInfo("America/New_York")
TIMES = "%m/%d/%Y %I:%M:%S %p"
STATUSES = {
    "New": LedgerStatus.RECEIVED, "New (Duplicate)": LedgerStatus.RECEIVED, "Open": LedgerStatus.IN_PROGRESS,
    "Open (Duplicate)": LedgerStatus.IN_PROGRESS, "Pending": LedgerStatus.IN_PROGRESS,
    "In Progress": LedgerStatus.IN_PROGRESS, "Closed": LedgerStatus.CLOSED, "Closed (Duplicate)": LedgerStatus.CLOSED,
    "Closed (Transferred)": LedgerStatus.TRANSFERRED,
}  # fmt: skip
COLUMNS = {"their_ref": "ServiceRequestNum", "order_ref": "order", "status": "SRStatus", "received_at": "CreatedDate",
           "closed_at": "CloseDate", "updated_at": "StatusDate"}  # fmt: skip
VERSION = SchemaVersion.model_validate({"version": 1, "columns": COLUMNS, "time_format": TIMES})


def code_of(agency: str) -> str:
    """An agency's name as a department's code."""
    return re.sub(r"[^A-Z]+", "_", agency.upper()).strip("_")


def contract_of(department: str) -> Contract:
    """The same terms for every agency."""
    return Contract(
        department=department, format="csv", time_zone=str(ZONE), freshness_hours=48, grace_hours=0,
        tolerance_minutes=60, smallest_share=0.5, statuses=STATUSES, versions=(VERSION,),
    )  # fmt: skip


def order_of(number: int, row: dict[str, str]) -> Order:
    """The request as the call centre knows it."""
    order = make_order(number, [code_of(row["Agency"])], random.Random(number))
    created, closed = moment(row["CreatedDate"]), moment(row["CloseDate"])
    is_closed = closed is not None
    order.case |= {
        "received_at": created, "closed_at": closed, "status": Status.CLOSED if is_closed else Status.IN_PROGRESS,
        "harm": False, "mandatory_report": [], "grade": "U3", "source_ref": f"{row['ServiceRequestNum']}/{number}",
    }  # fmt: skip
    order.parts[0] |= {"assigned_at": created, "told_at": created, "accepted_at": None, "replied_at": closed}
    order.clocks.clear()
    return order


def moment(written: str) -> datetime | None:
    """A moment of the file, aware; None if the cell is empty."""
    return datetime.strptime(written, TIMES).replace(tzinfo=ZONE) if written else None


def taken_at_of(rows: Iterable[dict[str, str]]) -> datetime:
    """When the city made the file, aware: just after the last change of a status in it."""
    return max(changed for row in rows if (changed := moment(row["StatusDate"]))).astimezone(UTC)


def load(database: Database, rows: Iterable[dict[str, str]], taken_at: datetime) -> list[str]:
    """Fill a migrated database; the departments."""
    by_unit: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    orders, numbers = [], dict[str, int]()
    for line, row in enumerate(rows, start=2):
        ref = row["ServiceRequestNum"]
        if ref not in numbers:
            numbers[ref] = len(numbers) + 1
            orders.append(order_of(numbers[ref], row))
        told = {ours: row.get(theirs) for ours, theirs in COLUMNS.items()} | {"order_ref": f"W-{numbers[ref]:06d}"}
        by_unit.setdefault(code_of(row["Agency"]), []).append((line, told))
    with database.writing() as session:
        write_departments(session.connection(), by_unit)
        write_orders(session.connection(), orders, None, {})
        for unit, its_rows in by_unit.items():
            land(session, contract_of(unit), Extract(unit, None, VERSION, its_rows), taken_at, taken_at)
    return list(by_unit)


def found_in(database: Database) -> tuple[Counter[str], Counter[str]]:
    """Open findings by rule, and quarantined rows by field and problem."""
    with database.reading() as session:
        rules = Counter(session.exec(select(DataFinding.rule).where(col(DataFinding.cleared_at).is_(None))))
        rows = session.exec(select(LedgerQuarantine.field, LedgerQuarantine.problem))
        return rules, Counter(f"{field}: {problem}" for field, problem in rows)


def main(arguments: list[str] | None = None) -> int:
    """Load, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="whistle-baltimore-") as folder:
        database = Database(f"sqlite:///{folder}/cases.db")
        migrate(database)
        with gzip.open(given.file, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        taken_at = taken_at_of(rows)
        units = load(database, rows, taken_at)
        outcomes = check_all(f"sqlite:///{folder}/cases.db", units, now=taken_at)
        rules, quarantined = found_in(database)
        database.close()
    for name, count in (*rules.most_common(), *quarantined.most_common()):
        print(f"{count:6}  {name}")
    print(f"{len(units)} agencies, {sum(each.seconds for each in outcomes):.1f} s of checking")
    return int(any(each.error for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
