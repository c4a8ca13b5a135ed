"""Which unit gets a proactive order, by the same rules and the same conflicts of interest as dispatch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.loader import Catalogue
from models.case import Case
from tasks.dispatch.conflict import complained_of, exclusions
from tasks.dispatch.dispatching import DispatchFacts, NoDepartmentError, decide_dispatch


@dataclass(frozen=True)
class Concern:
    """What the requests behind an order have in common; codes only, most frequent first.

    `facts` are those that decide who leads, `all_facts` those of any request: one tie is enough to keep a unit away.
    """

    kind: str
    district: str | None = None
    complained_of: tuple[str, ...] = ()
    kept_from: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    all_facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Owner:
    """The unit, empty if a supervisor must name one, and the code of why; `kept_from` never hear of it."""

    unit: str
    reason: str
    kept_from: tuple[str, ...]


def concern_of(cases: Sequence[Case], kind: str = "") -> Concern:
    """What these requests are about; `kind` is the kind warned of, else it is their most frequent one."""
    units = Counter(unit for each in cases for unit in complained_of(each))
    facts = Counter(fact for each in cases for fact in each.dispatch_facts or ())
    kinds = Counter(each.kind for each in cases if each.kind)
    districts = {each.district for each in cases}
    return Concern(
        kind=kind or (_ordered(kinds)[0] if kinds else ""),
        district=next(iter(districts)) if len(districts) == 1 else None,
        complained_of=_ordered(units),
        kept_from=tuple(sorted({unit for each in cases for unit in each.kept_from or ()})),
        facts=tuple(fact for fact in _ordered(facts) if 2 * facts[fact] > len(cases)),
        all_facts=_ordered(facts),
    )


def decide_owner(concern: Concern, catalogue: Catalogue, deputies: Mapping[str, str] | None = None) -> Owner:
    """The unit above whoever is complained of, else the catalogue's lead for such a request.

    Whoever is complained of, is tied to them or stands below them never gets it, however it was found.

    Args:
        concern: Codes.
        catalogue: Leads, superiors, ties.
        deputies: Units that are away now, each with its deputy.
    """
    tied = exclusions(concern.complained_of, concern.all_facts, catalogue)
    kept = tuple(sorted({*concern.kept_from, *tied}))
    if concern.kind not in catalogue.kinds:
        return Owner("", "no_kind", kept)
    above = _unit_above(concern.complained_of, catalogue)
    facts = DispatchFacts(
        kind=concern.kind, district=concern.district, facts=concern.facts, complained_of=concern.complained_of,
        kept_from=kept, named_lead=above, deputies=deputies or {},
    )  # fmt: skip
    try:
        lead = decide_dispatch(facts, catalogue).lead
    except NoDepartmentError:
        return Owner("", "nobody_left" if catalogue.kinds[concern.kind].lead else "no_lead", kept)
    return Owner(lead, "supervises" if lead == above else "catalogue_lead", kept)


def _unit_above(units: Sequence[str], catalogue: Catalogue) -> str | None:
    known = [catalogue.departments[each] for each in units if each in catalogue.departments]
    return next((each.superior for each in known if each.superior), None)


def _ordered(counted: "Counter[str]") -> tuple[str, ...]:
    return tuple(code for code, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0])))
