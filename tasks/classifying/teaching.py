"""The desk's own confirmed cases, and the corpus, as lessons for the classifier."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from catalogue.schema import Kind
from classifier.corpus_files import Example
from classifier.lessons import Lesson
from models.case import Case
from models.house import AccessLog
from models.learning import Confirmation
from models.vocabulary import Purpose, ReadOf
from tasks.classifying.confirming import confirmations
from tasks.classifying.evidence import weigh
from tasks.classifying.judgement import evidence_of
from tasks.classifying.screening import KnownFacts, screen_clean
from tasks.workplace import Workplace

_CUES_IN_A_TEXT = 8
HELD_OUT_SHARE = 5
"""One confirmed case in five is never learned from: models are compared on these."""


@dataclass(frozen=True)
class Taught:
    """Confirmed cases by what they are for; those without words any more are only counted."""

    to_learn: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]
    without_words: int


def taught_cases(place: Workplace, catalogue: Catalogue, actor: str, now: datetime) -> Taught:
    """Every case a named person ruled on, with its words; each reading is in the access log first.

    Args:
        place: The desk.
        catalogue: Whose cues the lessons carry.
        actor: Who trains or evaluates.
        now: Aware time.
    """
    with place.database.writing() as session:
        rows = [(each, _case(session, each)) for each in confirmations(session)]
        kept = [(each, case) for each, case in rows if case is not None and case.text_ct is not None]
        session.add_all(
            AccessLog(at=now, client=actor, case_id=case.id, what=ReadOf.WORDS, purpose=Purpose.LEARNING, allowed=True)
            for _, case in kept
        )
        lessons = [(case.number or 0, _lesson(place, catalogue, each, case)) for each, case in kept]
    return Taught(
        tuple(lesson for number, lesson in lessons if number % HELD_OUT_SHARE),
        tuple(lesson for number, lesson in lessons if not number % HELD_OUT_SHARE),
        len(rows) - len(kept),
    )


def lessons_of(examples: Iterable[Example], catalogue: Catalogue) -> Iterator[Lesson]:
    """Examples as lessons: normalised, with the cues of the catalogue that they hold."""
    for example in examples:
        clean = normalise(example.text)
        yield Lesson(clean, evidence_in(clean, catalogue), example)


def evidence_in(clean: str, catalogue: Catalogue) -> dict[str, float]:
    """What the cues say of normalised text, as a model is told it."""
    return evidence_of(weigh(catalogue.kind_cues, clean), screen_clean(clean, catalogue, KnownFacts()))


def primer_of(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """The name and the cues of every kind as short texts about it."""
    return tuple(
        (normalise("。".join(words[at : at + _CUES_IN_A_TEXT])), code)
        for code, kind in catalogue.kinds.items()
        for words in [_words_of(kind)]
        for at in range(0, len(words), _CUES_IN_A_TEXT)
    )


def _words_of(kind: Kind) -> list[str]:
    cues = (each if isinstance(each, str) else " ".join(each.together) for each in (*kind.cues.zh, *kind.cues.en))
    return [kind.name_zh, kind.name_en, *(each.replace("|", " ") for each in cues)]


def owners_in(catalogue: Catalogue) -> tuple[str, ...]:
    """Everything that has cues: kinds, then signals."""
    return (*catalogue.kinds, *(each.id for each in catalogue.signals))


def _case(session: Session, row: Confirmation) -> Case | None:
    return session.exec(select(Case).where(Case.id == row.case_id)).first()


def _lesson(place: Workplace, catalogue: Catalogue, row: Confirmation, case: Case) -> Lesson:
    text = place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct or b"")
    clean = normalise(text)
    kind = catalogue.kinds.get(row.kind_ruled)
    example = Example(
        id=case.label,
        text=text,
        lang="en" if case.language == "en" else "zh",
        kind=row.kind_ruled,
        also=(),
        grade=row.grade_ruled,
        harm=row.harm_ruled,
        guardian_suspect=case.guardian_suspect,
        nature=case.nature,
        lead=kind.lead if kind else None,
    )
    return Lesson(clean, evidence_in(clean, catalogue), example)
