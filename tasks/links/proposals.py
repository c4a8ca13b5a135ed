"""Proposals that two cases are one matter, as a person of the seat sees them: codes and times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlmodel import Session, col, select

from models.case import Case
from models.matching import LinkProposal, ProposalState
from models.vocabulary import Grade, Role, Status
from tasks.forms import Form
from tasks.links.joining import conflict_between, main_of
from tasks.news.inbox import Speaker

MAY_DECIDE = frozenset({Role.OPERATOR, Role.SUPERVISOR})


class LinkNotFoundError(LookupError):
    """There is no such proposal, or it is not for this speaker: the two are not told apart."""


@dataclass(frozen=True)
class CaseShown:
    """One side of a proposal, in codes; who reported it and what was said stay behind their own door."""

    number: str
    status: Status
    grade: Grade
    kind: str | None
    district: str | None
    received_at: datetime


@dataclass(frozen=True)
class ProposalShown:
    """A proposal as a person of the seat sees it."""

    id: int
    case: CaseShown
    other: CaseShown
    score: float
    strong: bool
    conflict: bool
    reasons: tuple[dict[str, Any], ...]
    state: ProposalState
    at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-able values; times are ISO 8601 in UTC."""
        return {name: _plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class ProposalPage:
    """Some proposals, lowest id first; `next_after` is the `after` of the next page, None at the end."""

    proposals: tuple[ProposalShown, ...]
    next_after: int | None


class LinksWanted(Form):
    """Which proposals; `after` is the last id seen."""

    state: ProposalState | None = ProposalState.PROPOSED
    strong: bool = False
    after: int = Field(default=0, ge=0, le=2**31 - 1)
    limit: int = Field(default=50, ge=1, le=500)


def proposals(session: Session, speaker: Speaker, wanted: LinksWanted) -> ProposalPage:
    """Proposals with an id above `wanted.after`, lowest first.

    One whose two cases must not know of each other, because a unit that the one is kept from handles
    the other, is shown to supervisors only, and marked.

    Raises:
        LinkNotFoundError: The speaker's role has no part in links.
    """
    _check_role(speaker)
    query = select(LinkProposal).where(col(LinkProposal.id) > wanted.after).order_by(col(LinkProposal.id))
    if wanted.state is not None:
        query = query.where(col(LinkProposal.state) == wanted.state)
    if wanted.strong:
        query = query.where(col(LinkProposal.strong))
    found = session.exec(query.limit(wanted.limit)).all()
    cases = _cases(session, found)
    shown = (_shown(session, each, cases) for each in found)
    more = found[-1].id if len(found) == wanted.limit else None
    return ProposalPage(tuple(each for each in shown if _may_see(speaker, each)), more)


def proposal(session: Session, proposal_id: int, speaker: Speaker) -> ProposalShown:
    """One proposal.

    Raises:
        LinkNotFoundError: There is none of that id for this speaker.
    """
    _check_role(speaker)
    found = session.get(LinkProposal, proposal_id)
    if found is None:
        raise LinkNotFoundError(f"there is no proposal {proposal_id} for you")
    shown = _shown(session, found, _cases(session, [found]))
    if not _may_see(speaker, shown):
        raise LinkNotFoundError(f"there is no proposal {proposal_id} for you")
    return shown


def _check_role(speaker: Speaker) -> None:
    if speaker.role not in MAY_DECIDE or speaker.department is not None:
        raise LinkNotFoundError(f"links are not for the role {speaker.role}")


def _may_see(speaker: Speaker, shown: ProposalShown) -> bool:
    return not shown.conflict or speaker.role is Role.SUPERVISOR


def _cases(session: Session, found: Sequence[LinkProposal]) -> dict[UUID, Case]:
    ids = {each for row in found for each in (row.case_id, row.other_id)}
    return {each.id: each for each in session.exec(select(Case).where(col(Case.id).in_(ids)))}


def _shown(session: Session, row: LinkProposal, cases: dict[UUID, Case]) -> ProposalShown:
    later, earlier = cases[row.case_id], cases[row.other_id]
    return ProposalShown(
        id=row.id or 0,
        case=_case_shown(later),
        other=_case_shown(earlier),
        score=row.score,
        strong=row.strong,
        conflict=conflict_between(session, later, main_of(session, earlier)),
        reasons=tuple(row.reasons),
        state=row.state,
        at=row.at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _case_shown(case: Case) -> CaseShown:
    return CaseShown(case.label, case.status, case.grade, case.kind, case.district, case.received_at)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, CaseShown):
        return {name: _plain(each) for name, each in vars(value).items()}
    return list(value) if isinstance(value, tuple) else value
