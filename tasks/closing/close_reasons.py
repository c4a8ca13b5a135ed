"""On what a case is closed: a code that the desk itself derives, and its words."""

from sqlmodel import Session

from models import journal
from models.case import Case
from models.vocabulary import CloseReason, EventKind, Outcome, Safety, Status
from tasks.closing.callback import callback_suppressed, nobody_was_reached, was_not_reached
from tasks.closing.closure import CASE_OWNER

CLOSE_WORDS: dict[CloseReason, tuple[str, str]] = {
    CloseReason.RESOLVED: ("回访确认解决", "The callback confirmed that it is resolved"),
    CloseReason.REPLY_ACCEPTED: ("依反馈办结，依规不回访", "On the reply; nobody may be called back"),
    CloseReason.NOT_REACHED: ("多次回访未接通", "Nobody was reached in the allowed attempts"),
    CloseReason.SAFETY_HANDED_OVER: ("儿童安全已移交具名责任人", "The child is in the hands of a named case owner"),
    CloseReason.HUNG_UP_SETTLED: ("挂账事项已办结销账", "A matter that had been hung up is settled"),
    CloseReason.ANSWERED: ("已当场答复", "Answered by the desk"),
    CloseReason.OPINION_COLLECTED: ("意见已采集", "The opinion was collected"),
    CloseReason.CHANNEL_TOLD: ("已告知办理渠道", "The right channel was told"),
    CloseReason.NO_REQUEST: ("无人提出诉求，已登记计数", "Nobody asked for anything; counted"),
    CloseReason.LINKED: ("并入同一事项一并办结", "Ended with the main case of the same matter"),
}
"""Every reason is a key."""


def reason_to_close(session: Session, case: Case) -> CloseReason:
    """Why this case closes now; asked before it is moved.

    Of several that are true the one a reader must not overlook goes first: that nobody was reached, then
    that the child's safety is somebody else's to see to.
    """
    match case.status:
        case Status.LINKED:
            return CloseReason.LINKED
        case Status.ANSWERED:
            collected = case.outcome is Outcome.OPINION_COLLECTED
            return CloseReason.OPINION_COLLECTED if collected else CloseReason.ANSWERED
        case Status.CHANNEL_TOLD:
            # Who hung up was told nothing.
            return CloseReason.NO_REQUEST if case.outcome is Outcome.DISSUADED else CloseReason.CHANNEL_TOLD
        case _:
            return _of_handled(session, case)


def _of_handled(session: Session, case: Case) -> CloseReason:
    if was_not_reached(session, case) or nobody_was_reached(session, case):
        return CloseReason.NOT_REACHED
    if case.is_grave and case.safety is Safety.INTERIM and case.safety_source == CASE_OWNER:
        return CloseReason.SAFETY_HANDED_OVER
    if _was_hung_up(session, case):
        return CloseReason.HUNG_UP_SETTLED
    return CloseReason.REPLY_ACCEPTED if callback_suppressed(session, case) else CloseReason.RESOLVED


def _was_hung_up(session: Session, case: Case) -> bool:
    """Whether it stood still, hung up, at any time since it was last reopened."""
    found = False
    for entry in journal.entries_of(session, case.id):
        if entry.kind is EventKind.MOVED:
            new = entry.facts.get("new")
            found = new == Status.HUNG_UP or (found and new != Status.REOPENED)
    return found
