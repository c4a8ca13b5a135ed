"""What the dispatch catalogue wants to know of a case: read from its words, its codes and the house."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from models.assigning import Objection
from models.case import Case
from models.record import Decision
from tasks.dispatch.absences import deputies_at
from tasks.dispatch.conflict import complained_of, keep_away
from tasks.dispatch.dispatching import DispatchFacts
from tasks.dispatch.units import load_of
from tasks.workplace import Workplace

REASSIGNED = "reassigned"
"""The rule that a supervisor's handing over is decided under."""


def facts_in(text: str, ticked: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The facts ticked and those heard in the words, in the order of the catalogue.

    Of one group a single fact stands: the one ticked, else the one heard first.
    """
    heard: dict[str, int] = {}
    for hit in catalogue.fact_cues.find(normalise(text)):
        heard[hit.cue.owner] = min(hit.first, heard.get(hit.cue.owner, hit.first))
    stand = dict.fromkeys(ticked, -1) | {code: at for code, at in heard.items() if code not in set(ticked)}
    found, groups = set[str](), set[str]()
    by_code = {each.code: each for each in catalogue.dispatch.facts}
    for code in sorted(stand, key=lambda each: (stand[each], each)):
        group = by_code[code].group if code in by_code else None
        if code in by_code and group not in groups:
            found.add(code)
            groups |= {group} if group else set()
    return tuple(each for each in by_code if each in found)


def dispatch_facts(
    place: Workplace, session: Session, case: Case, now: datetime, named_lead: str | None = None
) -> DispatchFacts:
    """Everything that decides who takes a case now.

    What is heard in the words is stored with the case, codes only, and with it whom it is kept
    from: a tie to the street office told by the caller must hold for every read as well.
    """
    heard = facts_in(_text(place, case), case.dispatch_facts or (), place.catalogue)
    if list(heard) != case.dispatch_facts:
        case.dispatch_facts = list(heard)
    keep_away(case, place.catalogue)
    kind = str(case.kind)
    return DispatchFacts(
        kind=kind,
        nature=case.nature,
        district=case.district,
        grade=case.grade,
        harm=case.harm,
        guardian_suspect=case.guardian_suspect,
        child_age=case.child_age,
        facts=heard,
        complained_of=complained_of(case),
        kept_from=tuple(case.kept_from),
        named_lead=named_lead,
        released=_released(session, case),
        deputies=deputies_at(session, now),
        load=load_of(session, now) if _load_matters(kind, place.catalogue) else {},
    )


def _text(place: Workplace, case: Case) -> str:
    if case.text_ct is None:
        return ""
    return place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)


def _released(session: Session, case: Case) -> tuple[str, ...]:
    """The units a person took the order from: they do not come back as co-handlers."""
    relieved = select(Decision.facts).where(Decision.case_id == case.id, Decision.rule_id == REASSIGNED)
    wanted = select(Objection.department).where(Objection.case_id == case.id, col(Objection.upheld).is_(True))
    return tuple(sorted({*session.exec(wanted), *(str(facts["from"]) for facts in session.exec(relieved))}))


def _load_matters(kind: str, catalogue: Catalogue) -> bool:
    # Counting everybody's orders takes a query over all open ones; most dispatches need none.
    rules = (each for each in catalogue.dispatch.rules if kind in each.when.kinds)
    return any(rule.instead_by_load or any(each.one_of for each in rule.helpers or ()) for rule in rules)
