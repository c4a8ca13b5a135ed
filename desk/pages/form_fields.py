"""Fields of the desk's forms as they are drawn; `templates/fields.html` draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

Pair = tuple[str, str]

YES_NO: dict[str, Pair] = {"true": ("是", "Yes"), "false": ("否", "No")}
PROBLEM_WORDS: dict[str, Pair] = {
    "missing": ("请填写。", "Please fill this in."),
    "unfit": ("填写的内容不符合要求，请改正。", "This does not fit; please correct it."),
    "too_long": ("太长，请缩短。", "Too long; please shorten it."),
    "evidence": ("此理由须提供依据编号。", "This reason needs the reference of its evidence."),
    "tells_reporter": (
        "会暴露报告人，请删去其姓名、号码、住址等内容。",
        "This tells who reported. Take out their name, number, address and the like.",
    ),
    "form": ("没有保存：请检查标出的栏目。", "Nothing was saved: please look at the marked fields."),
}


@dataclass(frozen=True)
class Field:
    """One field. `kind` is `line`, `textarea`, `number`, `time`, `moment` (date and time), `select`,
    `unit` (one of a list that news keeps several of), `radio`, `check` or `checks` (any of a list).

    `choices` are the values of a list with their words; `checked` is how a box stands at first.
    """

    name: str
    words: Pair
    kind: str = "line"
    choices: Mapping[str, Pair] = field(default_factory=dict)
    required: bool = False
    most: int = 40
    checked: bool = False
    rows: int = 5


def problems_of(error: ValidationError) -> dict[str, Pair]:
    """What to tell beside each field, by its dotted name; never what was typed."""
    found = {}
    for each in error.errors(include_input=False, include_context=False, include_url=False):
        code = {"missing": "missing", "string_too_short": "missing", "string_too_long": "too_long"}.get(each["type"], "unfit")
        found[".".join(str(part) for part in each["loc"] if isinstance(part, str))] = PROBLEM_WORDS[code]
    return found
