"""An explanation for the terminal, and for programs."""

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sla_rules.calendar import ONE_DAY
from sla_rules.explanation import Explanation, Pause
from sla_rules.explanation_rows import announced, row_words, rows_of, when_words
from sla_rules.explanation_words import Lang, length_words, limit_words, moment_words, said
from sla_rules.stretches import Stretch


def explanation_text(explanation: Explanation, lang: Lang) -> str:
    """The sentence, every stretch counted with the sum under them, pauses, holidays and notices.

    Times are those of the calendar's zone. Lines have no trailing newline.
    """
    return "\n".join(
        [
            *_head(explanation, lang),
            "",
            *_table(explanation, lang),
            *_pauses(explanation, lang),
            *_notices(explanation, lang),
        ]
    )


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """The same as values for JSON, with every single stretch.

    Instants are ISO 8601 in the calendar's zone. `counted`, `lost`, `cost` and `limit` are in
    `unit`: whole days, or seconds with fractions.
    """
    rule, zone = explanation.rule, explanation.calendar.zone
    return {
        "start": explanation.start.astimezone(zone).isoformat(),
        "due": explanation.due.astimezone(zone).isoformat(),
        "provisional": explanation.provisional,
        "reason_zh": explanation.reason_zh,
        "reason_en": explanation.reason_en,
        "zone": str(zone),
        "calendar": explanation.calendar.id,
        "time": rule.time,
        "ends": rule.ends,
        "roll_over": rule.roll_over,
        "unit": "days" if explanation.in_days else "seconds",
        "limit": _amount(rule.limit.length, explanation),
        "counted": _amount(explanation.counted, explanation),
        "extension_seconds": explanation.extension.total_seconds(),
        "stretches": [_stretch(each, explanation) for each in explanation.stretches],
        "pauses": [_pause(each, explanation) for each in explanation.pauses],
    }


def _head(explanation: Explanation, lang: Lang) -> Iterator[str]:
    calendar = explanation.calendar
    start = moment_words(explanation.start, calendar, lang)
    due = moment_words(explanation.due, calendar, lang, ends=explanation.in_days)
    arrow = said(lang, f"{start} → {due} 到期", f"{start} → due {due}")
    mark = said(lang, "，暂定", ", PROVISIONAL") if explanation.provisional else ""
    yield f"{arrow} ({calendar.zone}{mark})"
    yield said(lang, explanation.reason_zh, explanation.reason_en)
    if explanation.extension:
        more = length_words(explanation.extension, lang, in_days=False)
        yield said(lang, f"批准延期{more}，至{due}。", f"Extended by {more}, to {due}.")


def _table(explanation: Explanation, lang: Lang) -> Iterator[str]:
    in_days = explanation.in_days
    cells = [
        (
            when_words(row, explanation, lang),
            length_words(row.counted, lang, in_days=in_days),
            row_words(row, explanation, lang),
        )
        for row in rows_of(explanation)
    ]
    total = length_words(explanation.counted, lang, in_days=in_days)
    first = max(_width(each[0]) for each in cells)
    second = max(_width(total), *(_width(each[1]) for each in cells))
    for when, counted, why in cells:
        yield f"  {_padded(when, first)}  {_padded(counted, second, right=True)}  {why}"
    yield f"  {' ' * first}  {'─' * second}"
    limit = limit_words(explanation, lang)
    equals = said(lang, f"即时限 {limit}", f"the limit: {limit}")
    yield f"  {_padded(said(lang, '合计', 'sum'), first)}  {_padded(total, second, right=True)}  {equals}"


def _pauses(explanation: Explanation, lang: Lang) -> Iterator[str]:
    if not explanation.pauses:
        return
    yield ""
    yield said(lang, "暂停", "Pauses")
    for each in explanation.pauses:
        edges = (moment_words(edge, explanation.calendar, lang) for edge in (each.start, each.end))
        cost = length_words(each.cost, lang, in_days=explanation.in_days)
        costs = said(lang, f"使期限顺延 {cost}", f"cost {cost}")
        yield f"  {' – '.join(edges)}  {costs if each.cost else said(lang, '不影响期限', 'cost nothing')}"


def _notices(explanation: Explanation, lang: Lang) -> Iterator[str]:
    found = announced(explanation, lang)
    if not found:
        return
    yield ""
    yield said(lang, "节假日与调休", "Holidays and make-up workdays")
    for notices, lines in found.items():
        yield from (f"  {line}" for line in lines)
        yield from (f"    {said(lang, '依据', 'announced in')} {notice}" for notice in notices)


def _stretch(stretch: Stretch, explanation: Explanation) -> dict[str, Any]:
    zone = explanation.calendar.zone
    return {
        "start": stretch.start.astimezone(zone).isoformat(),
        "end": stretch.end.astimezone(zone).isoformat(),
        "day": stretch.day.isoformat(),
        "kind": stretch.kind,
        "part": stretch.part,
        "counted": _amount(stretch.counted, explanation),
        "lost": _amount(stretch.lost, explanation),
        "name_zh": stretch.name_zh,
        "name_en": stretch.name_en,
        "notices": list(stretch.notices),
    }


def _pause(pause: Pause, explanation: Explanation) -> dict[str, Any]:
    zone = explanation.calendar.zone
    return {
        "start": pause.start.astimezone(zone).isoformat(),
        "end": pause.end.astimezone(zone).isoformat(),
        "cost": _amount(pause.cost, explanation),
    }


def _amount(length: timedelta, explanation: Explanation) -> float:
    return length // ONE_DAY if explanation.in_days else length.total_seconds()


def _width(text: str) -> int:
    """Columns of a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
