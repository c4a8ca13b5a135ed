"""Why news was not taken, in words: every code that a task refuses with."""

from collections.abc import Collection

from desk.pages.board_words import STAYS_WORDS
from desk.pages.missing_words import MISSING_WORDS
from desk.pages.translation import N_, Said
from desk.pages.words import STATUS_WORDS, Words
from models.vocabulary import Status
from tasks.closing.closure import Missing
from tasks.closing.reply_quality import HOLLOW_WORDS, Hollow

REFUSAL_WORDS: dict[str, Said] = {
    **STAYS_WORDS,
    "already_linked": N_("It is linked already"),
    "already_there": N_("That unit has a part in it already"),
    "already_ruled": N_("It was ruled on before"),
    "arbiter_has_ruled": N_("The arbiter has ruled; no further objection is possible"),
    "beyond_the_cap_of_all_pauses": N_("Longer than all pauses of a case may be together"),
    "beyond_the_cap_of_this_reason": N_("Longer than this reason allows"),
    "caller_not_told": N_("Tell the caller first that it takes longer, then ask for more time"),
    "clock_cannot_wait": N_("The common limit may not stand still"),
    "co_handler_cannot_wait": N_("The limit of a co-handler may not stand still"),
    "danger_was_told": N_("Danger was told: harm cannot be ruled out"),
    "evidence_missing": N_("The reference of the evidence is missing"),
    "four_eyes": N_("Somebody else must decide it"),
    "grade_has_no_extension": N_("This grade gets no more time"),
    "grade_is_never_paused": N_("This grade is never hung up"),
    "harm_is_dispatched": N_("Suspected harm can only be dispatched"),
    "kind_means_harm": N_("This kind always means harm"),
    "more_than_the_rules_allow": N_("More than the rules allow"),
    "name_a_department": N_("A unit must be named"),
    "needs_approval": N_("So long a pause needs a supervisor"),
    "no_extension_left": N_("All extensions are used up"),
    "no_follow_up_asked": N_("Nobody was asked to look at it"),
    "no_lead": N_("No unit leads it"),
    "no_objection": N_("There is no objection to decide"),
    "not_an_outcome_of_review": N_("A review cannot end like that"),
    "not_awaiting_approval": N_("No closing waits for a decision"),
    "not_flagged": N_("Nothing is flagged"),
    "nothing_to_acknowledge": N_("There is nothing to acknowledge"),
    "objection_is_open": N_("An objection is open: rule on that"),
    "order_withdrawn": N_("The order had been withdrawn"),
    "reason_is_not_for_hanging_up": N_("This reason is not one for hanging up"),
    "review_date_not_ahead": N_("The review date has passed"),
    "say_why_no_harm": N_("Ruling harm out needs the reason in words"),
    "tells_reporter": N_("It tells who reported"),
    "time_in_the_future": N_("The time lies in the future"),
    "unit_handles_nothing": N_("That unit handles no orders"),
    "unknown_department": N_("The catalogue has no such unit"),
    "unknown_kind": N_("The catalogue has no such kind"),
    "unknown_reason": N_("The rules have no such reason"),
}
"""Every code that a task refuses with is a key; three families are told by `refusal_words`: the status, what a closing lacks, and what is wrong with a share."""
_ABOUT: dict[str, tuple[str, ...]] = {
    "name_a_department": ("department",),
    "unknown_department": ("department", "units"),
    "unit_handles_nothing": ("department",),
    "unit_may_not_lead": ("department",),
    "same_unit": ("department",),
    "kind_means_harm": ("harm",),
    "say_why_no_harm": ("text",),
    "danger_was_told": ("harm",),
    "not_an_outcome_of_review": ("outcome",),
    "time_in_the_future": ("at",),
    "review_date_not_ahead": ("review_at",),
    "beyond_the_cap_of_all_pauses": ("review_at",),
    "beyond_the_cap_of_this_reason": ("review_at",),
    "evidence_missing": ("evidence",),
    "caller_not_told": ("caller_told",),
    "more_than_the_rules_allow": ("days",),
    "reason_is_not_for_hanging_up": ("reason",),
}
"""Which fields of a form a refusal is about; what is not here is about the whole."""
NOT_WHILE, LACKS, SHARE = "not_while_", "closing_lacks_", "share_"
_STANDS_AT: Said = N_("not while it stands at")
_STILL_LACKS: Said = N_("still missing")


def field_refused(code: str, fields: Collection[str]) -> str:
    """The name of the field that a refusal is about, if the form has it; else the form as a whole."""
    about = ("text",) if code.startswith(SHARE) else _ABOUT.get(code, ())
    return next((each for each in about if each in fields), "form")


def refusal_words(code: str, words: Words) -> str:
    """One refusal in the reader's language; a code that is no longer in use stands for itself."""
    status, missing, hollow = code.removeprefix(NOT_WHILE).upper(), code.removeprefix(LACKS), code.removeprefix(SHARE)
    if code.startswith(NOT_WHILE) and status in set(Status):
        return f"{words.pick(_STANDS_AT)} {words.pick(STATUS_WORDS[Status(status)])}"
    if code.startswith(LACKS) and missing in set(Missing):
        return f"{words.pick(_STILL_LACKS)}{words.colon}{words.pick(MISSING_WORDS[Missing(missing)])}"
    if code.startswith(SHARE) and hollow in set(Hollow):
        return words.pick(HOLLOW_WORDS[Hollow(hollow)])
    return words.pick(REFUSAL_WORDS[code]) if code in REFUSAL_WORDS else code
