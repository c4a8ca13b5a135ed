"""The order of grades, and the rule that a machine only ever raises one."""

from models.vocabulary import Grade

GRAVITY: dict[Grade, int] = {
    Grade.U0: 0,
    Grade.U1: 1,
    Grade.U2: 2,
    Grade.U4: 3,
    Grade.U3: 4,
    Grade.UC: 5,
}
"""Smaller is graver. U4 (several units, long-standing) outranks U3 (general) although its
limit is longer: it needs more, not less."""

SAFETY_GRADES = frozenset({Grade.U0, Grade.U1})
"""Suspected harm or danger: never refused, returned, paused, lowered or closed by a machine."""

NEVER_PAUSED = frozenset({Grade.U0, Grade.U1, Grade.U2})


def graver(one: Grade, other: Grade) -> Grade:
    """The graver of two grades; disagreement never lowers."""
    return min(one, other, key=GRAVITY.__getitem__)


def is_graver(one: Grade, other: Grade) -> bool:
    """Whether `one` is strictly graver than `other`."""
    return GRAVITY[one] < GRAVITY[other]


def raised_by_machine(grade: Grade) -> Grade:
    """The next graver grade that lateness may raise a case to; the same one where it may not.

    UC becomes U3, U3 and U4 become U2, and there it ends: U0 and U1 say that a child is, or may be,
    harmed, and being late is no sign of that. U4 is stepped over: it says that several units are
    concerned, which lateness does not show either, and its longer limits would reward it.
    """
    may_become = (Grade.U3, Grade.U2)
    return next((each for each in may_become if is_graver(each, grade)), grade)
