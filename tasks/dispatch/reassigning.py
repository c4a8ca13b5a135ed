"""Handing an order over: a supervisor takes it from the unit that leads it and gives it to another, for a coded reason.

It goes through the same door as every other change of hands: a new round of dispatch, the former
assignments withdrawn with their links dead, clocks by the table of clocks, everybody concerned told.
"""

from sqlmodel import Session

from models.case import Case
from models.exchange import Assignment
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import Ask, DecisionKind, ReassignReason, Status
from tasks.casebook import Verdict, decide, lead_of
from tasks.dispatch.assignment import NoDepartmentError, dispatch_case
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.conflict_found import keep_out
from tasks.dispatch.dispatch_facts import REASSIGNED
from tasks.dispatch.dispatch_words import name_of
from tasks.dispatch.objections import TRANSFERABLE, open_objection, units_that_returned_it
from tasks.news.context import News, NewsRefusedError
from tasks.workplace import Workplace

REASON_WORDS: dict[ReassignReason, tuple[str, str]] = {
    ReassignReason.UNIT_ABSENT: ("该单位暂不能办理", "The unit is away"),
    ReassignReason.WRONG_UNIT: ("不属该单位职责", "Not that unit's duty"),
    ReassignReason.LOAD: ("该单位办件过多", "The unit has too many"),
    ReassignReason.REORGANISED: ("机构职责调整", "Duties were reorganised"),
    ReassignReason.CONFLICT: ("有利害关系，须回避", "Conflict of interest"),
}
"""Every reason is a key."""
_NOT_NOW: dict[Status, str] = {
    Status.DISPUTED: "has_objection",
    Status.HUNG_UP: "is_hung_up",
    Status.REPLIED: "is_answered",
    Status.CALLBACK: "is_answered",
    Status.CLOSED: "case_is_closed",
    Status.SEALED: "case_is_sealed",
}


def why_it_stays(
    place: Workplace, session: Session, case: Case, given_from: str | None, given_to: str
) -> str | None:
    """The code of what keeps this order where it is; None if it may be handed over.

    Args:
        place: The desk, for its catalogue.
        session: Any session; nothing is written.
        case: The case.
        given_from: The unit it is to be taken from; None for whichever leads it now.
        given_to: The unit that is to lead it.
    """
    if case.status not in TRANSFERABLE:
        return _NOT_NOW.get(case.status, "not_with_a_unit")
    lead = lead_of(session, case)
    if lead is None or given_from not in (None, lead.department):
        return "order_moved_on"
    if open_objection(session, case) is not None:
        return "has_objection"
    return _why_not_to(place, session, case, lead, given_to)


def _why_not_to(place: Workplace, session: Session, case: Case, lead: Assignment, given_to: str) -> str | None:
    unit = place.catalogue.departments.get(given_to)
    if unit is None:
        return "unknown_unit"
    if not unit.may_lead:
        return "unit_may_not_lead"
    if given_to == lead.department:
        return "same_unit"
    if is_kept_from(case, given_to):
        return "conflict_of_interest"
    return "returned_it_before" if given_to in units_that_returned_it(session, case) else None


def reassigned(news: News) -> None:
    """A supervisor gives the order to another unit; what cannot be handed over stays as it was."""
    case, given_to, reason = news.case, str(news.codes["department"]), ReassignReason(news.codes["reason"])
    why = why_it_stays(news.place, news.session, case, news.codes.get("given_from"), given_to)
    if why is not None:
        raise NewsRefusedError(why)
    lead = lead_of(news.session, case)
    assert lead is not None  # why_it_stays has looked
    given_from = lead.department
    _record(news, given_from, given_to, reason)
    # Before it is withdrawn: afterwards its alert would have no order to speak of. In a conflict it hears nothing.
    if reason is ReassignReason.CONFLICT:
        keep_out(news, [given_from], given_to)
        _check_it_left(news, given_from)
        return
    news.tell(given_from, Ask.ORDER_WITHDRAWN)
    case.named_lead = given_to
    try:
        plan = dispatch_case(news.place, news.session, case, news.now, given_to)
    except NoDepartmentError:
        raise NewsRefusedError("nobody_free") from None
    if plan.lead == given_from:
        # It stands in for the other one, which is away.
        raise NewsRefusedError("same_unit")


def _check_it_left(news: News, given_from: str) -> None:
    """Suspected harm, and every other order, is never handed to nobody."""
    lead = lead_of(news.session, news.case)
    if IS_OPEN[news.case.status] and IS_WITH_DEPARTMENT[news.case.status] and (lead is None or lead.department == given_from):
        raise NewsRefusedError("nobody_free")


def _record(news: News, given_from: str, given_to: str, reason: ReassignReason) -> None:
    units = news.place.catalogue.departments
    (from_zh, from_en), (to_zh, to_en), (why_zh, why_en) = name_of(given_from, units), name_of(given_to, units), REASON_WORDS[reason]
    facts = {"by": news.row.actor, "from": given_from, "to": given_to, "reason": reason.value}
    verdict = Verdict(
        DecisionKind.NEWS, "REASSIGNED", REASSIGNED,
        f"由班长改派：{from_zh}交{to_zh}（{why_zh}），原承办单位即刻停办。",
        f"A supervisor handed the order from {from_en} to {to_en} ({why_en}); the former unit stops at once.",
        facts,
    )  # fmt: skip
    decide(news.place, news.session, news.case, f"{REASSIGNED}:{news.row.id}", verdict, news.now)
    news.session.flush()
