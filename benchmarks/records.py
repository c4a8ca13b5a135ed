"""Invented orders with everything a real one leaves in the case database, and ledgers that agree with them.

Shapes and codes are those that the tasks write; words and people are a single byte. The same orders
serve the benchmark of the data checks and the tests that exchange ledgers.
"""

import csv
import io
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

from models import journal
from models.case import Case
from models.exchange import Assignment, Inbox
from models.house import Department
from models.ledgers import LedgerImport, LedgerRow
from models.record import Clock, Decision, Event
from models.vocabulary import (
    Ask,
    DecisionKind,
    EventKind,
    ExtractState,
    Grade,
    LedgerStatus,
    Nature,
    NewsKind,
    Outcome,
    Safety,
    Status,
    Target,
)

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""When the invented month is looked at: Tuesday 09:00 in Beijing."""
MONTH = timedelta(days=30)
KINDS = ("S01", "S02", "F03", "G02", "N03")
GRAVE_SHARE, HELPED_SHARE, OPEN_SHARE = 0.03, 0.1, 0.15
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Row = dict[str, Any]


@dataclass
class Order:
    """One order and what belongs to it, as rows by table; `number` is the case's number from 1."""

    number: int
    lead: str
    helper: str | None
    case: Row
    parts: list[Row]
    clocks: list[Row]
    events: list[Row]
    decisions: list[Row]
    inbox: list[Row]
    ledger: list[Row] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its number as departments know it."""
        return f"W-{self.number:06d}"

    @property
    def is_grave(self) -> bool:
        """Whether police must have been told."""
        return bool(self.case["mandatory_report"])

    @property
    def is_open(self) -> bool:
        """Whether a department still works on it."""
        return self.case["status"] is Status.IN_PROGRESS


def their_ref(department: str, number: int) -> str:
    """A department's own number of an order; ends with ours, so that findings can be traced back."""
    return f"{department}-{number}"


def number_in(subject: str) -> int | None:
    """The order that a finding's subject is about; None for a whole department."""
    for part in subject.split("/"):
        prefix, _, digits = part.rpartition("-")
        if prefix and digits.isdigit() and (prefix == "W" or prefix.isupper()):
            return int(digits)
    return None


def make_order(number: int, departments: Sequence[str], rng: random.Random, now: datetime = NOW) -> Order:
    """One clean order, received within the month before `now`."""
    lead = departments[number % len(departments)]
    helper = departments[(number + 1) % len(departments)] if rng.random() < HELPED_SHARE and len(departments) > 1 else None
    is_open = rng.random() < OPEN_SHARE
    grave = rng.random() < GRAVE_SHARE
    age = rng.random() * (MONTH - 8 * DAY).total_seconds()
    received = (now - 6 * DAY - timedelta(seconds=int(age))).replace(microsecond=0)
    case_id = UUID(int=(number << 64) | 0x40008000000000000000 | rng.getrandbits(40))
    assigned, accepted = received + 10 * MINUTE, received + 70 * MINUTE
    replied = None if is_open else received + 2 * DAY
    closed = None if is_open else received + 3 * DAY
    kind = rng.choice(KINDS)
    status = Status.IN_PROGRESS if is_open else Status.CLOSED
    case = _case(number, case_id, received, closed, kind, status, grave=grave)
    parts = [_part(case_id, lead, True, assigned, accepted, replied)]
    if helper:
        parts.append(_part(case_id, helper, False, assigned, accepted, replied))
    clock = _clock(case_id, assigned, replied)
    inbox = [_receipt(case_id, received)] if grave else []
    order = Order(number, lead, helper, case, parts, [clock], [], _decisions(case_id, received, kind, lead), inbox)
    order.events = _chained(case, _happened(order, received, assigned, replied))
    order.ledger = [ledger_row(order, part, kind) for part in parts]
    return order


