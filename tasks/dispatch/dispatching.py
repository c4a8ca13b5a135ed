"""Which departments take a request, and why not others: pure, from plain facts and the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.dispatch_checks import NO_COPY
from catalogue.dispatch_rules import CopyRule, DispatchRule, Helper, When
from catalogue.loader import Catalogue
from catalogue.schema import Kind
from models.grades import SAFETY_GRADES
from models.vocabulary import Grade, Nature
from tasks.dispatch.absences import standing_in_for
from tasks.dispatch.conflict import KeptBecause, exclusions, stand_ins
from tasks.dispatch.dispatch_words import Considered, Part, Why


class NoDepartmentError(LookupError):
    """The catalogue names no unit that may take this request."""


@dataclass(frozen=True)
class Load:
    """What a unit has on its table: open orders, and how many of its clocks have run out."""

    open_orders: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class DispatchFacts:
    """Everything that decides who takes a request; codes only.

    `named_lead` is the lead a person ruled, `released` the units a person took the order from.
    `deputies` are the units absent now, each with its deputy; `load` matters only between equals.
    """

    kind: str
    nature: Nature = Nature.OTHER
    district: str | None = None
    grade: Grade = Grade.U3
    harm: bool = False
    guardian_suspect: bool = False
    child_age: int | None = None
    facts: tuple[str, ...] = ()
    complained_of: tuple[str, ...] = ()
    kept_from: tuple[str, ...] = ()
    named_lead: str | None = None
    released: tuple[str, ...] = ()
    deputies: Mapping[str, str] = field(default_factory=dict)
    load: Mapping[str, Load] = field(default_factory=dict)


@dataclass(frozen=True)
class CoHandler:
    """A unit that helps, and the code of its share."""

    unit: str
    share: str


@dataclass(frozen=True)
class Copy:
    """What the unit of the place hears: the slice, and the line of the catalogue that says so."""

    unit: str
    slice: str
    line: CopyRule


@dataclass(frozen=True)
class Dispatch:
    """Who takes a request; `considered` is everybody thought of, in that order, and what became of it."""

    lead: str
    co_handlers: tuple[CoHandler, ...]
    copy: Copy | None
    considered: tuple[Considered, ...]
    rule_id: str

    @property
    def helping(self) -> tuple[str, ...]:
        """The codes of the co-handlers."""
        return tuple(each.unit for each in self.co_handlers)

    @property
    def passed_over(self) -> tuple[Considered, ...]:
        """The units kept away because of a conflict of interest."""
        conflicts = {str(each) for each in KeptBecause}
        return tuple(each for each in self.considered if each.why in conflicts)


def decide_dispatch(facts: DispatchFacts, catalogue: Catalogue) -> Dispatch:
    """Who takes this request: a person's word, else the first rule that fits, else the kind's own lead.

    Load never takes an order from the unit it belongs to: it only chooses between those that the
    catalogue calls equally fit.

    Raises:
        NoDepartmentError: The kind has no lead and nobody named one, or no unit is left.
    """
    kind = catalogue.kinds[facts.kind]
    rule = next((each for each in catalogue.dispatch.rules if fits(each.when, facts, kind)), None)
    choice = _Choice(facts, catalogue, kind, rule)
    lead = choice.lead()
    co_handlers = choice.co_handlers(lead)
    copy = choice.copy_beside({lead, *(each.unit for each in co_handlers)})
    return Dispatch(lead, co_handlers, copy, tuple(choice.considered), _rule_id(facts, rule))


def fits(when: When, facts: DispatchFacts, kind: Kind) -> bool:
    """Whether a line of the dispatch catalogue is meant for such a request."""
    guardian = kind.guardian_may_be_offender or facts.guardian_suspect
    return (
        (not when.kinds or facts.kind in when.kinds)
        and (not when.natures or facts.nature in when.natures)
        and (not when.districts or facts.district in when.districts)
        and (not when.grades or facts.grade in when.grades)
        and (not when.facts or not set(when.facts).isdisjoint(facts.facts))
        and _age_fits(when, facts.child_age)
        and when.child_case in (None, is_child_case(facts, kind))
        and when.guardian_may_be_offender in (None, guardian)
    )


def is_child_case(facts: DispatchFacts, kind: Kind) -> bool:
    """Whether a child is, or may be, harmed: then nobody hears more than it needs."""
    return facts.harm or facts.grade in SAFETY_GRADES or facts.guardian_suspect or kind.guardian_may_be_offender


def _age_fits(when: When, age: int | None) -> bool:
    if when.age_from is None and when.age_below is None:
        return True
    if age is None:
        return False
    return (when.age_from is None or age >= when.age_from) and (when.age_below is None or age < when.age_below)


def _rule_id(facts: DispatchFacts, rule: DispatchRule | None) -> str:
    if facts.named_lead:
        return "named-by-person"
    return f"dispatch:{rule.id}" if rule else f"kind:{facts.kind}"


class _Choice:
    """One decision in the making: what is excluded, and everybody considered so far."""

    def __init__(
        self, facts: DispatchFacts, catalogue: Catalogue, kind: Kind, rule: DispatchRule | None
    ) -> None:
        self.facts, self.catalogue, self.kind, self.rule = facts, catalogue, kind, rule
        self.kept = exclusions(facts.complained_of, facts.facts, catalogue)
        for unit in facts.kept_from:
            self.kept.setdefault(unit, KeptBecause.TIED)
        self.considered: list[Considered] = []

    def lead(self) -> str:
        wanted, why = self._wanted_lead()
        if wanted is None:
            raise NoDepartmentError(f"kind {self.facts.kind} has no lead; a person must name one")
        if wanted != self.kind.lead and self.kind.lead:
            overruled = Why.REPLACED_BY_PERSON if self.facts.named_lead else Why.RULE_NAMES_ANOTHER
            self._consider(self.kind.lead, Part.LEAD, overruled)
        acting = self._able_to_lead(wanted)
        if acting is not None:
            self._consider(acting, Part.LEAD, why if acting == wanted else Why.DEPUTY)
            return acting
        for unit in stand_ins(wanted, self.catalogue, self._instead()):
            acting = self._able_to_lead(unit)
            if acting is not None:
                self._consider(acting, Part.LEAD, Why.ALTERNATIVE if acting == unit else Why.DEPUTY)
                return acting
        raise NoDepartmentError(f"every unit that could lead {self.facts.kind} is kept away; a person must decide")

    def _instead(self) -> Sequence[str]:
        if self.rule is None:
            return ()
        return sorted(self.rule.instead, key=self._burden) if self.rule.instead_by_load else self.rule.instead

    def _wanted_lead(self) -> tuple[str | None, Why]:
        if self.facts.named_lead:
            return self.facts.named_lead, Why.NAMED_BY_PERSON
        if self.rule and self.rule.lead:
            return self.rule.lead, Why.RULE_FITS
        return self.kind.lead, Why.KIND_DEFAULT

    def _able_to_lead(self, unit: str) -> str | None:
        """The unit or whoever acts for it; None, with the reason kept, if it may not lead."""
        if unit in self.kept:
            self._consider(unit, Part.LEAD, Why(self.kept[unit]))
            return None
        known = self.catalogue.departments.get(unit)
        if known is None or not known.may_lead:
            self._consider(unit, Part.LEAD, Why.MAY_NOT_LEAD)
            return None
        return self._acting_for(unit, Part.LEAD)

    def _acting_for(self, unit: str, part: Part) -> str:
        """The unit, or while it is away its deputy, unless that one may not have the case."""
        deputy = standing_in_for(unit, self.facts.deputies)
        if deputy == unit:
            return unit
        known = self.catalogue.departments.get(deputy)
        if deputy in self.kept:
            self._consider(deputy, part, Why(self.kept[deputy]))
        elif known is None or not (known.may_lead if part is Part.LEAD else known.may_help):
            self._consider(deputy, part, Why.MAY_NOT_LEAD if part is Part.LEAD else Why.HANDLES_NOTHING)
        else:
            self._consider(unit, part, Why.ABSENT)
            return deputy
        # The competent unit keeps its order even while it is away: the ladder calls its chief.
        return unit

    def co_handlers(self, lead: str) -> tuple[CoHandler, ...]:
        chosen: list[CoHandler] = []
        for helper in self._helpers():
            taken = {lead, *(each.unit for each in chosen)}
            unit = self._helper_for(helper, taken)
            if unit is not None:
                chosen.append(CoHandler(unit, helper.share))
        return tuple(chosen)

    def _helpers(self) -> Sequence[Helper]:
        rule = self.rule
        if rule is not None and rule.helpers is not None and not self._is_person_s_choice_beside(rule):
            return rule.helpers
        return [
            Helper(unit=unit, share=share_of(unit, self.facts.kind, self.catalogue))
            for unit in self.kind.with_departments
        ]

    def _is_person_s_choice_beside(self, rule: DispatchRule) -> bool:
        # A person who named another lead has set the rule's own lead aside, and with it its helpers.
        return rule.lead is not None and self.facts.named_lead not in (None, rule.lead)

    def _helper_for(self, helper: Helper, taken: set[str]) -> str | None:
        fit = [unit for unit in helper.units if self._may_help(unit, taken)]
        # min() takes the first of equals, so the order of the file decides where loads are the same.
        order = sorted(fit, key=self._burden)
        for unit in order[1:]:
            self._consider(unit, Part.HELP, Why.MORE_LOAD if self._burden(unit) > self._burden(order[0]) else Why.NAMED_LATER)
        if not order:
            return None
        acting = self._acting_for(order[0], Part.HELP)
        if acting in taken:
            self._consider(acting, Part.HELP, Why.HAS_A_PART)
            return None
        if acting != order[0]:
            self._consider(acting, Part.HELP, Why.DEPUTY)
        return acting

    def _burden(self, unit: str) -> tuple[int, int]:
        load = self.facts.load.get(unit, Load())
        return load.overdue, load.open_orders

    def _may_help(self, unit: str, taken: set[str]) -> bool:
        if unit in self.kept:
            self._consider(unit, Part.HELP, Why(self.kept[unit]))
            return False
        if unit in self.facts.released or unit in taken:
            self._consider(unit, Part.HELP, Why.REPLACED_BY_PERSON if unit in self.facts.released else Why.HAS_A_PART)
            return False
        known = self.catalogue.departments.get(unit)
        return known is not None and known.may_help

    def copy_beside(self, holding: set[str]) -> Copy | None:
        """The copy for the place, if the request names one and its unit has no part in the order."""
        copies = self.catalogue.dispatch.district_copy
        if self.facts.district is None or copies.unit in holding:
            return None
        line = next(each for each in copies.lines if fits(each.when, self.facts, self.kind))
        if copies.unit in self.kept:
            self._consider(copies.unit, Part.COPY, Why(self.kept[copies.unit]))
            return None
        if line.slice == NO_COPY:
            self._consider(copies.unit, Part.COPY, Why.COPY_WITHHELD)
            return None
        self._consider(copies.unit, Part.COPY, Why.COPY)
        return Copy(copies.unit, line.slice, line)

    def _consider(self, unit: str, part: Part, why: Why) -> None:
        entry = Considered(unit, part, why)
        if entry not in self.considered:
            self.considered.append(entry)


def share_of(unit: str, kind: str, catalogue: Catalogue) -> str:
    """The share of a unit that helps with this kind; empty for one the catalogue gives none."""
    lines = catalogue.dispatch.unit_shares
    return next((each.share for each in lines if each.unit == unit and (not each.kinds or kind in each.kinds)), "")
