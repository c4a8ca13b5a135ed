"""What `rules.yaml` may say about proactive orders."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.early_warnings import WarningSort
from models.rule_files import RuleModel, read_rule_file
from models.vocabulary import Grade
from sla_rules.limits import Unit, WrittenLimit
from sla_rules.written import Code, Source, TimedRule, Words

SHIPPED = Path(__file__).with_name("rules.yaml")
ISSUE = "issue"
_SORTS = frozenset({*(each.value for each in WarningSort), ISSUE})


class Step(StrEnum):
    """What is waited for next."""

    ACCEPT = "accept"
    PLAN = "plan"
    RESULT = "result"
    REDO = "redo"
    DECIDE_OBJECTION = "decide_objection"
    DECIDE_CLOSING = "decide_closing"


class Check(StrEnum):
    """What a closing may be held against."""

    RESULT_GIVEN = "result_given"
    MEASURES_NAMED = "measures_named"
    EVALUATED = "evaluated"
    RISE_OVER = "rise_over"


class StepRule(TimedRule):
    """How long a step may take, and after how much of it somebody is reminded."""

    remind: WrittenLimit | None = None

    @model_validator(mode="after")
    def it_reminds_before_it_is_over(self) -> Self:
        """In the unit of the limit, so that the two can be compared by reading them."""
        if self.remind is None:
            return self
        if self.remind.unit is not self.limit.unit or self.remind.amount >= self.limit.amount:
            raise ValueError(f"remind: {self.remind} must be less than {self.limit}, in the same unit")
        return self


class Steps(RuleModel):
    """The three steps of a unit, each counted from the beginning."""

    accept: StepRule
    plan: StepRule
    result: StepRule


class Pace(RuleModel):
    """How quick an order of some sorts is; `sorts` left empty fits every one."""

    code: Code
    sorts: tuple[str, ...]
    grade: Grade
    source: Source
    steps: Steps

    @model_validator(mode="after")
    def its_sorts_exist(self) -> Self:
        """A misspelt sort would silently be slow."""
        if unknown := sorted(set(self.sorts) - _SORTS):
            raise ValueError(f"sorts: {', '.join(unknown)} is none of {', '.join(sorted(_SORTS))}")
        return self


class Named(RuleModel):
    """A code that people choose, with its words."""

    code: Code
    name: Words


class Closing(Named):
    """One reason to close, and what must hold for it."""

    checks: tuple[Check, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def no_closing_without_a_result(self) -> Self:
        """An order is never closed on nothing: these two are not configuration."""
        if missing := {Check.RESULT_GIVEN, Check.MEASURES_NAMED} - set(self.checks):
            raise ValueError(f"{self.code}: checks must have {', '.join(sorted(missing))}")
        return self


class ProactiveRules(RuleModel):
    """The whole file."""

    paces: tuple[Pace, ...] = Field(min_length=1)
    decide_objection: TimedRule
    redo: StepRule
    decide_closing: TimedRule
    evaluate_after: WrittenLimit
    calm_days: Annotated[int, Field(ge=7, le=365)]
    same_trouble_days: Annotated[int, Field(ge=1, le=730)]
    measures: tuple[Named, ...] = Field(min_length=1)
    objections: tuple[Named, ...] = Field(min_length=1)
    closings: tuple[Closing, ...] = Field(min_length=1)
    withdrawals: tuple[Named, ...] = Field(min_length=1)
    sent_back: tuple[Named, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def it_holds_together(self) -> Self:
        """The last pace takes everything; codes of one list differ; a calm is seen before the evaluation."""
        if self.paces[-1].sorts:
            raise ValueError("the last pace must fit every sort: leave its sorts empty")
        for several in (self.measures, self.objections, self.closings, self.withdrawals, self.sent_back):
            codes = [each.code for each in several]
            if len(set(codes)) < len(codes):
                raise ValueError(f"two entries have the same code: {', '.join(codes)}")
        if self.evaluate_after.unit is not Unit.DAYS or self.evaluate_after.amount < self.calm_days:
            raise ValueError("evaluate_after: in days, and no fewer than calm_days")
        return self

    def pace_of(self, sort: str) -> Pace:
        """How quick an order of this sort is."""
        return next(each for each in self.paces if not each.sorts or sort in each.sorts)

    def closing(self, code: str) -> Closing | None:
        """The reason to close with this code."""
        return next((each for each in self.closings if each.code == code), None)


def load_proactive(home: Path | None = None) -> ProactiveRules:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    own = home / "proactive.yaml" if home else None
    if own and own.exists():
        return read_rule_file(own, ProactiveRules)
    return _delivered()


@cache
def _delivered() -> ProactiveRules:
    return read_rule_file(SHIPPED, ProactiveRules)
