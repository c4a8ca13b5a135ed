"""`grades.yaml`: how long each target of each grade may take, and for which requests."""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from models.rule_files import RuleModel
from models.vocabulary import Grade, Nature, Target
from sla_rules.calendar_file import Day
from sla_rules.written import Code, Source, TimedRule, Words

NEVER_PAUSED_TARGETS = frozenset({Target.MANDATORY_REPORT, Target.SAFETY_KNOWN, Target.SUPERVISION})
"""No pause, extension or rest day may hold up what a child's safety hangs on."""


class TargetRule(TimedRule):
    """How long one target of one grade may take.

    A rule without `effective_from` holds since ever, one without `effective_to` for good; both
    days are included. `kinds`, `departments` and `natures` say for which requests; left out, for
    every one. Of the rules of one target the first that fits is taken, top to bottom; the last has
    no such condition: it is the default.
    """

    id: Code
    target: Target
    warn_before_percent: Annotated[int, Field(ge=1, le=99)] = 25
    pausable: bool = False
    kinds: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    departments: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], ...] = ()
    natures: tuple[Nature, ...] = ()
    effective_from: Day | None = None
    effective_to: Day | None = None
    source: Source

    @field_validator("effective_to")
    @classmethod
    def _ends_after_it_begins(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("effective_from")
        if first is not None and last is not None and last < first:
            raise ValueError(f"{last} is before effective_from {first}")
        return last

    @property
    def is_general(self) -> bool:
        """Whether every request is meant, so that the rule can be the default."""
        return not (self.kinds or self.departments or self.natures)

    def in_force(self, on: date) -> bool:
        """Whether a case received `on` that day is judged by this rule."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on <= self.effective_to)

    def fits(self, kind: str | None, department: str | None, nature: Nature | None) -> bool:
        """Whether a request of this kind and nature, with this department, is meant."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.departments or department in self.departments)
            and (not self.natures or nature in self.natures)
        )


class GradeRules(RuleModel):
    """One grade's targets; what it does not measure is said, so that nothing is just forgotten."""

    name: Words
    rules: Annotated[tuple[TargetRule, ...], Field(min_length=1, max_length=1000)]
    not_measured: tuple[Target, ...] = ()

    def of(self, target: Target) -> list[tuple[int, TargetRule]]:
        """The rules of that target in their order, each with its place in the list."""
        return [(index, rule) for index, rule in enumerate(self.rules) if rule.target is target]


class Only(RuleModel):
    """What a partial set is about, and why it is no more: such a set is looked at, never promoted."""

    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    why: Source


class GradesFile(RuleModel):
    """`grades.yaml`; `calendar` is the id of the calendar that working time is counted in.

    With `only` nothing else needs a rule; files that such a set leaves out are the desk's own.
    """

    calendar: Code
    only: Only | None = None
    grades: dict[Grade, GradeRules]
