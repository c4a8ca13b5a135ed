"""The safety screen: what a message tells about danger, before anybody decides what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.ages import ages_in
from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from catalogue.schema import Signal
from models.grades import graver
from models.vocabulary import Grade

_FOURTEEN = 14
_ADULT = 18


@dataclass(frozen=True, slots=True)
class Screening:
    """What the screen heard; signal ids, grades and codes only, no word of the message.

    `grade_floor` is None when nothing heard demands a grade. `mandatory_report` holds the
    situations of the 2020 reporting Opinion, art. 4, in order.
    """

    signals: tuple[str, ...]
    grade_floor: Grade | None
    mandatory_report: tuple[str, ...]
    harm: bool
    danger_now: bool
    guardian_suspect: bool
    child_mentioned: bool


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What the operator ticked or typed beside the message; None and False mean not said."""

    danger_now: bool = False
    suspect_is_guardian: bool = False
    child_age: int | None = None
    child_under_14: bool = False


def screen(
    text: str,
    catalogue: Catalogue,
    *,
    danger_now: bool = False,
    suspect_is_guardian: bool = False,
    child_age: int | None = None,
    child_under_14: bool = False,
) -> Screening:
    """What `text` and the operator's ticks tell about danger to a child.

    Signals only ever add. A negated ("he does not beat her"), quoted or second-hand phrase is heard
    like any other: a person may rule it out later, a machine may not.

    Args:
        text: The message as it came: any length, HTML, fullwidth or traditional characters allowed.
        catalogue: Holds the signals.
        danger_now: The operator says that harm is going on at this moment.
        suspect_is_guardian: The operator says that a guardian is the suspect.
        child_age: Whole years, if known.
        child_under_14: The operator knows the age band only.
    """
    return screen_clean(
        normalise(text), catalogue, KnownFacts(danger_now, suspect_is_guardian, child_age, child_under_14)
    )


def screen_clean(clean: str, catalogue: Catalogue, known: KnownFacts) -> Screening:
    """Like `screen`, for a message that is normalised already."""
    ages = _ages(clean, known)
    found = _heard(clean, ages, catalogue)
    child = _is_child_mentioned(found, catalogue.signals, known)
    if known.danger_now:
        found.add("danger_now")
    counted = [
        each
        for each in catalogue.signals
        if each.id in found and (child or not each.needs_child or _is_ticked(each, known))
    ]
    return Screening(
        signals=tuple(each.id for each in counted),
        grade_floor=_floor(counted, known),
        mandatory_report=_situations(counted, known, ages),
        harm=known.danger_now or any(each.harm for each in counted),
        danger_now=known.danger_now or any(each.grade is Grade.U0 for each in counted),
        guardian_suspect=known.suspect_is_guardian or any(each.guardian_suspect for each in counted),
        child_mentioned=child,
    )


def _ages(clean: str, known: KnownFacts) -> tuple[int, ...]:
    told = ages_in(clean)
    return told if known.child_age is None else (*told, known.child_age)


def _heard(clean: str, ages: Iterable[int], catalogue: Catalogue) -> set[str]:
    found = {hit.cue.owner for hit in catalogue.signal_cues.find(clean)}
    youngest = min(ages, default=_ADULT)
    found |= {each.id for each in catalogue.signals if each.age_below and youngest < each.age_below}
    found |= {each.counts_as for each in catalogue.signals if each.id in found and each.counts_as}
    return found


def _is_child_mentioned(found: set[str], signals: Iterable[Signal], known: KnownFacts) -> bool:
    if known.child_under_14 or (known.child_age is not None and known.child_age < _ADULT):
        return True
    return any(each.scope == "child" and each.id in found for each in signals)


def _is_ticked(signal: Signal, known: KnownFacts) -> bool:
    # The operator's tick needs no word about a child beside it.
    return known.danger_now and signal.id == "danger_now"


def _floor(counted: Iterable[Signal], known: KnownFacts) -> Grade | None:
    floor = Grade.U0 if known.danger_now else None
    for each in counted:
        if each.grade is not None:
            floor = each.grade if floor is None else graver(floor, each.grade)
    return floor


def _situations(counted: Iterable[Signal], known: KnownFacts, ages: tuple[int, ...]) -> tuple[str, ...]:
    codes: set[str] = set()
    for each in counted:
        codes.update(_situations_of(each, known, ages))
    return tuple(sorted(codes))


def _situations_of(signal: Signal, known: KnownFacts, ages: tuple[int, ...]) -> tuple[str, ...]:
    """An unknown age is the most protective one; an age only read from the text adds, never replaces."""
    older = signal.mandatory_report_from_14
    if not older or known.child_under_14:
        return signal.mandatory_report
    if known.child_age is not None:
        return signal.mandatory_report if known.child_age < _FOURTEEN else older
    if ages and min(ages) >= _FOURTEEN:
        return (*signal.mandatory_report, *older)
    return signal.mandatory_report
