"""The reasons that `procedure.yaml` lists for what is only done for one of them."""

from models.case import Case
from models.vocabulary import NewsKind
from sla_rules.procedure_rules import CodedReason
from tasks.workplace import Workplace

LISTED = frozenset({NewsKind.EXTENSION_ASKED, NewsKind.GRADE_DECIDED, NewsKind.CLOSING_DECIDED})
"""What is said with a reason from a list; each is a field of `ReasonLists`."""


def reasons_for(place: Workplace, case: Case, kind: NewsKind) -> tuple[CodedReason, ...]:
    """The reasons there are for saying this of a case, by the rules that it goes by."""
    listed: tuple[CodedReason, ...] = getattr(place.rules_for(case).reasons, kind.value)
    return listed


def reason_in(place: Workplace, case: Case, kind: NewsKind, code: str) -> CodedReason:
    """The reason of that code; one that is no longer listed stands for itself, so that old cases stay readable."""
    found = next((each for each in reasons_for(place, case, kind) if each.code == code), None)
    return found or CodedReason(code=code, zh=code, en=code.replace("_", " "))
