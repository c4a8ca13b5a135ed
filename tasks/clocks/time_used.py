"""Who had the time of a joint clock that was missed: recorded when it breaks and when it stops late."""

from datetime import datetime

from sqlmodel import Session, col, select

from models import journal
from models.case import Case
from models.clock_table import JOINT
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import DecisionKind
from tasks.casebook import Verdict, decide
from tasks.clocks.joint_clock import in_codes, in_words, time_used
from tasks.clocks.pauses import paused_intervals
from tasks.workplace import Workplace


def record_time_used(
    place: Workplace, session: Session, case: Case, clock: Clock, at: datetime
) -> dict[str, list[str]]:
    """Store each unit's share of a joint clock as a decision, once at its breach and once at each reply that ends it.

    Returns:
        What the journal entry adds, in codes; nothing for any other clock.
    """
    if clock.target is not JOINT:
        return {}
    pauses = paused_intervals(journal.entries_of(session, case.id), place.rules_for(case).pauses, at)
    ever = session.exec(select(Assignment).where(Assignment.case_id == case.id).order_by(col(Assignment.id)))
    used = time_used(clock, list(ever), pauses, at)
    zh, en = in_words(used, {code: (each.name_zh, each.name_en) for code, each in place.catalogue.departments.items()})
    key = f"time-used:{clock.id}" + (f":stopped:{case.rework_count}" if clock.stopped_at else "")
    verdict = Verdict(DecisionKind.CLOCK, "JOINT_LIMIT_MISSED", clock.rule_id, zh, en, {"seconds": used})
    decide(place, session, case, key, verdict, at)
    return {"used": in_codes(used)}
