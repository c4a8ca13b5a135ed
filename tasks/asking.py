"""Until when an alert asks for what it asks: the clock that measures just that, and no other."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.record import Clock
from models.vocabulary import Ask, Target

NOTHING_RUNS: tuple[Target, ...] = ()
MEASURED_BY: dict[Ask, tuple[Target, ...]] = {
    Ask.ACCEPT_ORDER: (Target.ACCEPTANCE,),
    Ask.ANSWER_ORDER: (Target.FEEDBACK, Target.CO_HANDLER),
    Ask.EMERGENCY: NOTHING_RUNS,
    Ask.REPORT_TO_POLICE: (Target.MANDATORY_REPORT,),
    Ask.HELP_LEAD: (Target.ACCEPTANCE,),
    Ask.ANSWER_WHISTLE: (Target.ACCEPTANCE,),
    # A rung of a ladder brings the time of its own clock; these are told outside of one as well.
    Ask.REMINDER: (Target.FEEDBACK,),
    Ask.OVERDUE: NOTHING_RUNS,
    Ask.SUPERVISE: NOTHING_RUNS,
    Ask.RAISE_LEVEL: NOTHING_RUNS,
    Ask.CHILD_SAFETY: (Target.SAFETY_KNOWN,),
    Ask.REVIEW_CASE: (Target.REVIEW,),
    Ask.CHECK_LINK: NOTHING_RUNS,
    # The rules say within what time an objection is decided; no clock of the case does.
    Ask.DECIDE_OBJECTION: NOTHING_RUNS,
    Ask.DECIDE_TRANSFER: NOTHING_RUNS,
    Ask.ARBITRATE: NOTHING_RUNS,
    Ask.DECIDE_EXTENSION: (Target.FEEDBACK,),
    # What was decided moves, or leaves, the time that the unit has: the next of its limits.
    Ask.EXTENSION_DECIDED: (Target.ACCEPTANCE, Target.FEEDBACK),
    Ask.OBJECTION_DECIDED: (Target.ACCEPTANCE, Target.FEEDBACK),
    Ask.GRADE_CHANGED: (Target.ACCEPTANCE, Target.FEEDBACK),
    Ask.REWORK: (Target.FEEDBACK,),
    Ask.CALL_BACK: (Target.CALLBACK,),
    Ask.DECIDE_CLOSING: (Target.CLOSURE,),
    Ask.FOLLOW_UP: NOTHING_RUNS,
    Ask.FOLLOW_UP_OVERDUE: NOTHING_RUNS,
    Ask.ORDER_WITHDRAWN: NOTHING_RUNS,
    Ask.READ_OPINION: NOTHING_RUNS,
    Ask.READ_COPY: NOTHING_RUNS,
    Ask.FLAGGED: NOTHING_RUNS,
    Ask.CALENDAR_ENDS: NOTHING_RUNS,
    Ask.DEAD_LETTER: NOTHING_RUNS,
    Ask.RECONCILE: NOTHING_RUNS,
    Ask.RECONCILE_OVERDUE: NOTHING_RUNS,
    Ask.RECORDS_BLOCKED: NOTHING_RUNS,
    Ask.RULES_BROKEN: NOTHING_RUNS,
    Ask.RULES_PROMOTED: NOTHING_RUNS,
    Ask.VERSION_PROMOTED: NOTHING_RUNS,
    Ask.VERSION_UNREADABLE: NOTHING_RUNS,
    Ask.PAUSE_USED_UP: (Target.FEEDBACK,),
    Ask.UNUSUAL_READING: NOTHING_RUNS,
    Ask.GLASS_BROKEN: NOTHING_RUNS,
    # Of no case: what asks them brings its own time.
    Ask.WRITE_BRIEF: NOTHING_RUNS,
    Ask.READ_BRIEF: NOTHING_RUNS,
    Ask.READ_REPORT: NOTHING_RUNS,
    Ask.NAME_UNIT: NOTHING_RUNS,
}
"""The clocks that measure what is asked; the first of them to run out is the time an alert names. Every ask is a key."""


def due_of_ask(session: Session, case: Case, ask: Ask, unit: str) -> datetime | None:
    """When the clock of what is asked of `unit` runs out; None where none runs."""
    targets = MEASURED_BY[ask]
    if not targets:
        return None
    wanted = select(Clock.due_at).where(
        Clock.case_id == case.id, col(Clock.stopped_at).is_(None), col(Clock.target).in_(targets),
        col(Clock.department).in_(["", unit]),
    )  # fmt: skip
    return session.exec(wanted.order_by(col(Clock.due_at))).first()
