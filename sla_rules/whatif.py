"""What another rule set would have made of past cases."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sla_rules.calendar import moment_of
from sla_rules.rule_book import RuleBook
from sla_rules.whatif_agreement import WITHIN_US, Agreement
from sla_rules.whatif_alerts import AlertTally
from sla_rules.whatif_chunk import UNKNOWN, CaseChunk, Leads, Mask, moved_departments
from sla_rules.whatif_due import Judge, Judged
from sla_rules.whatif_groups import Groups
from sla_rules.whatif_listed import Listed, MovedDepartments
from sla_rules.whatif_rows import Rows, rows_of, side_of
from sla_rules.whatif_tallies import DueTally, LateTally, LevelTally, ProvisionalTally

FORMAT = 1
MOST_LISTED = 200


@dataclass(frozen=True)
class WhatIf:
    """A finished comparison: counts, and at most `MOST_LISTED` case numbers; no words of any case."""

    content: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data, ready for `json.dumps`."""
        return dict(self.content)

    @property
    def whatif_hash(self) -> str:
        """SHA-256, in hex, of the canonical JSON: keys in order, no spaces, ASCII."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def changes_nothing(self) -> bool:
        """No clock gets another due time, department or level, and none is newly measured or no more."""
        return bool(self.content["clocks_changed"] == 0)


def compare(
    old: RuleBook | None,
    new: RuleBook,
    chunks: Iterable[CaseChunk],
    now: datetime,
    *,
    leads: Leads | None = None,
    most_listed: int = MOST_LISTED,
) -> WhatIf:
    """What `new` changes for past cases; memory does not grow with their number.

    Args:
        old: The rules so far. None: the due times of the file itself are the old ones, those up to
            90 seconds away are the same, and the ladders of `new` are counted on both.
        new: The rules tried.
        chunks: The history; see `CaseChunk`.
        now: Aware. A clock that has not stopped by then is running.
        leads: Who leads each kind, if a catalogue is tried as well.
        most_listed: How many case numbers to name in all, up to 200.
    """
    comparison = Comparison(old, new, moment_of(now), leads, min(most_listed, MOST_LISTED))
    for chunk in chunks:
        comparison.add(chunk)
    return WhatIf({"format": FORMAT, "now": now.astimezone(UTC).isoformat(), **comparison.to_json()})


class Comparison:
    """The running counts of one comparison."""

    def __init__(
        self, old: RuleBook | None, new: RuleBook, now: int, leads: Leads | None, most_listed: int
    ) -> None:
        self._old, self._new = Judge(old) if old else None, Judge(new)
        self._now, self._leads = now, leads
        self._cases = self._cases_changed = self._clocks = self._clocks_changed = 0
        self._has_official_dues = False
        zone = new.calendar.zone
        self._alerts = AlertTally(zone), AlertTally(zone)
        self._provisional, self._agreement = ProvisionalTally(), Agreement()
        self._due, self._late, self._levels = DueTally(), LateTally(), LevelTally()
        self._groups, self._moved, self._listed = Groups(), MovedDepartments(), Listed(most_listed)

    def add(self, chunk: CaseChunk) -> None:
        """Count one chunk."""
        if not len(chunk):
            return
        rows = self._rows(chunk)
        self._cases += _cases(rows, np.ones(len(chunk), bool))
        self._cases_changed += _cases(rows, rows.changed)
        self._clocks += len(chunk)
        self._clocks_changed += int(np.count_nonzero(rows.changed))
        for tally in (self._due, self._late, self._levels, self._groups, self._moved, self._listed):
            tally.add(rows)
        for alerts, side in zip(self._alerts, (rows.old, rows.new), strict=True):
            alerts.add(side, rows.running)
        self._provisional.add(rows.old, rows.new)
        self._has_official_dues |= chunk.official_due is not None

    def to_json(self) -> dict[str, Any]:
        """Everything counted so far."""
        old = self._old.book if self._old else None
        return {
            "old": _named(old),
            "new": _named(self._new.book),
            "identical": old is not None and _digests(old) == _digests(self._new.book) and not self._other_leads(),
            "zone": self._new.book.calendar.zone.key,
            "cases": self._cases,
            "cases_changed": self._cases_changed,
            "clocks": self._clocks,
            "clocks_changed": self._clocks_changed,
            "due": self._due.to_json(),
            "late": self._late.to_json(),
            "levels": self._levels.to_json(),
            "departments_moved": self._moved.to_json(),
            "by": self._groups.to_json(),
            "alerts": {"before": self._alerts[0].to_json(), "after": self._alerts[1].to_json()},
            "provisional": self._provisional.to_json(),
            "listed": self._listed.to_json(),
            **(self._agreement.to_json() if self._has_official_dues else {}),
        }

    def _rows(self, chunk: CaseChunk) -> Rows:
        departments = moved_departments(chunk, self._leads)
        paused = chunk.paused if chunk.paused_new is None else chunk.paused_new
        judged = self._new.judge(chunk, departments, paused)
        self._agreement.add(chunk, self._new, judged, self._now)
        if self._old:
            before = self._old.judge(chunk, chunk.department, chunk.paused)
            old = side_of(self._old, before, chunk, self._now)
        else:
            before, judged = _comparable(chunk, judged)
            old = side_of(self._new, before, chunk, self._now)
        new = side_of(self._new, judged, chunk, self._now)
        return rows_of(chunk, departments, old, new, self._now, 0 if self._old else WITHIN_US)

    def _other_leads(self) -> bool:
        return bool(self._leads and self._leads.moved())


def _comparable(chunk: CaseChunk, judged: Judged) -> tuple[Judged, Judged]:
    """What the file says and what the rules say, of those rows of which both say anything."""
    stored = np.full(len(chunk), UNKNOWN, np.int64) if chunk.official_due is None else chunk.official_due
    both = (stored != UNKNOWN) & (judged.dues != UNKNOWN)
    before = replace(judged, dues=np.where(both, stored, UNKNOWN), provisional=np.zeros(len(chunk), bool))
    return before, replace(judged, dues=np.where(both, judged.dues, UNKNOWN), provisional=judged.provisional & both)


def _cases(rows: Rows, mask: Mask) -> int:
    return len(np.unique(rows.chunk.numbers[mask]))


def _digests(book: RuleBook) -> tuple[str, str]:
    return book.digest, book.calendar_digest


def _named(book: RuleBook | None) -> dict[str, str] | None:
    if book is None:
        return None
    return {"rules": book.digest, "calendar_hash": book.calendar_digest, "calendar": book.calendar.id}
