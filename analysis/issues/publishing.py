"""What of an issue may leave the case database: figures, sorts of places, words nobody owns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from analysis.issues.issue import Issue
from analysis.issues.settings import PublishingSettings


@dataclass(frozen=True)
class PublishedIssue:
    """No case, no name, no place but its sort and its district, no week with few matters.

    `weeks` hold None where a week had one to four matters.
    """

    number: str
    topic: tuple[str, ...]
    sorts_of_places: tuple[str, ...]
    district: str
    kind: str
    matters: int
    weeks: tuple[tuple[date, int | None], ...]
    departments: tuple[str, ...]
    owner: str
    owner_reason: str
    sentence: str | None


def publish(issues: Iterable[Issue], settings: PublishingSettings) -> tuple[PublishedIssue, ...]:
    """The issues that are large enough, in the same order; the others are not even counted.

    A district is told if all the matters lie in one; departments without their counts. Where a week has to
    be left blank and is the only one, no week is told, since the sum would give it away.
    """
    return tuple(_published(each, settings) for each in issues if each.matters >= settings.fewest_matters)


def _published(issue: Issue, settings: PublishingSettings) -> PublishedIssue:
    return PublishedIssue(
        number=issue.number,
        topic=issue.topic_outside,
        sorts_of_places=tuple(sorted({each.sort for each in issue.places})),
        district=issue.districts[0] if len(issue.districts) == 1 else "",
        kind=issue.kinds[0] if issue.kinds else "",
        matters=issue.matters,
        weeks=_without_small(issue.weeks, settings.fewest_matters),
        departments=tuple(sorted(code for code, _ in issue.departments)),
        owner=issue.owner,
        owner_reason=reason_without_counts(issue),
        sentence=issue.sentence,
    )


def _without_small(weeks: tuple[tuple[date, int], ...], fewest: int) -> tuple[tuple[date, int | None], ...]:
    blank = [count for _, count in weeks if 0 < count < fewest]
    told_apart = not blank or (len(blank) > 1 and sum(blank) >= fewest)
    if not told_apart:
        return tuple((monday, None) for monday, _ in weeks)
    return tuple((monday, None if 0 < count < fewest else count) for monday, count in weeks)


def reason_without_counts(issue: Issue) -> str:
    """Why the unit is proposed; how many reports each unit has would tell small cells apart."""
    if not issue.owner:
        return "a supervisor names the unit"
    led = dict(issue.departments).get(issue.owner, 0)
    leads_most = 2 * led > sum(count for _, count in issue.departments)
    return "leads most of the dispatched reports" if leads_most else "the catalogue's lead for the usual kind"
