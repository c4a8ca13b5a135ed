"""`rates.yaml`: who is counted in the rates, how, and over which time; read as data."""

from datetime import time
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from models.rule_files import RuleModel, digest_of, own_or_delivered, read_rule_file
from models.vocabulary import CallbackClass, Grade, Nature
from sla_rules.written import Code, Source, Words

SHIPPED = Path(__file__).with_name("rates.yaml")


def _as_written(value: Any) -> Any:
    # YAML reads 0.9 as a float; its shortest text is what was written, its value is not.
    return str(value) if isinstance(value, float | int) and not isinstance(value, bool) else value


def _as_time(value: Any) -> Any:
    # Of a bare number pydantic would make seconds after midnight.
    if isinstance(value, str):
        return value
    raise ValueError("write the time of day in quotes, such as '12:00'")


Share = Annotated[Decimal, BeforeValidator(_as_written), Field(ge=0, le=1, max_digits=6)]
TimeOfDay = Annotated[time, BeforeValidator(_as_time)]


class Rate(StrEnum):
    """The three rates that the composite is made of."""

    RESPONSE = "response"
    RESOLUTION = "resolution"
    SATISFACTION = "satisfaction"


class Rounding(StrEnum):
    """What becomes of a half in the last place."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


ROUNDS_BY: dict[Rounding, str] = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}


class Summary(StrEnum):
    """How several units become one figure."""

    POOLED = "pooled"
    MEAN = "mean"


class Ties(StrEnum):
    """Who stands first of two with the same composite, before the code decides."""

    VOLUME = "volume"
    CODE = "code"


class AnswersCounted(StrEnum):
    """Which of an order's callbacks in one window count."""

    LAST = "last"
    EVERY = "every"


class Assessed(StrEnum):
    """What an order that is an exception is still assessed on."""

    RESPONSE_ONLY = "response_only"
    NOTHING = "nothing"


class AssessmentRule(StrEnum):
    """Which assessment period a day has."""

    CONTAINING = "containing"
    LAST_MONTH = "last_month"


class Formula(RuleModel):
    """The arithmetic of the rates."""

    basically_counts: Share
    weights: dict[Rate, Share]
    percent_decimals: int = Field(ge=0, le=6)
    composite_decimals: int = Field(ge=0, le=6)
    rounding: Rounding
    source: Source

    @field_validator("weights")
    @classmethod
    def _are_shares_of_one(cls, weights: dict[Rate, Decimal]) -> dict[Rate, Decimal]:
        missing = [rate for rate in Rate if rate not in weights]
        if missing:
            raise ValueError(f"no weight for {', '.join(missing)}")
        if sum(weights.values()) != 1:
            raise ValueError(f"the weights add up to {sum(weights.values())}, not to 1")
        return weights


class RateException(RuleModel):
    """Orders not assessed on all three rates; what is left out fits every order."""

    code: Code
    name: Words
    guardian_suspect: bool | None = None
    callback_classes: tuple[CallbackClass, ...] = ()
    grades: tuple[Grade, ...] = ()
    natures: tuple[Nature, ...] = ()
    kinds: tuple[Annotated[str, Field(pattern=r"^[A-Z]\d\d$")], ...] = ()
    assessed: Assessed
    source: Source

    @model_validator(mode="after")
    def _says_for_whom(self) -> Self:
        if self.guardian_suspect is None and not (self.callback_classes or self.grades or self.natures or self.kinds):
            raise ValueError("fits every order; say which ones it is for")
        return self


class WindowRules(RuleModel):
    """Over which time the rates are counted."""

    day_ends: TimeOfDay
    assessment_first_day: int = Field(ge=1, le=28)
    assessment_rule: AssessmentRule
    source: Source

    @field_validator("day_ends")
    @classmethod
    def _lies_inside_the_day(cls, day_ends: time) -> time:
        if day_ends == time():
            raise ValueError("00:00 would leave the first day of a period empty; name a time inside the day")
        return day_ends


class RateRules(RuleModel):
    """The whole file."""

    formula: Formula
    summary: Summary
    ties: Ties
    answers_counted: AnswersCounted
    exceptions: tuple[RateException, ...]
    windows: WindowRules

    @field_validator("exceptions")
    @classmethod
    def _have_codes_of_their_own(cls, exceptions: tuple[RateException, ...]) -> tuple[RateException, ...]:
        if len({each.code for each in exceptions}) < len(exceptions):
            raise ValueError("two exceptions have the same code")
        return exceptions


def load_rate_rules(home: Path | None = None) -> RateRules:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(rate_file(home), RateRules)


def rate_file(home: Path | None = None) -> Path:
    """Where the rules of the rates stand."""
    return own_or_delivered(home, SHIPPED, "rates.yaml")


def rate_rules_digest(home: Path | None = None) -> str:
    """Names the very content of the file, for the foot of a report."""
    return digest_of([rate_file(home)])
