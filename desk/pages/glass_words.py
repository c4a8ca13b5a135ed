"""Why somebody breaks the glass, in words."""

from desk.pages.translation import N_, Said
from models.vocabulary import GlassReason

GLASS_WORDS: dict[GlassReason, Said] = {
    GlassReason.CHILD_IN_DANGER: N_("A child is in danger"),
    GlassReason.NOBODY_ELSE_THERE: N_("Nobody else is on duty"),
    GlassReason.COURT_OR_POLICE: N_("Court or police ask by law"),
    GlassReason.SYSTEM_FAULT: N_("To mend a fault of the system"),
}
"""Every reason is a key."""
