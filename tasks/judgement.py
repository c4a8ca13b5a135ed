"""From the words of a request to what the desk takes it to be: the safety screen first, then the kind."""

from dataclasses import dataclass

from catalogue.loader import Catalogue
from models.vocabulary import Nature
from tasks.classification import Classification, classify
from tasks.screening import KnownFacts, Screening, screen


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was heard and what it was taken to be; codes only, no word of the message."""

    screening: Screening
    classification: Classification


def judge(
    text: str,
    catalogue: Catalogue,
    reader: None,
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
    known = known or KnownFacts()
    heard = screen(
        text,
        catalogue,
        danger_now=known.danger_now,
        suspect_is_guardian=known.suspect_is_guardian,
        child_age=known.child_age,
        child_under_14=known.child_under_14,
    )
    return Judgement(heard, classify(text, given_kind, nature, heard, catalogue))
