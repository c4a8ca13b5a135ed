"""The words of proactive orders on pages: states, acts, steps, checks, refusals and the fields of their forms."""

from analysis.proactive.rules import Check, Step
from desk.pages.translation import N_, NC_, Said
from models.early_warnings import WarningSort
from models.proactive import OrderAct
from models.proactive_moves import OrderState

STATE_WORDS: dict[OrderState, Said] = {
    OrderState.OPENED: N_("To be accepted"),
    OrderState.ACCEPTED: NC_("proactive", "Accepted"),
    OrderState.PLANNED: N_("Planned"),
    OrderState.OBJECTED: N_("Objection to decide"),
    OrderState.RESULT_GIVEN: N_("Result given, to be evaluated"),
    OrderState.SENT_BACK: N_("Sent back"),
    OrderState.CLOSED: NC_("proactive", "Closed"),
    OrderState.REOPENED: N_("Opened again"),
    OrderState.WITHDRAWN: N_("Withdrawn"),
}
"""Every state is a key."""

STEP_WORDS: dict[Step, Said] = {
    Step.ACCEPT: N_("accept"),
    Step.PLAN: N_("say what is planned"),
    Step.RESULT: N_("give the result"),
    Step.REDO: N_("do it again"),
    Step.DECIDE_OBJECTION: N_("decide the objection"),
    Step.DECIDE_CLOSING: N_("decide on closing"),
}
"""Every step is a key."""

ACT_WORDS: dict[OrderAct, Said] = {
    OrderAct.OPENED: N_("Opened"),
    OrderAct.WARNED_AGAIN: N_("Another warning of the same"),
    OrderAct.REOPENED: N_("Opened again"),
    OrderAct.BRIEFED: N_("Told the unit in words"),
    OrderAct.ACCEPTED: NC_("proactive", "Accepted"),
    OrderAct.OBJECTED: N_("Objected"),
    OrderAct.OBJECTION_DECIDED: N_("Objection decided"),
    OrderAct.PLANNED: N_("Planned"),
    OrderAct.PROGRESS: N_("Progress told"),
    OrderAct.RESULT_GIVEN: N_("Result given"),
    OrderAct.SENT_BACK: N_("Sent back"),
    OrderAct.REMINDED: N_("Reminded"),
    OrderAct.ESCALATED: N_("Late: the duty supervisor was told"),
    OrderAct.EVALUATION_DUE: N_("It can be told whether it helped"),
    OrderAct.CLOSED: NC_("proactive", "Closed"),
    OrderAct.WITHDRAWN: N_("Withdrawn"),
    OrderAct.SEALED: N_("Words destroyed: their time was over"),
    OrderAct.OWNER_NAMED: N_("Given to a unit"),
}
"""Every act is a key."""

FORM_WORDS: dict[OrderAct, tuple[Said, Said]] = {
    OrderAct.ACCEPTED: (N_("Accept"), N_("Your unit takes this up before anybody complains again.")),
    OrderAct.PLANNED: (N_("Say what is planned"), N_("Who does what by when. Name no reporter and no child.")),
    OrderAct.PROGRESS: (N_("Tell the progress"), N_("What has been done so far; the time limit stays.")),
    OrderAct.RESULT_GIVEN: (N_("Give the result"), N_("What was done and found. Weeks later the desk looks whether it helped.")),
    OrderAct.OBJECTED: (N_("This is not ours"), N_("A supervisor decides; until then it stays with your unit.")),
    OrderAct.BRIEFED: (N_("Tell the unit what is meant"), N_("The place, and what to look at. Nothing that tells who reported.")),
    OrderAct.OWNER_NAMED: (N_("Give it to a unit"), N_("It begins anew there; the former unit's link stops working.")),
    OrderAct.OBJECTION_DECIDED: (N_("Decide the objection"), N_("If upheld, name the unit that takes it.")),
    OrderAct.SENT_BACK: (N_("Send the result back"), N_("The unit does it again, with a new time limit.")),
    OrderAct.CLOSED: (NC_("proactive", "Close"), N_("Only when everything that the reason asks for holds.")),
    OrderAct.WITHDRAWN: (N_("Withdraw"), N_("For what should not have been opened; it is not counted.")),
}

