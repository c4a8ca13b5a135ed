"""Which event starts, stops, repeats, pauses or extends each clock: one table, asked by all that touches one."""

from dataclasses import dataclass
from enum import StrEnum

from models.vocabulary import Target


class ClockEvent(StrEnum):
    """What happens to a case and may concern its clocks; one that stops a clock is its `stop_reason`."""

    RECEIVED = "received"
    ALARMED = "alarmed"
    REPORT_OWED = "report_owed"
    SENT_TO_REVIEW = "sent_to_review"
    REVIEWED = "reviewed"
    DISPATCHED = "dispatched"
    HELP_CALLED = "help_called"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    REPLIED = "replied"
    CO_REPLIED = "co_replied"
    REPLY_REFUSED = "reply_refused"
    OBJECTED = "objected"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    HUNG_UP = "hung_up"
    SENT_BACK = "sent_back"
    CALLBACK_ASKED = "callback_asked"
    CALLED_BACK = "called_back"
    NOT_REACHED = "not_reached"
    SAFETY_RECORDED = "safety_recorded"
    MADE_SAFE = "made_safe"
    POLICE_RECEIPT = "police_receipt"
    GRADE = "grade"
    LINKED = "linked"
    CLOSED = "closed"
    REOPENED = "reopened"


class CountedFrom(StrEnum):
    """The moment a clock is counted from, which may lie before the event that started it."""

    RECEIPT = "receipt"
    FIRST_SIGNAL = "first_signal"
    ORDER = "order"
    EVENT = "event"
    WORK = "work"


class Repeats(StrEnum):
    """How often a case may have this clock; the number of each is `Clock.cycle`."""

    NEVER = "never"
    PER_ALARM = "per_alarm"
    PER_LIFE = "per_life"
    PER_ROUND = "per_round"
    PER_CYCLE = "per_cycle"


class Against(StrEnum):
    """Whose time it is."""

    DESK = "desk"
    EVERYBODY = "everybody"
    EACH_DEPARTMENT = "each_department"
    LEAD = "lead"
    EACH_CO_HANDLER = "each_co_handler"


@dataclass(frozen=True)
class ClockRow:
    """All that may happen to one target's clock; what no field names leaves it alone.

    `goes_on_after` takes the reply's stop back, as if it had never been: the clock has its old start and its old
    due time. `fits_inside` is the joint clock whose due time this one never outlasts. With `keeps_gravest` a
    lower grade, or one without a rule for the target, changes nothing.
    """

    against: Against
    starts_on: frozenset[ClockEvent]
    counted_from: CountedFrom
    stops_on: frozenset[ClockEvent]
    repeats: Repeats
    goes_on_after: frozenset[ClockEvent] = frozenset()
    may_pause: bool = False
    may_extend: bool = False
    fits_inside: Target | None = None
    keeps_gravest: bool = False


E = ClockEvent
REFUSED = frozenset({E.REPLY_REFUSED})
"""A reply that the gate sends back answers nobody: it stops no clock for longer than the gate takes to read it."""
OVER = frozenset({E.LINKED, E.CLOSED})
"""The end of a case ends its clocks; a linked case's are its main case's from then on."""
NO_RULE = frozenset({E.GRADE})
ENDS = OVER | NO_RULE

CLOCK_TABLE: dict[Target, ClockRow] = {
    Target.DISPATCH: ClockRow(
        Against.DESK, frozenset({E.RECEIVED}), CountedFrom.RECEIPT,
        ENDS | {E.DISPATCHED, E.REVIEWED}, Repeats.NEVER,
    ),
    Target.ACCEPTANCE: ClockRow(
        Against.EACH_DEPARTMENT, frozenset({E.DISPATCHED, E.HELP_CALLED}), CountedFrom.ORDER,
        ENDS | {E.ACCEPTED, E.WITHDRAWN}, Repeats.PER_ROUND, fits_inside=Target.FEEDBACK,
    ),
    Target.FIRST_CONTACT: ClockRow(
        Against.LEAD, frozenset({E.DISPATCHED}), CountedFrom.ORDER,
        ENDS | {E.CONTACTED, E.REPLIED, E.WITHDRAWN}, Repeats.PER_ROUND, REFUSED, fits_inside=Target.FEEDBACK,
    ),
    Target.SAFETY_KNOWN: ClockRow(
        Against.DESK, frozenset({E.ALARMED, E.REOPENED}), CountedFrom.FIRST_SIGNAL,
        ENDS | {E.SAFETY_RECORDED}, Repeats.PER_ALARM,
    ),
    Target.MANDATORY_REPORT: ClockRow(
        Against.DESK, frozenset({E.REPORT_OWED}), CountedFrom.FIRST_SIGNAL,
        frozenset({E.POLICE_RECEIPT, E.LINKED}), Repeats.NEVER, keeps_gravest=True,
    ),
    Target.SUPERVISION: ClockRow(
        Against.DESK, frozenset({E.ALARMED, E.REOPENED}), CountedFrom.FIRST_SIGNAL,
        ENDS | {E.MADE_SAFE}, Repeats.PER_ALARM,
    ),
    Target.FEEDBACK: ClockRow(
        Against.EVERYBODY, frozenset({E.DISPATCHED, E.SENT_BACK}), CountedFrom.WORK,
        ENDS | {E.REPLIED}, Repeats.PER_CYCLE, REFUSED, may_pause=True, may_extend=True,
    ),
    Target.CO_HANDLER: ClockRow(
        Against.EACH_CO_HANDLER, frozenset({E.DISPATCHED, E.HELP_CALLED}), CountedFrom.ORDER,
        ENDS | {E.CO_REPLIED, E.WITHDRAWN}, Repeats.PER_ROUND, may_pause=True, fits_inside=Target.FEEDBACK,
    ),
    Target.REVIEW: ClockRow(
        Against.DESK, frozenset({E.SENT_TO_REVIEW}), CountedFrom.EVENT,
        ENDS | {E.REVIEWED, E.DISPATCHED}, Repeats.PER_LIFE,
    ),
    Target.CALLBACK: ClockRow(
        Against.DESK, frozenset({E.CALLBACK_ASKED}), CountedFrom.EVENT,
        ENDS | {E.CALLED_BACK, E.NOT_REACHED}, Repeats.PER_CYCLE,
    ),
    Target.CLOSURE: ClockRow(
        Against.EVERYBODY, frozenset({E.DISPATCHED}), CountedFrom.RECEIPT,
        ENDS, Repeats.PER_LIFE, may_pause=True, may_extend=True,
    ),
}  # fmt: skip
"""Every target is a key. `docs/clocks.md` is made from it, and each row is played in a test."""

JOINT = Target.FEEDBACK
"""The clock of all departments together."""

EXTENDABLE = frozenset(target for target, row in CLOCK_TABLE.items() if row.may_extend)


def stopped_by(event: ClockEvent) -> frozenset[Target]:
    """The targets whose clocks this event stops."""
    return frozenset(target for target, row in CLOCK_TABLE.items() if event in row.stops_on)


def going_on_after(event: ClockEvent) -> frozenset[Target]:
    """The targets whose clocks go on after this event as if the reply had not stopped them."""
    return frozenset(target for target, row in CLOCK_TABLE.items() if event in row.goes_on_after)
