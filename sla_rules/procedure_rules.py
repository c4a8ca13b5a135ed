"""`procedure.yaml`: extensions, objections and callbacks."""

from typing import Annotated

from pydantic import Field, PlainValidator

from models.rule_files import RuleModel
from models.vocabulary import Grade, Recipient
from sla_rules.calendar import OpenHours
from sla_rules.calendar_file import parse_hours
from sla_rules.limits import WrittenLimit
from sla_rules.written import Source, TimedRule


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
