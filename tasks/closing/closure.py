"""Whether a replied case may close: what was asked of everybody has been done, and the child is safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models import journal
from models.accounts import Account
from models.case import Case
from models.exchange import Assignment, Inbox
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.record import Clock, Decision
from models.vocabulary import (
    Ask,
    ClosingAct,
    DecisionKind,
    EventKind,
    Grade,
    NewsKind,
    Recipient,
    Safety,
    Status,
    Target,
)
from tasks.asking import due_of_ask
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, decided, editing, lead_of, move, standing, tell
from tasks.clocks.running import clocks_of, take_reply_back
from tasks.clocks.starts import start_missing_clocks
from tasks.closing.police_report import has_police_receipt
from tasks.closing.reply_quality import HOLLOW_WORDS, Hollow, judge_reply, language_of_reply
from tasks.dispatch.conflict import is_kept_from
from tasks.records.record_gate import what_blocks
from tasks.workplace import Workplace, workplace

CASE_OWNER = "case_owner"
"""The source of a child's safety that is a person or a unit by name."""


class Missing(StrEnum):
    """What stands between a replied case and its closing."""

    SUBSTANCE = "substance"
    ACTS = "acts"
    POLICE_RECEIPT = "police_receipt"
    CHILD_SAFE = "child_safe"
    CO_HANDLERS = "co_handlers"
    RECORDS = "records"


SENTENCES: dict[Missing, tuple[str, str]] = {
    Missing.SUBSTANCE: ("反馈没有实质内容，退回重办。", "The reply says nothing of substance; back for rework."),
    Missing.ACTS: ("反馈未写明必须完成的工作，退回重办。", "The reply does not report what this kind asks for; back for rework."),
    Missing.POLICE_RECEIPT: ("缺少本席强制报告的回执编号。", "The desk's own mandatory report to the police has no receipt number yet."),
    Missing.CHILD_SAFE: (
        "尚未确认儿童安全，也未移交具名责任人。",
        "The child is not known to be safe, nor in the hands of a named case owner.",
    ),
    Missing.CO_HANDLERS: ("协办单位尚未反馈。", "A co-handler has not answered yet."),
    Missing.RECORDS: ("各方记录不一致，须先核对。", "The records do not agree and must be set right first."),
}


SENDS_BACK = {Missing.SUBSTANCE, Missing.ACTS}
"""What only the departments can mend, by answering again."""
NO_FEEDBACK = (
    "未被采纳的不算反馈，时限没有停，仍按原起点计算。",
    "A reply that is not accepted is no feedback: the clock has not stopped and counts from its old start.",
)
ACT_WORDS: dict[ClosingAct, tuple[str, str]] = {
    ClosingAct.CHILD_SEEN: ("已见到儿童本人", "the child was seen in person"),
    ClosingAct.EVIDENCE_PRESERVED: ("已固定证据", "evidence was preserved"),
    ClosingAct.SITE_INSPECTED: ("已现场检查", "the place was inspected"),
    ClosingAct.OFFENDER_KEPT_AWAY: ("已将涉嫌人与儿童隔离", "whoever is suspected is kept from the child"),
}
"""Every act is a key."""


@dataclass(frozen=True)
class AtClosing:
    """The facts a closure check looks at."""

    grade: Grade
    harm: bool
    mandatory_report: bool
    has_receipt: bool
    safety: Safety
    safety_source: str | None
    owner_is_there: bool
    hollow: Hollow | None
    silent_co_handlers: int
    silent_but_overdue: int
    disagreeing: tuple[str, ...] = ()
    acts_missing: tuple[ClosingAct, ...] = ()