def _case(
    number: int, case_id: UUID, received: datetime, closed: datetime | None, kind: str, status: Status, *, grave: bool
) -> Row:
    is_safe = {"safety": Safety.SAFE, "safety_at": received + HOUR, "safety_source": "case_owner"}
    unknown = {"safety": Safety.UNKNOWN, "safety_at": None, "safety_source": None}
    return {
        "number": number, "id": case_id, "version": 1, "source": "invented", "source_ref": str(number),
        "import_batch_id": None, "language": "zh", "district": None, "received_at": received, "status": status,
        "outcome": Outcome.DISPATCHED, "grade": Grade.U1 if grave else Grade.U3, "nature": Nature.COMPLAINT,
        "kind": kind, "given_kind": None, "also": [], "harm": grave, "danger_now": False,
        "mandatory_report": ["MR4"] if grave else [], "guardian_suspect": False, "callback_class": "CB-N",
        "complained_of": None, "also_complained_of": [], "kept_from": [], "dispatch_facts": [], "named_lead": None,
        "child_age": None, "answered_on_call": False, "linked_to": None, "matched_at": received,
        "rules_version": None, "cycle": 1, "rework_count": 0, "dispute_count": 0, "reopen_count": 0,
        "extension_count": 0, "hung_up_until": None, "closed_at": closed, "wrapped_key": b"k", "text_ct": b"t",
        "answer_ct": None, "journal_length": 0, "journal_head": "", "run_id": None, "artifact_id": None,
        "timeline_digest": "", "wake_at": None, "waiting_for": "", "news_count": 0, "failures": 0, "flag": None,
        "flagged_at": None, "lease_owner": None, "lease_until": None, **(is_safe if grave else unknown),
    }  # fmt: skip


def _part(
    case_id: UUID, department: str, leads: bool, assigned: datetime, accepted: datetime, replied: datetime | None
) -> Row:
    return {
        "case_id": case_id, "department": department, "leads": leads, "share": "", "round": 1,
        "token": f"{case_id.hex}{department}", "ask": Ask.ACCEPT_ORDER, "assigned_at": assigned, "told_at": assigned,
        "accepted_at": accepted, "contacted_at": None, "replied_at": replied, "withdrawn_at": None,
    }  # fmt: skip


def _clock(case_id: UUID, started: datetime, stopped: datetime | None) -> Row:
    return {
        "case_id": case_id, "target": Target.FEEDBACK, "department": "", "cycle": 1, "grade": Grade.U3,
        "started_at": started, "due_at": started + 7 * DAY, "extension_seconds": 0, "provisional": False,
        "stopped_at": stopped, "stop_reason": "replied" if stopped else None, "breached_at": None, "rule_id": "u3-feedback",
        "rule_hash": "", "calendar_hash": "", "reason_zh": "", "reason_en": "",
    }  # fmt: skip


def _decisions(case_id: UUID, at: datetime, kind: str, lead: str) -> list[Row]:
    made = (
        ("screen", DecisionKind.SCREEN, "CLEAN"), ("classify:0", DecisionKind.CLASSIFY, kind),
        ("route:0", DecisionKind.ROUTE, "dispatch"), ("assign:1", DecisionKind.ASSIGN, lead),
    )  # fmt: skip
    return [
        {
            "case_id": case_id, "key": key, "kind": each, "outcome": outcome, "facts": {}, "rule_id": key,
            "rule_hash": "", "calendar_hash": "", "code_version": "", "reason_zh": "", "reason_en": "", "at": at,
        }
        for key, each, outcome in made
    ]  # fmt: skip


def _receipt(case_id: UUID, received: datetime) -> Row:
    return {
        "case_id": case_id, "news_key": "police", "kind": NewsKind.POLICE_NOTIFIED, "actor": "client:desk",
        "department": None, "codes": {}, "text_ct": None, "received_at": received + 5 * MINUTE,
        "read_at": received + 5 * MINUTE, "refused": None,
    }  # fmt: skip


def _happened(
    order: Order, received: datetime, assigned: datetime, replied: datetime | None
) -> list[tuple[EventKind, datetime, dict[str, Any]]]:
    due = (assigned + 7 * DAY).isoformat()
    clock = {"target": "feedback", "department": ""}
    found: list[tuple[EventKind, datetime, dict[str, Any]]] = [
        (EventKind.RECEIVED, received, {"source": "invented"}),
        (EventKind.ASSIGNED, assigned, {"lead": order.lead, "co_handlers": [order.helper] if order.helper else [], "round": 1}),
        (EventKind.CLOCK_STARTED, assigned, {**clock, "cycle": 1, "due": due}),
    ]
    if replied:
        found.append((EventKind.CLOCK_STOPPED, replied, {**clock, "reason": "replied", "met": True}))
    return found


