"""Everything the rule files say, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from models.vocabulary import Grade, Nature, Target
from sla_rules.calendar import WorkingCalendar
from sla_rules.grade_rules import GradeRules, Only, TargetRule
from sla_rules.ladder_rules import Ladder, Rung
from sla_rules.pause_rules import PauseReason, PausesFile
from sla_rules.procedure_rules import (
    CallbackRules,
    ClosingRules,
    ExtensionRule,
    FollowUpRule,
    ObjectionRules,
    ReasonLists,
)


class UnknownPauseReasonError(ValueError):
    """A pause was asked for with a reason that `pauses.yaml` does not have."""


@dataclass(frozen=True, eq=False)
class RuleBook:
    """One consistent set of rules and its calendar.

    The digests are SHA-256 in hex over names and bytes of the rule files and of the calendar
    file: whatever is decided by this book stores both. `only` is None for a whole set; a partial
    one knows no other grades than those.
    """

    digest: str
    calendar_digest: str
    calendar: WorkingCalendar
    grades: Mapping[Grade, GradeRules]
    ladders: tuple[Ladder, ...]
    pauses: PausesFile
    extensions: Mapping[Grade, ExtensionRule]
    objections: ObjectionRules
    callback: CallbackRules
    closing: ClosingRules
    follow_ups: tuple[FollowUpRule, ...]
    reasons: ReasonLists
    only: Only | None = None

    def target_rule(
        self,
        grade: Grade,
        target: Target,
        *,
        on: date,
        kind: str | None = None,
        department: str | None = None,
        nature: Nature | None = None,
    ) -> TargetRule | None:
        """The rule for a case received `on` that day; None if the grade does not measure `target`.

        The first rule that fits is taken, in the order of the file.
        """
        for rule in self.grades[grade].rules if grade in self.grades else ():
            if rule.target is target and rule.in_force(on) and rule.fits(kind, department, nature):
                return rule
        return None

    def rule(self, rule_id: str) -> TargetRule | None:
        """The target's rule of that id; None if this book has none."""
        return self._by_id.get(rule_id)

    @cached_property
    def _by_id(self) -> dict[str, TargetRule]:
        return {rule.id: rule for each in self.grades.values() for rule in each.rules}

    def targets_for(self, grade: Grade, on: date) -> tuple[Target, ...]:
        """The targets that the grade measures on that day, in the vocabulary's order."""
        return tuple(each for each in Target if self.target_rule(grade, each, on=on) is not None)

    def ladder_for(self, grade: Grade, target: Target) -> tuple[Rung, ...]:
        """The rungs of the clock's ladder, lowest first; empty if the target is not measured."""
        ladder = next((each for each in self.ladders if each.covers(grade, target)), None)
        return ladder.rungs if ladder else ()

    def pause_reason(self, code: str) -> PauseReason:
        """The reason of that code.

        Raises:
            UnknownPauseReasonError: There is none; the message lists those there are.
        """
        for reason in self.pauses.reasons:
            if reason.code == code:
                return reason
        known = ", ".join(reason.code for reason in self.pauses.reasons)
        raise UnknownPauseReasonError(f"no such reason for a pause; known are {known}")

    def extension_for(self, grade: Grade) -> ExtensionRule | None:
        """How much more time may be granted; None for grades that are never extended."""
        return self.extensions.get(grade)

    def needs_approval(self, grade: Grade, harm: bool) -> bool:
        """Whether only a supervisor may close such a case."""
        return harm or grade in self.closing.approval.grades

    def follow_up_for(self, grade: Grade, harm: bool) -> FollowUpRule | None:
        """How such a case is looked at after closing; None if it is not."""
        return next((each for each in self.follow_ups if each.fits(grade, harm)), None)