FIELD_WORDS: dict[str, Said] = {
    "text": N_("In words"),
    "measures": N_("What was done"),
    "reason": N_("Reason"),
    "upheld": N_("Is the objection upheld?"),
    "owner": N_("Unit that takes it"),
}

CHECK_WORDS: dict[Check, Said] = {
    Check.RESULT_GIVEN: N_("The unit has given a result"),
    Check.MEASURES_NAMED: N_("Measures are named"),
    Check.EVALUATED: N_("Enough weeks have passed to tell"),
    Check.RISE_OVER: N_("The rise is over"),
}
"""Every check is a key."""

REFUSED_WORDS: dict[str, Said] = {
    "does_not_fit": N_("Nothing was saved: the order cannot take this as it stands now."),
    "not_yours": N_("Nothing was saved: the order is not with your unit any more."),
    "supervisors_only": N_("Nothing was saved: a supervisor decides this."),
    "text_missing": N_("Please say it in words."),
    "measures_missing": N_("Please mark what was done."),
    "unknown_code": N_("Please choose from the list."),
    "decision_missing": N_("Please say whether it is upheld."),
    "unknown_unit": N_("Please name a unit that may lead."),
    "same_unit": N_("That unit has it already."),
    "conflict_of_interest": N_("That unit is concerned itself and may not have it."),
    "tells_reporter": N_("This tells who reported. Take out their name, number, address and the like."),
    **{check.value: N_("It cannot be closed for this reason yet: a check is missing.") for check in Check},
    "unfit": N_("This does not fit; please correct it."),
}

SORT_WORDS: dict[str, Said] = {
    WarningSort.RISE.value: N_("A sudden rise"),
    WarningSort.SILENT.value: N_("Silent calls rise"),
    WarningSort.VENUE_REPORTERS.value: N_("Several people report one place"),
    WarningSort.VENUE_KINDS.value: N_("Several kinds of trouble at one place"),
    "issue": N_("A common issue"),
}
"""Every sort of warning, and an issue, is a key."""

OWNER_WORDS: dict[str, Said] = {
    "supervises": N_("the unit above whoever is complained of"),
    "catalogue_lead": N_("the catalogue's lead for such requests"),
    "named": N_("named by a supervisor"),
    "no_kind": N_("nobody told what it is about: a supervisor names the unit"),
    "no_lead": N_("the catalogue has no lead for it: a supervisor names the unit"),
    "nobody_left": N_("every unit that could lead is concerned itself: a supervisor names one"),
}

PLACE_WORDS: dict[str, Said] = {"school": N_("a school"), "venue": N_("one place")}

TEXTS: dict[str, Said] = {
    "title": N_("Proactive orders"),
    "order": N_("Proactive order"),
    "about": N_("Acting before anybody complains: what rose, who is asked to act, and whether it helped."),
    "number": N_("Number"),
    "because": N_("Because of"),
    "what": N_("What about"),
    "district": N_("District"),
    "unit": N_("Unit"),
    "no_unit": N_("none yet"),
    "state": N_("State"),
    "next": N_("Next step"),
    "due": N_("Due"),
    "late": N_("late"),
    "opened": NC_("proactive", "Opened on"),
    "none": N_("No orders."),
    "all": N_("All"),
    "at_work": N_("At work"),
    "over": N_("Over"),
    "checks": N_("What closing is held against"),
    "holds": N_("holds"),
    "lacks": N_("not yet"),
    "evaluate": N_("It can be told from"),
    "measures": N_("Measures named"),
    "history": N_("What happened"),
    "who": N_("Who"),
    "open_words": N_("Open the words (it is recorded)"),
    "cases": N_("Requests behind it"),
    "warnings": N_("Warnings"),
    "closed_because": N_("Closed because"),
    "decide": N_("What you can decide"),
    "answer": N_("What you can do"),
    "brief": N_("What is meant"),
    "no_brief": N_("The desk has not yet said in words which place is meant; call 12345 with the number if it is urgent."),
    "own": N_("What your unit has said"),
    "words_about": N_("For this order only. Never ask who reported, never tell whom it is about that there were reports."),
    "over_text": N_("This order is over: nothing more to do."),
    "saved": N_("Saved:"),
    "cycle": N_("Round"),
    "link_missing": N_("This link leads nowhere (any more)."),
    "kept": N_("Never told of it"),
}
