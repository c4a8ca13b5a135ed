"""One row for each callback, counted or not, with what its case and its lead were: what the tallies are made of."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
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
from sqlmodel import col

from analysis.grouping import (
    By,
    Dimension,
    columns_of,
    in_words,
    is_in,
    leads_at,
    named,
    period_of,
)
from analysis.rate_rules import AnswersCounted, RateException, RateRules
from analysis.windows import Window
from models.case import Case
from models.exchange import Assignment, Inbox
from models.record import Decision
from models.vocabulary import DecisionKind, NewsKind

NOT_REACHED, REFUSED, NOT_DIGESTED = "not_reached", "refused", "not_digested"
IS_REACHED, IN_VAIN, OF_NO_USE = 0, 1, 2
"""Which of an order's callbacks stands for it: one that reached somebody before one that did not."""
CALLED_BACK = in_words(NewsKind.CALLED_BACK)
RULE = "callback-"
"""What the rule ids of callback decisions begin with; the rest is why nobody may be called."""


def flag_of(span: int) -> str:
    """The column that says whether a row counts where these periods are told apart."""
    return f"stands_{span}"


def each_callback(dialect: str, window: Window, spans: Sequence[Sequence[Window]], rules: RateRules, wanted: Sequence[By]) -> CompoundSelect[Any]:
    """One row for each callback that counts, each order that nobody was reached for, each that may not be called.

    With one sequence of periods only those that count in it; with several, flags say in which.
    """
    one = _one(window)
    if dialect == "sqlite":
        first = [_is_first(one, window, periods) for periods in spans]
    else:
        one, first = _ranked(one, spans)
    stands = [or_(_always(one, rules), each) for each in first]
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
    flags = [each.label(flag_of(span)) for span, each in enumerate(stands)]
    each = (
        select(*keys, code.label("code"), said.c.contacted, said.c.resolved, said.c.satisfied, *flags)
        .select_from(said)
        .join(Case, col(Case.id) == said.c.case_id)
    )
    return each.outerjoin(Assignment, leads_at(said.c.case_id, said.c.at)) if Dimension.DEPARTMENT in wanted else each


def _always(one: Subquery, rules: RateRules) -> ColumnElement[bool]:
    is_of_no_use: ColumnElement[bool] = one.c.use == OF_NO_USE
    return is_of_no_use if rules.answers_counted is AnswersCounted.LAST else one.c.use.in_((OF_NO_USE, IS_REACHED))


def _is_first(one: Subquery, window: Window, periods: Sequence[Window]) -> ColumnElement[bool]:
    """Whether no other callback of the same order, in the same period, counts in place of this one.

    For SQLite, which asks that of each by the index of its case: ranking all of them would sort a million to find the few
    that were called twice.
    """
    other = aliased(Inbox)
    use = _use(other)
    same: list[ColumnElement[bool]] = [
        col(other.kind) == CALLED_BACK, col(other.case_id) == one.c.case_id, col(other.id) != one.c.id, is_in(col(other.received_at), window),
    ]  # fmt: skip
    if len(periods) > 1:
        same.append(period_of(col(other.received_at), periods) == period_of(one.c.at, periods))
    comes_first = or_(use < one.c.use, and_(use == one.c.use, col(other.id) > one.c.id))
    return not_(exists().where(*same, comes_first).select_from(other))


def _ranked(one: Subquery, spans: Sequence[Sequence[Window]]) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """The same rows and, for each sequence of periods, whether one is the first of its order; for PostgreSQL, which
    ranks a million sooner than it asks a million times."""
    places = []
    for number, periods in enumerate(spans):
        parts = [one.c.case_id, *([period_of(one.c.at, periods)] if len(periods) > 1 else [])]
        place = func.row_number().over(partition_by=parts, order_by=[one.c.use, one.c.id.desc()])
        places.append(place.label(f"place_{number}"))
    ranked = select(*one.c, *places).subquery()
    return ranked, [ranked.c[each.name] == 1 for each in places]


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

