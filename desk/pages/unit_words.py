"""What units, roles and those who are told are called."""

from collections.abc import Mapping

from catalogue.schema import Department
from desk.pages.translation import N_, Said
from desk.pages.words import Words
from models.clock_table import CLOCK_TABLE, Against
from models.vocabulary import Recipient, Role, Target

CHIEF = "CHIEF:"
ROLE_WORDS: dict[Role, Said] = {
    Role.OPERATOR: N_("an operator"),
    Role.SUPERVISOR: N_("a supervisor"),
    Role.ADMINISTRATOR: N_("an administrator"),
    Role.DECISION_MAKER: N_("a decision-maker"),
    Role.DEPARTMENT: N_("a department"),
}
"""Every role is a key."""
RECIPIENT_WORDS: dict[Recipient, Said] = {
    Recipient.DUTY_SUPERVISOR: N_("Duty supervisor"),
    Recipient.DESK: N_("The desk"),
    Recipient.DEPARTMENT_CHIEF: N_("Head of the unit"),
    Recipient.DISTRICT_LEADER: N_("District leader"),
    Recipient.RULES_SUPERVISOR: N_("Supervisor of the rules"),
    Recipient.ADMINISTRATOR: N_("Administrator"),
    Recipient.DECISION_MAKERS: N_("Decision-makers"),
}
"""Every recipient that is no unit is a key."""


def unit_words(code: str, words: Words, departments: Mapping[str, Department]) -> str:
    """A unit, the head of one (`CHIEF:EDU`), or who else is told, by name; a code that nobody knows any more stands for itself."""
    unit = code.removeprefix(CHIEF)
    if unit in departments:
        name = words.pick((departments[unit].name_zh, departments[unit].name_en))
        return name if unit == code else f"{name} · {words.pick(RECIPIENT_WORDS[Recipient.DEPARTMENT_CHIEF])}"
    return words.pick(RECIPIENT_WORDS[Recipient(code)]) if code in set(Recipient) else code


def whose_time(target: Target, department: str, words: Words, departments: Mapping[str, Department]) -> str:
    """Whose time a clock measures: its unit by name, the desk, or all units together."""
    if department:
        return unit_words(department, words, departments)
    return words["the_desk" if CLOCK_TABLE[target].against is Against.DESK else "everybody"]
