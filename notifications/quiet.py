"""When an alert may go out: grave ones at once, routine ones after quiet hours and in digests."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from models.rule_files import RuleModel
from models.vocabulary import Grade

BREAKS_THROUGH: dict[Grade, bool] = {
    Grade.U0: True,
    Grade.U1: True,
    Grade.U2: True,
    Grade.U3: False,
    Grade.U4: False,
    Grade.UC: False,
}
"""Whether alerts of a grade are never held back. Every grade is a key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BLINK = timedelta(microseconds=1)


class QuietHours(RuleModel):
    """A window of every day on the wall clock of `zone`; it may pass midnight.

    `starts` is the first quiet moment, `ends` the first moment that is not.
    """

    starts: time = Field(alias="from")
    ends: time = Field(alias="to")
    zone: ZoneInfo

    @model_validator(mode="after")
    def _must_leave_time_to_speak(self) -> "QuietHours":
        if self.starts == self.ends:
            raise ValueError("from and to are the same; leave quiet_hours out for none")
        return self

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` is quiet."""
        clock = moment.astimezone(self.zone).time()
        if self.starts < self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def end_after(self, moment: datetime) -> datetime:
        """The next end of the window after `moment`, in UTC.

        An end that the clock skips in spring is taken as long after the change as it was meant
        to be after the skipped hour's start; one that comes twice in autumn counts both times.
        """
        today = moment.astimezone(self.zone).date()
        ends = [
            datetime.combine(today + timedelta(days=days), self.ends, self.zone).replace(fold=fold)
            for days in (0, 1)
            for fold in (0, 1)
        ]
        return min(end.astimezone(UTC) for end in ends if end.astimezone(UTC) > moment)


class Pace(RuleModel):
    """How a channel wants routine alerts: its quiet hours, and minutes between digests (0: none)."""

    quiet_hours: QuietHours | None = None
    digest_minutes: int = Field(default=0, ge=0, le=1440)


def earliest_send(grade: Grade, pace: Pace, now: datetime) -> datetime:
    """When an alert that is ready at `now` may go out.

    The answer for a moment it once gave is that moment again, so holding back twice is holding
    back once. Digests go out on whole multiples of their minutes and as quiet hours end.

    Args:
        grade: U0, U1 and U2 go out at once.
        pace: The channel's quiet hours and digest.
        now: Aware time at which the alert is ready.

    Returns:
        `now` itself, or a later moment in UTC.
    """
    if BREAKS_THROUGH[grade]:
        return now
    quiet = pace.quiet_hours
    if quiet and quiet.holds(now):
        return quiet.end_after(now)
    if quiet and quiet.holds(now - _BLINK):
        return now
    boundary = _next_digest(now, pace.digest_minutes)
    return quiet.end_after(boundary) if quiet and quiet.holds(boundary) else boundary


def _next_digest(now: datetime, minutes: int) -> datetime:
    if minutes == 0:
        return now
    late_by = (now - _EPOCH) % timedelta(minutes=minutes)
    return now if not late_by else now.astimezone(UTC) + timedelta(minutes=minutes) - late_by
