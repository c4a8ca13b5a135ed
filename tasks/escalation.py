"""Who must hear that a clock is running out or has run out: each level once, never in a burst."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from models import journal
from models.case import Case
from models.journal import MACHINE
from models.record import Clock, Escalation
from models.vocabulary import DecisionKind, EventKind, Recipient, Status
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder import Moment, missed, moments
from sla_rules.rule_book import RuleBook
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, editing, lead_of, tell
from tasks.clocks import clocks_of
from tasks.workplace import Workplace, workplace

HANDLER = "HANDLER"


@dataclass(frozen=True)
class Owed:
    """One clock's level that is due now, and the lower ones it makes pointless."""

    clock: Clock
    fires: Moment | None
    superseded: tuple[Moment, ...]


def ladder_moments(rules: RuleBook, case: Case, clock: Clock) -> tuple[Moment, ...]:
    """Every moment at which somebody hears of this clock; none once it is stopped or paused."""
    rule = rules.rule(clock.rule_id)
    if rule is None or clock.stopped_at is not None or _is_paused(case, rule):
        return ()
    rungs = rules.ladder_for(clock.grade, clock.target)
    return moments(clock.started_at, clock.due_at, rule, rungs, rules.calendar)


def _is_paused(case: Case, rule: TargetRule) -> bool:
    return case.status is Status.HUNG_UP and rule.pausable


def owed_levels(
    rules: RuleBook, case: Case, clocks: Sequence[Clock], fired: Sequence[Escalation], now: datetime
) -> list[Owed]:
    """What every running clock of a case owes at `now`; empty when nobody needs to hear anything.

    A level that fired in this cycle of the clock, or was superseded, never comes again.
    """
    owed = []
    for clock in clocks:
        known = {each.level for each in fired if each.clock_id == clock.id and each.cycle == clock.cycle}
        fires, superseded = missed(ladder_moments(rules, case, clock), known, now)
        if fires or superseded or _breaks_now(case, rules, clock, now):
            owed.append(Owed(clock, fires, superseded))
    return owed


def may_break(rules: RuleBook, case: Case, clock: Clock) -> bool:
    """Whether this clock can still run out: it is neither stopped, broken, paused nor without a rule."""
    rule = rules.rule(clock.rule_id)
    running = clock.stopped_at is None and clock.breached_at is None
    return running and rule is not None and not _is_paused(case, rule)


def _breaks_now(case: Case, rules: RuleBook, clock: Clock, now: datetime) -> bool:
    return now > clock.due_at and may_break(rules, case, clock)


def fired_levels(session: Session, case: Case) -> list[Escalation]:
    """The case's ledger of escalations."""
    return list(session.exec(select(Escalation).where(Escalation.case_id == case.id)))


@case_task
def escalate_what_is_late(case_id: UUID, now: datetime) -> None:
    """Record breaches and climb each late clock's ladder by what is due, once."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        for owed in owed_levels(place.rules_for(case), case, clocks_of(session, case), fired_levels(session, case), now):
            _breach(place, session, case, owed.clock, now)
            for passed_over in owed.superseded:
                _record(session, case, owed.clock, passed_over, now, superseded=True)
            if owed.fires:
                _fire(place, session, case, owed.clock, owed.fires, now)


def _breach(place: Workplace, session: Session, case: Case, clock: Clock, now: datetime) -> None:
    if not _breaks_now(case, place.rules_for(case), clock, now):
        return
    clock.breached_at = clock.due_at
    journal.write(
        session, case, EventKind.BREACHED, now, MACHINE,
        target=clock.target, department=clock.department, due=clock.due_at.isoformat(),
    )  # fmt: skip


def _record(
    session: Session, case: Case, clock: Clock, moment: Moment, now: datetime, *, superseded: bool
) -> None:
    assert clock.id is not None
    session.add(
        Escalation(
            case_id=case.id, clock_id=clock.id, level=moment.level, cycle=clock.cycle,
            planned_at=moment.at, at=now, superseded=superseded,
        )
    )  # fmt: skip


def _fire(
    place: Workplace, session: Session, case: Case, clock: Clock, moment: Moment, now: datetime
) -> None:
    _record(session, case, clock, moment, now, superseded=False)
    key = f"escalation:{clock.id}:{clock.cycle}:{moment.level}"
    told = [_recipient(session, case, clock, each) for each in moment.rung.tell]
    for recipient in dict.fromkeys(told):
        tell(place, session, case, recipient, moment.rung.ask, key, now, clock.due_at)
    journal.write(
        session, case, EventKind.ESCALATED, now, MACHINE,
        target=clock.target, department=clock.department, level=moment.level, told=told,
    )  # fmt: skip
    words = moment.rung.name
    verdict = Verdict(
        DecisionKind.ESCALATE, f"LEVEL_{moment.level}", clock.rule_id, f"{words.zh}（{clock.reason_zh}）",
        f"{words.en} ({clock.reason_en})", {"target": str(clock.target), "planned": moment.at.isoformat()},
    )  # fmt: skip
    decide(place, session, case, key, verdict, now)


def _recipient(session: Session, case: Case, clock: Clock, addressee: str) -> str:
    if addressee not in {HANDLER, Recipient.DEPARTMENT_CHIEF}:
        return str(addressee)
    lead = lead_of(session, case)
    unit = clock.department or (lead.department if lead else None)
    if unit is None:
        return Recipient.DESK
    return unit if addressee == HANDLER else f"CHIEF:{unit}"