def what_is_missing(case: AtClosing) -> tuple[Missing, ...]:
    """What must still happen before the case may close; empty when nothing.

    A co-handler that has let its own clock run out no longer holds up an ordinary case (it is
    recorded as silent and was escalated), but always holds up suspected harm.
    """
    grave = case.grade in SAFETY_GRADES or case.harm
    missing = []
    if case.hollow is not None:
        missing.append(Missing.SUBSTANCE)
    if case.acts_missing:
        missing.append(Missing.ACTS)
    if case.mandatory_report and not case.has_receipt:
        missing.append(Missing.POLICE_RECEIPT)
    if grave and not _is_safe(case):
        missing.append(Missing.CHILD_SAFE)
    if case.silent_co_handlers > (0 if grave else case.silent_but_overdue):
        missing.append(Missing.CO_HANDLERS)
    if case.disagreeing:
        missing.append(Missing.RECORDS)
    return tuple(missing)


def _is_safe(case: AtClosing) -> bool:
    handed_over = case.safety is Safety.INTERIM and case.safety_source == CASE_OWNER and case.owner_is_there
    return case.safety is Safety.SAFE or handed_over


def is_safety_settled(place: Workplace, session: Session, case: Case) -> bool:
    """Whether the child's safety no longer stands in the way of closing: safe, or with a named case owner; interim care alone is not."""
    if case.safety is Safety.SAFE:
        return True
    return case.safety is Safety.INTERIM and case.safety_source == CASE_OWNER and is_owner(place, session, case, case.safety_owner)


@case_task
def check_closure(case_id: UUID, now: datetime) -> None:
    """Judge a replied case once for each state of its facts: back to work, wait, or ready to close."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.status is not Status.REPLIED:
            return
        found = at_closing(place, session, case)
        missing = what_is_missing(found)
        key, was_accepted = closure_key(session, case), _reply_was_accepted(session, case)
        if not decide(place, session, case, key, _verdict(missing, found, was_accepted=was_accepted), now):
            return
        journal.write(
            session, case, EventKind.CLOSURE_CHECKED, now, MACHINE,
            missing=[each.value for each in missing], rules=list(found.disagreeing),
        )  # fmt: skip
        if SENDS_BACK & set(missing) and not was_accepted:
            refuse_reply(place, session, case, now)
        elif SENDS_BACK & set(missing):
            send_back(place, session, case, now)
        else:
            _ask_for(place, session, case, missing, now)


def closure_key(session: Session, case: Case) -> str:
    """Names the facts a closure check has seen, so that new facts are judged and old ones are not."""
    digested = len(session.exec(select(Inbox.id).where(Inbox.case_id == case.id, col(Inbox.read_at).is_not(None))).all())
    breached = sum(clock.breached_at is not None for clock in clocks_of(session, case))
    disagreeing = "".join(f":{rule}" for rule in what_blocks(session, case))
    return f"closure:{case.cycle}:{digested}:{breached}{disagreeing}"


def closure_ready(session: Session, case: Case) -> bool:
    """Whether the closure check found nothing missing from the facts as they are now."""
    judged = decided(session, case, closure_key(session, case))
    return judged is not None and judged.outcome == "READY"


def _reply_was_accepted(session: Session, case: Case) -> bool:
    """Whether a reply of this round has passed already: what is found wanting after that is not the reply it was given for."""
    wanted = select(Decision.outcome).where(
        Decision.case_id == case.id, Decision.kind == DecisionKind.CLOSURE, col(Decision.key).startswith(f"closure:{case.cycle}:")
    )
    return any(outcome in {"READY", "WAITING"} for outcome in session.exec(wanted).all())


def refuse_reply(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """The reply is none: the same round goes on, with its clocks as if nothing had been said."""
    take_reply_back(place, session, case, now)
    _back_to_the_lead(place, session, case, now)


def send_back(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """Rework after a reply that was accepted: a new round, with a feedback clock of its own."""
    case.cycle += 1
    _back_to_the_lead(place, session, case, now)


def _back_to_the_lead(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    """The lead is told, and the district leader at the second time."""
    case.rework_count += 1
    move(session, case, Status.REWORK, now)
    lead = lead_of(session, case)
    if lead is None:
        return
    lead.replied_at = None
    session.add(lead)
    # The clock of the new round runs before anybody is told, so that the alert can say until when.
    start_missing_clocks(place, session, case, now)
    key = f"rework:{case.cycle}:{case.rework_count}"
    tell(place, session, case, lead.department, Ask.REWORK, key, now)
    if case.rework_count > 1:
        by = due_of_ask(session, case, Ask.REWORK, lead.department)
        tell(place, session, case, Recipient.DISTRICT_LEADER, Ask.RAISE_LEVEL, key, now, by)


def at_closing(place: Workplace, session: Session, case: Case) -> AtClosing:
    """The facts of one case that its closing depends on."""
    clocks = clocks_of(session, case)
    silent = [part for part in standing(session, case) if not part.leads and part.replied_at is None]
    return AtClosing(
        grade=case.grade,
        harm=case.harm,
        mandatory_report=bool(case.mandatory_report),
        has_receipt=has_police_receipt(session, case),
        safety=case.safety,
        safety_source=case.safety_source,
        owner_is_there=is_owner(place, session, case, case.safety_owner),
        hollow=_hollow(place, session, case),
        silent_co_handlers=len(silent),
        silent_but_overdue=sum(_is_overdue(clocks, part) for part in silent),
        disagreeing=what_blocks(session, case),
        acts_missing=_acts_missing(place, session, case),
    )


def is_owner(place: Workplace, session: Session, case: Case, code: str | None) -> bool:
    """Whether `code` is a unit, or the account of somebody, that can answer for a child of this case."""
    if not code or is_kept_from(case, code):
        return False
    if code in place.catalogue.departments:
        return True
    wanted = select(Account.id).where(Account.name == code, col(Account.disabled_at).is_(None))
    return session.exec(wanted).first() is not None


def _hollow(place: Workplace, session: Session, case: Case) -> Hollow | None:
    """What is wrong with the lead's last reply in words, if anything."""
    replies = _replies(place, session, case)
    return _judged(place, case, replies[0], replies[1:]) if replies else Hollow.EMPTY


