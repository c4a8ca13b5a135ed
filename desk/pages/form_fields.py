"""Fields of the desk's forms as they are drawn; `templates/fields.html` draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from desk.pages.translation import N_, Said

YES_NO: dict[str, Said] = {"true": N_("Yes"), "false": N_("No")}
PROBLEM_WORDS: dict[str, Said] = {
    "missing": N_("Please fill this in."),
    "unfit": N_("This does not fit; please correct it."),
    "too_long": N_("Too long; please shorten it."),
    "evidence": N_("This reason needs the reference of its evidence."),
    "four_eyes": N_("Whoever recorded the child's safety or lowered the grade may not decide: ask another supervisor."),
    "supervisor_only": N_("Harm is suspected: only a supervisor rules it out. Leave the case to a supervisor."),
    "unknown_owner": N_("No unit and no account in use has this name. Choose a unit from the list, or type the name somebody signs in with."),
    "owner_missing": N_("Name who has the child in care: choose a unit from the list, or type the name somebody signs in with."),
    "too_many_days": N_("More days than this reason allows."),
    "tells_reporter": N_("This tells who reported. Take out their name, number, address and the like."),
    "form": N_("Nothing was saved: please look at the marked fields."),
}


OF_CODES = N_("The number of the document, with a figure and without blanks, such as JQ-2026-0117.")
"""Before it is typed what a number or a reference may be made of."""
UNFIT_WORDS: dict[str, Said] = {
    "select": N_("Please choose from the list."),
    "unit": N_("Please choose from the list."),
    "radio": N_("Please choose one."),
    "checks": N_("Please choose from the list."),
    "number": N_("Please give a whole number within the limits."),
    "moment": N_("Please give the date and the time of day."),
    "line": N_("A number with a figure in it, of letters, characters, figures, hyphens and brackets, without blanks."),
    "named": PROBLEM_WORDS["unknown_owner"],
}
"""What to do about a value that does not fit, by the kind of field; others say that it does not fit."""


@dataclass(frozen=True)
class Field:
    """One field. `kind` is `line`, `textarea`, `number`, `time`, `moment` (date and time), `select`,
    `unit` (one of a list that news keeps several of), `named` (one of a list by its name, or another name),
    `radio`, `check` or `checks` (any of a list).

    `choices` are the values of a list with their words; `checked` is how a box stands at first; `needed_when` says
    when a field that may be left out may not, and `top` is the most of a number.
    """

    name: str
    words: Said
    kind: str = "line"
    choices: Mapping[str, Said] = field(default_factory=dict)
    required: bool = False
    most: int = 40
    checked: bool = False
    rows: int = 5
    top: int = 120
    hint: Said = ""
    needed_when: Said = ""


def days_field(words: Said, most: int | None, *, required: bool) -> Field:
    """How many days more; where the rules give no more than so many, that is said beside it."""
    hint: Said = "" if most is None else (f"按本单规则最多 {most} 天。", f"By the rules of this order at most {most}.")
    return Field("days", words, "number", required=required, hint=hint, top=most or 60)


def unfit(field: Field) -> Said:
    """What to tell beside a field whose value does not fit."""
    return UNFIT_WORDS.get(field.kind, PROBLEM_WORDS["unfit"])


def problems_of(error: ValidationError) -> dict[str, Said]:
    """What to tell beside each field, by its dotted name; never what was typed."""
    found = {}
    for each in error.errors(include_input=False, include_context=False, include_url=False):
        code = {"missing": "missing", "string_too_short": "missing", "string_too_long": "too_long"}.get(each["type"], "unfit")
        found[".".join(str(part) for part in each["loc"] if isinstance(part, str))] = PROBLEM_WORDS[code]
    return found
