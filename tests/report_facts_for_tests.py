"""Made-up facts of reports: whole months with blanks, short briefs, a unit's own, and one with nothing at all."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from analysis.report.facts import Cadence, Facts, Figure, Row, Scope, Sources, State, Table, Unit

BLANK, NONE = "blank", "none"
Value = int | str | float | None

SOURCES = Sources(
    made_at=datetime(2026, 6, 1, 1, 30, tzinfo=UTC),
    code_version="0.1.0+3f9c21a",
    rule_set="9d" * 32,
    catalogue="4e" * 32,
    calendar="c1" * 32,
    rate_rules="77" * 32,
    suppression_rules="b0" * 32,
    parameters={"seed": "7", "window": "natural_month"},
)


def figure(value: Value, unit: Unit = Unit.CASES, query: str = "made_up") -> Figure:
    """A shown, held-back (`BLANK`) or not applicable (`NONE`) figure."""
    if value == BLANK:
        return Figure(None, unit, query, State.BLANK)
    if value == NONE:
        return Figure(None, unit, query, State.NOT_APPLICABLE)
    return Figure(Decimal(str(value)), unit, query)


def table(
    key: Sequence[str], columns: Mapping[str, Unit], rows: Mapping[tuple[str, ...], Sequence[Value]]
) -> Table:
    """Rows by their key, a value or a sign for each column."""
    units = list(columns.values())
    made = (
        Row(at, tuple(figure(value, unit) for value, unit in zip(values, units, strict=True)))
        for at, values in rows.items()
    )
    return Table(tuple(key), tuple(columns), tuple(made))


_SHARES = ("growth", "share", "rework", "reopening", "response", "resolution", "satisfaction")


def _unit(name: str) -> Unit:
    if name.startswith("rates.") and "composite" in name:
        return Unit.POINTS
    parts = name.removesuffix(".before").rpartition(".")
    if parts[2] in ("median", "ninetieth"):
        return Unit.SECONDS
    if parts[2] in _SHARES:
        return Unit.PERCENT
    return Unit.CALLBACKS if parts[0] == "rates" else Unit.CLOCKS if parts[0] == "clocks" else Unit.CASES


def figures(values: Mapping[str, Value]) -> dict[str, Figure]:
    """By name; the unit follows from the name."""
    return {name: figure(value, _unit(name), f"query of {name}") for name, value in values.items()}


MONTH: dict[str, Value] = {
    "received.total": 1284, "received.before": 1107, "received.growth": "15.99", "received.per_day": "41.42",
    "received.harm": 96, "received.anonymous": 212, "received.silent": 58,
    "closed.total": 1190, "open.end": 231, "late.now": BLANK,
    "rates.valid": 873, "rates.response": "99.43", "rates.resolution": "91.2", "rates.satisfaction": "92.85", "rates.composite": "92.7",
    "rates.excluded": 74, "rates.response_only": 31, "rates.contact_not_asked": 12,
    "rates.valid.before": 812, "rates.response.before": "99.26", "rates.resolution.before": "94.46",
    "rates.satisfaction.before": "93.1", "rates.composite.before": "94.4",
    "safe.done": 88, "safe.waiting": BLANK, "safe.median": 17_460, "safe.ninetieth": 81_000,
    "contact.done": 1014, "contact.median": 6_240, "contact.ninetieth": 66_300,
    "clocks.judged": 4_870, "clocks.met": 4_661, "clocks.share": "95.71", "clocks.share.before": "96.4",
    "returns.answered": 1_006, "returns.rework": "6.46", "returns.reopening": BLANK,
    "repeat.requests": 1_284, "repeat.repeated": 207, "repeat.share": "16.12",
    "police.needed": 46, "police.notified": 40,
    "warnings.total": 6, "orders.open": 5, "orders.closed": 7, "orders.late": 0, "issues.total": 4, "candidates.total": 3,
    "forecast.next": 1410, "forecast.low": 1302, "forecast.high": 1523,
}  # fmt: skip


def _month_tables() -> dict[str, Table]:
    draw = random.Random(20260501)
    days = [date(2026, 5, 1) + timedelta(days=at) for at in range(31)]
    mondays = [date(2025, 12, 1) + timedelta(weeks=at) for at in range(26)]
    cases, share = {"cases": Unit.CASES}, {"cases": Unit.CASES, "before": Unit.CASES, "share": Unit.PERCENT}
    kinds = {("S01",): [163], ("F02",): [121], ("N03",): [118], ("S09",): [96], ("C05",): [74], ("F05",): [61], ("N01",): [52], ("G03",): [33], ("S03",): [BLANK], ("J01",): [BLANK]}  # fmt: skip
    families = "FSCNGJX"
    grades = ("U0", "U1", "U2", "U3", "U4", "UC")
    return {
        "received.by_day": table(["day"], cases, {(each.isoformat(),): [BLANK if at == 3 else draw.randint(24, 61)] for at, each in enumerate(days)}),
        "received.by_week": table(["monday"], cases, {(each.isoformat(),): [BLANK if at in (10, 11) else 210 + 4 * at + draw.randint(-30, 30)] for at, each in enumerate(mondays)}),
        "received.by_family": table(["family"], share, {
            ("F",): [302, 288, "23.52"], ("S",): [441, 352, "34.35"], ("C",): [167, 171, "13.01"], ("N",): [238, 170, "18.54"],
            ("G",): [71, 66, "5.53"], ("J",): [BLANK, BLANK, BLANK], ("X",): [BLANK, 48, BLANK]}),
        "received.by_kind": table(["kind"], cases, kinds),
        "received.by_grade": table(["grade"], share, {
            ("U0",): [12, 9, "0.93"], ("U1",): [84, 80, "6.54"], ("U2",): [221, 201, "17.21"], ("U3",): [640, 560, "49.84"],
            ("U4",): [98, 90, "7.63"], ("UC",): [229, 167, "17.83"]}),
        "received.by_district": table(["district"], cases, {("110105",): [322], ("110108",): [287], ("110106",): [201], ("110109",): [BLANK], ("110119",): [BLANK]}),
        "received.family_by_grade": table(["family", "grade"], cases, {
            (one, two): [BLANK if draw.random() < 0.3 else draw.randint(5, 180)] for one in families for two in grades}),
        "received.by_department": table(["department"], cases, {("EDU",): [402], ("POLICE",): [211], ("CIVIL",): [150], ("CYBER",): [122], ("DISABLED",): [BLANK]}),
        "clocks.by_target": table(["target"], {"judged": Unit.CLOCKS, "met": Unit.CLOCKS, "missed": Unit.CLOCKS, "late": Unit.CLOCKS, "share": Unit.PERCENT}, {
            ("dispatch",): [1284, 1280, BLANK, BLANK, "99.69"], ("acceptance",): [1102, 1014, 71, 17, "92.01"], ("first_contact",): [1020, 981, 30, 9, "96.18"],
            ("safety_known",): [96, 91, 5, BLANK, "94.79"], ("mandatory_report",): [46, BLANK, BLANK, BLANK, BLANK], ("feedback",): [1002, 961, 32, 9, "95.91"]}),
        "clocks.by_department": table(["department"], {"judged": Unit.CLOCKS, "share": Unit.PERCENT}, {("EDU",): [1403, "95.2"], ("POLICE",): [830, "97.1"], ("DISABLED",): [BLANK, BLANK]}),
        "clocks.by_grade": table(["grade"], {"judged": Unit.CLOCKS, "met": Unit.CLOCKS, "share": Unit.PERCENT}, {("U1",): [410, 398, "97.07"], ("U2",): [890, 861, "96.74"], ("U3",): [2511, 2388, "95.1"]}),
        "rates.by_department": table(["department"], {"valid": Unit.CALLBACKS, "response": Unit.PERCENT, "resolution": Unit.PERCENT, "satisfaction": Unit.PERCENT, "composite": Unit.POINTS}, {
            ("CIVIL",): [96, "100", "93.75", "94.1", "94.5"], ("CYBER",): [BLANK] * 5, ("EDU",): [288, "99.31", "89.93", "91.6", "91.5"],
            ("POLICE",): [141, "98.58", "92.91", "93.4", "93.7"], ("SPORT",): [0, NONE, NONE, NONE, NONE]}),
        "rates.exclusions": table(["reason"], {"callbacks": Unit.CALLBACKS}, {("guardian_suspect",): [31], ("no_outbound_contact",): [12], ("not_reached",): [26], ("not_agreed",): [BLANK], ("refused",): [BLANK]}),
        "forecast.by_week": table(["monday"], {"expected": Unit.CASES, "low": Unit.CASES, "high": Unit.CASES}, {
            ("2026-06-01",): [318, 281, 356], ("2026-06-08",): [325, 280, 371], ("2026-06-15",): [329, 276, 384], ("2026-06-22",): [331, 270, 393]}),
        "warnings.by_sort": table(["sort"], {"count": Unit.MATTERS}, {("rise",): [5], ("silent",): [BLANK]}),
        "orders.by_state": table(["state"], {"count": Unit.ORDERS}, {("open",): [5], ("closed",): [7]}),
    }  # fmt: skip


def _weeks(*counts: int | None) -> list[list[Any]]:
    return [[(date(2026, 3, 9) + timedelta(weeks=at)).isoformat(), each] for at, each in enumerate(counts)]


ISSUES: tuple[dict[str, Any], ...] = (
    {"number": "I2026W18-02", "heat": 0.82, "topic": ["培训机构", "停课", "退费"], "sorts_of_places": ["school"], "district": "110105", "kind": "S09", "matters": 64,
     "weeks": _weeks(5, None, 6, 5, 8, 9, None, 7, 8, 6, None, 5), "departments": ["EDU", "MARKET"], "owner": "EDU",
     "owner_reason": "leads most of the dispatched reports", "sentence": "机构突然停课，联系不上负责人，要求退还剩余课时费。", "growth": 0.61},
    {"number": "I2026W19-01", "heat": 0.7, "topic": ["游戏充值", "退款"], "sorts_of_places": [], "district": "", "kind": "N03", "matters": 41,
     "weeks": _weeks(None, None, 5, 5, 6, 7, 5, 8), "departments": ["CYBER", "PRESS"], "owner": "CYBER",
     "owner_reason": "the catalogue's lead for the usual kind", "sentence": None, "growth": 0.2},
    {"number": "I2026W20-04", "heat": 0.44, "topic": ["网吧", "接纳未成年人"], "sorts_of_places": ["venue", "road"], "district": "110108", "kind": "C05", "matters": 17,
     "weeks": _weeks(None, None, None), "departments": [], "owner": "", "owner_reason": "a supervisor names the unit", "sentence": None, "growth": None},
    {"number": "I2026W21-03", "heat": 0.31, "topic": ["食堂", "卫生"], "sorts_of_places": ["school"], "district": "", "kind": "S04", "matters": 12,
     "weeks": _weeks(5, 7), "departments": ["EDU"], "owner": "EDU", "owner_reason": "leads most of the dispatched reports", "sentence": None, "growth": -0.33},
)  # fmt: skip
WARNINGS: tuple[dict[str, Any], ...] = (
    {"number": "W2026-014", "sort": "rise", "kind": "S01", "district": "110105", "sort_of_place": "", "on": "2026-05-12", "days": 7, "size": 11, "order": "P2026-009"},
    {"number": "W2026-015", "sort": "venue_reporters", "kind": "C05", "district": "110108", "sort_of_place": "venue", "on": "2026-05-19", "days": 14, "size": None, "order": "P2026-010"},
    {"number": "W2026-016", "sort": "silent", "kind": "", "district": "", "sort_of_place": "", "on": "2026-05-23", "days": 7, "size": "5+", "order": None},
)  # fmt: skip
CANDIDATES: tuple[dict[str, Any], ...] = (
    {"number": "I2026W18-02", "topic": ["培训机构", "停课", "退费"], "matters": 64, "score": 85, "signs": ["many", "hot", "growing", "lasting", "several_units"], "owner": "EDU", "owner_reason": "leads most of the dispatched reports", "progress": "PROPOSED"},
    {"number": "I2026W19-01", "topic": ["游戏充值", "退款"], "matters": 41, "score": 60, "signs": ["many", "hot", "several_units"], "owner": "CYBER", "owner_reason": "the catalogue's lead for the usual kind", "progress": "CHOSEN"},
    {"number": "I2026W21-03", "topic": ["食堂", "卫生"], "matters": 12, "score": 10, "signs": [], "owner": "EDU", "owner_reason": "leads most of the dispatched reports", "progress": "UNDER_WAY"},
)  # fmt: skip
ORDERS: tuple[dict[str, Any], ...] = (
    {"number": "P2026-009", "about": "W2026-014", "owner": "EDU", "state": "open", "opened": "2026-05-12", "due": "2026-05-27T18:00:00+08:00", "closed": None, "late": True},
    {"number": "P2026-010", "about": "W2026-015", "owner": "CULTURE", "state": "closed", "opened": "2026-05-19", "due": "2026-06-03T18:00:00+08:00", "closed": "2026-05-28", "late": False},
)  # fmt: skip


def monthly() -> Facts:
    """The city in May 2026, with blanks in many places."""
    scope = Scope(Cadence.MONTHLY, date(2026, 5, 1), date(2026, 5, 31))
    return Facts(scope, SOURCES, figures(MONTH), _month_tables(), ISSUES, WARNINGS, CANDIDATES, ORDERS)


def weekly() -> Facts:
    """The city in a week; fewer tables."""
    whole = monthly()
    names = (
        "received.by_family",
        "received.by_grade",
        "clocks.by_target",
        "rates.exclusions",
        "received.by_week",
        "forecast.by_week",
    )
    days = table(
        ["day"],
        {"cases": Unit.CASES},
        {(f"2026-05-{at}",): [BLANK if at == 23 else 30 + at] for at in range(18, 25)},
    )
    tables = {**{each: whole.tables[each] for each in names}, "received.by_day": days}
    return replace(whole, scope=Scope(Cadence.WEEKLY, date(2026, 5, 18), date(2026, 5, 24)), tables=tables)


def daily() -> Facts:
    """A brief: a few figures, some held back, some not applicable."""
    values: dict[str, Value] = {
        "received.total": 43, "received.before": 39, "received.growth": "10.26", "received.harm": BLANK, "received.silent": BLANK,
        "closed.total": 38, "open.end": 240, "late.now": BLANK, "clocks.judged": 151, "clocks.met": 144, "clocks.share": "95.36",
        "rates.valid": 0, "rates.response": NONE, "rates.resolution": NONE, "rates.satisfaction": NONE, "rates.composite": NONE,
        "safe.done": BLANK, "safe.waiting": BLANK, "safe.median": BLANK, "safe.ninetieth": BLANK, "police.needed": BLANK, "police.notified": BLANK,
        "warnings.total": 1, "orders.open": 5, "orders.closed": 7, "orders.late": 1,
    }  # fmt: skip
    scope = Scope(Cadence.DAILY, date(2026, 5, 20), date(2026, 5, 20))
    families = table(
        ["family"],
        {"cases": Unit.CASES},
        {("F",): [11], ("S",): [17], ("N",): [9], ("C",): [BLANK], ("J",): [BLANK]},
    )
    return Facts(
        scope, SOURCES, figures(values), {"received.by_family": families}, (), WARNINGS[:1], (), ORDERS[:1]
    )


def of_education() -> Facts:
    """A unit's month."""
    whole = monthly()
    return replace(whole, scope=replace(whole.scope, department="EDU"))


def empty(cadence: Cadence = Cadence.MONTHLY, department: str = "") -> Facts:
    """A period of which nothing can be told."""
    last = date(2026, 5, 31)
    return Facts(Scope(cadence, date(2026, 5, 1), last, department), SOURCES, {}, {})


def all_held_back() -> Facts:
    """The whole month, and every number of it held back."""
    whole = monthly()
    held = {name: Figure(None, each.unit, each.query, State.BLANK) for name, each in whole.figures.items()}
    return replace(
        whole,
        figures=held,
        tables={name: _held(each) for name, each in whole.tables.items()},
        issues=(),
        candidates=(),
    )


def _held(one: Table) -> Table:
    rows = (
        Row(each.key, tuple(Figure(None, it.unit, it.query, State.BLANK) for it in each.figures))
        for each in one.rows
    )
    return replace(one, rows=tuple(rows))


def all_not_applicable() -> Facts:
    """Figures for which there was nothing to count."""
    whole = monthly()
    none = {
        name: Figure(None, each.unit, each.query, State.NOT_APPLICABLE)
        for name, each in whole.figures.items()
    }
    return Facts(whole.scope, SOURCES, none, {})
