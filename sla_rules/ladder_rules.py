"""`escalation.yaml`: who hears of a clock, when, how often, and what is asked of them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, field_validator

from models.rule_files import RuleModel
from models.vocabulary import Ask, Grade, KindOfTime, Recipient, Target
from sla_rules.calendar import WorkingCalendar
from sla_rules.due import when_published
from sla_rules.firing import WrittenFiring
from sla_rules.limits import Limit, Unit, WrittenLimit
from sla_rules.written import Code, Source, Words

Addressee = Recipient | Literal["HANDLER"]
_ADDRESSEES = ["HANDLER", *(each.value for each in Recipient)]


def parse_addressee(written: Any) -> Addressee:
    """HANDLER (whoever the clock runs against) or a `Recipient`."""
    if written == "HANDLER":
        return "HANDLER"
    if written not in _ADDRESSEES:
        raise ValueError(f"nobody is called {str(written)!r}; known are {', '.join(_ADDRESSEES)}")
    return Recipient(written)


WrittenAddressee = Annotated[
    Addressee, PlainValidator(parse_addressee), WithJsonSchema({"type": "string", "enum": _ADDRESSEES})
]


class Repeat(RuleModel):
    """How often a level is told again until somebody acknowledges it.

    `every` is the first wait; each next one is `back_off` times longer, up to `longest`. With
    `time: working_hours` the waits are counted in open hours, so that nothing repeats at night.
    """

    every: WrittenLimit
    back_off: Annotated[float, Field(ge=1, le=10)] = 1
    longest: WrittenLimit | None = None
    at_most: Annotated[int, Field(ge=1, le=100)]
    time: Literal[KindOfTime.NATURAL, KindOfTime.WORKING_HOURS] = KindOfTime.NATURAL

    @field_validator("every", "longest")
    @classmethod
    def _is_hours(cls, written: Limit | None) -> Limit | None:
        if written is not None and written.unit is Unit.DAYS:
            raise ValueError(f"{written}: a repeat is written in min or h, not in d")
        return written

    @field_validator("longest")
    @classmethod
    def _not_below_every(cls, longest: Limit | None, info: ValidationInfo) -> Limit | None:
        every = info.data.get("every")
        if longest is not None and every is not None and longest.length < every.length:
            raise ValueError(f"{longest} is shorter than every ({every})")
        return longest

    def wait_after(self, repeats: int) -> timedelta:
        """How long to wait for the next repeat once there have been so many."""
        # Past 64 doublings every wait is the longest; the power must not overflow.
        wait = self.every.length.total_seconds() * self.back_off ** min(repeats, 64)
        most = (self.longest or Limit(9999, Unit.DAYS)).length.total_seconds()
        return timedelta(seconds=round(min(wait, most)))

    def next_after(self, told_at: datetime, repeats: int, calendar: WorkingCalendar) -> datetime | None:
        """When to tell again, in UTC, after `repeats` of them, the last (or the level) at `told_at`.

        None when that was the last one.
        """
        if repeats >= self.at_most:
            return None
        wait = self.wait_after(repeats)
        if self.time is KindOfTime.NATURAL:
            return told_at + wait
        at, _ = when_published(calendar, told_at, lambda known: known.add_working_hours(told_at, wait))
        return at


class Rung(RuleModel):
    """One step of a ladder: when, who is told by which channel, and what is asked of them.

    Without `channel` everybody is told by their own. `raise_grade` raises the case's grade by one
    step when the rung's moment comes.
    """

    level: Annotated[int, Field(ge=1)]
    at: WrittenFiring
    tell: Annotated[tuple[WrittenAddressee, ...], Field(min_length=1)]
    channel: Annotated[str, Field(min_length=1)] | None = None
    repeat: Repeat | None = None
    raise_grade: bool = False
    ask: Ask
    name: Words


class Ladder(RuleModel):
    """The rungs that clocks of these targets climb; without `grades` those of every grade."""

    id: Code
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    grades: tuple[Grade, ...] = tuple(Grade)
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]
    source: Source

    def covers(self, grade: Grade, target: Target) -> bool:
        """Whether a clock of this grade and target climbs this ladder."""
        return target in self.targets and grade in self.grades


class EscalationFile(RuleModel):
    """`escalation.yaml`; the first ladder that covers a clock is the one it climbs."""

    ladders: Annotated[tuple[Ladder, ...], Field(min_length=1)]