def _chained(case: Row, happened: Iterable[tuple[EventKind, datetime, dict[str, Any]]]) -> list[Row]:
    entries, previous = [], ""
    for seq, (kind, at, facts) in enumerate(happened, start=1):
        entry = Event(
            case_id=case["id"], seq=seq, at=at, kind=kind, actor=journal.MACHINE, facts=facts, previous=previous, digest=""
        )
        digest = journal.digest_of(entry)
        entries.append(
            {
                "case_id": case["id"], "seq": seq, "at": at, "kind": kind, "actor": journal.MACHINE, "facts": facts,
                "previous": previous, "digest": digest,
            }
        )  # fmt: skip
        previous = digest
    case["journal_length"], case["journal_head"] = len(entries), previous
    return entries


def ledger_row(order: Order, part: Row, kind: str | None) -> Row:
    """What a department that keeps its ledger well says of its part of an order."""
    replied, closed = part["replied_at"], order.case["closed_at"]
    status = LedgerStatus.CLOSED if closed else LedgerStatus.IN_PROGRESS
    return {
        "department": part["department"], "their_ref": their_ref(part["department"], order.number),
        "order_ref": order.label, "leads": part["leads"], "kind": kind, "status": status,
        "received_at": part["told_at"], "accepted_at": part["accepted_at"], "replied_at": replied, "closed_at": closed,
        "updated_at": closed or part["accepted_at"],
    }  # fmt: skip


def write_departments(connection: Connection, departments: Iterable[str]) -> None:
    """The units that orders go to."""
    rows = [{"code": code, "name_zh": code, "name_en": code, "active": True} for code in departments]
    connection.execute(insert(Department), rows)


def write_orders(connection: Connection, orders: Sequence[Order], import_ids: dict[str, int] | None, seen_at: dict[str, datetime]) -> None:
    """All rows of some orders; their ledger rows as well where `import_ids` names the department's extract."""
    write_rows(connection, Case, [each.case for each in orders])
    for table, rows in (
        (Assignment, [row for each in orders for row in each.parts]),
        (Clock, [row for each in orders for row in each.clocks]),
        (Event, [row for each in orders for row in each.events]),
        (Decision, [row for each in orders for row in each.decisions]),
        (Inbox, [row for each in orders for row in each.inbox]),
    ):
        write_rows(connection, table, rows)
    if import_ids is not None:
        landed = [
            row | {"import_id": import_ids[row["department"]], "seen_at": seen_at[row["department"]]}
            for each in orders
            for row in each.ledger
        ]
        write_rows(connection, LedgerRow, landed)


def write_import(connection: Connection, department: str, taken_at: datetime, rows: int) -> int:
    """One landed extract of a department; its number."""
    made = connection.execute(
        insert(LedgerImport).values(
            department=department, schema_version=1, file_digest="", whole=True, extracted_at=taken_at,
            imported_at=taken_at, state=ExtractState.LANDED, rows=rows, landed=rows, unchanged=0, older=0, quarantined=0,
        )
    )  # fmt: skip
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])


def write_rows(connection: Connection, table: type[SQLModel], rows: list[Row]) -> None:
    """Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    stream = io.StringIO()
    csv.writer(stream).writerows([[_cell(row[name]) for name in names] for row in rows])
    stream.seek(0)
    columns = ", ".join(f'"{name}"' for name in names)
    raw: Any = connection.connection.cursor()
    raw.execute(
        f'COPY "{table.__tablename__}" ({columns}) FROM STDIN WITH (FORMAT csv, NULL \'~\')',
        stream=io.BytesIO(stream.getvalue().encode()),
    )


def _cell(value: Any) -> Any:
    if value is None:
        return "~"
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, list | dict):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value


def chunks_of(count: int, size: int = 10_000) -> Iterator[range]:
    """Order numbers from 1, in chunks."""
    for start in range(1, count + 1, size):
        yield range(start, min(start + size, count + 1))
