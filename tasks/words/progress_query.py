"""How far a case is, for whoever reported it: by number, code and the channel they left; else one and the same answer.

Hazard 14: a guardian who suspects a report tries numbers. Not found, not yours, wrong code and a case that may
not be asked about are one answer, and take the same work: the same query, the same key derivation, the same
decryption, of a case that does not exist if need be.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, select

from models.case import Case, Person
from models.house import AccessLog
from models.transitions import IS_OPEN
from models.vault import SealedForeverError
from models.vocabulary import PersonRole, ReadOf, Status
from tasks.workplace import Workplace

CODE_LENGTH = 10
"""Of base32: 50 bits, beside the number."""
LAST_FIGURES = 4
NOBODY = UUID(int=0)
_HEARD = str.maketrans("018", "OIB")
"""Base32 has no 0, 1 and 8: whoever heard the code on the phone and wrote one meant the letter."""
_PURPOSE = "progress"


class HowFar(StrEnum):
    """What is told: no kind, no unit, no grade, no date."""

    AT_WORK = "at_work"
    ANSWERED = "answered"
    OVER = "over"


@dataclass(frozen=True)
class Asked:
    """What somebody typed; each at most a hundred characters."""

    number: str
    code: str
    last_figures: str


def progress_code(place: Workplace, case_id: UUID) -> str:
    """What the caller is told on the phone, to ask with later; it is kept nowhere."""
    digest = hmac.digest(place.vault.index_key(_PURPOSE), case_id.bytes, "sha256")
    return base64.b32encode(digest).decode()[:CODE_LENGTH]


def how_far(place: Workplace, asked: Asked, now: datetime) -> HowFar | None:
    """How far the case is; None for every other question, whatever was wrong with it."""
    digits = asked.number.strip().upper().removeprefix("W").removeprefix("-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    with place.database.writing() as session:
        case = session.exec(select(Case).where(col(Case.number) == number)).first()
        fits = hmac.compare_digest(
            progress_code(place, case.id if case else NOBODY).encode(), asked.code.strip().upper().translate(_HEARD).encode("utf-8", "replace")
        )
        contact = _contact(place, session, case)
        figures = "".join(each for each in contact if each.isdigit())[-LAST_FIGURES:]
        same = hmac.compare_digest(figures.encode(), asked.last_figures.strip().encode("utf-8", "replace"))
        allowed = fits & same & (case is not None and case.wrapped_key is not None)
        session.add(
            AccessLog(
                at=now, client="progress-page", case_id=case.id if case is not None and allowed else None, what=ReadOf.PROGRESS,
                purpose="progress", allowed=allowed,
            )
        )  # fmt: skip
        if case is None or not allowed:
            return None
        return _told(case)


def _contact(place: Workplace, session: Session, case: Case | None) -> str:
    """The reporter's contact; for nobody, something of the same length is sealed and opened."""
    wanted = select(Person).where(Person.case_id == (case.id if case else NOBODY), Person.role == PersonRole.REPORTER)
    person = session.exec(wanted).first()
    if case is None or person is None or person.contact_ct is None:
        key = place.vault.new_case_key(NOBODY)
        return place.vault.open(NOBODY, key, "x", place.vault.seal(NOBODY, key, "x", "no-contact"))
    try:
        return place.vault.open(case.id, case.wrapped_key, "person.reporter.contact", person.contact_ct)
    except SealedForeverError:
        return "no-contact"


def _told(case: Case) -> HowFar:
    if case.status in {Status.REPLIED, Status.CALLBACK}:
        return HowFar.ANSWERED
    return HowFar.AT_WORK if IS_OPEN[case.status] else HowFar.OVER
