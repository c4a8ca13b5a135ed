"""What callbacks found, counted inside the case database: the tallies of the rates, and who is left out and why."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from analysis.grouping import (
    By,
    Dimension,
    Key,
    Periods,
    columns_of,
    in_words,
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
CALLED_BACK = in_words(NewsKind.CALLED_BACK)
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
    (found,) = callbacks_by(session, window, rules, (by,))
    return found


def callbacks_by(session: Session, window: Window, rules: RateRules, groupings: Sequence[Sequence[By]]) -> tuple[Callbacks, ...]:
    """The same told apart in several ways, from one look at every callback: one answer for each grouping, in order."""
    wanted = tuple(dict.fromkeys(by for grouping in groupings for by in grouping))
    spans = tuple(dict.fromkeys(_periods_of(grouping, window) for grouping in groupings))
    each = _each(window, spans, rules, wanted).cte("each_callback")
    parts = []
    for number, grouping in enumerate(groupings):
        keys = [each.c[f"key_{wanted.index(by)}"] for by in grouping]
        stands = each.c[_flag(spans.index(_periods_of(grouping, window)))] if len(spans) > 1 else true()
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
    ).where(stands, *(key.is_not(None) for key in groups)).group_by(*groups)  # fmt: skip


def _periods_of(by: Sequence[By], window: Window) -> tuple[Window, ...]:
    return next((each.windows for each in by if isinstance(each, Periods)), (window,))


def _flag(span: int) -> str:
    """The column that says whether a row counts where these periods are told apart."""
    return f"stands_{span}"


def _each(window: Window, spans: Sequence[Sequence[Window]], rules: RateRules, wanted: Sequence[By]) -> CompoundSelect[Any]:
    """One row for each callback that counts, each order that nobody was reached for, each that may not be called.

    With one sequence of periods only those that count in it; with several, flags say in which.
    """
    one = _one(window)
    stands = [_stands(one, window, periods, rules) for periods in spans]
    what = case(
        (one.c.use == IS_REACHED, _exception(rules.exceptions)), (one.c.use == IN_VAIN, NOT_REACHED),
        (one.c.is_refused, REFUSED), else_=NOT_DIGESTED,
    )  # fmt: skip
    called = _with_case(one, what, wanted, stands if len(spans) > 1 else ())
    not_called = _suppressed(window)
    nothing = [true()] * (len(spans) if len(spans) > 1 else 0)
    return union_all(
        called.where(stands[0]) if len(spans) == 1 else called, _with_case(not_called, not_called.c.what, wanted, nothing)
    )


def _with_case(said: Subquery, code: ColumnElement[str], wanted: Sequence[By], stands: Sequence[ColumnElement[bool]]) -> Select[Any]:
    keys = named(columns_of(wanted, said.c.at))
    flags = [each.label(_flag(span)) for span, each in enumerate(stands)]
    each = (
        select(*keys, code.label("code"), said.c.contacted, said.c.resolved, said.c.satisfied, *flags)
        .select_from(said)
        .join(Case, col(Case.id) == said.c.case_id)
    )
    return each.outerjoin(Assignment, leads_at(said.c.case_id, said.c.at)) if Dimension.DEPARTMENT in wanted else each


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
            tallies[key] += Tally(count, contacted)
    return Callbacks(dict(tallies), {key: dict(each) for key, each in excluded.items()})


def _stands(one: Subquery, window: Window, periods: Sequence[Window], rules: RateRules) -> ColumnElement[bool]:
    """Whether no other callback of the same order, in the same period, counts in place of this one.

    Asked of each by the index of its case: ranking all of them would sort a million to find the few that were called twice.
    """
    other = aliased(Inbox)
    use = _use(other)
    same: list[ColumnElement[bool]] = [
        col(other.kind) == CALLED_BACK, col(other.case_id) == one.c.case_id, col(other.id) != one.c.id, is_in(col(other.received_at), window),
    ]  # fmt: skip
    if len(periods) > 1:
        same.append(period_of(col(other.received_at), periods) == period_of(one.c.at, periods))
    comes_first = or_(use < one.c.use, and_(use == one.c.use, col(other.id) > one.c.id))
    always = (one.c.use == OF_NO_USE) if rules.answers_counted is AnswersCounted.LAST else one.c.use.in_((OF_NO_USE, IS_REACHED))
    return or_(always, not_(exists().where(*same, comes_first).select_from(other)))


def _one(window: Window) -> Subquery:
    codes, at = col(Inbox.codes), col(Inbox.received_at)  # as `tasks.news.forms.CalledBack` leaves them
    return select(
        col(Inbox.id), col(Inbox.case_id), at.label("at"), _use(Inbox).label("use"), col(Inbox.refused).is_not(None).label("is_refused"),
        _is(codes, "contacted").label("contacted"), _is(codes, "resolved").label("resolved"), codes["satisfied"].as_string().label("satisfied"),
    ).where(col(Inbox.kind) == CALLED_BACK, is_in(at, window)).subquery()  # fmt: skip


def _use(news: type[Inbox]) -> ColumnElement[int]:
    unusable = or_(col(news.refused).is_not(None), col(news.read_at).is_(None))
    return case((unusable, OF_NO_USE), (func.coalesce(_is(col(news.codes), "reached"), false()), IS_REACHED), else_=IN_VAIN)


def _is(codes: Any, name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = codes[name].as_boolean()
    return found


def _suppressed(window: Window) -> Subquery:
    at = col(Decision.at)
    why = func.replace(func.substr(col(Decision.rule_id), len(RULE) + 1), "-", "_")
    return select(
        col(Decision.case_id), at.label("at"), why.label("what"),
        false().label("contacted"), false().label("resolved"), cast(null(), String).label("satisfied"),
    ).where(
        col(Decision.kind) == in_words(DecisionKind.CALLBACK), col(Decision.outcome) == in_words("SUPPRESSED"), is_in(at, window)
    ).subquery()  # fmt: skip


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

