"""The words of the intake page and of the knowledge base, in Chinese and English."""

from desk.pages.translation import N_, Said
from models.vocabulary import CallType

CALL_WORDS: dict[CallType, Said] = {
    CallType.CHILD_ABOUT_SELF: N_("A child about itself"),
    CallType.ADULT_ABOUT_CHILD: N_("An adult about a child"),
    CallType.QUESTION: N_("A question"),
    CallType.SILENT: N_("Silent"),
    CallType.HANG_UP: N_("Hung up"),
    CallType.ABUSIVE: N_("Abusive"),
    CallType.PRANK: N_("Prank"),
    CallType.WRONG_NUMBER: N_("Wrong number"),
    CallType.THANKS: N_("Thanks"),
}
"""Every type of call is a key."""

CALL_LINES: dict[CallType, Said] = {
    CallType.SILENT: N_("Silent call."),
    CallType.HANG_UP: N_("Hang-up."),
    CallType.ABUSIVE: N_("Nuisance call, abusive."),
    CallType.PRANK: N_("Prank call."),
    CallType.WRONG_NUMBER: N_("Wrong number."),
    CallType.THANKS: N_("A call to say thank you."),
}
"""What stands in the record of a call without a request when the operator noted nothing; every such type is a key."""

STALE_MARK: Said = N_("[From an entry that is due for review; to be confirmed.]")
"""Stands before every answer that is taken from an entry whose time is over."""

SAY: dict[str, Said] = {
    "short": N_("Silent, hung up, abusive, prank, wrong number, thanks"),
    "short_about": N_("Calls in which nobody asks for anything, in two steps. Several silent calls from one number go to a person by themselves. Tick what sounds like danger, or use the form below."),
    "short_type": N_("What kind of call"),
    "short_number": N_("The number, if shown"),
    "short_note": N_("What was heard"),
    "short_danger": N_("It sounds like danger"),
    "calls_broken": N_("A file of rules cannot be read; tell the administrator."),
    "short_save": N_("Record this call"),
    "drafts": N_("My unfinished forms"),
    "drafts_about": N_("Only you see them; they are kept for 24 hours."),
    "draft_open": N_("Go on with"),
    "draft_drop": N_("Delete"),
    "draft_keep": N_("Keep as a draft"),
    "draft_kept": N_("The draft is kept on the desk; you may go on later."),
    "draft_gone": N_("There is no such draft, or its 24 hours are over."),
    "hand_over": N_("Handed over to 110, 120, 119 or 122"),
    "hand_over_about": N_("Hand over first, write afterwards. It saves without a receipt, which can be added later on the page of the case. Only a receipt of 110 counts as the mandatory report."),
    "matter": N_("Has it been reported before?"),
    "matter_about": N_("Compares the names, places, numbers and words above; shows numbers and what agrees, never words. You may save without it."),
    "matter_look": N_("Look for the same matter"),
    "matter_none": N_("Nothing that may be the same matter."),
    "matter_same": N_("same matter"),
    "matter_new": N_("none of these"),
    "matter_agrees": N_("Agrees in"),
    "matter_score": N_("Score"),
    "matter_chosen": N_("Chosen as the same matter"),
    "matter_gone": N_("There is no such number; choose again."),
    "knowledge": N_("Knowledge base"),
    "knowledge_look": N_("Look in the knowledge base"),
    "knowledge_about": N_("Left empty, it looks by the words and the kind above."),
    "knowledge_none": N_("No entry fits."),
    "knowledge_broken": N_("The knowledge base cannot be read; tell the administrator. You may write the answer yourself."),
    "knowledge_use": N_("Use this answer"),
    "knowledge_use_stale": N_("Use it, marked as due for review"),
    "knowledge_used": N_("The answer is taken from"),
    "knowledge_search": N_("Search"),
    "knowledge_all": N_("All entries"),
    "knowledge_count": N_("Used"),
    "knowledge_answered": N_("of which answered"),
    "stale": N_("Due for review"),
    "reviewed_on": N_("Reviewed"),
    "review_by": N_("Review by"),
    "sources": N_("Sources"),
    "newer": N_("Previous"),
    "more": N_("Next"),
}  # fmt: skip
