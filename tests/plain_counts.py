"""Every number of a report counted again by plain SQL, which shares no code with what counts it for reports.

`Plain` is asked by the names that the facts give: a figure's, or a table's with a row's key and a column. What it has no
query for is an error, so that no number gets into a report without a second way to it. It knows SQLite and the cases
of `benchmarks.many_cases`: no case there has had two leads, two callbacks or a link.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlmodel import Session

from analysis.early_warning.forecast import SHARES, Forecaster
from analysis.early_warning.settings import delivered_school_year, delivered_settings

Value = Decimal | None
LEAD = "LEFT JOIN assignment a ON a.case_id = c.id AND a.leads AND a.withdrawn_at IS NULL"
FAMILY = "substr(c.kind, 1, 1)"
COLUMNS = {
    "family": FAMILY,
    "grade": "c.grade",
    "kind": "c.kind",
    "district": "c.district",
    "department": "a.department",
}
"""What requests are told apart by."""
JUDGED = (
    "NOT k.provisional AND (k.stop_reason IS NULL OR k.stop_reason NOT IN ('linked', 'grade', 'withdrawn') "
    "OR k.breached_at IS NOT NULL OR k.stopped_at > k.due_at)"
)
"""Clocks that were kept or not; the made-up cases have none that stands still, or that only closing ended."""
OWN_CLOCK = "CASE WHEN a.assigned_at <= k.stopped_at OR k.stopped_at IS NULL THEN a.department END"
"""Whose time it was: some of the made-up cases are answered before their order was given, which is then nobody's."""
HOW = {
    "judged": "1",
    "met": "k.stopped_at IS NOT NULL AND k.breached_at IS NULL AND k.stopped_at <= k.due_at",
    "missed": "k.stopped_at IS NOT NULL AND (k.breached_at IS NOT NULL OR k.stopped_at > k.due_at)",
    "late": "k.stopped_at IS NULL",
}
ANSWERS = {
    "contacted": "json_extract(i.codes, '$.contacted')",
    "full": "NOT c.guardian_suspect",
    "resolved": "NOT c.guardian_suspect AND json_extract(i.codes, '$.resolved')",
    "satisfied": "NOT c.guardian_suspect AND json_extract(i.codes, '$.satisfied') = 'satisfied'",
    "basically": "NOT c.guardian_suspect AND json_extract(i.codes, '$.satisfied') = 'basically'",
}
VALID = "json_extract(i.codes, '$.reached') AND (c.guardian_suspect OR c.callback_class <> 'CB-X')"
BASICALLY, WEIGHTS = (
    Decimal("0.9"),
    {"response": Decimal("0.1"), "satisfaction": Decimal("0.4"), "resolution": Decimal("0.5")},
)
"""As docs/rates.md has them."""
EIGHT_HOURS, DAY = timedelta(hours=8), timedelta(days=1)


class NoQueryError(LookupError):
    """A number of a report that there is no second way to."""


