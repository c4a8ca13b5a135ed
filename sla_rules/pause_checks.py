"""What must hold between the reasons of `pauses.yaml`."""

from collections import Counter
from collections.abc import Iterator

from models.rule_problems import Problem
from models.vocabulary import Status
from sla_rules.pause_rules import PausesFile

PAUSED = Status.HUNG_UP
"""The only status a pause begins in; a reason that lists others promises what never happens."""


def check_pauses(content: PausesFile) -> Iterator[Problem]:
    """Codes unique, no single cap above the total, and no status in which nothing ever stands still."""
    codes = Counter(reason.code for reason in content.reasons)
    for index, reason in enumerate(content.reasons):
        if codes[reason.code] > 1:
            yield Problem(("reasons", index, "code"), f"{reason.code} is used {codes[reason.code]} times")
        if reason.cap.length > content.total_cap.length:
            yield Problem(("reasons", index, "cap"), f"{reason.cap} is above total_cap {content.total_cap}")
        for place, status in enumerate(reason.statuses):
            if status is not PAUSED:
                where = ("reasons", index, "statuses", place)
                yield Problem(where, f"no clock stands still in {status}", f"a case is hung up in {PAUSED}")
