"""Objections: a department says that an order is not its own, and a person rules.

The order, its duty holder and every clock stay as they are until then. Suspected harm to a child
cannot be returned at all: the unit has accepted and recorded it by receiving it, and only a person
may transfer it (Beijing minors regulation, art. 53). After a ruling the designated unit may not
object again (the idea of the Weifang hotline regulation, art. 22). What keeps going round goes to
the arbiter, who rules for good.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from models.assigning import Objection
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Assignment, Inbox
from models.vocabulary import Ask, DecisionKind, NewsKind, ObjectionReason, Recipient, Status
from sla_rules.due import due_at
from tasks.casebook import Verdict, decide, decided, lead_of
from tasks.clocks.running import stop_clocks
from tasks.dispatch.assignment import NoDepartmentError, dispatch_case
from tasks.dispatch.naming import named_unit
from tasks.news.context import News, NewsRefusedError
from tasks.workplace import Workplace

WORKING = (Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.REWORK)
TRANSFERABLE = (*WORKING, Status.EXTENSION_ASKED)
ARBITER_RULED = "arbiter-ruled"
ALREADY_RULED = "already_ruled"


def cannot_be_returned(case: Case) -> bool:
    """Whether an order may only be accepted, recorded and, by a person, transferred."""
    return case.is_grave


def objected(news: News) -> None:
    """A department objects; see the module for what that can and cannot do."""
    news.require(*WORKING)
    part = news.speaker_part()
    _check_may_object(news, part)
    goes_round = _goes_round(news)
    if decided(news.session, news.case, _ruling_key(part.department)) and not goes_round:
        raise NewsRefusedError(ALREADY_RULED)
    if cannot_be_returned(news.case):
        _ask_for_transfer(news, part, goes_round)
    else:
        _dispute(news, part, goes_round)


def _check_may_object(news: News, part: Assignment) -> None:
    if decided(news.session, news.case, ARBITER_RULED):
        raise NewsRefusedError("arbiter_has_ruled")
    if open_objection(news.session, news.case) is not None:
        raise NewsRefusedError("objection_is_open")
    reason = ObjectionReason(news.codes["reason"])
    lines = {each.code: each for each in news.place.catalogue.dispatch.objection_reasons}
    if lines[reason].needs_evidence and not news.codes.get("evidence"):
        raise NewsRefusedError("evidence_missing")


def _goes_round(news: News) -> bool:
    """Whether the order has been objected to too often, or would go back to a unit that returned it."""
    suggests = news.codes.get("suggests")
    if suggests in units_that_returned_it(news.session, news.case):
        return True
    return _times_objected(news) > news.place.rules_for(news.case).objections.max_before_arbiter


def _times_objected(news: News) -> int:
    """This one included, and those that were refused because a ruling stood: they are tries as well."""
    tried = select(func.count()).where(
        Inbox.case_id == news.case.id, Inbox.kind == NewsKind.OBJECTED, Inbox.refused == ALREADY_RULED
    )
    made = select(func.count()).where(Objection.case_id == news.case.id)
    return news.session.exec(tried).one() + news.session.exec(made).one() + 1


def _ask_for_transfer(news: News, part: Assignment, goes_round: bool) -> None:
    part.accepted_at = part.accepted_at or news.said_at
    stop_clocks(
        news.place, news.session, news.case, ClockEvent.ACCEPTED, news.said_at,
        department=part.department, actor=news.row.actor,
    )  # fmt: skip
    news.move_if_may(Status.ACCEPTED)
    _store(news, part, goes_round, is_transfer=True)
    news.decide(
        "TRANSFER_ASKED", "harm-is-not-returned",
        "涉嫌侵害未成年人的事项不得退回：视为已签收登记，是否转办由专人决定，其间仍由该单位负责，时限照走。",
        "Suspected harm to a child cannot be returned: the order counts as accepted and recorded, a person"
        " decides on a transfer, and until then the unit stays in charge and the clocks run.",
    )  # fmt: skip


def _dispute(news: News, part: Assignment, goes_round: bool) -> None:
    news.move(Status.DISPUTED)
    _store(news, part, goes_round, is_transfer=False)
    news.decide(
        "OBJECTION_OPEN", "objection",
        "承办单位提出异议，裁定前仍由其负责，时限照走。",
        "Objection received; the unit stays in charge and the clocks run until a person rules.",
    )  # fmt: skip


def _store(news: News, part: Assignment, goes_round: bool, *, is_transfer: bool) -> None:
    assert news.row.id is not None
    news.case.dispute_count += 1
    objection = Objection(
        case_id=news.case.id, inbox_id=news.row.id, round=part.round, department=part.department,
        reason=ObjectionReason(news.codes["reason"]), evidence=news.codes.get("evidence"),
        suggests=news.codes.get("suggests"), is_transfer=is_transfer, at=news.said_at,
    )  # fmt: skip
    news.session.add(objection)
    news.tell(Recipient.DUTY_SUPERVISOR, Ask.DECIDE_TRANSFER if is_transfer else Ask.DECIDE_OBJECTION, decide_by(news.place, news.case, news.said_at))
    if goes_round:
        _give_to_arbiter(news, objection)


def decide_by(place: Workplace, case: Case, raised_at: datetime) -> datetime:
    """Until when the rules want an objection decided, from when it was raised; aware, UTC."""
    book = place.rules_for(case)
    rule = book.objections.model_copy(update={"limit": book.objections.decide_within})
    return due_at(raised_at, rule, book.calendar).at


def _give_to_arbiter(news: News, objection: Objection) -> None:
    objection.arbiter_since = news.now
    news.session.add(objection)
    # Under a key of its own: the arbiter may be the duty supervisor, who has been told of the objection.
    key = f"arbiter:{news.row.id}"
    news.tell_as(key, news.place.rules_for(news.case).objections.arbiter, Ask.ARBITRATE, decide_by(news.place, news.case, news.said_at))
    verdict = Verdict(
        DecisionKind.NEWS, "ARBITER", "bounce-guard",
        "异议多次或派单往返，转仲裁人并列审阅各方理由，一次裁定；安全时限照走。",
        "The order has been objected to too often or goes round: the arbiter sees all reasons side by side and"
        " rules for good; the safety clocks run on.",
    )  # fmt: skip
    decide(news.place, news.session, news.case, key, verdict, news.now)


def objection_decided(news: News) -> None:
    """A person's ruling ends the dispute, or transfers an order that could not be returned."""
    objection = open_objection(news.session, news.case)
    is_transfer = objection is not None and objection.is_transfer
    news.require(*(TRANSFERABLE if is_transfer else (Status.DISPUTED,)))
    lead = lead_of(news.session, news.case)
    if lead is None or objection is None:
        raise NewsRefusedError("no_objection" if lead else "no_lead")
    if not news.codes["upheld"]:
        _refuse_it(news, objection, lead)
        return
    named = named_unit(news, other_than=lead.department)
    if objection.arbiter_since is None and named in units_that_returned_it(news.session, news.case):
        # A→B→A: the second of two rulings against each other is not for the same bench.
        _give_to_arbiter(news, objection)
        return
    _uphold(news, objection, lead, named)


