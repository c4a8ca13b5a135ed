"""Who may read which word of a case: the one function that says so, and the table it goes by.

A reader is what somebody is to this one case, not a role alone. The table gives what such a reader has a
purpose for; three rules take away from it, whatever the table says, and none of them can be configured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.vocabulary import CallbackClass, PersonRole


class Reader(StrEnum):
    """What somebody is to a case."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    CO_HANDLER = "co_handler"
    POLICE = "police"
    STRANGER = "stranger"


class Piece(StrEnum):
    """One word-bearing field of a case; a person's are named `role.field`."""

    TEXT = "text"
    ANSWER = "answer"
    NEWS = "news"
    SUMMARY = "summary"
    EVIDENCE = "evidence"
    OWN_EVIDENCE = "own_evidence"
    OWN_ANSWER = "own_answer"
    REPORTER_NAME = "reporter.name"
    REPORTER_CONTACT = "reporter.contact"
    REPORTER_IDENTITY = "reporter.identity"
    REPORTER_ADDRESS = "reporter.address"
    REPORTER_NOTE = "reporter.note"
    CHILD_NAME = "child.name"
    CHILD_CONTACT = "child.contact"
    CHILD_IDENTITY = "child.identity"
    CHILD_ADDRESS = "child.address"
    CHILD_NOTE = "child.note"
    SUSPECT_NAME = "suspect.name"
    SUSPECT_CONTACT = "suspect.contact"
    SUSPECT_IDENTITY = "suspect.identity"
    SUSPECT_ADDRESS = "suspect.address"
    SUSPECT_NOTE = "suspect.note"


class Sight(StrEnum):
    """How somebody sees a piece."""

    HIDDEN = "hidden"
    MASKED = "masked"
    FULL = "full"


EVERYTHING = frozenset(Piece)
OF_PEOPLE = frozenset(each for each in Piece if "." in each)
FREE_TEXT = frozenset({Piece.TEXT, Piece.ANSWER, Piece.NEWS})
"""Words in which people may be named; the summary is written for others to read, and is not among them."""
OF_HOUSE = frozenset({Reader.OPERATOR, Reader.SUPERVISOR, Reader.ADMINISTRATOR})
OF_REPORTER = frozenset(each for each in Piece if each.startswith(PersonRole.REPORTER))
HOUSEHOLD_NUMBERS = frozenset({Piece.CHILD_CONTACT, Piece.SUSPECT_CONTACT})
"""Where a guardian may be the offender, a call to one of these warns that person (hazard 2)."""

SLICES: Mapping[Reader, frozenset[Piece]] = {
    Reader.OPERATOR: EVERYTHING,
    Reader.SUPERVISOR: EVERYTHING,
    Reader.ADMINISTRATOR: frozenset(),
    Reader.LEAD: frozenset(
        {
            Piece.SUMMARY, Piece.OWN_EVIDENCE, Piece.OWN_ANSWER, Piece.CHILD_NAME, Piece.CHILD_ADDRESS, Piece.CHILD_CONTACT,
            Piece.SUSPECT_NAME, Piece.SUSPECT_NOTE, Piece.REPORTER_NAME, Piece.REPORTER_CONTACT,
        }
    ),
    Reader.CO_HANDLER: frozenset({Piece.SUMMARY, Piece.OWN_EVIDENCE, Piece.OWN_ANSWER, Piece.CHILD_NAME, Piece.CHILD_ADDRESS}),
    Reader.POLICE: frozenset(
        {
            Piece.SUMMARY, Piece.OWN_EVIDENCE, Piece.OWN_ANSWER, Piece.CHILD_NAME, Piece.CHILD_IDENTITY, Piece.CHILD_ADDRESS, Piece.CHILD_NOTE,
            Piece.SUSPECT_NAME, Piece.SUSPECT_IDENTITY, Piece.SUSPECT_ADDRESS, Piece.SUSPECT_NOTE, Piece.SUSPECT_CONTACT,
            Piece.REPORTER_NAME, Piece.REPORTER_CONTACT,
        }
    ),
    Reader.STRANGER: frozenset(),
}  # fmt: skip
"""What each reader has a purpose for."""


@dataclass(frozen=True)
class About:
    """What of a case decides who may read it; codes only.

    `reporter_open` says that the reporter gave a name, wants no secrecy and may be called back.
    `glass_broken` says that this reader broke the glass and the time for it has not run out.
    """

    harm: bool = False
    guardian_suspect: bool = False
    callback_class: CallbackClass = CallbackClass.NORMAL
    reporter_open: bool = False
    glass_broken: bool = False


def may_read(piece: Piece, reader: Reader, about: About) -> bool:
    """Whether this reader may read this piece of such a case.

    1. Nobody outside the house learns who reported, unless the reporter agreed to it and no harm is
       suspected: every department keeps that secret (L-BJ 53), so it is best not known there.
    2. Where a guardian may be the offender, nobody sees the household's numbers but a supervisor and the police.
    3. A broken glass opens to somebody of the house what the table does not; it opens nothing to a department.
    """
    if about.glass_broken and reader in {Reader.OPERATOR, Reader.ADMINISTRATOR}:
        return True
    if piece not in SLICES[reader]:
        return False
    outside = reader not in {Reader.OPERATOR, Reader.SUPERVISOR}
    if outside and piece in OF_REPORTER:
        normal = about.callback_class is CallbackClass.NORMAL
        return about.reporter_open and normal and not about.harm and not about.guardian_suspect
    if about.guardian_suspect and piece in HOUSEHOLD_NUMBERS:
        return reader in {Reader.SUPERVISOR, Reader.POLICE}
    return True


def sight_of(piece: Piece, reader: Reader, about: About, *, asked_in_full: bool) -> Sight:
    """How this reader sees this piece: not at all, masked, or in full.

    Whoever may read of the house sees who people are masked, in their own fields and in free text, until they ask for
    it in full: a second act, for a purpose, and a read of its own in the access log. Departments get less, and what
    they get they need.
    """
    if not may_read(piece, reader, about):
        return Sight.HIDDEN
    if piece in OF_PEOPLE | FREE_TEXT and reader in OF_HOUSE and not asked_in_full:
        return Sight.MASKED
    return Sight.FULL


def readable(reader: Reader, about: About) -> frozenset[Piece]:
    """Everything this reader may read of such a case."""
    return frozenset(each for each in Piece if may_read(each, reader, about))
