"""Keeping what falls short: findings are written and cleared inside the database, by key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, DateTime, bindparam, text

from data_checks.rule_files import Rule
from models.columns import UtcDateTime


@dataclass(frozen=True)
class Place:
    """Where a rule's rows are: the batch's table, and the condition under which one falls short."""

    table: str
    failing: str


def count_failing(connection: Connection, place: Place) -> int:
    """How many keys fall short."""
    found = connection.execute(text(f"SELECT COUNT(*) FROM {place.table} WHERE {place.failing}"))
    return int(found.scalar_one())


def record(connection: Connection, rule: Rule, part: str, place: Place | None, now: datetime) -> tuple[int, int]:
    """Open a finding for every key that falls short, clear those that no longer do.

    Args:
        connection: Sees the batch's table; the caller commits.
        rule: Whose findings.
        part: The department's code; empty for our own tables.
        place: The failing rows, or None if there are none.
        now: When, aware.

    Returns:
        How many findings are new, and how many were cleared.
    """
    moment = bindparam("now", now, type_=UtcDateTime())
    same = "f.rule = :rule AND f.department = :part AND f.cleared_at IS NULL"
    still = f"SELECT 1 FROM {place.table} b WHERE b.subject = data_finding.subject AND {place.failing}" if place else ""
    cleared = connection.execute(
        text(
            "UPDATE data_finding SET cleared_at = :now WHERE rule = :rule AND department = :part"
            " AND cleared_at IS NULL" + (f" AND NOT EXISTS ({still})" if place else "")
        ).bindparams(moment, rule=rule.id, part=part)
    ).rowcount
    if place is None:
        return 0, cleared
    case_id = "CAST(b.case_id AS UUID)" if connection.dialect.name == "postgresql" else "b.case_id"
    made = connection.execute(
        text(
            "INSERT INTO data_finding (rule, severity, department, subject, case_id, found_at)"
            f" SELECT DISTINCT :rule, :severity, :part, b.subject, {case_id}, {_typed_now(connection)}"
            f" FROM {place.table} b WHERE {place.failing}"
            f" AND NOT EXISTS (SELECT 1 FROM data_finding f WHERE {same} AND f.subject = b.subject)"
        ).bindparams(moment, rule=rule.id, part=part, severity=rule.severity.value)
    ).rowcount
    return made, cleared


def _typed_now(connection: Connection) -> str:
    # In a SELECT list PostgreSQL takes a parameter for text unless it is told otherwise.
    if connection.dialect.name == "postgresql":
        return f"CAST(:now AS {DateTime(timezone=True).compile(connection.dialect)})"
    return ":now"
