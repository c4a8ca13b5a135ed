"""Two cases of one matter: facts and grade flow up to the main case, the reporters never meet."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from models import journal
from models.case import Case, CaseLink
from models.exchange import Inbox
from models.journal import MACHINE
from models.transitions import IS_OPEN
from models.vocabulary import EventKind, NewsKind, Status
from tasks.casebook import case_of, standing
from tasks.dispatch.conflict import complained_of, is_kept_from
from tasks.news.forms import FactsJoined
from tasks.news.rows import drop_news

LONGEST_CHAIN = 20


def main_of(session: Session, case: Case) -> Case:
    """The case that all reports of this one's matter lead to; the case itself if it is linked to none."""
    for _ in range(LONGEST_CHAIN):
        if case.linked_to is None:
            return case
        case = case_of(session, case.linked_to)
    raise LookupError(f"the links of {case.label} do not end")


def conflict_between(session: Session, one: Case, other: Case) -> bool:
    """Whether joining the two would show a unit a report that is kept from it.

    Linking makes the facts of one case known where the other is handled.
    """
    return _is_held_by_one_kept_from(session, one, other) or _is_held_by_one_kept_from(session, other, one)


def _is_held_by_one_kept_from(session: Session, case: Case, report: Case) -> bool:
    return any(is_kept_from(report, part.department) for part in standing(session, case))


def may_be_linked(session: Session, case: Case, main: Case) -> bool:
    """Whether a case may end in `LINKED` under this main case: it is open, and no unit sees too much."""
    still_open = IS_OPEN[main.status] and main.status is not Status.LINKED
    return still_open and not conflict_between(session, case, main)


def join(session: Session, case: Case, main: Case, now: datetime, actor: str, **facts: object) -> None:
    """Make `case` a report of the main case's matter; codes only go up, never words or people.

    Args:
        session: A writing session that holds `case`.
        case: The report that is linked; its status and clocks are the caller's affair.
        main: The case it is linked to; it hears of it through its inbox.
        now: Aware time.
        actor: Who linked them, such as `client:ab12`.
        **facts: More codes for the journal of `case`.
    """
    case.linked_to = main.id
    if not _was_joined(session, case.id, main.id):
        session.add(CaseLink(case_id=case.id, main_case_id=main.id, linked_by=actor, at=now))
    journal.write(session, case, EventKind.LINKED, now, actor, main=main.label, **facts)
    told = FactsJoined(
        grade=case.grade,
        harm=case.harm,
        danger_now=case.danger_now,
        mandatory_report=tuple(case.mandatory_report),
        guardian_suspect=case.guardian_suspect,
        complained_of=complained_of(case),
    )
    # A reopened case may join the same one anew, with what it has become.
    again = f":{case.reopen_count}" if case.reopen_count else ""
    # Through the inbox, not by editing: the main case may be in the middle of its own activation.
    drop_news(
        session,
        Inbox(
            case_id=main.id,
            news_key=f"joined:{case.label}{again}",
            kind=NewsKind.FACTS_JOINED,
            actor=MACHINE,
            codes={**told.model_dump(mode="json", exclude={"text"}), "case": case.label},
            received_at=now,
        ),
    )


def _was_joined(session: Session, case_id: UUID, main_id: UUID) -> bool:
    wanted = select(CaseLink.id).where(CaseLink.case_id == case_id, CaseLink.main_case_id == main_id)
    return session.exec(wanted).first() is not None