def _refuse_it(news: News, objection: Objection, lead: Assignment) -> None:
    _close(news, objection, upheld=False, given_to=lead.department)
    _rule_for(news, objection, lead.department, "refused")
    if news.case.status is Status.DISPUTED:
        news.move(Status.ACCEPTED if lead.accepted_at else Status.DISPATCHED)
    news.tell(lead.department, Ask.OBJECTION_DECIDED)


def _uphold(news: News, objection: Objection, lead: Assignment, named: str) -> None:
    _close(news, objection, upheld=True, given_to=named)
    news.session.flush()
    _rule_for(news, objection, named, "upheld")
    news.tell(lead.department, Ask.ORDER_WITHDRAWN)
    news.case.named_lead = named
    try:
        plan = dispatch_case(news.place, news.session, news.case, news.now, named)
    except NoDepartmentError:
        raise NewsRefusedError("conflict_of_interest") from None
    if plan.lead != named:
        # Its deputy takes the order while it is away, and is bound by the ruling as well.
        _rule_for(news, objection, plan.lead, "upheld")


def _close(news: News, objection: Objection, *, upheld: bool, given_to: str) -> None:
    objection.adjudicator, objection.upheld = news.row.actor, upheld
    objection.given_to, objection.decided_at = given_to, news.now
    news.session.add(objection)


def _rule_for(news: News, objection: Objection, department: str, outcome: str) -> None:
    ruling = Verdict(
        DecisionKind.NEWS,
        f"OBJECTION_{outcome.upper()}",
        "objection-ruling",
        "异议已裁定，裁定后指定单位不得再次退回。",
        "The objection is ruled; the designated unit may not object again.",
        {"adjudicator": news.row.actor, "objection": objection.id, "reason": str(objection.reason)},
    )
    decide(news.place, news.session, news.case, _ruling_key(department), ruling, news.now)
    if objection.arbiter_since is not None:
        decide(news.place, news.session, news.case, ARBITER_RULED, ruling, news.now)


def _ruling_key(department: str) -> str:
    return f"ruling:{department}"


def open_objection(session: Session, case: Case) -> Objection | None:
    """The objection nobody has ruled on; one is moot once the unit has replied all the same."""
    wanted = (
        select(Objection)
        .where(Objection.case_id == case.id, col(Objection.decided_at).is_(None))
        .order_by(col(Objection.id).desc())
    )
    found = session.exec(wanted).first()
    lead = lead_of(session, case)
    if found is None or lead is None or lead.round != found.round:
        return None
    return None if _replied_since(session, found) else found


def _replied_since(session: Session, objection: Objection) -> bool:
    wanted = select(Inbox.id).where(
        Inbox.case_id == objection.case_id, Inbox.kind == NewsKind.REPLIED, col(Inbox.refused).is_(None),
        col(Inbox.read_at).is_not(None), Inbox.received_at >= objection.at,
    )  # fmt: skip
    return session.exec(wanted.limit(1)).first() is not None


def units_that_returned_it(session: Session, case: Case) -> frozenset[str]:
    """Every unit that a person has taken the order from because it objected."""
    wanted = select(Objection.department).where(Objection.case_id == case.id, col(Objection.upheld).is_(True))
    return frozenset(session.exec(wanted))
