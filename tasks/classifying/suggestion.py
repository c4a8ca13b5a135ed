"""What the machine suggests about one request and why, with the words that made it think so; for the seat only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from classifier.reader import characters_of
from models.vocabulary import Doubt, Grade, Nature, PersonRole, Purpose
from tasks.classifying.judgement import judge
from tasks.classifying.screening import KnownFacts
from tasks.news.inbox import Speaker, find_case
from tasks.words.masked_text import mask_text
from tasks.words.reading import Said, known_people, read_words
from tasks.words.scrubbing import Scrubbed
from tasks.words.summaries import propose_summary
from tasks.workplace import Workplace

PASSAGE = "passage"
"""The reason of a mark that the model, not a cue, is behind: the passage most like harm."""


@dataclass(frozen=True)
class Mark:
    """A stretch of the shown text, `begin` to `end` in characters, and the owners of the cues in it."""

    begin: int
    end: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Likely:
    """A kind that may be right, the department that would lead, and how likely the model finds it."""

    kind: str
    lead: str | None
    chance: float


@dataclass(frozen=True)
class Suggestion:
    """Never log, cache or pass on: `text` is the request, in the form that machines read it in, with the people masked.

    `summary` is what departments could read of it: the one in force, else what the machine would write.
    `harm_chance` is the model's, between 0 and 1, None where no model was asked. Marks do not overlap.
    `answer` is what was answered on the call, `said` what units and the house said since. People are masked in all of it.
    """

    number: str
    kind: str
    grade: Grade
    nature: Nature
    harm: bool
    doubts: tuple[Doubt, ...]
    signals: tuple[str, ...]
    harm_chance: float | None
    likely: tuple[Likely, ...]
    model: str
    text: str
    marks: tuple[Mark, ...]
    summary: Scrubbed
    people: Mapping[PersonRole, Mapping[str, str]]
    answer: str | None = None
    said: tuple[Said, ...] = ()


def read_suggestion(
    place: Workplace, label: str, speaker: Speaker, purpose: Purpose, now: datetime
) -> Suggestion:
    """The suggestion on one request by what is live now; the read is in the access log before it is given.

    Raises:
        CaseNotFoundError: There is no such case for this speaker.
        ReadingNotAllowedError: The speaker's role may not read words.
        SealedForeverError: The case has been sealed.
    """
    words = read_words(place, label, speaker, purpose, now)
    with place.database.reading() as session:
        case = find_case(session, label, speaker)
        summary = propose_summary(place, session, case)
        known_to_us = known_people(place, session, case)
        # The machine judges what was said; who looks at it sees the people masked.
        request = place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct) if case.text_ct else ""
    known = KnownFacts(suspect_is_guardian=case.guardian_suspect, child_age=case.child_age)
    said = judge(request, place.catalogue, place.reader, given_kind=case.given_kind, known=known)
    clean = normalise(request)
    heard = {*said.screening.signals, said.classification.kind, *said.classification.also}
    places = [each for each in _cue_places(clean, place.catalogue) if each[0] in heard]
    if said.reading and said.reading.harm >= (place.reader.maybe if place.reader else 1.0):
        places.append((PASSAGE, *characters_of(clean, said.reading.passage)))
    kinds = said.reading.kinds if said.reading else ()
    return Suggestion(
        number=case.label,
        kind=said.classification.kind,
        grade=said.classification.grade,
        nature=said.classification.nature,
        harm=said.classification.harm,
        doubts=said.classification.doubts,
        signals=said.screening.signals,
        harm_chance=round(said.reading.harm, 2) if said.reading else None,
        likely=tuple(
            Likely(code, place.catalogue.kinds[code].lead, round(chance, 2))
            for code, chance in kinds
            if code in place.catalogue.kinds
        ),
        model=said.classification.model,
        text=mask_text(clean, known_to_us),
        marks=marks_of(places),
        summary=summary,
        people=words.people,
        answer=words.answer,
        said=words.said,
    )


def _cue_places(clean: str, catalogue: Catalogue) -> list[tuple[str, int, int]]:
    return [*catalogue.signal_cues.places(clean), *catalogue.kind_cues.places(clean)]


def marks_of(places: Sequence[tuple[str, int, int]]) -> tuple[Mark, ...]:
    """Stretches that do not overlap, in order, each with everything that speaks for it."""
    edges = sorted({edge for _, begin, end in places for edge in (begin, end)})
    marks: list[Mark] = []
    for begin, end in pairwise(edges):
        why = tuple(sorted({owner for owner, first, last in places if first <= begin and end <= last}))
        if why:
            marks.append(Mark(begin, end, why))
    return tuple(marks)
