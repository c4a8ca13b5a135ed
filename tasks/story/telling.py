"""A case's story, read in one go: what the desk's pages, the CLI and the timeline artifact tell."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from catalogue.loader import Catalogue
from models.case import Case
from models.exchange import Assignment, Inbox, Notice
from models.following import FollowUp
from models.journal import MACHINE, entries_of
from models.record import Clock, Decision, Escalation, Event
from models.vocabulary import EventKind, NewsKind
from tasks.news.forms import moment
from tasks.story.of_assignment import considered_told, objections_told
from tasks.story.state import (
    ClockState,
    SlaState,
    clock_state,
    sla_state,
    stands_still,
    tags_of,
)
from tasks.story.timeline import timeline_markdown
from tasks.story.values import (
    AssignmentStory,
    CaseStory,
    ClockStory,
    DecisionStory,
    EscalationStory,
    EventStory,
    FollowUpStory,
    NoticeStory,
    PoliceReceipt,
)

__all__ = [
    "CaseStory",
    "ClockState",
    "SlaState",
    "clock_state",
    "sla_state",
    "story_of",
    "tags_of",
    "timeline_markdown",
]

SHORT_HASH = 12
OF_LINKS = frozenset(
    {EventKind.LINKED.value, EventKind.FACTS_JOINED.value, NewsKind.FACTS_JOINED.value, NewsKind.LINK_DECIDED.value}
)
REFERENCES = frozenset({"receipt", "said_receipt", "said_evidence"})
"""Facts that may be the number of a document as an office writes it."""
_CODE = re.compile(r"[A-Za-z0-9_.:+%/-]{1,64}", re.ASCII)


def story_of(
    session: Session, case: Case, catalogue: Catalogue, now: datetime, *, part_of: str | None = None, with_references: bool = False
) -> CaseStory:
    """The story of one case.

    Args:
        session: A reading session.
        case: The case.
        catalogue: For the names of kinds.
        now: Aware time the clocks are looked at.
        part_of: The department it is told to, which hears only its own part: its assignments and
            clocks with the joint ones, its alerts, and what the machine or itself did. What the
            desk decided and the police receipt are left out. None tells everything.
        with_references: Also the numbers of receipts and documents that are no plain codes; for pages, never for Prefect.
    """
    clocks = [each for each in _all(session, Clock, case.id) if part_of in (None, each.department or part_of)]
    return CaseStory(
        number=case.label,
        status=case.status,
        grade=case.grade,
        kind=case.kind,
        **_kind_names(case.kind, catalogue),
        nature=case.nature,
        outcome=case.outcome,
        safety=case.safety,
        safety_at=case.safety_at,
        callback_class=case.callback_class,
        flag=case.flag,
        waiting_for=case.waiting_for,
        received_at=case.received_at,
        wake_at=case.wake_at,
        closed_at=case.closed_at,
        close_reason=case.close_reason if part_of is None else None,
        follow_ups=_follow_ups(session, case.id) if part_of is None else (),
        clocks=tuple(_clock(each, now, stands_still(case)) for each in clocks),
        assignments=_assignments(session, case.id, part_of),
        objections=objections_told(session, case, catalogue) if part_of is None else (),
        decisions=_decisions(session, case.id, catalogue) if part_of is None else (),
        events=_events(session, case.id, part_of, REFERENCES if with_references else frozenset()),
        escalations=_escalations(session, case.id, clocks, part_of),
        notices=_notices(session, case.id, part_of),
        police=_police(session, case.id) if part_of is None else None,
    )


def _all(session: Session, table: type[Any], case_id: UUID) -> list[Any]:
    return list(session.exec(select(table).where(table.case_id == case_id).order_by(table.id)).all())


def _kind_names(kind: str | None, catalogue: Catalogue) -> dict[str, str]:
    known = catalogue.kinds.get(kind) if kind else None
    # A kind struck off the catalogue keeps its code: old cases must stay readable.
    return {
        "kind_zh": known.name_zh if known else kind or "",
        "kind_en": known.name_en if known else kind or "",
    }


def _clock(clock: Clock, now: datetime, paused: bool) -> ClockStory:
    return ClockStory(
        target=clock.target,
        department=clock.department,
        cycle=clock.cycle,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        provisional=clock.provisional,
        state=clock_state(clock, now, paused=paused),
        rule_id=clock.rule_id,
        reason_zh=clock.reason_zh,
        reason_en=clock.reason_en,
    )


def _assignments(session: Session, case_id: UUID, part_of: str | None) -> tuple[AssignmentStory, ...]:
    return tuple(
        AssignmentStory(
            department=each.department,
            leads=each.leads,
            share=each.share,
            round=each.round,
            assigned_at=each.assigned_at,
            accepted_at=each.accepted_at,
            contacted_at=each.contacted_at,
            replied_at=each.replied_at,
            withdrawn_at=each.withdrawn_at,
        )
        for each in _all(session, Assignment, case_id)
        if part_of in (None, each.department)
    )


def _decisions(session: Session, case_id: UUID, catalogue: Catalogue) -> tuple[DecisionStory, ...]:
    return tuple(
        DecisionStory(
            key=each.key,
            outcome=each.outcome,
            rule_id=each.rule_id,
            rule_hash=each.rule_hash[:SHORT_HASH],
            code_version=each.code_version,
            reason_zh=each.reason_zh,
            reason_en=each.reason_en,
            at=each.at,
            considered=considered_told(each, catalogue),
        )
        for each in _all(session, Decision, case_id)
    )


def _events(session: Session, case_id: UUID, part_of: str | None, references: frozenset[str]) -> tuple[EventStory, ...]:
    return tuple(
        EventStory(each.seq, each.at, each.kind, each.actor, codes_in(each.facts, references))
        for each in entries_of(session, case_id)
        if part_of is None or _concerns(each, part_of)
    )


def _concerns(entry: Event, department: str) -> bool:
    if entry.actor not in (MACHINE, f"department:{department}") or _is_of_links(entry):
        return False
    return str(entry.facts.get("department") or department) == department


def _is_of_links(entry: Event) -> bool:
    """That there is another report, and what it brought, is the desk's to know: it may tell who reported."""
    return entry.kind in OF_LINKS or str(entry.facts.get("news")) in OF_LINKS