class Plain:
    """The numbers of one time: from its first moment in UTC up to its end; of a unit, or "" for the whole city.

    `before` is when the time before it began; `weeks` is how many of the last weeks are told without a gap, since a
    forecast may learn from those alone.
    """

    def __init__(
        self,
        session: Session,
        start: datetime,
        end: datetime,
        before: datetime,
        unit: str = "",
        weeks: int = 0,
    ) -> None:
        self._weeks = weeks
        self._known: dict[tuple[str, ...], list[Any]] = {}
        self._session, self._start, self._end, self._before, self._unit = session, start, end, before, unit

    def figure(self, name: str) -> Value:
        """A single figure."""
        of_now = name.removesuffix(".before")
        if name.startswith("rates.") and of_now != name:
            return self._earlier.figure(of_now)
        if name in self._figures:
            return self._figures[name]()
        if name.startswith("rates."):
            return self._rate(name.removeprefix("rates."), self._unit)
        raise NoQueryError(name)

    def cell(self, table: str, key: Sequence[str], column: str) -> Value:
        """A cell of a table."""
        if table.startswith("received."):
            return self._requests_cell(table, key, column)
        if table.startswith("clocks.by_"):
            return self._clocks_cell(table.removeprefix("clocks.by_"), key[0], column)
        if table == "rates.by_department":
            return self._rate(column, key[0])
        if table == "rates.exclusions" and column == "callbacks":
            return self._left_out(key[0])
        if table == "forecast.by_week":
            return self._forecast(column, (date.fromisoformat(key[0]) - self._last_monday).days // 7)
        raise NoQueryError(f"{table}/{key}/{column}")

    @cached_property
    def _figures(self) -> dict[str, Callable[[], Value]]:
        answered, settled = (
            "a.replied_at IS NOT NULL OR c.rework_count > 0",
            "c.closed_at IS NOT NULL OR c.reopen_count > 0",
        )
        needed, told = (
            "coalesce(c.mandatory_report, '[]') NOT IN ('[]', 'null')",
            "i.kind = 'police_notified' AND i.read_at IS NOT NULL AND i.refused IS NULL",
        )
        return {
            "received.total": lambda: self._requests(),
            "received.before": lambda: self._earlier.figure("received.total"),
            "received.growth": lambda: share(self._requests() - number(self._earlier.figure("received.total")), self._earlier.figure("received.total")),
            "received.per_day": lambda: (self._requests() / self._days).quantize(Decimal("0.1"), ROUND_HALF_UP),
            "received.harm": lambda: self._requests("c.harm"),
            "received.anonymous": lambda: self._requests("EXISTS (SELECT 1 FROM person p WHERE p.case_id = c.id AND p.role = 'reporter' AND p.anonymous)"),
            "received.silent": lambda: self._requests("c.call_type IN ('silent', 'hang_up')"),
            "closed.total": lambda: self._one(f'SELECT count(*) FROM "case" c WHERE {self._in("c.closed_at")}'),
            "open.end": lambda: self._one('SELECT count(*) FROM "case" c WHERE c.received_at < :end AND (c.closed_at IS NULL OR c.closed_at >= :end)'),
            "late.now": lambda: self._one(
                "SELECT count(DISTINCT k.case_id) FROM clock k JOIN \"case\" c ON c.id = k.case_id WHERE k.due_at < :end AND NOT k.provisional "
                "AND (k.stopped_at IS NULL OR k.stopped_at >= :end) AND (c.closed_at IS NULL OR c.closed_at >= :end)"
            ),
            "rates.excluded": lambda: sum((self._left_out(each) for each in self._reasons), Decimal(0)),
            "rates.contact_not_asked": lambda: self._callbacks("json_extract(i.codes, '$.contacted') IS NULL", self._unit),
            "rates.response_only": lambda: self._callbacks("c.guardian_suspect", self._unit),
            **{f"clocks.{each}": (lambda column=each: self._clocks("", "", column)) for each in ("judged", "met", "share")},
            **self._times("safe", self._until_safe),
            **self._times("contact", self._until_contact),
            "returns.answered": lambda: self._requests(answered),
            "returns.rework": lambda: share(self._requests("c.rework_count > 0"), self._requests(answered)),
            "returns.settled": lambda: self._requests(settled),
            "returns.reopening": lambda: share(self._requests("c.reopen_count > 0"), self._requests(settled)),
            "repeat.requests": lambda: self._requests(),
            "repeat.repeated": self._repeated,
            "repeat.share": lambda: share(self._repeated(), self._requests()),
            "police.needed": lambda: self._requests(needed),
            "police.notified": lambda: self._requests(f"{needed} AND EXISTS (SELECT 1 FROM inbox i WHERE i.case_id = c.id AND {told})"),
            **{f"forecast.{name}": (lambda column=column: self._forecast(column, 1)) for name, column in (("next", "expected"), ("low", "low"), ("high", "high"))},
            "issues.total": lambda: self._one("SELECT count(*) FROM issue_release WHERE as_of = (SELECT max(as_of) FROM issue_run WHERE as_of < date(:end, '+8 hours'))"),
            "warnings.total": lambda: self._one("SELECT count(*) FROM early_warning WHERE on_day >= date(:start, '+8 hours') AND on_day < date(:end, '+8 hours')"),
            "candidates.total": lambda: self._one("SELECT count(*) FROM candidate_topic WHERE first_month <= date(:start, '+8 hours') AND month = date(:start, '+8 hours', 'start of month') AND progress <> 'dropped'"),
            "orders.open": lambda: self._orders("state NOT IN ('closed', 'withdrawn')"),
            "orders.closed": lambda: self._orders("state = 'closed'"),
            "orders.late": lambda: self._orders("state IN ('opened', 'accepted', 'planned') AND due_at < :now"),
        }  # fmt: skip

    # Requests.

    def _requests(self, condition: str = "1", **codes: str) -> Decimal:
        of_unit = "AND a.department = :unit" if self._unit else ""
        return self._one(
            f'SELECT count(*) FROM "case" c {LEAD} WHERE {self._in("c.received_at")} AND ({condition}) {of_unit}',
            **codes,
        )

    def _requests_cell(self, table: str, key: Sequence[str], column: str) -> Value:
        if column == "before":
            return self._earlier.cell(table, key, "cases")
        if column == "share":
            return share(number(self.cell(table, key, "cases")), self._requests())
        if column != "cases":
            raise NoQueryError(f"{table}/{column}")
        if table in ("received.by_day", "received.by_week"):
            first = datetime.fromisoformat(f"{key[0]}T00:00:00")
            # A day is told as its daily report has it: from the noon before; a week from Monday's midnight.
            start, length = (first - DAY / 2, DAY) if table.endswith("day") else (first, 7 * DAY)
            return self._of(start - EIGHT_HOURS, start - EIGHT_HOURS + length)._requests()
        names = table.removeprefix("received.").removeprefix("by_").split("_by_")
        if any(each not in COLUMNS for each in names):
            raise NoQueryError(table)
        wanted = [f"coalesce({COLUMNS[name]}, 'none') = :{name}" for name in names]
        return self._requests(" AND ".join(wanted), **dict(zip(names, key, strict=True)))

    def _repeated(self) -> Decimal:
        return self._requests(
            "EXISTS (SELECT 1 FROM match_token m JOIN match_token m0 ON m0.token = m.token AND m0.field = m.field AND m0.case_number <> m.case_number "
            "JOIN \"case\" c0 ON c0.number = m0.case_number WHERE m.case_number = c.number AND m.field = 'reporter_contact' AND c0.kind = c.kind "
            "AND c0.received_at <= c.received_at AND julianday(c.received_at) - julianday(c0.received_at) <= 90)"
        )

    # Clocks.

    def _clocks_cell(self, name: str, code: str, column: str) -> Value:
        return self._clocks(
            {"target": "k.target", "grade": "k.grade", "department": OWN_CLOCK}[name], code, column
        )

    def _clocks(self, by: str, code: str, column: str) -> Value:
        if column == "share":
            return share(number(self._clocks(by, code, "met")), self._clocks(by, code, "judged"))
        if column not in HOW:
            raise NoQueryError(f"clocks/{column}")
        of_code = f"AND {by} = :code" if by else ""
        of_unit = f"AND {OWN_CLOCK} = :unit" if self._unit else ""
        return self._one(
            f'SELECT count(*) FROM clock k JOIN "case" c ON c.id = k.case_id {LEAD} WHERE {self._in("k.due_at")} AND {JUDGED} AND ({HOW[column]}) {of_code} {of_unit}',
            code=code,
        )

    # Callbacks.

    def _callbacks(self, condition: str, unit: str) -> Decimal:
        of_unit = "AND a.department = :of" if unit else ""
        return self._one(
            f"SELECT count(*) FROM inbox i JOIN \"case\" c ON c.id = i.case_id {LEAD} WHERE i.kind = 'called_back' AND i.read_at IS NOT NULL "
            f"AND i.refused IS NULL AND {self._in('i.received_at')} AND {VALID} AND ({condition}) {of_unit}",
            of=unit,
        )

    def _rate(self, name: str, unit: str) -> Value:
        valid, full = self._callbacks("1", unit), self._callbacks(ANSWERS["full"], unit)
        asked = self._callbacks(f"{ANSWERS['contacted']} IS NOT NULL", unit)
        told = {
            each: self._callbacks(ANSWERS[each], unit)
            for each in ("contacted", "resolved", "satisfied", "basically")
        }
        content = told["satisfied"] + BASICALLY * told["basically"]
        parts = {
            "response": (told["contacted"], asked),
            "resolution": (told["resolved"], full),
            "satisfaction": (content, full),
        }
        if name == "valid":
            return valid
        if name == "composite":
            if not asked or not full:
                return None
            return sum(WEIGHTS[each] * 100 * part / whole for each, (part, whole) in parts.items()).quantize(
                Decimal("0.1"), ROUND_HALF_UP
            )  # type: ignore[union-attr]
        if name not in parts:
            raise NoQueryError(f"rates.{name}")
        return share(*parts[name], places=2)

    @property
    def _reasons(self) -> list[str]:
        rows = self._rows(
            f"SELECT DISTINCT replace(substr(d.rule_id, 10), '-', '_') FROM decision d WHERE d.kind = 'callback' AND d.outcome = 'SUPPRESSED' AND {self._in('d.at')}"
        )
        return ["not_reached", "no_outbound_contact", *(each for (each,) in rows)]

    def _left_out(self, reason: str) -> Decimal:
        of_unit = "AND a.department = :unit" if self._unit else ""
        news = f"FROM inbox i JOIN \"case\" c ON c.id = i.case_id {LEAD} WHERE i.kind = 'called_back' AND {self._in('i.received_at')} {of_unit}"
        used = "i.read_at IS NOT NULL AND i.refused IS NULL"
        conditions = {
            "not_reached": f"{used} AND NOT json_extract(i.codes, '$.reached')",
            "no_outbound_contact": f"{used} AND json_extract(i.codes, '$.reached') AND c.callback_class = 'CB-X' AND NOT c.guardian_suspect",
            "refused": "i.refused IS NOT NULL", "not_digested": "i.read_at IS NULL AND i.refused IS NULL",
        }  # fmt: skip
        if reason in conditions:
            return self._one(f"SELECT count(*) {news} AND {conditions[reason]}")
        return self._one(
            f"SELECT count(*) FROM decision d JOIN \"case\" c ON c.id = d.case_id {LEAD} WHERE d.kind = 'callback' AND d.outcome = 'SUPPRESSED' "
            f"AND replace(substr(d.rule_id, 10), '-', '_') = :reason AND {self._in('d.at')} {of_unit}",
            reason=reason,
        )

    # How long.

    def _times(self, name: str, rows: Callable[[], list[tuple[Any, Any]]]) -> dict[str, Callable[[], Value]]:
        def ranked(percent: int) -> Value:
            took = sorted(moment(end) - moment(start) for start, end in rows() if end)
            at = took[math.ceil(len(took) * percent / 100) - 1] if took else None
            return None if at is None else Decimal(math.ceil(int(at.total_seconds()) / 60) * 60)

        return {
            f"{name}.done": lambda: Decimal(sum(end is not None for _, end in rows())),
            f"{name}.waiting": lambda: Decimal(sum(end is None for _, end in rows())),
            f"{name}.median": lambda: ranked(50),
            f"{name}.ninetieth": lambda: ranked(90),
        }

    def _until_safe(self) -> list[tuple[Any, Any]]:
        of_unit = "AND a.department = :unit" if self._unit else ""
        first = "SELECT min(i.received_at) FROM inbox i WHERE i.case_id = c.id AND i.kind = 'safety_recorded' AND json_extract(i.codes, '$.safety') = 'safe'"
        return self._rows(
            f"SELECT c.received_at, CASE WHEN c.safety = 'safe' THEN ({first}) END FROM \"case\" c {LEAD} "
            f"WHERE (c.harm OR c.grade IN ('U0', 'U1')) AND {self._in('c.received_at')} {of_unit}"
        )

    def _until_contact(self) -> list[tuple[Any, Any]]:
        of_unit = "AND a.department = :unit" if self._unit else ""
        return self._rows(
            f"SELECT a.assigned_at, a.contacted_at FROM assignment a WHERE a.leads AND a.withdrawn_at IS NULL AND {self._in('a.assigned_at')} {of_unit}"
        )

    # Weeks to come.

    @property
    def _last_monday(self) -> date:
        last = (self._end + EIGHT_HOURS - timedelta(microseconds=1)).date()
        after = last + DAY
        return after - timedelta(days=after.weekday()) - 7 * DAY

    def _forecast(self, column: str, step: int) -> Value:
        """Each week is counted here; the model is the desk's, which nobody could work out in SQL. From eight weeks on."""
        if self._weeks < 8:
            return None
        oracle = Forecaster(1, delivered_school_year(), delivered_settings().usual, 4)
        for back in range(self._weeks - 1, -1, -1):
            monday = self._last_monday - 7 * back * DAY
            oracle.see(
                monday, np.array([float(number(self.cell("received.by_week", (f"{monday}",), "cases")))])
            )
        found = oracle.forecast(self._last_monday)[step - 1]
        from_shares = {"low": 0.1, "high": 0.9}
        value = (
            found.mean[0] if column == "expected" else found.quantiles[SHARES.index(from_shares[column])][0]
        )
        return Decimal(float(value)).quantize(Decimal(1), ROUND_HALF_UP)

    # Orders.

    def _orders(self, condition: str) -> Decimal:
        own = "AND owner = :unit" if self._unit else ""
        return self._one(
            f"SELECT count(*) FROM proactive_order WHERE opened_at < :end AND (closed_at IS NULL OR closed_at >= :start) AND state <> 'withdrawn' AND {condition} {own}"
        )

    # Asking.

    @cached_property
    def _earlier(self) -> "Plain":
        return Plain(self._session, self._before, self._start, self._before, self._unit)

    def _of(self, start: datetime, end: datetime) -> "Plain":
        return Plain(self._session, start, end, start, self._unit)

    @property
    def _days(self) -> int:
        return round((self._end - self._start) / DAY)

    def _in(self, column: str) -> str:
        return f"{column} >= :start AND {column} < :end"

    def _one(self, sql: str, **more: str) -> Decimal:
        return Decimal(self._rows(sql, **more)[0][0])

    def _rows(self, sql: str, **more: str) -> list[Any]:
        every = {
            "start": _text(self._start),
            "end": _text(self._end),
            "now": _text(self._end),
            "unit": self._unit,
            **more,
        }
        named = {name: each for name, each in every.items() if f":{name}" in sql}
        asked = (sql, *named.values())
        if asked not in self._known:
            self._known[asked] = list(self._session.execute(text(sql), named))
        return self._known[asked]


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000")


def moment(said: str) -> datetime:
    """As the database writes it."""
    return datetime.fromisoformat(said)


def number(value: Value) -> Decimal:
    """A number that there must be."""
    assert value is not None
    return value


def share(part: Decimal, whole: Value, places: int = 1) -> Value:
    """Percent, half up; None of nothing."""
    return None if not whole else (part * 100 / whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
