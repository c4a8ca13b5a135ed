"""What must hold between the reasons of `pauses.yaml`."""

from collections import Counter
from collections.abc import Iterator

from sla_rules.pause_rules import PausesFile
from sla_rules.problems import Problem


def check_pauses(content: PausesFile) -> Iterator[Problem]:
    """Codes unique, and no single cap above the total."""
    codes = Counter(reason.code for reason in content.reasons)
    for index, reason in enumerate(content.reasons):
        if codes[reason.code] > 1:
            yield Problem(("reasons", index, "code"), f"{reason.code} is used {codes[reason.code]} times")
        if reason.cap.length > content.total_cap.length:
            yield Problem(("reasons", index, "cap"), f"{reason.cap} is above total_cap {content.total_cap}")
