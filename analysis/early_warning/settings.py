"""What the two YAML files of early warning may say."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.rule_files import RuleModel, read_rule_file

HERE = Path(__file__).parent
Days = Annotated[int, Field(ge=1, le=3_650)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class UsualSettings(RuleModel):
    """How what is usual is learned."""

    level_half_life_days: Positive
    season_half_life_days: Positive
    needed_before_factor: Positive
    dispersion_before: Positive
    learn_up_to: float = Field(gt=0.5, lt=1)


class RiseSettings(RuleModel):
    """When a count is a sudden rise."""

    warm_up_days: Days
    guard_days: int = Field(ge=0, le=60)
    false_discovery: float = Field(gt=0, lt=0.5)
    fewest: int = Field(ge=1, le=1_000)
    quiet_days: int = Field(ge=0, le=365)


class ReporterRule(RuleModel):
    """So many different people about one venue."""

    fewest: int = Field(ge=2, le=100)
    within_days: Days


class KindRule(RuleModel):
    """So many kinds of request about one venue."""

    fewest: int = Field(ge=2, le=20)
    fewest_matters: int = Field(ge=2, le=100)
    within_days: Days


class VenueSettings(RuleModel):
    """Rules on one venue."""

    reporters: ReporterRule
    kinds: KindRule


class WarningSettings(RuleModel):
    """The whole file."""

    usual: UsualSettings
    sudden_rise: RiseSettings
    venue: VenueSettings


class YearlyPeriod(RuleModel):
    """A period by month and day, both included; it does not cross the new year."""

    period: str
    first: str = Field(alias="from", pattern=r"^\d\d-\d\d$")
    last: str = Field(alias="to", pattern=r"^\d\d-\d\d$")
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def it_ends_after_it_begins(self) -> Self:
        """Within one year, on days that every year has."""
        for each in (self.first, self.last):
            date.fromisoformat(f"2025-{each}")
        if self.first > self.last:
            raise ValueError("a period ends in the year it begins in; write one that crosses the new year as two")
        return self

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first <= f"{day:%m-%d}" <= self.last


class DatedPeriod(RuleModel):
    """A period of one year by its notice."""

    period: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    source: str = Field(min_length=3)


class SchoolYear(RuleModel):
    """The periods, in the order in which they are tried."""

    every_year: tuple[YearlyPeriod, ...]
    dated: tuple[DatedPeriod, ...]
    otherwise: str

    @property
    def periods(self) -> tuple[str, ...]:
        """Every name once, in order."""
        names = [*(each.period for each in self.dated), *(each.period for each in self.every_year), self.otherwise]
        return tuple(dict.fromkeys(names))

    def period_of(self, day: date) -> str:
        """Where a day lies; dated periods go before those of every year."""
        for dated in self.dated:
            if dated.first <= day <= dated.last:
                return dated.period
        return next((each.period for each in self.every_year if each.holds(day)), self.otherwise)


@cache
def delivered_settings() -> WarningSettings:
    """The settings that come with the desk, read once."""
    return read_rule_file(HERE / "settings.yaml", WarningSettings)


@cache
def delivered_school_year() -> SchoolYear:
    """The school year that comes with the desk, read once."""
    return read_rule_file(HERE / "school_year.yaml", SchoolYear)
