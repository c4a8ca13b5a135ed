"""What callbacks found, counted inside the case database: the tallies of the rates, and who is left out and why."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import Session, col

from analysis.grouping import (
    By,
    Dimension,
    Key,
    Periods,
    columns_of,
    is_in,
    leads_at,
    named,
    period_of,
    tally_of,
)
from analysis.rate_rules import AnswersCounted, Assessed, RateException, RateRules
from analysis.rates import Tally
from analysis.windows import Window
from models.case import Case
from models.exchange import Assignment, Inbox
from models.record import Decision
from models.vocabulary import DecisionKind, NewsKind

REACHED, NOT_REACHED, REFUSED, NOT_DIGESTED = "reached", "not_reached", "refused", "not_digested"
IS_REACHED, IN_VAIN, OF_NO_USE = 0, 1, 2
"""Which of an order's callbacks stands for it: one that reached somebody before one that did not."""
RULE = "callback-"
"""What the rule ids of callback decisions begin with; the rest is why nobody may be called."""


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
    periods = next((each.windows for each in by if isinstance(each, Periods)), (window,))
    said = _said(window, periods, rules).subquery()
    code = case((said.c.what == REACHED, _exception(rules.exceptions)), else_=said.c.what).label("code")
    keys = named(columns_of(by, said.c.at))
    answers = (said.c.contacted, said.c.resolved, said.c.satisfied)
    wanted = select(*keys, code, *answers).select_from(said).join(Case, col(Case.id) == said.c.case_id)
    if Dimension.DEPARTMENT in by:
        wanted = wanted.outerjoin(Assignment, leads_at(said.c.case_id, said.c.at))
    each = wanted.subquery()
    groups = [*list(each.c)[: len(keys)], each.c.code]
    counted = select(
        *groups, func.count(), tally_of(each.c.contacted), tally_of(each.c.resolved),
        *(tally_of(each.c.satisfied == word) for word in ("satisfied", "basically")), tally_of(each.c.satisfied.is_(None)),
    ).where(*(key.is_not(None) for key in groups))  # fmt: skip
    return _gathered(session.execute(counted.group_by(*groups)), len(keys), rules)


def _gathered(rows: Any, width: int, rules: RateRules) -> Callbacks:
    assessed = {each.code: each.assessed for each in rules.exceptions}
    tallies: dict[Key, Tally] = defaultdict(Tally)
    excluded: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in rows:
        key, (code, count, contacted, *answers) = tuple(str(each) for each in row[:width]), row[width:]
        if code == "":
            tallies[key] += Tally(count, contacted, count, *answers)
            continue
        excluded[key][code] += count
        if assessed.get(code) is Assessed.RESPONSE_ONLY:
            tallies[key] += Tally(count, contacted)
    return Callbacks(dict(tallies), {key: dict(each) for key, each in excluded.items()})


def _said(window: Window, periods: Sequence[Window], rules: RateRules) -> CompoundSelect[Any]:
    """One row for each callback that counts, each order that nobody was reached for, each that may not be called."""
    ranked = _ranked(window, periods).subquery()
    is_first = ranked.c.place == 1
    chosen = is_first if rules.answers_counted is AnswersCounted.LAST else or_(is_first, ranked.c.use == IS_REACHED)
    what = case(
        (ranked.c.use == IS_REACHED, REACHED), (ranked.c.use == IN_VAIN, NOT_REACHED),
        (ranked.c.is_refused, REFUSED), else_=NOT_DIGESTED,
    )  # fmt: skip
    answers = (ranked.c.contacted, ranked.c.resolved, ranked.c.satisfied)
    inbox = select(ranked.c.case_id, ranked.c.at, what.label("what"), *answers).where(or_(ranked.c.use == OF_NO_USE, chosen))
    return union_all(inbox, _suppressed(window))


def _ranked(window: Window, periods: Sequence[Window]) -> Select[Any]:
    codes = Inbox.codes  # what `tasks.news.forms.CalledBack` leaves there
    unusable = or_(col(Inbox.refused).is_not(None), col(Inbox.read_at).is_(None))
    # Asked for once a row, for opening JSON is what a million callbacks cost most.
    use = case((unusable, OF_NO_USE), (func.coalesce(_is(codes, "reached"), false()), IS_REACHED), else_=IN_VAIN)
    at = col(Inbox.received_at)
    # Cast, or SQLite walks the index of case ids and fetches a million rows in random order.
    parts = [cast(col(Inbox.case_id), String), *([period_of(at, periods)] if len(periods) > 1 else [])]
    return select(
        col(Inbox.case_id), at.label("at"), use.label("use"), col(Inbox.refused).is_not(None).label("is_refused"),
        _is(codes, "contacted").label("contacted"), _is(codes, "resolved").label("resolved"),
        codes["satisfied"].as_string().label("satisfied"),
        func.row_number().over(partition_by=parts, order_by=[use, col(Inbox.id).desc()]).label("place"),
    ).where(col(Inbox.kind) == NewsKind.CALLED_BACK, is_in(at, window))  # fmt: skip


def _is(codes: Any, name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = codes[name].as_boolean()
    return found


def _suppressed(window: Window) -> Select[Any]:
    at = col(Decision.at)
    why = func.replace(func.substr(col(Decision.rule_id), len(RULE) + 1), "-", "_")
    nothing: list[ColumnElement[Any]] = [false().label("contacted"), false().label("resolved"), null().label("satisfied")]
    return select(
        col(Decision.case_id), at.label("at"), why.label("what"), *nothing
    ).where(
        col(Decision.kind) == DecisionKind.CALLBACK, col(Decision.outcome) == "SUPPRESSED", is_in(at, window)
    )  # fmt: skip


def _exception(exceptions: Sequence[RateException]) -> ColumnElement[str]:
    """The code of the first exception that fits an order; "" for one that is assessed on everything."""
    rows = [(_fits(each), literal(each.code)) for each in exceptions]
    return case(*rows, else_=literal("")) if rows else literal("")


def _fits(exception: RateException) -> ColumnElement[bool]:
    asked: list[ColumnElement[bool]] = [true()]
    if exception.guardian_suspect is not None:
        asked.append(col(Case.guardian_suspect).is_(exception.guardian_suspect))
    for column, values in (
        (Case.callback_class, exception.callback_classes), (Case.grade, exception.grades),
        (Case.nature, exception.natures), (Case.kind, exception.kinds),
    ):  # fmt: skip
        if values:
            asked.append(col(column).in_(values))
    return and_(*asked)

