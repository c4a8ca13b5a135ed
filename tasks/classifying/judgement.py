"""From the words of a request to what the desk takes it to be: the safety screen first, then the kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from classifier.reader import EVIDENCE_FULL, Reader, Reading
from models.vocabulary import Nature
from tasks.classifying.classification import Classification, classify_clean
from tasks.classifying.evidence import Evidence, weigh
from tasks.classifying.screening import KnownFacts, Screening, screen_clean
from tasks.classifying.two_opinions import join_opinions


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was heard and what it was taken to be; codes only, no word of the message."""

    screening: Screening
    classification: Classification
    reading: Reading | None


def judge(
    text: str,
    catalogue: Catalogue,
    reader: Reader | None,
    *,
    given_kind: str | None = None,
    nature: Nature | None = None,
    known: KnownFacts | None = None,
) -> Judgement:
    """Screen `text`, then find its kind.

    Args:
        text: The message as it came, of any length.
        catalogue: Kinds, signals and departments to judge by.
        reader: The learned model to judge with; None judges by cues alone.
        given_kind: The operator's choice, if any.
        nature: What the caller wants, if the operator knows.
        known: What the operator ticked or typed beside the message.

    Raises:
        UnknownKindError: `given_kind` is not in the catalogue.
    """
    clean = normalise(text)
    heard = screen_clean(clean, catalogue, known or KnownFacts())
    weighed = weigh(catalogue.kind_cues, clean)
    by_cues = classify_clean(clean, weighed, given_kind, nature, heard, catalogue)
    if reader is None:
        return Judgement(heard, by_cues, None)
    reading = reader.read(clean, evidence_of(weighed, heard))
    joint = join_opinions(by_cues, reading, reader, heard, catalogue, given_kind=given_kind)
    return Judgement(heard, joint, reading)


def evidence_of(weighed: Mapping[str, Evidence], heard: Screening) -> dict[str, float]:
    """What the cues bring to a model: the score of each kind, and every signal that was heard."""
    return {
        **{owner: evidence.score for owner, evidence in weighed.items()},
        **dict.fromkeys(heard.signals, EVIDENCE_FULL),
    }
