"""`/topics`: the candidate topics of the month and those at work; supervisors choose, drop, name owners, move on."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from analysis.candidates.progress import NAMES
from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages import topic_words as words_of
from desk.pages.news_sheets import body_of
from desk.pages.reads import ONLY_SUPERVISORS
from desk.pages.show import page, turn_away, visitor, words_for
from desk.pages.story_words import actor_words, roles_of
from models.topics import Progress
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.topics.moving import (
    DROP_REASONS,
    TopicNotFoundError,
    TopicRefusedError,
    history_of,
    move_topic,
    next_steps,
    topics_listed,
)

MOST_FIELDS = 10


def topic_routes(front: Front) -> APIRouter:
    """One page with a form for each topic; only published figures and words stand on it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/topics")
    def topics(request: Request) -> HTMLResponse:
        speaker = visitor(front, request, HOUSE)
        return turn_away(request) if speaker is None else _shown(front, request, speaker)

    @router.post("/topics/{topic}", response_model=None)
    def decide(request: Request, topic: str, body: Annotated[bytes, Depends(body_of)]) -> Response:
        speaker = visitor(front, request, ONLY_SUPERVISORS)
        if speaker is None:
            return turn_away(request)
        try:
            said = dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS))
            wanted = Progress(said["progress"]) if said.get("progress") else None
            with front.turn_to_write():
                move_topic(
                    front.place, topic, wanted, speaker, front.now(), owner=said.get("owner", ""), reason=said.get("reason", "")
                )
        except TopicNotFoundError:
            return _shown(front, request, speaker, 404)
        except (TopicRefusedError, ValueError):
            return _shown(front, request, speaker, 422, refused=True)
        return RedirectResponse(f"/topics?saved={topic}&lang={words_for(request).language}", 303)

    return router


def _shown(front: Front, request: Request, speaker: Speaker, status: int = 200, *, refused: bool = False) -> HTMLResponse:
    with front.place.database.reading() as session:
        topics = topics_listed(session)
        histories: dict[str, Any] = {each.number: history_of(session, each.number) for each in topics}
        roles = roles_of(session, (move.by for each in histories.values() for move in each))
    saved = request.query_params.get("saved", "")
    units = front.place.catalogue.departments
    return page(
        request, "topics.html", status, topics=topics, histories=histories, may_decide=speaker.role is Role.SUPERVISOR,
        texts=words_of.TEXTS, signs=words_of.SIGN_WORDS, names=NAMES, next_steps=next_steps, drops=DROP_REASONS, refused=refused,
        departments=units, leads={code: each for code, each in units.items() if each.may_lead},
        saved=saved if saved in histories else "", actor_words=actor_words, roles=roles,
    )  # fmt: skip
