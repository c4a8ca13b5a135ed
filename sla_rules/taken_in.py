"""From when a message counts as received, where what comes too late in the day waits for the next."""

from datetime import UTC, datetime, time

from sla_rules.calendar import WorkingCalendar


def taken_in(start: datetime, calendar: WorkingCalendar) -> datetime:
    """The moment (UTC) as which `start` counts in working days that keep the clock.

    One on a rest day moves to the next workday and keeps its time of day; one after the intake of
    its (perhaps moved) day counts as come when the next workday's intake begins.

    Raises:
        CalendarNotPublishedError: The calendar must be asked about a day it does not cover.
    """
    local = start.astimezone(calendar.zone)
    day, clock = calendar.workday_from(local.date()), local.time()
    intake = calendar.intake
    if intake and clock.hour * 60 + clock.minute >= intake.until:
        day, clock = calendar.workday_after(day, 1), time(*divmod(intake.then_from, 60))
    if day == local.date() and clock == local.time():
        return start.astimezone(UTC)
    return datetime.combine(day, clock, calendar.zone).astimezone(UTC)
