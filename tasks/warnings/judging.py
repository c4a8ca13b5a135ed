"""What rose yesterday, or since the desk last looked: alarms and rules on venues, with the requests behind each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from analysis.early_warning.series import OFFICE_TIME, SILENT, daily
from analysis.early_warning.settings import SchoolYear, WarningSettings
from analysis.early_warning.sudden_rise import Rise, rises
from analysis.early_warning.venues import VenueWarning, venue_warnings
from models.early_warnings import WarningSort
from tasks.proactive.opening import VENUE
from tasks.warnings.reading import Come, mentions, occurrences

_SORT_OF_RULE = {"several_reporters": WarningSort.VENUE_REPORTERS, "several_kinds": WarningSort.VENUE_KINDS}


@dataclass(frozen=True)
class Found:
    """One warning before it is stored; `cases` are those behind it, oldest first. Never log or pass it on."""

    sort: WarningSort
    series: str
    kind: str
    district: str
    venue: str
    on_day: date
    days: int
    came: int
    reporters: int
    expected: float | None
    chance: float | None
    cases: tuple[UUID, ...]

    @property
    def key(self) -> str:
        """What happened: the same sort of warning of one series is not told twice for one day."""
        return f"{self.sort.value}:{self.series}:{self.on_day:%Y-%m-%d}"


def judge(
    come: Sequence[Come], first: date, since: date, until: date, settings: WarningSettings, school_year: SchoolYear
) -> list[Found]:
    """The warnings of the days `since` to `until`, oldest first.

    Args:
        come: Everything received from `first` to `until`, oldest first.
        first: The day from which what is usual is learned; of a younger desk, the day of its first request: days
            on which there was no desk teach nothing.
        since: The first day that nobody has judged yet.
        until: The last day that is over.
        settings: Rates and limits.
        school_year: Periods.
    """
    if not come:
        return []
    counted = daily(occurrences(come), max(first, _day(come[0])), until)
    found = [
        _of_rise(each, come)
        for each in rises(counted.names, counted.first, counted.counts, school_year, settings)
        if since <= each.on <= until
    ]
    longest = max(settings.venue.reporters.within_days, settings.venue.kinds.within_days)
    recent = [each for each in come if _day(each) > since - timedelta(days=2 * longest)]
    for warning in venue_warnings(mentions(recent), settings.venue):
        if since <= warning.at.astimezone(OFFICE_TIME).date() <= until:
            found.append(_of_venue(warning, recent, settings))
    return sorted(found, key=lambda each: (each.on_day, each.key))


def _of_rise(rise: Rise, come: Sequence[Come]) -> Found:
    sort, kind, district, venue, is_in = _series(rise.series)
    begins = rise.on - timedelta(days=rise.days - 1)
    own = [each for each in come if begins <= _day(each) <= rise.on and is_in(each)]
    reporters = {each.reporter for each in own if each.reporter}
    return Found(
        sort, rise.series, kind, district, venue, rise.on, rise.days, rise.came, len(reporters), rise.expected, rise.chance,
        tuple(each.case_id for each in own),
    )  # fmt: skip


def _series(name: str) -> tuple[WarningSort, str, str, str, Callable[[Come], bool]]:
    """Sort, kind, district and venue of a series, and which requests are counted in it."""
    if name == SILENT:
        return WarningSort.SILENT, "", "", "", lambda each: each.is_silent
    if name.startswith(VENUE):
        venue = name.removeprefix(VENUE)
        return WarningSort.RISE, "", "", venue, lambda each: venue in each.venues and not each.is_silent
    kind, _, district = name.removeprefix("kind:").partition("@")
    return (
        WarningSort.RISE, kind, district, "",
        lambda each: (each.kind, each.district) == (kind, district) and not each.is_silent,
    )  # fmt: skip


def _of_venue(warning: VenueWarning, come: Sequence[Come], settings: WarningSettings) -> Found:
    sort = _SORT_OF_RULE[warning.rule]
    days = (settings.venue.reporters if sort is WarningSort.VENUE_REPORTERS else settings.venue.kinds).within_days
    since = warning.at - timedelta(days=days)
    own = [each for each in come if since < each.at <= warning.at and warning.venue in each.venues and not each.is_silent]
    on_day = warning.at.astimezone(OFFICE_TIME).date()
    return Found(
        sort, f"{VENUE}{warning.venue}", "", "", warning.venue, on_day, days, len({each.matter for each in own}),
        warning.reporters, None, None, tuple(each.case_id for each in own),
    )  # fmt: skip


def _day(each: Come) -> date:
    return each.at.astimezone(OFFICE_TIME).date()
