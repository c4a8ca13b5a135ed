"""What was read and what for, as the log of reads tells it."""

from collections.abc import Mapping

from catalogue.schema import Department
from desk.pages.board_words import PURPOSE_WORDS
from desk.pages.person_words import PERSON_WORDS
from desk.pages.translation import N_, Said
from desk.pages.unit_words import unit_words
from desk.pages.words import Words
from models.vocabulary import ReadOf

READ_WORDS: dict[ReadOf, Said] = {
    ReadOf.WORDS: N_("The request, people masked"),
    ReadOf.WORDS_FULL: N_("The request, people in full"),
    ReadOf.TEXT_FULL: N_("The request, its words in full"),
    ReadOf.PERSON_FULL: N_("One person in full"),
    ReadOf.SLICE: N_("What a department reads"),
    ReadOf.EVIDENCE: N_("A file of evidence"),
    ReadOf.CONTACT: N_("The number to call back"),
    ReadOf.SAME_MATTER: N_("A search for the same matter"),
    ReadOf.CASE_LIST: N_("A table of cases"),
    ReadOf.PROGRESS: N_("How far it is"),
    ReadOf.PROACTIVE_WORDS: N_("The words of a proactive order"),
    ReadOf.ISSUE_CASES: N_("The cases of an issue"),
}
"""Everything that can be read is a key."""
WHY_WORDS: dict[str, Said] = {
    **{each.value: said for each, said in PURPOSE_WORDS.items()},
    ReadOf.PROGRESS.value: N_("A caller asked with the code"),
}
"""Every purpose of a read is a key."""

LINK, PROGRESS_PAGE = "link:", "progress-page"
"""How the log names a department that read by its link, and the page where callers ask how far it is."""
BY_LINK: Said = N_("by its link")
A_CALLER: Said = N_("a caller")


def reader_words(reader: str, words: Words, units: Mapping[str, str], departments: Mapping[str, Department]) -> str:
    """Who read: somebody by name, a unit by its link (`units` has it by the link's name in the log), or a caller."""
    if reader.startswith(LINK):
        return f"{unit_words(units.get(reader, reader), words, departments)} · {words.pick(BY_LINK)}"
    return words.pick(A_CALLER) if reader == PROGRESS_PAGE else reader


def what_words(what: str, words: Words) -> str:
    """What was read, and of whom; what an older release called otherwise stands for itself."""
    read, _, person = what.partition(":")
    said = words.pick(READ_WORDS[ReadOf(read)]) if read in set(ReadOf) else read
    return f"{said} · {words.pick(PERSON_WORDS[person])}" if person in PERSON_WORDS else said
