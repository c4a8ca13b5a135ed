"""Whether all that closing waits for has been done; who must still agree to it stands in `approval`."""

from sqlmodel import Session

from models.case import Case
from models.vocabulary import Status
from tasks.casebook import case_of
from tasks.closing.callback import callback_says_close, callback_suppressed, nobody_was_reached
from tasks.closing.closure import closure_ready
from tasks.closing.police_report import has_police_receipt, owes_police_report
from tasks.records.record_gate import what_blocks


def is_all_done(session: Session, case: Case) -> bool:
    """Whether nothing that a department or the desk has to do stands between the case and its end.

    While it waits, news may come in that makes a replied case unready again.
    """
    return has_run_its_course(session, case) and (case.status is not Status.REPLIED or closure_ready(session, case))


def has_run_its_course(session: Session, case: Case) -> bool:
    """Whether the case came to where it may close, by the facts that were judged on the way.

    A linked case ends with its main case, never before it. No case ends whose report to police is
    owed; that of a linked case is its main case's to make. No case that was with a department ends while
    the records disagree on something that blocks.
    """
    main = case_of(session, case.linked_to) if case.linked_to and case.status is Status.LINKED else None
    if owes_police_report(session, case) and not (main and has_police_receipt(session, main)):
        return False
    match case.status:
        case Status.ANSWERED | Status.CHANNEL_TOLD:
            return True
        case Status.LINKED:
            return main is None or main.closed_at is not None
        case Status.REPLIED:
            return callback_suppressed(session, case) and not what_blocks(session, case)
        case Status.CALLBACK:
            called = callback_says_close(session, case) or nobody_was_reached(session, case)
            return called and not what_blocks(session, case)
        case _:
            return False
