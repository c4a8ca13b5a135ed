"""Trying a model before it goes live: it may not catch less harm than the one it follows."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from catalogue.loader import Catalogue
from classifier.lessons import Lesson
from classifier.reader import Reader
from models.vocabulary import Doubt
from tasks.classifying.judgement import judge
from tasks.house.promotion import PromotionRefusedError


@dataclass(frozen=True)
class Trial:
    """What became of lessons a model never learned from; counts.

    `caught` means acted upon, or held for a person with the graver grade.
    """

    lessons: int
    urgent: int
    urgent_caught: int
    harmful: int
    harmful_caught: int
    harmful_at_once: int
    harmless: int
    false_alarms: int
    reviewed: int
    kind_right: int

    @property
    def report(self) -> dict[str, Any]:
        """For the record of a promotion: counts only."""
        return asdict(self)


def trial(reader: Reader | None, catalogue: Catalogue, lessons: Iterable[Lesson]) -> Trial:
    """How cues and this model together judge the lessons."""
    counts = dict.fromkeys(Trial.__dataclass_fields__, 0)
    for each in lessons:
        counts["lessons"] += 1
        for name in _what_became_of(each, reader, catalogue):
            counts[name] += 1
    return Trial(**counts)


def _what_became_of(lesson: Lesson, reader: Reader | None, catalogue: Catalogue) -> Iterator[str]:
    found = judge(lesson.example.text, catalogue, reader).classification
    caught = found.harm or Doubt.SCREENS_DISAGREE in found.doubts
    at_once = found.harm and not found.needs_review
    if lesson.truth("grave"):
        yield "urgent"
        if caught:
            yield "urgent_caught"
    yield "harmful" if lesson.harm else "harmless"
    if lesson.harm and caught:
        yield "harmful_caught"
    if at_once:
        yield "harmful_at_once" if lesson.harm else "false_alarms"
    if found.needs_review:
        yield "reviewed"
    if found.kind in lesson.example.kinds:
        yield "kind_right"


def check_recall_holds(live: Trial, wanted: Trial) -> None:
    """Return if the wanted model catches at least as much as the live one, on the same lessons.

    Raises:
        PromotionRefusedError: It catches fewer urgent or fewer harmful ones, or the lessons differ.
    """
    if live.lessons != wanted.lessons:
        raise PromotionRefusedError("the two models were tried on different cases; try both again")
    if wanted.urgent_caught < live.urgent_caught:
        raise PromotionRefusedError(_lost("U0/U1", wanted.urgent_caught, live.urgent_caught, live.urgent))
    if wanted.harmful_caught < live.harmful_caught:
        raise PromotionRefusedError(_lost("harm", wanted.harmful_caught, live.harmful_caught, live.harmful))


def _lost(what: str, wanted: int, live: int, of: int) -> str:
    return (
        f"recall of {what} would fall from {live} to {wanted} of {of} held-out cases: a model that misses more"
        " is not promoted; teach it the missed ones and train again"
    )
