"""Whether a proactive order may be closed: each check by itself, so that a supervisor sees which one is missing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from analysis.early_warning.series import OFFICE_TIME
from analysis.proactive.rules import Check, ProactiveRules
from models.common_issues import CommonIssue, IssueRun
from models.early_warnings import EarlyWarning
from models.proactive import OrderAbout, ProactiveOrder


@dataclass(frozen=True)
class Checked:
    """What holds of an order as of a moment."""

    result_given: bool
    measures_named: bool
    evaluated: bool
    rise_over: bool

    def lacks(self, checks: tuple[Check, ...]) -> tuple[Check, ...]:
        """Those of the checks that do not hold."""
        return tuple(each for each in checks if not getattr(self, each.value))


def checked(session: Session, order: ProactiveOrder, rules: ProactiveRules, now: datetime) -> Checked:
    """Every check of one order, by what the database says now."""
    return Checked(
        result_given=order.result_at is not None,
        measures_named=bool(order.measures),
        evaluated=order.evaluate_at is not None and order.evaluate_at <= now,
        rise_over=rise_is_over(session, order, rules, now),
    )


def rise_is_over(session: Session, order: ProactiveOrder, rules: ProactiveRules, now: datetime) -> bool:
    """Whether the trouble has ended: no warning of its series for long enough; of an issue, that it grows no more."""
    if order.about_sort is OrderAbout.ISSUE:
        return _issue_is_over(session, order.about)
    since = now.astimezone(OFFICE_TIME).date() - timedelta(days=rules.calm_days)
    newest = session.exec(select(func.max(EarlyWarning.on_day)).where(EarlyWarning.series == order.series)).one()
    return newest is None or newest < since


def _issue_is_over(session: Session, number: str) -> bool:
    issue = session.get(CommonIssue, number)
    newest: date | None = session.exec(select(func.max(col(IssueRun.as_of)))).one()
    if issue is None or newest is None or issue.found_on < newest:
        return True
    return issue.growth is not None and issue.growth <= 0
