"""`procedure.yaml`: extensions, objections, callbacks, closing, looks after it, and the reasons people give."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from models.rule_files import RuleModel, read_yaml
from models.vocabulary import Grade, Recipient
from sla_rules.calendar import OpenHours
from sla_rules.calendar_file import parse_hours
from sla_rules.limits import WrittenLimit
from sla_rules.written import Source, TimedRule

SHIPPED = Path(__file__).with_name("rules") / "procedure.yaml"


@cache
def _shipped() -> Any:
    return read_yaml(SHIPPED)


ReasonCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]


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


class ApprovalRules(RuleModel):
    """Which cases only a supervisor closes; `U0`, `U1` and harm always are among them.

    The duty supervisor is asked again `again_every` so long, and the district leader after `leader_after`.
    """

    grades: tuple[Grade, ...]
    harm: Literal[True]
    again_every: WrittenLimit
    leader_after: WrittenLimit
    source: Source


class ClosingRules(RuleModel):
    """What closing asks for, beside what the catalogue asks for by kind."""

    approval: ApprovalRules


class FollowUpRule(RuleModel):
    """When a closed case is looked at again: `after` its closing, each answered within `answer_within`.

    It is for these grades and, with `harm`, for every case of suspected harm; the first rule that fits is taken.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    grades: tuple[Grade, ...]
    harm: bool = False
    after: Annotated[tuple[WrittenLimit, ...], Field(min_length=1, max_length=12)]
    answer_within: WrittenLimit
    source: Source

    def fits(self, grade: Grade, harm: bool) -> bool:
        """Whether a case of that grade, with or without suspected harm, is looked at by this rule."""
        return grade in self.grades or (self.harm and harm)


class CodedReason(RuleModel):
    """A reason people choose from a list. `needs_evidence` asks for a reference; no more than `most_days` are asked for it."""

    code: ReasonCode
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    needs_evidence: bool = False
    most_days: Annotated[int, Field(ge=1, le=60)] | None = None


Reasons = Annotated[tuple[CodedReason, ...], Field(min_length=1)]


class ReasonLists(RuleModel):
    """The reasons for each thing that is only done for a listed one, by what is said."""

    extension_asked: Reasons
    grade_decided: Reasons
    closing_decided: Reasons


class ProcedureFile(RuleModel):
    """`procedure.yaml`; a grade without an extension rule stands in `never_extended`.

    A file written before there were `closing`, `follow_ups` and `reasons` has those that are shipped.
    """

    never_extended: tuple[Grade, ...]
    extensions: dict[Grade, ExtensionRule]
    objections: ObjectionRules
    callback: CallbackRules
    closing: ClosingRules = Field(default_factory=lambda: ClosingRules.model_validate(_shipped()["closing"]))
    follow_ups: tuple[FollowUpRule, ...] = Field(
        default_factory=lambda: tuple(FollowUpRule.model_validate(each) for each in _shipped()["follow_ups"])
    )
    reasons: ReasonLists = Field(default_factory=lambda: ReasonLists.model_validate(_shipped()["reasons"]))