def codes_in(facts: Mapping[str, Any], references: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The facts that are codes, numbers or times, as `name=value`; anything else stays behind, but for what is named a reference.

    The journal holds nothing else by contract; this is the second lock on the way to Prefect.
    """
    told = {name: str(value) if name in references and isinstance(value, str) else _as_code(value) for name, value in facts.items()}
    return tuple(f"{name}={code}" for name, code in told.items() if code)


def _as_code(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        parts = [_as_code(each) for each in value]
        return "+".join(parts) if all(parts) else ""
    text = "" if value is None or isinstance(value, dict) else str(value)
    return text if _CODE.fullmatch(text) else ""


def _escalations(
    session: Session, case_id: UUID, clocks: Iterable[Clock], part_of: str | None
) -> tuple[EscalationStory, ...]:
    by_id = {clock.id: clock for clock in clocks}
    return tuple(
        EscalationStory(
            target=by_id[each.clock_id].target,
            department=by_id[each.clock_id].department,
            level=each.level,
            cycle=each.cycle,
            at=each.at,
            superseded=each.superseded,
            repeats=each.repeats,
            repeat_at=each.repeat_at if by_id[each.clock_id].stopped_at is None else None,
            acknowledged_at=each.acknowledged_at,
            acknowledged_by=each.acknowledged_by if part_of is None else None,
        )
        for each in _all(session, Escalation, case_id)
        if each.clock_id in by_id
    )


def _notices(session: Session, case_id: UUID, part_of: str | None) -> tuple[NoticeStory, ...]:
    return tuple(
        NoticeStory(each.ask, each.recipient, each.state, each.created_at, each.sent_at)
        for each in _all(session, Notice, case_id)
        if part_of in (None, each.recipient)
    )


def _follow_ups(session: Session, case_id: UUID) -> tuple[FollowUpStory, ...]:
    return tuple(
        FollowUpStory(each.nth, each.due_at, each.state, each.asked_at, each.escalated_at, each.outcome, each.asked_of, each.at)
        for each in _all(session, FollowUp, case_id)
    )


def _police(session: Session, case_id: UUID) -> PoliceReceipt | None:
    wanted = (
        select(Inbox)
        .where(
            Inbox.case_id == case_id,
            Inbox.kind == NewsKind.POLICE_NOTIFIED,
            col(Inbox.refused).is_(None),
        )
        .order_by(col(Inbox.id).desc())
    )
    told = session.exec(wanted).first()
    if told is None:
        return None
    codes = told.codes
    return PoliceReceipt(moment(codes, "at"), str(codes["channel"]), str(codes["receipt"]))
