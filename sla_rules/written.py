"""What every rule file is written with: names, sources, and a limit with its kind of time."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from models.rule_files import RuleModel
from models.vocabulary import EndOfDays, KindOfTime
from sla_rules.limits import Limit, Unit, WrittenLimit

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$")]
Source = Annotated[str, Field(min_length=3)]

UNITS: dict[KindOfTime, frozenset[Unit]] = {
    KindOfTime.NATURAL: frozenset({Unit.MINUTES, Unit.HOURS}),
    KindOfTime.CALENDAR_DAYS: frozenset({Unit.DAYS}),
    KindOfTime.WORKING_DAYS: frozenset({Unit.DAYS}),
    KindOfTime.WORKING_HOURS: frozenset({Unit.MINUTES, Unit.HOURS}),
}
"""A day is counted by a calendar and an hour by a clock; each kind of time takes one of the two."""


class Words(RuleModel):
    """A name for people, in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class TimedRule(RuleModel):
    """A limit and the kind of time it is counted in.

    With `roll_over` a last day that is a rest day moves to the next workday (L-CC 203). Days end at
    24:00 of the last one, or, with `ends: same_clock`, at the time of day they began at.
    """

    time: KindOfTime
    limit: WrittenLimit
    ends: EndOfDays = EndOfDays.DAY_END
    roll_over: bool = False

    @field_validator("limit")
    @classmethod
    def _unit_fits(cls, limit: Limit, info: ValidationInfo) -> Limit:
        time = info.data.get("time")
        if time is not None and limit.unit not in UNITS[time]:
            fitting = " or ".join(unit for unit in Unit if unit in UNITS[time])
            raise ValueError(f"{limit}: {time} is written in {fitting}, not in {limit.unit}")
        return limit

    @field_validator("roll_over")
    @classmethod
    def _only_calendar_days_roll(cls, roll_over: bool, info: ValidationInfo) -> bool:
        time = info.data.get("time")
        if roll_over and time not in (None, KindOfTime.CALENDAR_DAYS):
            raise ValueError(f"only calendar_days can roll over, not {time}")
        return roll_over

    @field_validator("ends")
    @classmethod
    def _only_days_end(cls, ends: EndOfDays, info: ValidationInfo) -> EndOfDays:
        time = info.data.get("time")
        if ends is EndOfDays.SAME_CLOCK and time in (KindOfTime.NATURAL, KindOfTime.WORKING_HOURS):
            raise ValueError(f"{time} has no last day that could end; remove it")
        return ends
