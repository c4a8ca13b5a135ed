"""What the rule files may say; an unknown key is an error.

Checks that need only one entry are here; those that compare entries are in `checks.py`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from models.rule_files import RuleModel
from models.vocabulary import Ask, Grade, KindOfTime, Recipient, Status, Target
from sla_rules.calendar import OpenHours
from sla_rules.calendar_file import Day, parse_hours
from sla_rules.firing import WrittenFiring
from sla_rules.limits import Limit, Unit, WrittenLimit

NEVER_PAUSED_TARGETS = frozenset({Target.MANDATORY_REPORT, Target.SAFETY_KNOWN, Target.SUPERVISION})
"""No pause, extension or rest day may hold up what a child's safety hangs on."""

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$")]
Source = Annotated[str, Field(min_length=3)]

UNITS: dict[KindOfTime, frozenset[Unit]] = {
    KindOfTime.NATURAL: frozenset({Unit.MINUTES, Unit.HOURS}),
    KindOfTime.CALENDAR_DAYS: frozenset({Unit.DAYS}),
    KindOfTime.WORKING_DAYS: frozenset({Unit.DAYS}),
    KindOfTime.WORKING_HOURS: frozenset({Unit.MINUTES, Unit.HOURS}),
}
"""A day is counted by a calendar and an hour by a clock; each kind of time takes one of the two."""

Addressee = Recipient | Literal["HANDLER"]


def parse_addressee(written: Any) -> Addressee:
    """HANDLER (whoever the clock runs against) or a `Recipient`."""
    if written == "HANDLER":
        return "HANDLER"
    known = [each.value for each in Recipient]
    if written not in known:
        raise ValueError(f"nobody is called {str(written)!r}; known are HANDLER, {', '.join(known)}")
    return Recipient(written)


class Words(RuleModel):
    """A name for people, in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class TimedRule(RuleModel):
    """A limit and the kind of time it is counted in.

    With `roll_over` a last day that is a rest day moves to the next workday (L-CC 203).
    """

    time: KindOfTime
    limit: WrittenLimit
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


class TargetRule(TimedRule):
    """How long one target of one grade may take.

    A rule without `effective_from` holds since ever, one without `effective_to` for good; both
    days are included. A rule with a `department` goes before the general one.
    """

    id: Code
    target: Target
    warn_before_percent: Annotated[int, Field(ge=1, le=99)] = 25
    pausable: bool = False
    department: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
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

    def in_force(self, on: date) -> bool:
        """Whether a case received `on` that day is judged by this rule."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on <= self.effective_to)


class GradeRules(RuleModel):
    """One grade's targets; what it does not measure is said, so that nothing is just forgotten."""

    name: Words
    rules: Annotated[tuple[TargetRule, ...], Field(min_length=1)]
    not_measured: tuple[Target, ...] = ()


class GradesFile(RuleModel):
    """`grades.yaml`; `calendar` is the id of the calendar that working time is counted in."""

    calendar: Code
    grades: dict[Grade, GradeRules]


class PauseReason(RuleModel):
    """Why a clock may stand still, in which statuses, and for how long."""

    code: Code
    name: Words
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)]
    cap: WrittenLimit
    approval_above: WrittenLimit
    source: Source

    @field_validator("statuses")
    @classmethod
    def _not_while_disputed(cls, statuses: tuple[Status, ...]) -> tuple[Status, ...]:
        # An objection or a request for more time never stops the clock: else either would be
        # the cheapest way to gain time (domain rule: DISPUTED, duty holder unchanged).
        running = {Status.DISPUTED, Status.EXTENSION_ASKED} & set(statuses)
        if running:
            raise ValueError(f"the clock keeps running in {', '.join(sorted(running))}")
        return statuses

    @field_validator("approval_above")
    @classmethod
    def _approval_within_cap(cls, above: Limit, info: ValidationInfo) -> Limit:
        cap = info.data.get("cap")
        if cap is not None and above.length > cap.length:
            raise ValueError(f"{above} is above the cap of {cap}, so approval would never be asked")
        return above


class PausesFile(RuleModel):
    """`pauses.yaml`; `total_cap` is for all pauses of one clock together."""

    total_cap: WrittenLimit
    reasons: Annotated[tuple[PauseReason, ...], Field(min_length=1)]


class Rung(RuleModel):
    """One step of a ladder: when, who is told, and what is asked of them."""

    level: Annotated[int, Field(ge=1)]
    at: WrittenFiring
    tell: Annotated[tuple[Annotated[Addressee, PlainValidator(parse_addressee)], ...], Field(min_length=1)]
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


class ExtensionRule(TimedRule):
    """How much longer one extension may last, and how many a case may have."""

    how_many: Annotated[int, Field(ge=1)]
    source: Source


class ObjectionRules(TimedRule):
    """How long after dispatch a department may object, and when it may no longer.

    After `max_before_arbiter` objections to one case the `arbiter` names the department for good.
    """

    decide_within: WrittenLimit
    max_before_arbiter: Annotated[int, Field(ge=1)]
    arbiter: Recipient
    source: Source


class CallbackRules(RuleModel):
    """How often a caller is tried, how far apart, and at what hours of the day."""

    attempts: Annotated[int, Field(ge=1)]
    apart: WrittenLimit
    hours: Annotated[OpenHours, PlainValidator(parse_hours)]
    source: Source


class ProcedureFile(RuleModel):
    """`procedure.yaml`; a grade without an extension rule stands in `never_extended`."""

    never_extended: tuple[Grade, ...]
    extensions: dict[Grade, ExtensionRule]
    objections: ObjectionRules
    callback: CallbackRules
