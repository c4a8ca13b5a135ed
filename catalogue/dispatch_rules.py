"""What `dispatch.yaml` (派单目录) may say: facts, shares, slices, copies and who leads instead when."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from catalogue.schema import Cues, DepartmentCode, KindCode, Words
from models.rule_files import RuleModel
from models.vocabulary import Grade, Nature, ObjectionReason

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,20}$")]
Age = Annotated[int, Field(ge=0, le=120)]
SliceField = Literal["number", "grade", "kind", "district", "status", "received_at", "due_at"]
"""What a copy may hold at most: codes and times. Words and people are no part of any copy."""


class Fact(RuleModel):
    """One thing that may decide who leads, read from the words by cues or ticked by the operator.

    Of the facts with one `group` the one whose cue is heard first stands, because a platform has one
    licence. `ties` names the units that somebody complained of has a hold on: they are kept away
    from the case as if they had been complained of themselves.
    """

    code: Code
    name_zh: Words
    name_en: Words
    group: Code | None = None
    ties: tuple[DepartmentCode, ...] = ()
    cues: Cues = Cues()


class Share(RuleModel):
    """What a co-handler is asked to do."""

    code: Code
    zh: Words
    en: Words


class UnitShare(RuleModel):
    """The share of one unit, for some kinds or, named none, for all others; the first fit holds."""

    unit: DepartmentCode
    share: Code
    kinds: tuple[KindCode, ...] = ()


class When(RuleModel):
    """What must hold for a line; every part that is given must, of its own entries any one."""

    kinds: tuple[KindCode, ...] = ()
    natures: tuple[Nature, ...] = ()
    districts: tuple[DistrictCode, ...] = ()
    grades: tuple[Grade, ...] = ()
    facts: tuple[Code, ...] = ()
    age_from: Age | None = None
    age_below: Age | None = None
    child_case: bool | None = None
    guardian_may_be_offender: bool | None = None

    @model_validator(mode="after")
    def ages_leave_room(self) -> Self:
        """Refuse an age span that nobody is in."""
        if self.age_from is not None and self.age_below is not None and self.age_from >= self.age_below:
            raise ValueError("age_from must be below age_below")
        return self


class Helper(RuleModel):
    """A co-handler with its share; of several equally fit ones the least loaded is taken."""

    unit: DepartmentCode | None = None
    one_of: tuple[DepartmentCode, ...] = ()
    share: Code

    @model_validator(mode="after")
    def names_a_unit_or_several(self) -> Self:
        """Refuse a line that names nobody, or both ways at once."""
        if (self.unit is None) == (not self.one_of):
            raise ValueError("name either a unit or, under one_of, several")
        if self.one_of and (len(self.one_of) < 2 or len(set(self.one_of)) < len(self.one_of)):
            raise ValueError("one_of needs two or more units, each once")
        return self

    @property
    def units(self) -> tuple[str, ...]:
        """Whoever may take this share."""
        return self.one_of or ((self.unit,) if self.unit else ())


class DispatchRule(RuleModel):
    """Who leads instead of the kind's own lead, and who helps, where `when` holds.

    Left out, `lead` or `with` are those of the kind. `instead` is tried, in order, before the lead's
    own alternatives if the lead is excluded; with `instead_by_load` they are equally fit, and the
    least loaded is tried first.
    """

    id: RuleId
    when: When
    lead: DepartmentCode | None = None
    helpers: tuple[Helper, ...] | None = Field(default=None, alias="with")
    instead: tuple[DepartmentCode, ...] = ()
    instead_by_load: bool = False
    source: Words

    @model_validator(mode="after")
    def the_rule_says_something(self) -> Self:
        """Refuse a rule for every request, one that changes nothing, and a unit named twice."""
        if not self.when.kinds:
            raise ValueError("when.kinds: name the kinds; a rule for every kind belongs in none")
        if self.lead is None and self.helpers is None and not self.instead:
            raise ValueError("changes nothing: give lead, with or instead")
        if self.instead_by_load and len(self.instead) < 2:
            raise ValueError("instead_by_load: needs two or more units in instead")
        named = [unit for each in self.helpers or () for unit in each.units]
        if len(set(named)) < len(named):
            raise ValueError("a unit stands in `with` twice")
        if self.lead in named:
            raise ValueError(f"{self.lead} leads and may not be in `with` too")
        if self.lead in self.instead:
            raise ValueError(f"{self.lead} cannot stand in for itself")
        return self


class Slice(RuleModel):
    """Which fields a copy holds."""

    code: Code
    fields: tuple[SliceField, ...] = Field(min_length=1)


class CopyRule(RuleModel):
    """Which slice the district gets where `when` holds; the slice `none` is no copy at all."""

    id: RuleId
    when: When = When()
    slice: Code
    zh: Words
    en: Words


class DistrictCopies(RuleModel):
    """The copy for the place (属地): to which unit, and what it holds; the first line that fits."""

    unit: DepartmentCode
    lines: tuple[CopyRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def the_last_line_fits_everything(self) -> Self:
        """Refuse a list that may leave a case without a line, or that has lines never reached."""
        always = [number for number, each in enumerate(self.lines) if each.when == When()]
        if always != [len(self.lines) - 1]:
            raise ValueError("lines: the last line, and only that one, has no `when`")
        return self


class ReasonLine(RuleModel):
    """One reason for an objection and whether it needs a reference to evidence."""

    code: ObjectionReason
    zh: Words
    en: Words
    needs_evidence: bool


class DispatchFile(RuleModel):
    """`catalogue/dispatch.yaml`."""

    facts: tuple[Fact, ...] = ()
    shares: tuple[Share, ...]
    unit_shares: tuple[UnitShare, ...]
    slices: tuple[Slice, ...]
    district_copy: DistrictCopies
    rules: tuple[DispatchRule, ...]
    objection_reasons: tuple[ReasonLine, ...]

    @model_validator(mode="after")
    def every_objection_reason_has_its_words(self) -> Self:
        """Refuse a list in which a reason is missing or twice."""
        if sorted(each.code for each in self.objection_reasons) != sorted(ObjectionReason):
            raise ValueError(f"objection_reasons: needs each once: {', '.join(ObjectionReason)}")
        return self
