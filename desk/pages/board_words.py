"""The words of the list of cases, the duty board, the units and handing orders over, in Chinese and English."""

from desk.needs import Need
from desk.pages.translation import N_, NC_
from models.vocabulary import Purpose, ReassignReason

NEED_WORDS: dict[Need, tuple[str, str]] = {
    Need.DANGER: N_("Danger and urgent"),
    Need.LATE: N_("Late"),
    Need.NEAR: N_("Due within 4 hours"),
    Need.UNWRITTEN: N_("Summary to write"),
    Need.FLAGGED: N_("Needs a look"),
    Need.UNDELIVERED: N_("Alert not delivered"),
    Need.STUCK: N_("Stuck"),
    Need.REVIEW_NEAR: N_("Hung up, review near"),
    Need.SENT_BACK: N_("Sent back again and again"),
}
"""Every need is a key."""

PURPOSE_WORDS: dict[Purpose, tuple[str, str]] = {
    Purpose.HANDLING: N_("Handling"),
    Purpose.REVIEW: N_("Supervision and review"),
    Purpose.CALLBACK: N_("Callback"),
    Purpose.COMPLAINT: N_("A complaint about us"),
    Purpose.LEARNING: N_("Improving the rules"),
}
"""Every purpose is a key."""

REASSIGN_WORDS: dict[ReassignReason, tuple[str, str]] = {
    ReassignReason.UNIT_ABSENT: N_("The unit is away"),
    ReassignReason.WRONG_UNIT: N_("Not that unit's duty"),
    ReassignReason.LOAD: N_("The unit has too many"),
    ReassignReason.REORGANISED: N_("Duties were reorganised"),
    ReassignReason.CONFLICT: N_("Conflict of interest"),
}
"""Every reason is a key."""

STAYS_WORDS: dict[str, tuple[str, str]] = {
    "unknown_case": N_("There is no such number for you"),
    "order_moved_on": N_("That unit does not lead it any more"),
    "case_is_closed": N_("It is closed"),
    "case_is_sealed": N_("It is sealed"),
    "has_objection": N_("An objection is open: rule on that"),
    "is_hung_up": N_("It is hung up: take it down first"),
    "is_answered": N_("It is answered and being checked"),
    "not_with_a_unit": N_("No unit has it yet"),
    "unknown_unit": N_("The catalogue has no such unit"),
    "unit_may_not_lead": N_("That unit may not lead"),
    "same_unit": N_("It is the same unit"),
    "conflict_of_interest": N_("It is kept from that unit"),
    "returned_it_before": N_("That unit returned it before: for the arbiter"),
    "nobody_free": N_("There is nobody to take it"),
}
"""Why an order stays where it is; every code of `tasks.reassigning` is a key."""

STUCK_WORDS: dict[str, tuple[str, str]] = {
    "forgotten": N_("nothing will wake it"),
    "abandoned": N_("its worker is gone"),
    "left_lying": N_("due and not taken up"),
    "failing": N_("its last activation failed"),
}

BOARD_TEXTS: dict[str, tuple[str, str]] = {
    "list": N_("Cases"),
    "list_all": N_("All cases"),
    "list_filter": N_("Filter"),
    "list_show": N_("Show"),
    "list_clear": N_("Clear the filter"),
    "list_jump": N_("Open by number"),
    "list_open": N_("Open"),
    "list_none": N_("No case fits this filter."),
    "list_none_newer": N_("There are no newer ones."),
    "list_wrong": N_("Nothing is shown, because this makes no sense:"),
    "list_more_than": N_("more than"),
    "list_fit": N_("found"),
    "list_need": N_("What it needs"),
    "list_only_open": N_("Open ones only"),
    "list_district": N_("District code"),
    "list_from": N_("Received from"),
    "list_to": N_("Received to"),
    "list_any": N_("any"),
    "list_due": N_("Next due"),
    "list_late": N_("late"),
    "list_still": N_("stands still"),
    "list_load": N_("Download as a table"),
    "list_load_about": N_("Numbers, codes and times only, 10,000 rows at most. The download and its purpose go into the access log."),
    "list_load_why": N_("Purpose"),
    "list_load_no_purpose": N_("Nothing was downloaded: please choose the purpose."),
    "newer": N_("Newer"),
    "pages": N_("Pages"),
    "newest_first": N_("Back to the newest"),
    "duty_stuck": N_("Stuck"),
    "duty_undelivered": N_("Alerts not delivered"),
    "duty_review_near": N_("Hung up, review near"),
    "duty_sent_back": N_("Sent back again and again"),
    "duty_all": N_("all"),
    "duty_since": N_("How long"),
    "duty_why": N_("What it is"),
    "for_long": N_("for"),
    "late_by": N_("late by"),
    "due_in": N_("in"),
    "days": N_("d"),
    "hours": N_("h"),
    "minutes": N_("min"),
    "times_back": N_("times sent back"),
    "move": N_("Give to another unit"),
    "move_about": N_("Tick the orders to hand over (50 at most), look at the preview, then confirm. Each one goes on its own."),
    "move_pick": N_("Pick"),
    "move_to": N_("Give to"),
    "move_why": N_("Reason"),
    "move_preview": N_("Preview"),
    "move_confirm": N_("Hand them over"),
    "move_will": N_("Will move"),
    "move_will_not": N_("Stay where they are"),
    "move_taker": N_("Goes to"),
    "move_deputy": N_("deputy"),
    "move_nothing": N_("None of these can be handed over."),
    "move_none_picked": N_("Nothing was ticked."),
    "move_too_many": N_("50 at once at most: please do it in parts."),
    "move_missing": N_("Please choose the unit and the reason."),
    "move_done": N_("What became of it"),
    "move_waits": N_("Noted; the desk is at work on it"),
    "move_moved": N_("Handed over"),
    "move_stayed": N_("Not handed over"),
    "move_back": N_("Back to the unit's list"),
    "move_reload": N_("Load this page again to see how it went on."),
    "units_near": N_("Near"),
    "units_late": NC_("units_late", "Late"),
    "units_open": NC_("units_open", "Open"),
    "units_helps": N_("Helps"),
    "units_rest": N_("Other open ones"),
    "units_bar": N_("What is open"),
    "units_age": N_("Days open, mean / median"),
    "units_disputed": N_("Disputed"),
    "units_rework": N_("Rework"),
    "units_on_time": N_("Answered in time, 30 days"),
    "units_not_ranked": N_("In the order of their codes and not a league table: units have different matters, and the State Council's office turns against ranking for its own sake (国办函〔2025〕66号)."),
}
