"""Finding other reports of a case's matter, and proposing to a person that they are one.

Nothing is linked here, and nothing waits for it: the dispatch of the case goes on. `linking_decisions`
has what a person does with a proposal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import Session, col, or_, select

from catalogue.link_rules import LinkRules
from models.case import Case, Person
from models.matching import LinkProposal, MatchToken
from models.vocabulary import Ask, PersonRole, Recipient
from tasks.case_task import case_task
from tasks.casebook import case_of, editing, tell
from tasks.links.candidates import Candidate, candidates_of, kinds_of
from tasks.links.joining import main_of
from tasks.links.matching import PURPOSE, Tokens, Told, tokens_of
from tasks.links.matching_score import Match, Side, weigh
from tasks.workplace import Workplace, workplace


@dataclass(frozen=True)
class Found:
    """A main case that the new one may belong to, and what speaks for it."""

    main: Case
    match: Match


def best_matches(
    mine: Side, candidates: Iterable[Candidate], rules: LinkRules
) -> list[tuple[Candidate, Match]]:
    """Those that reach the threshold, best first; kinds that are no matter of anybody's are left out."""
    scored = (
        (each, weigh(mine, each.side, rules)) for each in candidates if is_matter(each.kind, each.harm, rules)
    )
    reached = [(each, match) for each, match in scored if match.score >= rules.propose]
    return sorted(reached, key=lambda pair: (-pair[1].score, pair[0].number))


def is_matter(kind: str | None, harm: bool, rules: LinkRules) -> bool:
    """Whether cases of this kind are compared at all; suspected harm always is."""
    return harm or kind not in rules.leave_out


@case_task
def propose_links(case_id: UUID, now: datetime) -> None:
    """Look once for other reports of the same matter; what is found waits for a person."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.matched_at is None and case.wrapped_key is not None:
            case.matched_at = now
            look_for_links(place, session, case, now)


def look_for_links(place: Workplace, session: Session, case: Case, now: datetime) -> list[LinkProposal]:
    """Keep the tokens of the case, and propose what they lead to; a pair is proposed once in its life."""
    mine = _side(case, fingerprint(place, session, case))
    rules = place.catalogue.links
    if not is_matter(case.kind, case.harm, rules):
        return []
    found = best_matches(mine, candidates_of(session, case.number or 0, mine, rules), rules)
    matters = _by_matter(session, case, found)[: rules.most_proposed]
    return [each for each in (_propose(place, session, case, one, now) for one in matters) if each]


def fingerprint(place: Workplace, session: Session, case: Case) -> Tokens:
    """Make the tokens of a case anew and store them.

    Raises:
        SealedForeverError: The case has been sealed; it has none and gets none.
    """
    told = _told(place, session, case)
    tokens = tokens_of(told, place.catalogue.links.text, place.vault.index_key(PURPOSE))
    session.execute(delete(MatchToken).where(col(MatchToken.case_number) == case.number))
    rows = [
        {"case_number": case.number, "field": name, "token": token, "at": case.received_at}
        for name, found in tokens.items()
        for token in found
    ]
    if rows:
        session.execute(insert(MatchToken), rows)
    return tokens


def _told(place: Workplace, session: Session, case: Case) -> Told:
    """The words of a case, for this moment only: no person reads them, so no reading is logged."""
    people = {each.role: each for each in session.exec(select(Person).where(Person.case_id == case.id))}

    def opened(role: PersonRole, field: str) -> str:
        sealed = getattr(people[role], f"{field}_ct") if role in people else None
        where = f"person.{role}.{field}"
        return place.vault.open(case.id, case.wrapped_key, where, sealed) if sealed else ""

    text = case.text_ct
    return Told(
        text=place.vault.open(case.id, case.wrapped_key, "case.text", text) if text else "",
        district=case.district,
        child_age=case.child_age,
        child_name=opened(PersonRole.CHILD, "name"),
        child_identity=opened(PersonRole.CHILD, "identity"),
        child_address=opened(PersonRole.CHILD, "address"),
        suspect_name=opened(PersonRole.SUSPECT, "name"),
        contact=opened(PersonRole.REPORTER, "contact"),
    )


def _side(case: Case, tokens: Tokens) -> Side:
    return Side(tokens, case.received_at, kinds_of(case.kind, case.also), case.district, case.child_age)


def _by_matter(session: Session, case: Case, found: list[tuple[Candidate, Match]]) -> list[Found]:
    """One entry for each matter: reports already linked stand behind their main case."""
    own = main_of(session, case).id
    matters: dict[UUID, Found] = {}
    for each, match in found:
        main = main_of(session, case_of(session, each.id))
        if main.id not in (own, case.id):
            matters.setdefault(main.id, Found(main, match))
    return list(matters.values())


def _propose(
    place: Workplace, session: Session, case: Case, found: Found, now: datetime
) -> LinkProposal | None:
    earlier, later = sorted((found.main, case), key=lambda each: (each.received_at, each.number or 0))
    if _proposed_before(session, case.id, found.main.id):
        return None
    proposal = LinkProposal(
        case_id=later.id,
        other_id=earlier.id,
        score=found.match.score,
        strong=found.match.score >= place.catalogue.links.strong,
        reasons=[each.to_dict() for each in found.match.reasons],
        rule_hash=place.catalogue.digest,
        at=now,
    )
    session.add(proposal)
    if proposal.strong:
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.CHECK_LINK, f"link:{found.main.label}", now)
    return proposal


def _proposed_before(session: Session, one: UUID, other: UUID) -> bool:
    wanted = select(LinkProposal.id).where(
        or_(
            (col(LinkProposal.case_id) == one) & (col(LinkProposal.other_id) == other),
            (col(LinkProposal.case_id) == other) & (col(LinkProposal.other_id) == one),
        )
    )
    return session.exec(wanted).first() is not None
