"""`/api/v1/links`: proposals that two cases are one matter, for the seat to accept or decline."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from desk.api.answers import ApiError, Refusal
from desk.api.once import Answer, idempotency_key, write_once
from desk.api.rights import SEATS, Gate
from desk.front import Front
from models.matching import MatchField, ProposalState
from models.vocabulary import Grade, Scope, Status
from tasks.links.decisions import LinkChoice, LinkRefusedError, decide_link
from tasks.links.proposals import LinkNotFoundError, LinksWanted, proposal, proposals
from tasks.news.inbox import Speaker
from tasks.workplace import Workplace

ProposalId = Annotated[int, Path(description="The proposal's number", ge=1, le=2**31 - 1)]
NOT_FOUND = "There is no such proposal for you."
WHY_NOT = {
    "decided_otherwise": "The proposal was decided otherwise; nothing changed.",
    "conflict_of_interest": "A unit that one case is kept from handles the other; move that order first.",
}


class LinkedCase(BaseModel):
    """One side of a proposal."""

    number: str = Field(examples=["W-000123"])
    status: Status
    grade: Grade
    kind: str | None
    district: str | None
    received_at: datetime


class LinkReason(BaseModel):
    """One piece of evidence, in log2 odds."""

    field: MatchField
    agrees: bool
    weight: float


class LinkLine(BaseModel):
    """Two cases that may be one matter; `case` is the later one."""

    id: int
    case: LinkedCase
    other: LinkedCase
    score: float
    strong: bool
    conflict: bool = Field(
        description="A unit that one case is kept from handles the other: it cannot be accepted"
    )
    reasons: list[LinkReason]
    state: ProposalState
    at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class LinkPage(BaseModel):
    """Some proposals, lowest number first; `next` is the `after` of the next page, null at the end."""

    links: list[LinkLine]
    next: int | None


def link_routes(front: Front) -> APIRouter:
    """List, show, accept, decline; no department has a part in it."""
    router = APIRouter(tags=["links"])
    seat = Depends(Gate(front, SEATS, Scope.LINKS_READ))
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 403, 404, 422)}

    @router.get(
        "/links",
        summary="List proposals",
        response_model=None,
        responses={200: {"model": LinkPage}, **refusals},
    )
    def list_links(
        speaker: Annotated[Speaker, seat],
        state: ProposalState = ProposalState.PROPOSED,
        strong: Annotated[bool, Query(description="Only those the duty supervisor was told of")] = False,
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Last id seen")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> JSONResponse:
        """In codes; what was said, and who said it, stays behind `…/words` of each case."""
        wanted = LinksWanted(state=state, strong=strong, after=after, limit=limit)
        with front.place.database.reading() as session:
            page = proposals(session, speaker, wanted)
        return JSONResponse({"links": [each.to_dict() for each in page.proposals], "next": page.next_after})

    @router.get(
        "/links/{proposal_id}", summary="Show a proposal", response_model=None,
        responses={200: {"model": LinkLine}, **refusals},
    )  # fmt: skip
    def show_link(proposal_id: ProposalId, speaker: Annotated[Speaker, seat]) -> JSONResponse:
        """Both cases, and every piece of evidence with its weight."""
        with front.place.database.reading() as session:
            return JSONResponse(_found(lambda: proposal(session, proposal_id, speaker).to_dict()))

    _add_decision(router, front, "accept", ProposalState.LINKED)
    _add_decision(router, front, "decline", ProposalState.DECLINED)
    return router


def _add_decision(
    router: APIRouter, front: Front, verb: str, wanted: Literal[ProposalState.LINKED, ProposalState.DECLINED]
) -> None:
    @router.post(
        f"/links/{{proposal_id}}/{verb}",
        name=f"{verb}_link",
        summary=f"{verb.capitalize()} a proposal",
        response_model=None,
        responses={
            200: {"model": LinkLine, "description": "Decided, durable now; the cases follow within seconds"},
            **{code: {"model": Refusal} for code in (400, 401, 403, 404, 409, 413, 422)},
        },
    )
    def decide(
        proposal_id: ProposalId,
        choice: LinkChoice,
        speaker: Annotated[Speaker, Depends(Gate(front, SEATS, Scope.LINKS_WRITE))],
        key: Annotated[str, Depends(idempotency_key)],
    ) -> JSONResponse:
        """A person's word, with its reason. Facts and grade go up, reporters stay apart."""

        def act(place: Workplace) -> Answer:
            done = _found(
                lambda: decide_link(place, proposal_id, wanted, choice, speaker, front.now()).to_dict()
            )
            return Answer(200, done)

        return write_once(front, speaker, key, f"links/{proposal_id}/{verb}", choice, act)


def _found(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return act()
    except LinkNotFoundError:
        raise ApiError(404, "link_not_found", NOT_FOUND) from None
    except LinkRefusedError as error:
        raise ApiError(409, error.code, WHY_NOT[error.code]) from None
