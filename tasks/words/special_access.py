"""Breaking the glass, keeping one's own people away from one case, and noticing who reads too much."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models import journal
from models.accounts import SpecialAccess, StaffTie
from models.case import Case
from models.house import AccessLog
from models.vocabulary import Ask, EventKind, GlassReason, Recipient, Role
from tasks.casebook import edit_beside_worker
from tasks.house.notices import tell_house
from tasks.news.inbox import NewsNotAllowedError, Speaker, find_case, is_tied
from tasks.workplace import Workplace

GLASS_LASTS = timedelta(minutes=30)
MANY_CASES, MANY_WITHIN = 40, timedelta(hours=1)
"""Distinct cases whose words one reader opens within that time before a supervisor is told; an operator
takes 80 to 100 calls in a shift of 8 hours (domain, 1.10)."""
MAY_BREAK = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


def break_glass(place: Workplace, label: str, speaker: Speaker, reason: GlassReason, now: datetime) -> datetime:
    """Open one case to somebody whose role does not read it, for half an hour; a supervisor is told at once.

    Returns:
        Aware time at which it ends.

    Raises:
        CaseNotFoundError: No such case, or one this person is kept away from: no glass opens that.
        NewsNotAllowedError: The role has nothing to open with it.
    """
    if speaker.role not in MAY_BREAK:
        raise NewsNotAllowedError("breaking the glass is for operators and administrators")
    with place.database.reading() as session:
        case_id = find_case(session, label, speaker).id
    ends_at = now + GLASS_LASTS

    def open_it(session: Session, case: Case) -> None:
        opened = SpecialAccess(case_id=case.id, holder=speaker.client, reason=reason, at=now, ends_at=ends_at)
        session.add(opened)
        session.flush()
        journal.write(session, case, EventKind.GLASS_BROKEN, now, speaker.actor, reason=reason)
        tell_house(
            place, session, Recipient.DUTY_SUPERVISOR, Ask.GLASS_BROKEN, case.label, f"glass:{opened.id}", now, page="reads"
        )

    edit_beside_worker(place, case_id, open_it)
    return ends_at


def glass_is_broken(session: Session, case: Case, speaker: Speaker, now: datetime) -> bool:
    """Whether this reader's special access to this case holds at `now`."""
    wanted = select(SpecialAccess.id).where(
        SpecialAccess.case_id == case.id, SpecialAccess.holder == speaker.client, col(SpecialAccess.ends_at) > now
    )
    return session.exec(wanted).first() is not None


def review_glass(place: Workplace, access: int, speaker: Speaker, justified: bool, now: datetime) -> bool:
    """A supervisor's word on one special access; False if there is none, it was judged, or it is their own."""
    with place.database.writing() as session:
        found = session.get(SpecialAccess, access)
        if found is None or found.reviewed_at is not None or found.holder == speaker.client:
            return False
        found.reviewed_by, found.reviewed_at, found.justified = speaker.client, now, justified
        return True


def keep_staff_away(place: Workplace, label: str, holder: str, speaker: Speaker, now: datetime) -> None:
    """From now on this case does not exist for one of the house: a relative, a neighbour, a party.

    Anybody of the house may keep themselves away; others only a supervisor. Nothing takes it back.

    Raises:
        CaseNotFoundError: No such case for the speaker.
        NewsNotAllowedError: The speaker may not do this to others.
    """
    if holder != speaker.client and speaker.role is not Role.SUPERVISOR:
        raise NewsNotAllowedError("only a supervisor keeps somebody else away")
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        if not is_tied(session, case.id, holder):
            session.add(StaffTie(case_id=case.id, holder=holder, by=speaker.client, at=now))


def notice_unusual_reading(place: Workplace, session: Session, speaker: Speaker, now: datetime) -> None:
    """Tell the duty supervisor, once an hour and reader, when somebody opens the words of very many cases."""
    wanted = select(func.count(func.distinct(AccessLog.case_id))).where(
        AccessLog.client == speaker.client, col(AccessLog.at) > now - MANY_WITHIN
    )
    if session.exec(wanted).one() > MANY_CASES:
        key = f"reading:{speaker.client}:{now:%Y-%m-%dT%H}"
        tell_house(place, session, Recipient.DUTY_SUPERVISOR, Ask.UNUSUAL_READING, "READS", key, now, page="reads")
