"""How likely the model finds something, as a person reads it."""

from collections.abc import Sequence

from desk.pages.translation import N_
from desk.pages.words import Words
from tasks.classifying.suggestion import Likely

LEAST, MOST_SHOWN = 0.01, 3


def chance_words(chance: float, words: Words) -> str:
    """In whole per cent; what is under one is told as that, and not as nothing."""
    return words.pick(N_("less than 1%")) if chance < LEAST else f"{100 * chance:.0f}%"


def worth_showing(likely: Sequence[Likely]) -> tuple[Likely, ...]:
    """The few kinds that may well be right, the likeliest first."""
    ordered = sorted(likely, key=lambda each: -each.chance)
    return tuple(each for each in ordered if each.chance >= LEAST)[:MOST_SHOWN]
