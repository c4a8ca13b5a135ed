"""Issues, warnings, proactive orders and candidates as they may be published, by the readers that keep them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from analysis.candidates.reading import published_candidates
from analysis.early_warning.reading import published_warnings
from analysis.issues.reading import published_issues
from analysis.proactive.reading import published_orders
from analysis.report.asking import Asking
from analysis.report.settings import Query

Records: TypeAlias = tuple[Mapping[str, Any], ...]
Reader: TypeAlias = Callable[[Asking, str], Records]
"""Asked for a time and a unit, or "" for the whole city."""


def issues(asking: Asking, department: str) -> Records:
    """Those of the last release in the time; of a unit those it works on or is proposed for."""
    found = published_issues(asking.session, asking.period.last)
    return tuple(
        each for each in found if not department or department in {each["owner"], *each["departments"]}
    )


def warnings(asking: Asking, department: str) -> Records:
    """Those of the days; of a unit those whose order it holds."""
    found = published_warnings(asking.session, asking.period.first, asking.period.last)
    own = {each["number"] for each in orders(asking, department)} if department else frozenset()
    return tuple(each for each in found if not department or each["order"] in own)


def orders(asking: Asking, department: str) -> Records:
    """Those at work on any of the days."""
    return published_orders(asking.session, asking.period.first, asking.period.last, asking.now, department)


def candidates(asking: Asking, department: str) -> Records:
    """Those of the month; of a unit those it is proposed to answer for."""
    found = published_candidates(asking.session, asking.period.first)
    return tuple(each for each in found if not department or each["owner"] == department)


READERS: dict[Query, Reader] = {
    Query.ISSUES: issues,
    Query.WARNINGS: warnings,
    Query.ORDERS: orders,
    Query.CANDIDATES: candidates,
}
