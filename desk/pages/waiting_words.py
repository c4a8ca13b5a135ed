"""What a case waits for, in the reader's language: its message is made for the Prefect UI, in codes."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from desk.pages.translation import N_, NC_, Pair, Said, say
from notifications.messages import Language

WAITED_FOR: dict[str, Said] = {
    "screening": N_("screening"),
    "routing": N_("routing"),
    "closing": N_("closing"),
    "the main case": N_("the main case"),
    "DUTY_SUPERVISOR review": N_("a supervisor's review"),
    "acceptance": N_("acceptance"),
    "first contact": N_("first contact"),
    "feedback": NC_("waited_for", "answer"),
    "DUTY_SUPERVISOR ruling on an objection": N_("a supervisor's ruling on an objection"),
    "DUTY_SUPERVISOR decision on an extension": N_("a supervisor's decision on more time"),
    "what closing still needs": N_("what closing still needs"),
    "rework": NC_("waited_for", "rework"),
    "its review date": N_("its review date"),
    "DESK callback": N_("the desk's callback"),
    "DUTY_SUPERVISOR approval of closing": N_("a supervisor's approval of closing"),
    "nothing": N_("nothing"),
}
"""Everything that `tasks.settling` says a case waits for is a key."""
OVER = "Closed: "
_MESSAGE = re.compile(
    r"Awaiting (?P<what>.+?)(?: until (?P<until>\d{4}-\d\d-\d\d \d\d:\d\d))? \((?P<grade>U[0-4C])[^),]*(?P<late>, late)?\)"
)
_OF_A_UNIT = re.compile(r"(?:(?P<unit>[A-Z]{2,20}) )?(?P<what>.+)")


def waiting_words(message: str, language: Language, units: Mapping[str, Pair] = MappingProxyType({})) -> str:
    """The message of a parked case; one that does not look like ours stays as it is.

    A case that is over waits for nothing. Such as `教育 反馈，至 2026-11-30 09:00` or `Education: feedback, until 2026-11-30 09:00`,
    with 已超期 or `late` once the clock has run out. `units` are their names by code.
    """
    if message.startswith(OVER):
        return ""
    told = _MESSAGE.fullmatch(message)
    if told is None:
        return message
    part = _OF_A_UNIT.fullmatch(told["what"])
    if told["what"] in WAITED_FOR or part is None:
        unit, what = "", told["what"]
    else:
        unit, what = part["unit"] or "", part["what"]
    if what not in WAITED_FOR:
        return message
    is_chinese = language is Language.ZH
    between, comma = (" ", "，") if is_chinese else (": ", ", ")
    words = f"{say(units[unit], language) if unit in units else unit}{between if unit else ''}{say(WAITED_FOR[what], language)}"
    if told["until"]:
        words += f"{comma}{say(N_('until'), language)} {told['until']}"
    late = say(N_("late"), language)
    return (f"{words}（{late}）" if is_chinese else f"{words} ({late})") if told["late"] else words
