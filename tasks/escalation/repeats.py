"""Telling a level again, with back-off, until somebody acknowledges it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import journal
from models.case import Case
from models.journal import MACHINE
from models.record import Clock, Escalation
from models.vocabulary import EventKind
from sla_rules.ladder import Moment
from sla_rules.ladder_rules import Repeat, Rung
from tasks.escalation.alerts import level_key, recipients_of, repeat_key, tell_all, unsent
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Again:
    """A level that fired and that nobody has acknowledged, and when (UTC) it is told again."""

    entry: Escalation
    rung: Rung
    repeat: Repeat
    at: datetime


def repeating(moments: Sequence[Moment], ledger: Sequence[Escalation]) -> Again | None:
    """The level of a clock that is told again; None if there is none.

    Only the highest that fired repeats: a higher one takes over from those below, whether or not
    it repeats itself. It rests while its moment lies ahead once more, after an extension, and ends
    with its rung or its clock, when its count is reached, and when somebody has acknowledged it.

    Args:
        moments: The clock's, as of now; empty once it is stopped or paused.
        ledger: What fired, or was superseded, in this cycle of the clock.
    """
    told = [each for each in ledger if not each.superseded]
    highest = max(told, key=lambda each: each.level, default=None)
    if highest is None or highest.repeat_at is None or highest.acknowledged_at is not None:
        return None
    moment = next((each for each in moments if each.level == highest.level), None)
    if moment is None or moment.rung.repeat is None:
        return None
    return Again(highest, moment.rung, moment.rung.repeat, max(highest.repeat_at, moment.at))


def tell_again(
    place: Workplace, session: Session, case: Case, clock: Clock, again: Again, now: datetime
) -> None:
    """Tell a level once more, however many repeats a downtime swallowed; the next waits from now.

    Whoever still has an alert of this level waiting (quiet hours, a channel that is down) is not
    told a second time beside it. If that is everybody, nothing was repeated and nothing counts.
    """
    entry, calendar = again.entry, place.rules_for(case).calendar
    key = level_key(clock, entry.level)
    waiting = unsent(session, case, key)
    told = [each for each in recipients_of(session, case, clock, again.rung) if each not in waiting]
    if not told:
        leaves_at = max(each.next_try_at for each in waiting.values())
        entry.repeat_at = again.repeat.next_after(max(now, leaves_at), entry.repeats, calendar)
        return
    entry.repeats += 1
    entry.repeat_at = again.repeat.next_after(now, entry.repeats, calendar)
    tell_all(place, session, case, clock, again.rung, told, repeat_key(key, entry.repeats), now)
    journal.write(
        session, case, EventKind.ESCALATED_AGAIN, now, MACHINE,
        target=clock.target, department=clock.department, level=entry.level, repeat=entry.repeats, told=told,
    )  # fmt: skip
