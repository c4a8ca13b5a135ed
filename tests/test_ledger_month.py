"""Three departments exchange a month of ledgers with the desk: every drift is found, named, assigned and closed."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from benchmarks.records import DAY, HOUR, NOW, Order, Row, make_order, write_orders
from data_checks.child import Checkers
from models.checks import DataFinding, ReconciliationTask
from models.exchange import Notice
from models.house import Department
from models.ledgers import LedgerImport, LedgerRow
from models.vocabulary import Ask, CheckScope, ExtractState, LedgerStatus, Recipient
from tasks.records.ledgers import take_in_ledger
from tasks.records.reconciliation_tasks import settle_findings
from tasks.records.record_checks import parts_to_check, request_for
from tasks.workplace import Workplace, use_workplace
from tests.harness.ledger_files import later, write_ledger
from tests.small_desk import small_desk

DEPARTMENTS = ["EDU", "CIVIL", "POLICE"]
ENDING = {"EDU": "csv", "CIVIL": "xlsx", "POLICE": "jsonl"}


@pytest.fixture(scope="module")
def checkers() -> Iterator[Checkers]:
    with Checkers(1) as found:
        yield found


@dataclass
class Exchange:
    """A desk with a month of orders, and what the departments' ledgers say of them by their numbers."""

    place: Workplace
    folder: Path
    checkers: Checkers
    orders: list[Order]
    ledgers: dict[str, dict[str, Row]] = field(default_factory=dict)

    def send(self, department: str, now: datetime, *, encoding: str = "") -> LedgerImport:
        """The department's whole ledger, taken half an hour ago."""
        path = self.folder / f"{department}-{now:%d%H%M}.{ENDING[department]}"
        rows = list(self.ledgers[department].values())
        write_ledger(path, department, rows, now - HOUR / 2, encoding=encoding)
        return self.receive(department, path, now)

    def receive(self, department: str, path: Path, now: datetime) -> LedgerImport:
        return take_in_ledger(self.place, department, str(path), now)

    def check(self, now: datetime) -> dict[tuple[str, str], int]:
        """Run all checks and hand out tasks; open findings by department and rule."""
        with self.place.database.reading() as session:
            parts = parts_to_check(session, CheckScope.NIGHTLY)
        for part in parts:
            outcome = self.checkers.check(request_for(self.place, part, CheckScope.NIGHTLY, now))
            assert outcome.error is None
        settle_findings(self.place, now)
        with self.place.database.reading() as session:
            found = session.exec(select(DataFinding).where(col(DataFinding.cleared_at).is_(None))).all()
        counts: dict[tuple[str, str], int] = {}
        for each in found:
            counts[each.department, each.rule] = counts.get((each.department, each.rule), 0) + 1
        return counts

    def open_tasks(self) -> set[tuple[str, str]]:
        """Unit and rule of every open task."""
        with self.place.database.reading() as session:
            wanted = select(ReconciliationTask).where(col(ReconciliationTask.closed_at).is_(None))
            return {(each.unit, each.rule) for each in session.exec(wanted)}

    def alerts(self, ask: Ask) -> list[tuple[str, str]]:
        with self.place.database.reading() as session:
            return [(each.recipient, each.case_label) for each in session.exec(select(Notice).where(Notice.ask == ask))]


@pytest.fixture
def month(tmp_path: Path, checkers: Checkers) -> Exchange:
    place = small_desk(tmp_path / "desk")
    use_workplace(place)
    rng = random.Random(3)
    orders = [make_order(number, DEPARTMENTS, rng) for number in range(1, 301)]
    with place.database.writing() as session:
        connection = session.connection()
        codes = [{"code": each, "name_zh": each, "name_en": each, "active": True} for each in DEPARTMENTS]
        connection.execute(insert(Department), codes)
        write_orders(connection, orders, None, {})
    exchange = Exchange(place, tmp_path, checkers, orders)
    for order in orders:
        for row in order.ledger:
            exchange.ledgers.setdefault(row["department"], {})[row["their_ref"]] = row
    for department in DEPARTMENTS:
        assert exchange.send(department, NOW).state is ExtractState.LANDED
    return exchange


