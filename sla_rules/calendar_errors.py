"""What cannot be counted, and why."""

from datetime import date


class ImpossibleDurationError(ValueError):
    """A negative length, no day to count, or an end before its start; nothing is swapped silently."""


class CalendarWithoutOpenTimeError(ValueError):
    """A calendar that never opens, so that nothing counted in working time would ever be due."""


class CalendarNotPublishedError(ValueError):
    """Working time was asked of a year that the calendar does not cover."""

    def __init__(self, calendar_id: str, published_from: date, published_to: date, year: int) -> None:
        self.year = year
        super().__init__(
            f"calendar {calendar_id}: {year} is not covered (only {published_from} to"
            f" {published_to}); add the notice with the holidays and make-up workdays of"
            f" {year} to the calendar file and move published_from or published_to"
        )