def _replies(place: Workplace, session: Session, case: Case) -> list[str]:
    """What the lead has answered, the last one first."""
    wanted = (
        select(Inbox)
        .where(Inbox.case_id == case.id, Inbox.kind == NewsKind.REPLIED, col(Inbox.read_at).is_not(None))
        .order_by(col(Inbox.id).desc())
    )
    return [_words(place, case, row) for row in session.exec(wanted)]


def _judged(place: Workplace, case: Case, reply: str, earlier: Sequence[str]) -> Hollow | None:
    came_back = tuple(earlier) if case.rework_count or case.reopen_count else ()
    return judge_reply(reply, _request(place, case), came_back, language_of_reply(reply))


def _request(place: Workplace, case: Case) -> str:
    return place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct) if case.text_ct else ""


def hollow_share(place: Workplace, case: Case, row: Inbox) -> Hollow | None:
    """What is wrong with a co-handler's answer, if anything; `row` is the answer, read or not."""
    words = _words(place, case, row)
    return judge_reply(words, _request(place, case), language=language_of_reply(words), is_share=True)


def would_come_back(
    place: Workplace, session: Session, case: Case, reply: str, acts: Sequence[ClosingAct]
) -> tuple[Hollow | None, tuple[ClosingAct, ...]]:
    """What the check would send this answer of the lead back for, before it is given: what is wrong with it, and the acts it lacks."""
    left = tuple(each for each in _acts_missing(place, session, case) if each not in acts)
    return _judged(place, case, reply, _replies(place, session, case)), left


def _words(place: Workplace, case: Case, row: Inbox) -> str:
    return place.vault.open(case.id, case.wrapped_key, "inbox.text", row.text_ct) if row.text_ct else ""


def _acts_missing(place: Workplace, session: Session, case: Case) -> tuple[ClosingAct, ...]:
    """What the case's kind asks for and no department has reported yet, in any round."""
    kind = place.catalogue.kinds.get(case.kind or "")
    if kind is None or not kind.closing:
        return ()
    wanted = select(Inbox).where(
        Inbox.case_id == case.id, col(Inbox.kind).in_([NewsKind.REPLIED, NewsKind.CO_REPLIED]),
        col(Inbox.read_at).is_not(None), col(Inbox.refused).is_(None),
    )  # fmt: skip
    done = {str(act) for row in session.exec(wanted) for act in row.codes.get("acts") or ()}
    return tuple(each for each in kind.closing if each.value not in done)