def refs(exchange: Exchange, department: str, *, is_open: bool) -> list[str]:
    """Their numbers of orders this department leads, open or closed ones."""
    return [
        order.ledger[0]["their_ref"]
        for order in exchange.orders
        if order.lead == department and order.is_open is is_open
    ]


def test_a_clean_month_is_silent(month: Exchange) -> None:
    assert month.check(NOW) == {}
    assert month.open_tasks() == set()
    assert month.alerts(Ask.RECONCILE) == []


def test_every_drift_is_found_assigned_and_closed_when_it_is_corrected(month: Exchange) -> None:
    clean = {department: dict(rows) for department, rows in month.ledgers.items()}
    tomorrow = NOW + DAY
    edu, civil, police = (month.ledgers[each] for each in DEPARTMENTS)
    closed, open_ones = refs(month, "EDU", is_open=False), refs(month, "EDU", is_open=True)
    del edu[open_ones[0]]  # missing: an open order is gone
    edu["EDU-B-1"] = later(edu[closed[0]], tomorrow, their_ref="EDU-B-1")  # duplicate
    edu[closed[1]] = later(edu[closed[1]], tomorrow, status=LedgerStatus.IN_PROGRESS, replied_at=None, closed_at=None)
    swapped = edu[closed[2]]
    edu[closed[2]] = later(swapped, tomorrow, accepted_at=swapped["replied_at"], replied_at=swapped["accepted_at"])
    only_civil = next(each for each in month.orders if each.lead == "CIVIL" and each.helper is None)
    police["POLICE-C-1"] = later(only_civil.ledger[0], tomorrow, department="POLICE", their_ref="POLICE-C-1")
    civil["CIVIL-U-1"] = later(only_civil.ledger[0], tomorrow, order_ref="W-800000", their_ref="CIVIL-U-1")
    gone = refs(month, "CIVIL", is_open=True)[0]
    civil[gone] = later(civil[gone], tomorrow, status=LedgerStatus.RETURNED)
    for department in DEPARTMENTS:
        assert month.send(department, tomorrow).state is ExtractState.LANDED

    found = month.check(tomorrow)
    assert found == {
        ("EDU", "vanished-from-ledger"): 1,
        ("EDU", "twice-in-ledger"): 1,
        ("EDU", "ledger-behind"): 1,
        ("EDU", "ledger-accepted-before-replied"): 1,
        ("EDU", "times-differ"): 1,
        ("POLICE", "order-of-another"): 1,
        ("CIVIL", "unknown-order"): 1,
        ("CIVIL", "ledger-gave-it-away"): 1,
    }
    expected = {(part if rule != "ledger-gave-it-away" else "DUTY_SUPERVISOR", rule) for part, rule in found}
    assert month.open_tasks() == expected
    told = [recipient for recipient, _ in month.alerts(Ask.RECONCILE)]
    assert sorted(told) == sorted(unit for unit, _ in expected)

    month.check(tomorrow)
    assert len(month.alerts(Ask.RECONCILE)) == len(expected), "nobody is told twice"

    after = tomorrow + DAY
    month.ledgers = {
        department: {ref: later(row, after) if row != month.ledgers[department].get(ref) else row for ref, row in rows.items()}
        for department, rows in clean.items()
    }
    for department in DEPARTMENTS:
        month.send(department, after)
    assert month.check(after) == {}
    assert month.open_tasks() == set()


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_half_a_file_is_refused_whole_and_its_department_is_asked_for_the_rest(month: Exchange, department: str) -> None:
    month.check(NOW)
    later_on = NOW + HOUR
    whole = month.ledgers[department]
    month.ledgers[department] = dict(list(whole.items())[: len(whole) // 2])
    refused = month.send(department, later_on)
    assert (refused.state, refused.problem) == (ExtractState.REFUSED, "half_a_file")
    assert month.check(later_on) == {(department, "extract-refused"): 1}
    assert month.open_tasks() == {(department, "extract-refused")}
    month.ledgers[department] = whole
    assert month.send(department, later_on + HOUR).state is ExtractState.LANDED
    assert month.check(later_on + HOUR) == {}
    assert month.open_tasks() == set()


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_file_cut_in_the_middle_changes_nothing(month: Exchange, department: str) -> None:
    path = month.folder / f"cut.{ENDING[department]}"
    write_ledger(path, department, list(month.ledgers[department].values()), NOW)
    cut(path)
    refused = month.receive(department, path, NOW + HOUR)
    assert (refused.state, refused.problem) == (ExtractState.REFUSED, "cut_short")
    with month.place.database.reading() as session:
        assert len(session.exec(select(LedgerRow)).all()) == sum(map(len, month.ledgers.values()))


def test_a_wrong_encoding_and_a_changed_schema_are_named(month: Exchange) -> None:
    wrong = month.send("EDU", NOW + HOUR, encoding="utf-8")
    # The bytes may by chance be read, but never as the agreed headings.
    assert wrong.state is ExtractState.REFUSED
    assert wrong.problem in {"wrong_encoding", "columns_changed"}
    path = month.folder / "renamed.jsonl"
    rows = [{"ref": "P-1", "order": "W-000001", "state": "CLOSED", "updated": NOW.isoformat()}]
    said = [{"taken_at": NOW.isoformat()}, *rows, {"rows": 1}]
    path.write_text("\n".join(json.dumps(each) for each in said), encoding="utf-8")
    renamed = month.receive("POLICE", path, NOW + HOUR)
    assert (renamed.state, renamed.problem) == (ExtractState.REFUSED, "columns_changed")
    assert "status" in (renamed.problem_field or "")
    assert month.check(NOW + HOUR) == {("EDU", "extract-refused"): 1, ("POLICE", "extract-refused"): 1}


def test_a_department_that_stops_sending_is_asked_for_its_ledger_and_its_supervisor_told_when_it_stays_silent(
    month: Exchange,
) -> None:
    month.check(NOW)
    silent = NOW + 2 * DAY
    for department in ("CIVIL", "POLICE"):
        month.send(department, silent)
    assert month.check(silent) == {("EDU", "extract-stale"): 1}
    assert month.open_tasks() == {("EDU", "extract-stale")}
    much_later = silent + 5 * DAY
    for department in ("CIVIL", "POLICE"):
        month.send(department, much_later)
    month.check(much_later)
    overdue = {recipient for recipient, _ in month.alerts(Ask.RECONCILE_OVERDUE)}
    assert overdue == {"EDU", Recipient.DUTY_SUPERVISOR}
    month.send("EDU", much_later + HOUR)
    assert month.check(much_later + HOUR) == {}


def test_a_file_that_is_not_there_is_no_fault_of_its_department(month: Exchange) -> None:
    with pytest.raises(FileNotFoundError):
        month.receive("EDU", month.folder / "mistyped.csv", NOW + HOUR)
    assert month.check(NOW + HOUR) == {}


def test_an_older_extract_never_wins(month: Exchange) -> None:
    ref = refs(month, "POLICE", is_open=True)[0]
    month.ledgers["POLICE"][ref] = later(month.ledgers["POLICE"][ref], NOW, status=LedgerStatus.RECEIVED)
    refused = month.send("POLICE", NOW - 5 * timedelta(hours=1))
    assert (refused.state, refused.problem) == (ExtractState.REFUSED, "older_extract")


def test_the_unit_a_case_is_kept_from_never_hears_of_it(month: Exchange) -> None:
    """Its ledger has the order all the same: the duty supervisor is told, the unit is not."""
    order = next(each for each in month.orders if each.lead == "CIVIL" and each.helper is None)
    with month.place.database.writing() as session:
        session.connection().exec_driver_sql(
            f"UPDATE \"case\" SET kept_from = '[\"POLICE\"]' WHERE number = {order.number}"
        )
    month.ledgers["POLICE"]["POLICE-L-1"] = later(order.ledger[0], NOW + HOUR, their_ref="POLICE-L-1")
    month.send("POLICE", NOW + HOUR)
    assert month.check(NOW + HOUR) == {("POLICE", "kept-from-knows-order"): 1}
    assert month.open_tasks() == {("DUTY_SUPERVISOR", "kept-from-knows-order")}
    assert {recipient for recipient, _ in month.alerts(Ask.RECONCILE)} == {"DUTY_SUPERVISOR"}
