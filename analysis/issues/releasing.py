"""What a week lets out of an issue, so that the releases of all weeks together tell no small count either.

A published form is safe alone. Held against next week's, exact totals would tell what a blank week hides. So a
release holds whole weeks only and up to the newest one, whether anything came in it or not; a week of nobody looks
like a week of few; and the total counts the blank weeks in whole steps of the limit, and never so fully that each
of them must have been nearly full. `tests/test_issues_desk.py` tries every history of a few weeks against it.
Heat is worked out of what is shown and nothing else, and orders the list. The record is what reports and pages get, and all they get.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from analysis.issues.heat import Told, heats_told
from analysis.issues.issue import Issue
from analysis.issues.publishing import PublishedIssue, publish
from analysis.issues.settings import IssueSettings

Week = tuple[date, int | None]
_MONTH = 4
"""Weeks that growth is told from, each."""


def records_of(issues: Iterable[Issue], settings: IssueSettings, as_of: date) -> tuple[dict[str, Any], ...]:
    """The records of the issues that are large enough, hottest first by what the records themselves show.

    Args:
        issues: As found over whole weeks.
        settings: The limit, and the weights of heat.
        as_of: The Monday on which the last of these weeks was over.
    """
    issues = list(issues)
    exact, fewest = {each.number: dict(each.weeks) for each in issues}, settings.publishing.fewest_matters
    large = publish(issues, settings.publishing)
    told = [_told(each, exact[each.number], fewest, as_of) for each in large]
    heats = heats_told(told, settings.heat)
    records = [_record(*each) for each in zip(large, told, heats, strict=True)]
    return tuple(sorted(records, key=lambda each: (-each["heat"], each["number"])))


def _told(issue: PublishedIssue, counts: Mapping[date, int], fewest: int, as_of: date) -> Told:
    weeks = [
        (monday, count if (count := counts.get(monday, 0)) >= fewest else None)
        for monday in _mondays(min(counts), as_of)
    ]
    return Told(matters_shown(weeks, issue.matters, fewest), weeks)


def _record(issue: PublishedIssue, told: Told, heat: float) -> dict[str, Any]:
    return {
        "number": issue.number,
        "heat": heat,
        "topic": list(issue.topic),
        "sorts_of_places": list(issue.sorts_of_places),
        "district": issue.district,
        "kind": issue.kind,
        "matters": told.matters,
        "weeks": [[f"{monday:%Y-%m-%d}", count] for monday, count in told.weeks],
        "departments": list(issue.departments),
        "owner": issue.owner,
        "owner_reason": issue.owner_reason,
        "sentence": issue.sentence,
        "growth": growth_shown(told.weeks),
    }


def matters_shown(weeks: Sequence[Week], matters: int, fewest: int) -> int:
    """At least so many: the weeks that are shown, and of the blank ones whole steps of the limit."""
    shown = sum(count for _, count in weeks if count is not None)
    blank = sum(count is None for _, count in weeks)
    hidden = min(matters - shown, (fewest - 2) * blank)
    return max(fewest, shown + hidden // fewest * fewest)


def _mondays(first: date, until: date) -> list[date]:
    return [first + timedelta(weeks=at) for at in range((until - first).days // 7)]


def growth_shown(weeks: Sequence[Week]) -> float | None:
    """The last four weeks against the four before, if every one of the eight is shown."""
    last = [count for _, count in weeks[-2 * _MONTH :]]
    known = [each for each in last if each is not None]
    if len(known) < 2 * _MONTH:
        return None
    return round(sum(known[_MONTH:]) / sum(known[:_MONTH]) - 1, 2)
