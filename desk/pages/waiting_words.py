"""What a case waits for, in the reader's language: its message is made for the Prefect UI, in English codes."""

import re

from desk.pages.translation import N_, NC_, Said, say
from notifications.messages import Language

WAITED_FOR: dict[str, Said] = {
    "screening": N_("screening"),
    "routing": N_("routing"),
    "closing": N_("closing"),
    "the main case": N_("the main case"),
    "DUTY_SUPERVISOR review": N_("DUTY_SUPERVISOR review"),
    "acceptance": N_("acceptance"),
    "first contact": N_("first contact"),
    "feedback": N_("feedback"),
    "DUTY_SUPERVISOR ruling on an objection": N_("DUTY_SUPERVISOR ruling on an objection"),
    "DUTY_SUPERVISOR decision on an extension": N_("DUTY_SUPERVISOR decision on an extension"),
    "what closing still needs": N_("what closing still needs"),
    "rework": NC_("waited_for", "rework"),
    "its review date": N_("its review date"),
    "DESK callback": N_("DESK callback"),
    "DUTY_SUPERVISOR approval of closing": N_("DUTY_SUPERVISOR approval of closing"),
    "nothing": N_("nothing"),
}
"""Everything that `tasks.settling` says a case waits for is a key."""
OVER = "Closed: "
_MESSAGE = re.compile(
    r"Awaiting (?P<what>.+?)(?: until (?P<until>\d{4}-\d\d-\d\d \d\d:\d\d))? \((?P<grade>U[0-4C])[^),]*(?P<late>, late)?\)"
)
_OF_A_UNIT = re.compile(r"(?:(?P<unit>[A-Z]{2,20}) )?(?P<what>.+)")


def waiting_words(message: str, language: Language) -> str:
    """The message of a parked case; one that does not look like ours stays as it is.

    A case that is over waits for nothing. In Chinese such as `EDU 反馈，至 2026-11-30 09:00`, with 已超期 once the clock has run out.
    """
    if message.startswith(OVER):
        return ""
    told = _MESSAGE.fullmatch(message)
    if language is Language.EN or told is None:
        return message
    part = _OF_A_UNIT.fullmatch(told["what"])
    if told["what"] in WAITED_FOR or part is None:
        unit, what = "", told["what"]
    else:
        unit, what = part["unit"] or "", part["what"]
    if what not in WAITED_FOR:
        return message
    words = f"{unit} {say(WAITED_FOR[what], language)}".strip()
    if told["until"]:
        words += f"，至 {told['until']}"
    return f"{words}（{say(N_('late'), language)}）" if told["late"] else words
