"""Why somebody breaks the glass, in words."""

from desk.pages.form_fields import Pair
from models.vocabulary import GlassReason

GLASS_WORDS: dict[GlassReason, Pair] = {
    GlassReason.CHILD_IN_DANGER: ("孩子正处危险", "A child is in danger"),
    GlassReason.NOBODY_ELSE_THERE: ("无其他人在岗", "Nobody else is on duty"),
    GlassReason.COURT_OR_POLICE: ("法院或公安依法调取", "Court or police ask by law"),
    GlassReason.SYSTEM_FAULT: ("排除系统故障", "To mend a fault of the system"),
}
"""Every reason is a key."""
