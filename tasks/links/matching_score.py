"""How much speaks for two cases being about one matter: evidence added up, each piece with its code."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalogue.link_rules import Evidence, LinkRules
from models.matching import MatchField
from tasks.links.matching import Tokens


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two cases, in tokens and codes; `kinds` are the leading one and the others."""

    tokens: Tokens
    received_at: datetime
    kinds: frozenset[str] = frozenset()
    district: str | None = None
    child_age: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: a field, whether it agrees, and its weight in log2 odds."""

    field: MatchField
    agrees: bool
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """As a proposal stores it."""
        return {"field": self.field.value, "agrees": self.agrees, "weight": self.weight}


@dataclass(frozen=True, slots=True)
class Match:
    """The sum, and the pieces it is made of, heaviest first; none weighs nothing."""

    score: float
    reasons: tuple[Reason, ...]


def weigh(one: Side, other: Side, rules: LinkRules) -> Match:
    """All the evidence for two cases; the order of the two makes no difference."""
    found = {each.field: each for each in _evidence(one, other, rules)}
    for rule in rules.evidence:
        if rule.field in found and found[rule.field].agrees:
            for covered in rule.covers:
                found.pop(covered, None)
    reasons = sorted((each for each in found.values() if each.weight), key=lambda each: -abs(each.weight))
    return Match(round(sum(each.weight for each in reasons), 2), tuple(reasons))


def _evidence(one: Side, other: Side, rules: LinkRules) -> Iterator[Reason]:
    for rule in rules.evidence:
        agrees = _agrees(rule, one, other, rules)
        if agrees is not None:
            yield Reason(rule.field, agrees, rule.agrees if agrees else rule.differs)


def _agrees(rule: Evidence, one: Side, other: Side, rules: LinkRules) -> bool | None:
    """Whether the two agree in one field; None if either says nothing of it."""
    match rule.field:
        case MatchField.DISTRICT:
            return one.district == other.district if one.district and other.district else None
        case MatchField.KIND:
            return not one.kinds.isdisjoint(other.kinds) if one.kinds and other.kinds else None
        case MatchField.AGE:
            if one.child_age is None or other.child_age is None:
                return None
            return abs(one.child_age - other.child_age) <= (rule.near_years or 0)
        case MatchField.TIME:
            return abs(one.received_at - other.received_at) <= timedelta(days=rule.near_days or 0)
        case MatchField.TEXT_SAME:
            shared = _shared(one, other, MatchField.TEXT_ALIKE)
            return None if shared is None else shared >= rules.text.same_from_bands
        case _:
            shared = _shared(one, other, rule.field)
            return None if shared is None else shared > 0


def _shared(one: Side, other: Side, name: MatchField) -> int | None:
    mine, theirs = one.tokens.get(name), other.tokens.get(name)
    return len(mine & theirs) if mine and theirs else None
