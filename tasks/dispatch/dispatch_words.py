"""What became of every unit that was considered for an order, as codes and as words people read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalogue.schema import Department


class Part(StrEnum):
    """As what a unit was considered."""

    LEAD = "lead"
    HELP = "help"
    COPY = "copy"


class Why(StrEnum):
    """Why a unit was taken or passed over; the first four are those of `tasks.dispatch.conflict.KeptBecause`."""

    COMPLAINED_OF = "complained_of"
    TIED = "tied"
    BELOW = "below"
    TIED_BY_FACT = "tied_by_fact"
    KIND_DEFAULT = "kind_default"
    RULE_FITS = "rule_fits"
    NAMED_BY_PERSON = "named_by_person"
    ALTERNATIVE = "alternative"
    DEPUTY = "deputy"
    COPY = "copy"
    REPLACED_BY_PERSON = "replaced_by_person"
    RULE_NAMES_ANOTHER = "rule_names_another"
    MAY_NOT_LEAD = "may_not_lead"
    HANDLES_NOTHING = "handles_nothing"
    ABSENT = "absent"
    HAS_A_PART = "has_a_part"
    MORE_LOAD = "more_load"
    NAMED_LATER = "named_later"
    COPY_WITHHELD = "copy_withheld"


TAKEN = frozenset(
    {Why.KIND_DEFAULT, Why.RULE_FITS, Why.NAMED_BY_PERSON, Why.ALTERNATIVE, Why.DEPUTY, Why.COPY}
)
"""The reasons for taking a unit; every other one is a reason against it."""

WORDS: dict[Why, tuple[str, str]] = {
    Why.COMPLAINED_OF: ("系被反映单位，回避", "is complained of and keeps out"),
    Why.TIED: ("与被反映单位有利害关系，回避", "is tied to the unit complained of and keeps out"),
    Why.BELOW: ("系被反映单位的下属单位，回避", "is below the unit complained of and keeps out"),
    Why.TIED_BY_FACT: ("与被反映人有关系，回避", "has ties to the person complained of and keeps out"),
    Why.KIND_DEFAULT: ("按事项目录主办", "leads this kind of request"),
    Why.RULE_FITS: ("按派单目录规则主办", "leads by a rule of the dispatch catalogue"),
    Why.NAMED_BY_PERSON: ("由专人指定主办", "was named by a person"),
    Why.ALTERNATIVE: ("目录指定的替代单位", "is the alternative that the catalogue names"),
    Why.DEPUTY: ("代替暂时缺位的单位", "stands in for a unit that is away"),
    Why.COPY: ("属地抄送", "gets a copy for the place"),
    Why.REPLACED_BY_PERSON: ("已由专人改派", "was replaced by a person"),
    Why.RULE_NAMES_ANOTHER: ("本事项通常由其主办，规则另有指定", "leads this kind as a rule, but a dispatch rule names another"),
    Why.MAY_NOT_LEAD: ("不得主办", "may not lead"),
    Why.HANDLES_NOTHING: ("不承办事项", "handles no orders"),
    Why.ABSENT: ("暂时缺位", "is away"),
    Why.HAS_A_PART: ("已有承办任务", "has a part in the order already"),
    Why.MORE_LOAD: ("同等适合，在办较多", "is equally fit but has more on its table"),
    Why.NAMED_LATER: ("同等适合，在办相当，目录排序在后", "is equally fit and as loaded, and stands later in the catalogue"),
    Why.COPY_WITHHELD: ("不抄送属地", "gets no copy"),
}
"""Every reason is a key."""


@dataclass(frozen=True)
class Considered:
    """One unit that was thought of, as what, and what became of it."""

    unit: str
    part: Part
    why: Why

    @property
    def is_taken(self) -> bool:
        """Whether the unit was taken as that."""
        return self.why in TAKEN

    def to_codes(self) -> dict[str, str]:
        """For the decision's facts."""
        return {"unit": self.unit, "part": str(self.part), "why": str(self.why)}


def considered_in(facts: Mapping[str, Any]) -> tuple[Considered, ...]:
    """What a stored decision says was considered; empty for decisions that consider no unit."""
    return tuple(
        Considered(str(each["unit"]), Part(each["part"]), Why(each["why"])) for each in facts.get("considered", ())
    )


def why_not(considered: Iterable[Considered], units: Mapping[str, Department]) -> tuple[str, str]:
    """One clause in Chinese and one in English about those passed over; both empty if nobody was."""
    others = [each for each in considered if not each.is_taken]
    zh = "；".join(f"{name_of(each.unit, units)[0]}{WORDS[each.why][0]}" for each in others)
    en = "; ".join(f"{name_of(each.unit, units)[1]} {WORDS[each.why][1]}" for each in others)
    return zh, en


def name_of(unit: str, units: Mapping[str, Department]) -> tuple[str, str]:
    """A unit's names; its code where the catalogue no longer has it."""
    known = units.get(unit)
    return (known.name_zh, known.name_en) if known else (unit, unit)
