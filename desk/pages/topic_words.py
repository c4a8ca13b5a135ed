"""The words of candidate topics on pages."""

from analysis.candidates.settings import Sign
from desk.pages.translation import N_, NC_, Said

SIGN_WORDS: dict[str, Said] = {
    Sign.MANY.value: N_("many requests"),
    Sign.HOT.value: N_("hot"),
    Sign.GROWING.value: N_("growing"),
    Sign.LASTING.value: N_("lasting for months"),
    Sign.SEVERAL_UNITS.value: N_("several units are concerned"),
    Sign.SEASON_AHEAD.value: N_("the season for it is ahead"),
}
"""Every sign is a key."""

TEXTS: dict[str, Said] = {
    "title": N_("Topics of the month"),
    "about": N_("The machine orders the list; people choose. The score is for choosing, never for ranking units."),
    "number": N_("Number"),
    "topic": NC_("topics", "Topic"),
    "matters": N_("Requests, at least"),
    "score": N_("Score"),
    "signs": N_("What speaks for it"),
    "owner": N_("Owner"),
    "progress": N_("Progress"),
    "none": N_("Nothing was proposed yet: the first common issues of a month propose its topics."),
    "to": N_("Goes to"),
    "stays": N_("stays where it is"),
    "why": N_("Why it is dropped"),
    "save": N_("Save"),
    "saved": N_("Saved:"),
    "refused": N_("Nothing was saved: such a move needs an owner, or a reason, or is not possible from here."),
    "decide": N_("Decide"),
    "history": N_("What happened"),
}
