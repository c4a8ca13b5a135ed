"""Who must hear that a clock is running out or has run out: each level once, never in a burst."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from models import journal
from models.case import Case
from models.journal import MACHINE
from models.record import Clock, Escalation
from models.vocabulary import DecisionKind, EventKind, Status
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder import Moment, missed, moments
from sla_rules.rule_book import RuleBook
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, editing
from tasks.clocks.counting import may_pause
from tasks.clocks.running import clocks_of
from tasks.clocks.time_used import record_time_used
from tasks.escalation.alerts import level_key, recipients_of, tell_all
from tasks.escalation.grade import raise_grade
from tasks.escalation.repeats import Again, repeating, tell_again
from tasks.tally import count_breach
from tasks.workplace import Workplace, workplace


@dataclass(frozen=True)
class Owed:
    """What one clock owes now: a level, the lower ones it makes pointless, or a level again."""

    clock: Clock
    fires: Moment | None
    superseded: tuple[Moment, ...]
    again: Again | None = None


def ladder_moments(rules: RuleBook, case: Case, clock: Clock) -> tuple[Moment, ...]:
    """Every moment at which somebody hears of this clock; none once it is stopped or paused."""
    if clock.stopped_at is not None:
        return ()
    rule = rules.rule(clock.rule_id)
    if rule is None or _is_paused(case, rule):
        return ()
    rungs = rules.ladder_for(clock.grade, clock.target)
    return moments(clock.started_at, clock.due_at, rule, rungs, rules.calendar)


def _is_paused(case: Case, rule: TargetRule) -> bool:
    return case.status is Status.HUNG_UP and may_pause(rule.target, rule)


def owed_levels(
    rules: RuleBook, case: Case, clocks: Sequence[Clock], fired: Sequence[Escalation], now: datetime
) -> list[Owed]:
    """What every running clock of a case owes at `now`; empty when nobody needs to hear anything.

    A level that fired in this cycle of the clock, or was superseded, never fires again; the
    highest one may be told again until it is acknowledged.
    """
    owed = []
    for clock in clocks:
        ahead, ledger = ladder_moments(rules, case, clock), _ledger(clock, fired)
        fires, superseded = missed(ahead, {each.level for each in ledger}, now)
        again = None if fires else repeating(ahead, ledger)
        if again is not None and again.at > now:
            again = None
        if fires or superseded or again or _breaks_now(case, rules, clock, now):
            owed.append(Owed(clock, fires, superseded, again))
    return owed


def next_moments(
    rules: RuleBook, case: Case, clocks: Sequence[Clock], fired: Sequence[Escalation]
) -> Iterator[datetime]:
    """When a running clock's next levels fire, and when its highest one is told again."""
    for clock in clocks:
        ahead, ledger = ladder_moments(rules, case, clock), _ledger(clock, fired)
        highest = max((each.level for each in ledger), default=0)
        yield from (each.at for each in ahead if each.level > highest)
        again = repeating(ahead, ledger)
        if again is not None:
            yield again.at


def _ledger(clock: Clock, fired: Sequence[Escalation]) -> list[Escalation]:
    return [each for each in fired if each.clock_id == clock.id and each.cycle == clock.cycle]


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
    """Record breaches, climb each late clock's ladder by what is due, once, and repeat what nobody heard."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        rules, fired = place.rules_for(case), fired_levels(session, case)
        all_owed = owed_levels(rules, case, clocks_of(session, case), fired, now)
        for owed in all_owed:
            _breach(place, session, case, owed.clock, now)
            for passed_over in owed.superseded:
                _record(session, case, owed.clock, passed_over, now, superseded=True)
            if owed.fires:
                _fire(place, session, case, owed.clock, owed.fires, now)
                _end_repeats(_ledger(owed.clock, fired))
            if owed.again:
                tell_again(place, session, case, owed.clock, owed.again, now)
        # Last, because it counts every clock again. A level that is passed over tells nobody, but a
        # downtime must not leave a case less grave than it would have become.
        for owed in all_owed:
            for moment in (*owed.superseded, *((owed.fires,) if owed.fires else ())):
                if moment.rung.raise_grade:
                    raise_grade(place, session, case, owed.clock, moment, now)


def _breach(place: Workplace, session: Session, case: Case, clock: Clock, now: datetime) -> None:
    if not _breaks_now(case, place.rules_for(case), clock, now):
        return
    clock.breached_at = clock.due_at
    count_breach(session, clock)
    journal.write(
        session, case, EventKind.BREACHED, now, MACHINE,
        target=clock.target, department=clock.department, due=clock.due_at.isoformat(),
        **record_time_used(place, session, case, clock, now),
    )  # fmt: skip


def _record(
    session: Session, case: Case, clock: Clock, moment: Moment, now: datetime, *, superseded: bool,
    repeat_at: datetime | None = None,
) -> None:  # fmt: skip
    assert clock.id is not None
    session.add(
        Escalation(
            case_id=case.id, clock_id=clock.id, level=moment.level, cycle=clock.cycle,
            planned_at=moment.at, at=now, superseded=superseded, repeat_at=repeat_at,
        )
    )  # fmt: skip


def _end_repeats(lower: Sequence[Escalation]) -> None:
    for each in lower:
        each.repeat_at = None


def _fire(
    place: Workplace, session: Session, case: Case, clock: Clock, moment: Moment, now: datetime
) -> None:
    repeat = moment.rung.repeat
    repeat_at = repeat.next_after(now, 0, place.rules_for(case).calendar) if repeat else None
    _record(session, case, clock, moment, now, superseded=False, repeat_at=repeat_at)
    key = level_key(clock, moment.level)
    told = recipients_of(session, case, clock, moment.rung)
    tell_all(place, session, case, clock, moment.rung, told, key, now)
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
