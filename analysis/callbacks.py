"""What callbacks found, counted inside the case database: the tallies of the rates, and who is left out and why."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlmodel import Session

from analysis.callback_rows import each_callback, flag_of
from analysis.grouping import (
    By,
    Key,
    Periods,
    tally_of,
)
from analysis.rate_rules import Assessed, RateRules
from analysis.rates import Tally
from analysis.windows import Window


@dataclass(frozen=True)
class Callbacks:
    """What is counted, and what is not with the reason, by the same keys.

    The reasons are the codes of the exceptions in `rates.yaml`; `not_reached` (orders called in vain),
    `refused` and `not_digested` (news that changed nothing, or nothing yet); and why an order must not be
    called back at all, such as `class_forbids` or `not_agreed`.
    """

    tallies: Mapping[Key, Tally]
    excluded: Mapping[Key, Mapping[str, int]]

    @property
    def all_excluded(self) -> Mapping[str, int]:
        """By reason only."""
        return sum((Counter(each) for each in self.excluded.values()), Counter())


def callbacks(session: Session, window: Window, rules: RateRules, by: Sequence[By] = ()) -> Callbacks:
    """The callbacks of a window, by the lead that held the case at the time of the call.

    Args:
        session: A session that may read.
        window: Which calls, by the time they were written down; with periods in `by`, those of both.
        rules: Who counts, and whether an order's last answer in a window counts or every one.
        by: What to tell apart; a case without a lead, district or kind has "" there.

    Returns:
        Keys with any callback or exclusion only; an order-wide exception of `nothing` has no tally.
    """
    (found,) = callbacks_by(session, window, rules, (by,))
    return found


def callbacks_by(session: Session, window: Window, rules: RateRules, groupings: Sequence[Sequence[By]]) -> tuple[Callbacks, ...]:
    """The same told apart in several ways, from one look at every callback: one answer for each grouping, in order."""
    wanted = tuple(dict.fromkeys(by for grouping in groupings for by in grouping))
    spans = tuple(dict.fromkeys(_periods_of(grouping, window) for grouping in groupings))
    each = each_callback(session.get_bind().dialect.name, window, spans, rules, wanted).cte("each_callback")
    parts = []
    for number, grouping in enumerate(groupings):
        keys = [each.c[f"key_{wanted.index(by)}"] for by in grouping]
        stands = each.c[flag_of(spans.index(_periods_of(grouping, window)))] if len(spans) > 1 else true()
        parts.append(_counted(each, number, keys, stands, max(map(len, groupings))))
    rows: dict[int, list[Any]] = defaultdict(list)
    for number, *row in session.execute(union_all(*parts)):
        rows[number].append(row)
    return tuple(_gathered(rows[number], len(grouping), max(map(len, groupings)), rules) for number, grouping in enumerate(groupings))


def _counted(each: CTE, number: int, keys: Sequence[ColumnElement[Any]], stands: ColumnElement[bool], width: int) -> Select[Any]:
    padding = [literal("").label(f"none_{place}") for place in range(len(keys), width)]
    groups = (*keys, each.c.code)
    return select(
        literal(number), *keys, *padding, each.c.code, func.count(), tally_of(each.c.contacted), tally_of(each.c.resolved),
        *(tally_of(each.c.satisfied == word) for word in ("satisfied", "basically")), tally_of(each.c.satisfied.is_(None)),
        tally_of(each.c.contacted.is_(None)),
    ).where(stands, *(key.is_not(None) for key in groups)).group_by(*groups)  # fmt: skip


def _periods_of(by: Sequence[By], window: Window) -> tuple[Window, ...]:
    return next((each.windows for each in by if isinstance(each, Periods)), (window,))


def _gathered(rows: Any, keys: int, width: int, rules: RateRules) -> Callbacks:
    assessed = {each.code: each.assessed for each in rules.exceptions}
    tallies: dict[Key, Tally] = defaultdict(Tally)
    excluded: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in rows:
        key, (code, count, contacted, *answers) = tuple(str(each) for each in row[:keys]), row[width:]
        if code == "":
            tallies[key] += Tally(count, contacted, count, *answers)
            continue
        excluded[key][code] += count
        if assessed.get(code) is Assessed.RESPONSE_ONLY:
            tallies[key] += Tally(count, contacted, contact_not_asked=answers[-1])
    return Callbacks(dict(tallies), {key: dict(each) for key, each in excluded.items()})


