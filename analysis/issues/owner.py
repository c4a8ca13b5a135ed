"""Which unit should take an issue, and the sentence that says why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.issues.reports import Report
from catalogue.schema import Kind


@dataclass(frozen=True)
class Proposal:
    """A department's code, empty if none can be proposed, and why."""

    department: str
    reason: str


def propose_owner(reports: Sequence[Report], kinds: Mapping[str, Kind]) -> Proposal:
    """The unit that leads more than half of the dispatched reports, else the catalogue's lead of the usual kind.

    Args:
        reports: Of one issue; those without a lead were not dispatched yet.
        kinds: The catalogue's, by code.
    """
    leads = Counter(each.lead for each in reports if each.lead)
    led = leads.total()
    if leads:
        unit, count = min(leads.items(), key=lambda each: (-each[1], each[0]))
        if 2 * count > led:
            return Proposal(unit, f"{unit} leads {count} of {led} dispatched reports")
    usual = Counter(each.kind for each in reports if each.kind in kinds)
    if not usual:
        return Proposal("", "no report has a kind yet; a supervisor names the unit")
    kind, count = min(usual.items(), key=lambda each: (-each[1], each[0]))
    lead = kinds[kind].lead
    split = "no unit leads more than half" if leads else "none is dispatched yet"
    if not lead:
        return Proposal("", f"{split}, and the catalogue has no lead for kind {kind}; a supervisor names the unit")
    return Proposal(lead, f"{split}; the catalogue's lead for kind {kind} ({count} of {len(reports)} reports)")
