"""Whether what comes in still resembles what the model was taught: told in counts, without a word."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.learning import Confirmation
from models.record import Decision
from models.vocabulary import DecisionKind

FEW = 5
MOVED, MOVED_FAR = 0.1, 0.25
"""Population stability index: below the first nothing moved, above the second a person should look."""


@dataclass(frozen=True)
class Drift:
    """Two spans of time side by side; shares are of the classified requests of the span, or None.

    `index` is the population stability index of the kinds, grouped by their first letter.
    `overruled` is the share of a person's rulings that changed kind, grade or harm.
    """

    before: int
    after: int
    index: float | None
    review_before: float | None
    review_after: float | None
    harm_before: float | None
    harm_after: float | None
    confidence_before: float | None
    confidence_after: float | None
    rulings: int
    overruled: float | None
    models: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """A code: too_few, steady, moved or moved_far."""
        if self.index is None:
            return "too_few"
        if self.index < MOVED:
            return "steady"
        return "moved" if self.index < MOVED_FAR else "moved_far"


def drift(session: Session, start: datetime, middle: datetime, end: datetime) -> Drift:
    """What was classified from `start` until `middle`, against `middle` until `end` (aware times)."""
    before, after = _classified(session, start, middle), _classified(session, middle, end)
    rulings = session.exec(select(Confirmation).where(Confirmation.at >= middle, Confirmation.at < end)).all()
    return Drift(
        before=len(before),
        after=len(after),
        index=stability_index(_groups(before), _groups(after)),
        review_before=_share(before, "needs_review"),
        review_after=_share(after, "needs_review"),
        harm_before=_likely(before),
        harm_after=_likely(after),
        confidence_before=_mean(before, "confidence"),
        confidence_after=_mean(after, "confidence"),
        rulings=len(rulings),
        overruled=sum(map(_is_overruled, rulings)) / len(rulings) if rulings else None,
        models=tuple(sorted({str(each.facts.get("model", ""))[:12] for each in after} - {""})),
    )


def stability_index(before: Mapping[str, int], after: Mapping[str, int]) -> float | None:
    """Population stability index of two counts, with half a case added to each; None for too few."""
    if sum(before.values()) < FEW or sum(after.values()) < FEW:
        return None
    groups = before.keys() | after.keys()
    of_before = _smooth(before, groups)
    of_after = _smooth(after, groups)
    return sum((of_after[each] - of_before[each]) * math.log(of_after[each] / of_before[each]) for each in groups)


def _smooth(counts: Mapping[str, int], groups: set[str]) -> dict[str, float]:
    total = sum(counts.values()) + len(groups) / 2
    return {each: (counts.get(each, 0) + 0.5) / total for each in groups}


def _classified(session: Session, start: datetime, end: datetime) -> Sequence[Decision]:
    wanted = (
        select(Decision)
        .join(Case, col(Case.id) == col(Decision.case_id))
        .where(Decision.kind == DecisionKind.CLASSIFY, Decision.at >= start, Decision.at < end)
    )
    return session.exec(wanted).all()


def _groups(found: Sequence[Decision]) -> Counter[str]:
    return Counter(each.outcome[:1] for each in found)


def _share(found: Sequence[Decision], fact: str) -> float | None:
    return sum(bool(each.facts.get(fact)) for each in found) / len(found) if found else None


def _mean(found: Sequence[Decision], fact: str) -> float | None:
    return sum(float(each.facts.get(fact) or 0) for each in found) / len(found) if found else None


def _likely(found: Sequence[Decision]) -> float | None:
    return _mean(found, "likelihood")


def _is_overruled(row: Confirmation) -> bool:
    return (row.kind_said, row.grade_said, row.harm_said) != (row.kind_ruled, row.grade_ruled, row.harm_ruled)
