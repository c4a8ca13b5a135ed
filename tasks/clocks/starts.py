"""Starting the clocks that a case's present state asks for, each with its reason."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models import journal
from models.case import Case
from models.clock_table import JOINT
from models.exchange import Assignment
from models.journal import MACHINE
from models.record import Clock
from models.vocabulary import Ask, DecisionKind, EventKind, Recipient, Status, Target
from tasks.case_task import case_task
from tasks.casebook import Verdict, editing, post, standing, store_decision, tell
from tasks.clocks.counting import CountingCase, counting, keep_count
from tasks.clocks.joint_clock import Count, running_joint
from tasks.clocks.plan import Wanted, clocks_wanted, counting_start, signal_of
from tasks.clocks.running import clocks_of
from tasks.closing.police_report import has_police_receipt
from tasks.words.reaching_caller import lead_may_reach_caller
from tasks.workplace import Workplace, workplace


def missing_clocks(
    place: Workplace, session: Session, case: Case, parts: list[Assignment]
) -> list[Wanted]:
    """Wanted clocks with a rule that do not exist yet; `parts` are the standing assignments."""
    events = journal.entries_of(session, case.id)
    if not events:
        return []
    moves = [each for each in events if each.kind is EventKind.MOVED]
    since = moves[-1].at if moves else events[0].at
    reopened = [each.at for each in moves if each.facts.get("new") == Status.REOPENED]
    origin = reopened[-1] if reopened else counting_start(case, events[0].at)
    have = {(clock.target, clock.department, clock.cycle) for clock in clocks_of(session, case)}
    wanted = [
        each
        for each in clocks_wanted(case, parts, origin, signal_of(events, origin), since)
        if (each.target, each.department, each.cycle) not in have
    ]
    # Asked after every step: who called is looked up only where it decides something.
    reaches = any(each.target is Target.FIRST_CONTACT for each in wanted) and lead_may_reach_caller(session, case)
    rules = CountingCase(case, place.rules_for(case), parts, (), reaches)
    return [each for each in wanted if rules.rule_for(each.target, each.department) and not _is_done(session, case, each)]


def _is_done(session: Session, case: Case, wanted: Wanted) -> bool:
    # The report may have been made before a grade asked for its clock.
    return wanted.target is Target.MANDATORY_REPORT and has_police_receipt(session, case)


def start_missing_clocks(place: Workplace, session: Session, case: Case, now: datetime) -> list[Clock]:
    """Start every clock that should run and does not yet, in the caller's transaction."""
    wanted = missing_clocks(place, session, case, standing(session, case))
    if not wanted:
        return []
    known = counting(place, session, case, now)
    joint = running_joint(clocks_of(session, case))
    counts: list[tuple[Clock, Count]] = []
    for each in sorted(wanted, key=lambda one: one.target is not JOINT):
        clock, count = _counted(known, each, joint)
        counts.append((clock, count))
        # The joint clock is counted first: what starts beside it must fit inside.
        joint = clock if clock.target is JOINT else joint
    # All at once: the database answers with their numbers in one go, which the decisions need.
    session.add_all(clock for clock, _ in counts)
    session.flush()
    for clock, count in counts:
        _record_start(place, session, case, clock, count, now)
    return [clock for clock, _ in counts]


def _counted(known: CountingCase, wanted: Wanted, joint: Clock | None) -> tuple[Clock, Count]:
    rule = known.rule_for(wanted.target, wanted.department)
    assert rule is not None
    clock = Clock(
        case_id=known.case.id,
        target=wanted.target,
        department=wanted.department,
        cycle=wanted.cycle,
        grade=known.case.grade,
        started_at=wanted.started_at,
        due_at=wanted.started_at,
        rule_id=rule.id,
        rule_hash=known.book.digest,
        calendar_hash=known.book.calendar_digest,
        reason_zh="",
        reason_en="",
    )
    count = known.count(clock, rule, joint)
    keep_count(clock, count)
    return clock, count


def _record_start(
    place: Workplace, session: Session, case: Case, clock: Clock, count: Count, now: datetime
) -> None:
    journal.write(
        session, case, EventKind.CLOCK_STARTED, now, MACHINE,
        target=clock.target, department=clock.department, cycle=clock.cycle, due=count.at.isoformat(), **count.cut_facts,
    )  # fmt: skip
    store_decision(place, session, case, f"clock:{clock.id}", _verdict(count, clock), now)
    _warn_of_calendar_end(place, session, case, count, now)


def _verdict(count: Count, clock: Clock) -> Verdict:
    facts = {"due": count.at.isoformat(), "department": clock.department, "provisional": count.provisional}
    return Verdict(
        DecisionKind.CLOCK, str(clock.target), clock.rule_id, count.reason_zh, count.reason_en, facts | count.cut_facts
    )


def _warn_of_calendar_end(
    place: Workplace, session: Session, case: Case, count: Count, now: datetime
) -> None:
    if count.provisional:
        # Once for each calendar and not for each case: it is the calendar somebody must mend.
        dedupe = f"calendar-ends:{place.rules_for(case).calendar_digest}"
        post(place, session, case, Recipient.RULES_SUPERVISOR, Ask.CALENDAR_ENDS, dedupe, now, count.at)


@case_task
def start_clocks(case_id: UUID, now: datetime) -> None:
    """Start every clock the case's present state asks for, and tell each department its own."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        start_missing_clocks(place, session, case, now)
        _tell_departments(place, session, case, now)


def untold(parts: list[Assignment]) -> list[Assignment]:
    """Standing assignments whose department has not been told yet."""
    return [part for part in parts if part.told_at is None]


def _tell_departments(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    for part in untold(standing(session, case)):
        tell(place, session, case, part.department, part.ask, f"order:{part.round}", now)
        part.told_at = now
