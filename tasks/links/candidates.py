"""Which stored cases share a fact with a new one: a handful out of a hundred thousand, by index only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from sqlalchemy import TextClause, bindparam, select, text
from sqlmodel import Session, col

from catalogue.link_rules import LinkRules
from models.case import Case
from models.columns import UtcDateTime
from models.matching import MatchField, MatchToken
from tasks.links.matching import Tokens
from tasks.links.matching_score import Side

TEXT_SHARE = 0.25
"""What one shared band of the texts counts when choosing which cases to compare: several make one fact."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that shares at least one fact with the new one, and what it is compared by."""

    number: int
    id: UUID
    linked_to: UUID | None
    harm: bool
    kind: str | None
    side: Side


def candidates_of(session: Session, number: int, mine: Side, rules: LinkRules) -> list[Candidate]:
    """The cases worth comparing with one case, at most `rules.most_compared`, in no order.

    For each of its tokens only the newest cases that share it are looked at, so that a name which
    thousands share costs no more than one that two share.

    Args:
        session: A session that may read.
        number: The case's own number, which is left out.
        mine: What it is compared by.
        rules: Window and limits.
    """
    field_of = {token: name for name, tokens in mine.tokens.items() for token in tokens}
    if not field_of:
        return []
    shared = _sharing(session, number, sorted(field_of), mine, rules)
    weights = {each.field: each.agrees for each in rules.evidence} | {MatchField.TEXT_ALIKE: TEXT_SHARE}
    promise = {each: sum(weights[field_of[token]] for token in tokens) for each, tokens in shared.items()}
    best = sorted(promise, key=lambda each: (-promise[each], -each))[: rules.most_compared]
    return list(_opened(session, best, shared, mine)) if best else []


def _sharing(
    session: Session, number: int, tokens: list[int], mine: Side, rules: LinkRules
) -> Mapping[int, set[int]]:
    """The tokens that each case has in common with the new one, by case number."""
    window = timedelta(days=rules.window_days)
    values = {f"t{place}": token for place, token in enumerate(tokens)}
    limits = {"since": mine.received_at - window, "until": mine.received_at + window}
    rows = session.execute(
        _statement(len(tokens)), {**values, **limits, "own": number, "most": rules.most_compared}
    )
    shared: dict[int, set[int]] = defaultdict(set)
    for each, token in rows:
        shared[each].add(token)
    return shared


@lru_cache(maxsize=128)
def _statement(how_many: int) -> TextClause:
    """One short look into the index for each token, in one statement; the same on both databases."""
    one = (
        "SELECT case_number, token FROM (SELECT case_number, token FROM match_token"
        " WHERE token = :t{0} AND at >= :since AND at <= :until AND case_number <> :own"
        " ORDER BY at DESC LIMIT :most) AS block{0}"
    )
    # Nothing in it comes from outside: the numbers of the blocks are all that varies.
    parts = " UNION ALL ".join(one.format(place) for place in range(how_many))
    return text(parts).bindparams(
        bindparam("since", type_=UtcDateTime), bindparam("until", type_=UtcDateTime)
    )


def _opened(
    session: Session, numbers: list[int], shared: Mapping[int, set[int]], mine: Side
) -> Iterator[Candidate]:
    tokens, texts = _tokens_of(session, numbers), mine.tokens.get(MatchField.TEXT_ALIKE, frozenset())
    wanted = select(
        col(Case.number), col(Case.id), col(Case.linked_to), col(Case.harm), col(Case.kind), col(Case.also),
        col(Case.district), col(Case.child_age), col(Case.received_at),
    ).where(col(Case.number).in_(numbers))  # fmt: skip
    for number, case_id, linked_to, harm, kind, also, district, child_age, received_at in session.execute(
        wanted
    ):
        own: dict[MatchField, frozenset[int]] = dict(tokens.get(number, {}))
        # The bands of a text were met in the index already: reading them again would triple the work.
        own[MatchField.TEXT_ALIKE] = texts & shared[number]
        side = Side(own, received_at, kinds_of(kind, also), district, child_age)
        yield Candidate(number, case_id, linked_to, harm, kind, side)


def _tokens_of(session: Session, numbers: list[int]) -> Mapping[int, Tokens]:
    wanted = select(col(MatchToken.case_number), col(MatchToken.field), col(MatchToken.token)).where(
        col(MatchToken.case_number).in_(numbers), col(MatchToken.field) != MatchField.TEXT_ALIKE
    )
    found: dict[int, dict[MatchField, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, name, token in session.execute(wanted):
        found[number][name].add(token)
    return {number: {name: frozenset(each) for name, each in by.items()} for number, by in found.items()}


def kinds_of(kind: str | None, also: Iterable[str]) -> frozenset[str]:
    """All the kinds a case may be of; empty while it is unknown."""
    return frozenset({kind, *also}) if kind else frozenset()
