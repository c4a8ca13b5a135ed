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
