"""What the catalogue's YAML files may say, entry by entry."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from models.grades import GRAVITY
from models.rule_files import RuleModel
from models.vocabulary import CallbackClass, ClosingAct, Grade, Nature, Route

KindCode = Annotated[str, StringConstraints(pattern=r"^[FSCNGJX]\d\d$")]
DepartmentCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,12}$")]
SignalId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
ReportCode = Literal["MR1", "MR2", "MR3", "MR4", "MR5", "MR6", "MR7", "MR8", "MR9"]
Phrase = Annotated[str, StringConstraints(min_length=2, max_length=60, strip_whitespace=True)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Near(RuleModel):
    """Phrases that mean something when they begin within `within` characters of each other.

    Alternatives in one phrase are separated by `|`: `{all: [继父|养父, 打我], within: 12}`.
    """

    together: tuple[Words, ...] = Field(alias="all", min_length=2)
    within: int = Field(default=20, ge=1, le=200)

    @model_validator(mode="after")
    def no_alternative_is_empty(self) -> Self:
        """Refuse `a||b`: an empty alternative would be heard everywhere."""
        if any(not each.strip() for part in self.together for each in part.split("|")):
            raise ValueError("an alternative between | is empty")
        return self


class Cues(RuleModel):
    """What callers say, in Chinese and in English."""

    zh: tuple[Phrase | Near, ...] = ()
    en: tuple[Phrase | Near, ...] = ()

    @model_validator(mode="after")
    def no_phrase_twice(self) -> Self:
        """A phrase written twice would count twice."""
        phrases = [each for each in (*self.zh, *self.en) if isinstance(each, str)]
        twice = sorted({each for each in phrases if phrases.count(each) > 1})
        if twice:
            raise ValueError(f"written twice: {', '.join(twice)}")
        return self


class Department(RuleModel):
    """A unit that handles cases; `alternative` handles those in which it is complained of.

    `superior` is the unit above it, which may handle a complaint about it; the other way round it
    may not. `tied_to` are units it has a common interest with: a complaint about one of them keeps
    both away. A unit with `may_help: false` handles nothing; it is listed to be complained of.
    """

    code: DepartmentCode
    name_zh: Words
    full_zh: Words
    name_en: Words
    may_lead: bool
    may_help: bool = True
    is_committee: bool = False
    alternative: DepartmentCode
    superior: DepartmentCode | None = None
    tied_to: tuple[DepartmentCode, ...] = ()

    @model_validator(mode="after")
    def the_entry_agrees_with_itself(self) -> Self:
        """Refuse a committee that leads, and a unit above or tied to itself."""
        if self.is_committee and self.may_lead:
            raise ValueError("a community committee never leads (接诉即办 regulation, art. 17): may_lead: false")
        if self.may_lead and not self.may_help:
            raise ValueError("a unit that may lead may also help; correct may_help")
        if self.code == self.superior or self.code in self.tied_to:
            raise ValueError("a unit cannot be above itself or tied to itself")
        return self


class Kind(RuleModel):
    """One kind of request: who leads, how urgent it is, whom nobody may call."""

    code: KindCode
    name_zh: Words
    name_en: Words
    route: Route
    legal_channel: bool = False
    lead: DepartmentCode | None = None
    with_departments: tuple[DepartmentCode, ...] = Field(default=(), alias="with")
    grade: Grade
    raised_grade: Grade | None = None
    raised_when: tuple[SignalId, ...] = ()
    mandatory_report: tuple[ReportCode, ...] = ()
    possible_mandatory_report: tuple[ReportCode, ...] = ()
    callback: CallbackClass
    closing: tuple[ClosingAct, ...] = ()
    guardian_may_be_offender: bool = False
    anchor: Words
    cues: Cues

    @property
    def group(self) -> str:
        """The first letter of the code: F, S, C, N, G, J or X."""
        return self.code[0]

    @model_validator(mode="after")
    def the_entry_agrees_with_itself(self) -> Self:
        """Refuse an entry whose parts contradict each other."""
        if self.route is Route.DISPATCH and self.lead is None:
            raise ValueError("a kind that is dispatched needs a lead")
        if self.lead in self.with_departments:
            raise ValueError(f"{self.lead} leads and may not be in `with` too")
        if (self.raised_grade is None) != (not self.raised_when):
            raise ValueError("raised_grade and raised_when go together")
        if self.raised_grade and GRAVITY[self.raised_grade] >= GRAVITY[self.grade]:
            raise ValueError("raised_grade must be graver than grade")
        if self.guardian_may_be_offender and self.callback is CallbackClass.NORMAL:
            raise ValueError("a guardian may be the offender, so callback must be CB-R or CB-X")
        return self


class Signal(RuleModel):
    """One thing the safety screen listens for, and what follows when it is heard.

    `scope: child` signals tell that a child is spoken of. `age_below` signals are read from ages.
    `counts_as` names another signal that is then heard too. `mandatory_report_from_14` replaces
    `mandatory_report` when the child is known to be fourteen or older.
    """

    id: SignalId
    meaning: Words
    scope: Literal["child"] | None = None
    age_below: int | None = Field(default=None, ge=1, le=18)
    counts_as: SignalId | None = None
    needs_child: bool = False
    guardian_suspect: bool = False
    harm: bool = False
    grade: Grade | None = None
    mandatory_report: tuple[ReportCode, ...] = ()
    mandatory_report_from_14: tuple[ReportCode, ...] = ()
    kind: KindCode | None = None
    guardian_kind: KindCode | None = None
    cues: Cues = Cues()

    @model_validator(mode="after")
    def the_entry_agrees_with_itself(self) -> Self:
        """Refuse a signal that can never be heard or that reports without raising."""
        if self.age_below is None and not (self.cues.zh or self.cues.en):
            raise ValueError("needs cues or age_below")
        if self.mandatory_report and not (self.harm and self.grade):
            raise ValueError("a signal that must be reported needs harm: true and a grade")
        if self.harm and self.kind is None:
            raise ValueError("a signal that means harm needs the kind that leads when no other does")
        return self


class NatureCues(RuleModel):
    """What callers say when they want this."""

    nature: Nature
    cues: Cues


class KindFile(RuleModel):
    """A file of `catalogue/kinds/`."""

    kinds: tuple[Kind, ...]


class DepartmentFile(RuleModel):
    """`catalogue/departments.yaml`."""

    departments: tuple[Department, ...]


class SignalFile(RuleModel):
    """`catalogue/signals.yaml`."""

    signals: tuple[Signal, ...]


class NatureFile(RuleModel):
    """`catalogue/natures.yaml`."""

    natures: tuple[NatureCues, ...]
