"""What a week lets out of an issue, so that the releases of all weeks together tell no small count either.

A published form is safe alone. Held against next week's, exact totals would tell what a blank week hides. So a
release holds whole weeks only, the total as the multiple of the limit that it has reached, and no difference
between a week of nobody and a week of few. The record is what reports and pages get, and all they get.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from analysis.issues.issue import Issue
from analysis.issues.publishing import PublishedIssue, publish
from analysis.issues.settings import PublishingSettings

Week = tuple[date, int | None]
_MONTH = 4
"""Weeks that growth is told from, each."""


def records_of(issues: Iterable[Issue], settings: PublishingSettings) -> tuple[dict[str, Any], ...]:
    """The records of the issues that are large enough, in the same order.

    Args:
        issues: As found over whole weeks: the last one must be over.
        settings: The limit.
    """
    return tuple(_record(each, settings.fewest_matters) for each in publish(issues, settings))


def _record(issue: PublishedIssue, fewest: int) -> dict[str, Any]:
    weeks = [
        (monday, count if count is not None and count >= fewest else None) for monday, count in issue.weeks
    ]
    return {
        "number": issue.number,
        "heat": issue.heat,
        "topic": list(issue.topic),
        "sorts_of_places": list(issue.sorts_of_places),
        "district": issue.district,
        "kind": issue.kind,
        "matters": issue.matters // fewest * fewest,
        "weeks": [[f"{monday:%Y-%m-%d}", count] for monday, count in weeks],
        "departments": list(issue.departments),
        "owner": issue.owner,
        "owner_reason": issue.owner_reason,
        "sentence": issue.sentence,
        "growth": growth_shown(weeks),
    }


def growth_shown(weeks: Sequence[Week]) -> float | None:
    """The last four weeks against the four before, if every one of the eight is shown."""
    last = [count for _, count in weeks[-2 * _MONTH :]]
    known = [each for each in last if each is not None]
    if len(known) < 2 * _MONTH:
        return None
    return round(sum(known[_MONTH:]) / sum(known[:_MONTH]) - 1, 2)
