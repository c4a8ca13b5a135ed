"""Hints while a form is still being written: earlier cases that may be the same matter, in codes only.

What was typed stays in memory; the comparison is the one that proposals are made by.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.house import AccessLog
from models.matching import PLAIN_FIELDS, MatchField
from models.vocabulary import Grade, Purpose, ReadOf, Status
from tasks.casebook import standing
from tasks.links.candidates import candidates_of, kinds_of
from tasks.links.joining import main_of
from tasks.links.linking import best_matches
from tasks.links.matching import PURPOSE, Told, tokens_of
from tasks.links.matching_score import Match, Side
from tasks.news.inbox import Speaker, not_tied
from tasks.workplace import Workplace

MOST_SHOWN = 5
NO_NUMBER = 0
"""No case has it: nothing is left out of the search."""


@dataclass(frozen=True)
class SameMatterHint:
    """An earlier case as the operator may know of it; `agrees` are the classes of what the two have in common."""

    number: str
    kind: str | None
    grade: Grade
    status: Status
    received_at: datetime
    agrees: tuple[MatchField, ...]
    score: float


def hints_of(
    place: Workplace, told: Told, kind: str | None, complained_of: str | None, speaker: Speaker, now: datetime
) -> tuple[SameMatterHint, ...]:
    """At most `MOST_SHOWN` cases that may be this matter, the likeliest first; reports already linked count once.

    That an answer was given says that somebody's name or number is on record: the search is in the access log.

    Args:
        place: The desk.
        told: What was typed so far.
        kind: The kind the operator chose, if any.
        complained_of: The unit the new report is about: cases that it handles are not shown.
        speaker: Who searches; cases they are kept away from do not exist.
        now: Aware time.
    """
    rules = place.catalogue.links
    tokens = tokens_of(told, rules.text, place.vault.index_key(PURPOSE))
    mine = Side(tokens, now, kinds_of(kind, ()), told.district, told.child_age)
    with place.database.reading() as session:
        found = best_matches(mine, candidates_of(session, NO_NUMBER, mine, rules), rules)
        shown: dict[str, SameMatterHint] = {}
        for each, match in found:
            case = _main_for(session, each.number, complained_of, speaker)
            if case is not None and len(shown) < MOST_SHOWN:
                shown.setdefault(case.label, _hint(case, match))
    if shown:
        _note_search(place, speaker, tuple(shown), now)
    return tuple(shown.values())


def _main_for(session: Session, number: int, complained_of: str | None, speaker: Speaker) -> Case | None:
    """The main case of one that was found, if the speaker may know of both; nothing that is sealed."""
    found = _seen(session, number, speaker)
    if found is None:
        return None
    main = main_of(session, found)
    visible = _seen(session, main.number or 0, speaker)
    # A unit must not get a report against itself by way of the case that it handles.
    if visible is None or (complained_of and any(each.department == complained_of for each in standing(session, main))):
        return None
    return visible


def _seen(session: Session, number: int, speaker: Speaker) -> Case | None:
    wanted = select(Case).where(
        Case.number == number, not_tied(speaker.client), col(Case.status) != Status.SEALED, col(Case.wrapped_key).is_not(None)
    )
    return session.exec(wanted).first()


def _hint(case: Case, match: Match) -> SameMatterHint:
    agrees = tuple(each.field for each in match.reasons if each.agrees and each.field not in PLAIN_FIELDS)
    return SameMatterHint(case.label, case.kind, case.grade, case.status, case.received_at, agrees, match.score)


def _note_search(place: Workplace, speaker: Speaker, shown: tuple[str, ...], now: datetime) -> None:
    with place.database.writing() as session:
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=None, what=ReadOf.SAME_MATTER, purpose=Purpose.HANDLING, allowed=True,
                subject=" ".join(shown),
            )
        )  # fmt: skip