def _is_overdue(clocks: list[Clock], part: Assignment) -> bool:
    return any(
        clock.target is Target.CO_HANDLER
        and clock.department == part.department
        and clock.breached_at is not None
        for clock in clocks
    )


def what_a_unit_can_mend(facts: Mapping[str, Any]) -> tuple[str, str]:
    """Why its answer went back, as the unit is told: only what another answer of its own sets right.

    `facts` are those of a stored verdict. What else is missing is the house's to see to, or another unit's.
    """
    hollow, acts = facts.get("hollow"), [ClosingAct(each) for each in facts.get("acts") or ()]
    lacking = [each for each in (Missing(each) for each in facts.get("missing") or ()) if each in SENDS_BACK]
    told = [_words_of(each, Hollow(hollow) if hollow else None, acts) for each in lacking]
    return "".join(zh for zh, _ in told), " ".join(en for _, en in told)


def _verdict(missing: tuple[Missing, ...], found: AtClosing, *, was_accepted: bool = False) -> Verdict:
    outcome = "READY" if not missing else "REWORK" if SENDS_BACK & set(missing) else "WAITING"
    if not missing:
        zh, en = "反馈核查通过；按规定须回访、审批的，完成后才办结。", "The answer passed the check; a callback or an approval, where the rules ask for one, still comes before the closing."
        if found.silent_co_handlers:
            zh, en = f"{zh}有协办单位逾期未反馈，已记录，不再等候。", f"{en} A co-handler let its time run out unanswered; that is on record and no longer waited for."
    else:
        zh = "".join(_sentence(each, found)[0] for each in missing)
        en = " ".join(_sentence(each, found)[1] for each in missing)
    if outcome == "REWORK" and not was_accepted:
        zh, en = f"{zh}{NO_FEEDBACK[0]}", f"{en} {NO_FEEDBACK[1]}"
    facts = {
        "missing": [each.value for each in missing], "rules": list(found.disagreeing),
        "hollow": found.hollow, "acts": list(found.acts_missing),
    }  # fmt: skip
    return Verdict(DecisionKind.CLOSURE, outcome, "closure-check", zh, en, facts)


def _sentence(missing: Missing, found: AtClosing) -> tuple[str, str]:
    """The sentence of what is missing, with what exactly it is where that can be told in codes."""
    zh, en = SENTENCES[missing]
    if missing in SENDS_BACK:
        return _words_of(missing, found.hollow, found.acts_missing)
    if missing is Missing.CHILD_SAFE and found.safety_source == CASE_OWNER and found.safety is Safety.INTERIM:
        return "儿童已临时安置，但未写明仍在职的具名责任人。", "The child is in interim care, but nobody who is there is named as case owner."
    return zh, en


def _words_of(missing: Missing, hollow: Hollow | None, acts: Sequence[ClosingAct]) -> tuple[str, str]:
    """Why an answer goes back, with what exactly is wrong with it."""
    zh, en = SENTENCES[missing]
    if missing is Missing.SUBSTANCE and hollow is not None:
        why = HOLLOW_WORDS[hollow]
        return f"{zh[:-1]}（{why[0]}）。", f"{en[:-1]} ({why[1]})."
    if missing is Missing.ACTS:
        words = [ACT_WORDS[each] for each in acts]
        return f"{zh[:-1]}：{'、'.join(each[0] for each in words)}。", f"{en[:-1]}: {', '.join(each[1] for each in words)}."
    return zh, en


def _ask_for(
    place: Workplace, session: Session, case: Case, missing: tuple[Missing, ...], now: datetime
) -> None:
    key = f"closing:{case.cycle}"
    if Missing.POLICE_RECEIPT in missing:
        tell(place, session, case, Recipient.DESK, Ask.REPORT_TO_POLICE, key, now)
    if Missing.CHILD_SAFE in missing:
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.CHILD_SAFETY, key, now)
    if Missing.RECORDS in missing:
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.RECORDS_BLOCKED, key, now)
