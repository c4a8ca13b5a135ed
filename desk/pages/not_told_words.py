"""Why the unit in charge is not told who called, for the house and, in fewer words, for the unit."""

from desk.pages.translation import N_, Said
from tasks.words.reaching_caller import NotTold

NOT_TOLD_WORDS: dict[NotTold, Said] = {
    NotTold.HARM: N_("a child may be harmed: then no unit learns who called, whatever the caller agreed to"),
    NotTold.GUARDIAN: N_("a guardian may be concerned: only the desk speaks to the caller"),
    NotTold.DESK_ONLY: N_("in matters of this kind a guardian may be concerned: only the desk speaks to the caller, whatever the caller agreed to"),
    NotTold.NOBODY_TO_CALL: N_("no number or address of the caller is on record"),
    NotTold.ANONYMOUS: N_("the caller stays anonymous"),
    NotTold.SECRET: N_("the caller wants to be kept secret"),
    NotTold.NO_CALL: N_("the caller does not want to be called"),
}
"""Every reason is a key."""
