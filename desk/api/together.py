"""Requests that come in at one moment are stored in one transaction; each is answered after the commit.

A commit waits for the disk and costs the same for one request as for sixty. While one group is written the next one
gathers, so that a single sender waits for nobody and many senders share the price.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from desk.api.answers import ApiError
from desk.api.once import Answer, Kept, answers_kept, digest_of, keep_answers, kept_answer
from desk.front import Front
from models.case import Case
from models.vocabulary import Status
from tasks.news.inbox import Speaker
from tasks.receiving.intake import IntakeError, TakenIn, take_in_together, tell_taken_in
from tasks.receiving.intake_form import IntakeForm

WHAT = "cases"
MOST = 64
"""So many share a transaction at most: the others of the desk must get their turn to write."""
ATTEMPTS = 3
log = logging.getLogger("desk")


@dataclass(eq=False)
class Order:
    """One request at the door, with who brings it under which key, and the answer it waits for."""

    speaker: Speaker
    key: str
    form: IntakeForm
    answered: "asyncio.Future[JSONResponse]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def identity(self) -> tuple[str, str]:
        """Client and idempotency key."""
        return self.speaker.client, self.key


Outcome = JSONResponse | Exception


class Together:
    """The door of one desk process; used from its event loop only."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._waiting: list[Order] = []
        self._writer: asyncio.Task[None] | None = None

    async def take_in(self, speaker: Speaker, key: str, form: IntakeForm) -> JSONResponse:
        """The answer of this request, once it is durable; the one given before if the key was used.

        Raises:
            ApiError: The key was used for something else.
            IntakeError: The request cannot be taken in; nothing of it was stored.
        """
        order = Order(speaker, key, form)
        self._waiting.append(order)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await order.answered

    async def _write(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                for order, outcome in zip(group, await run_in_threadpool(self._outcomes, group), strict=True):
                    _answer(order, outcome)
        finally:
            self._writer = None

    def _next_group(self) -> list[Order]:
        """Those that waited longest, each key once: who sends it again meanwhile finds the answer in the next group."""
        group: dict[tuple[str, str], Order] = {}
        for order in self._waiting:
            if len(group) < MOST:
                group.setdefault(order.identity, order)
        self._waiting = [each for each in self._waiting if group.get(each.identity) is not each]
        return list(group.values())

    def _outcomes(self, group: Sequence[Order]) -> Sequence[Outcome]:
        if len(group) == 1:
            return [self._alone(group[0])]
        try:
            return self._stored(group)
        except (OperationalError, InterfaceError) as error:
            # The database does not answer: it will not answer each of them either.
            return [error] * len(group)
        except Exception as error:  # noqa: BLE001 - one bad request must not harm the others: alone it meets its own fate
            log.warning("a group of requests: %s", type(error).__name__, extra={"event": "group_undone"})
        return [self._alone(each) for each in group]

    def _alone(self, order: Order) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._stored([order])[0]
            except IntegrityError as error:
                # Another process stored the same thing at the same moment; beginning anew finds it.
                if attempt == ATTEMPTS:
                    return error
            except Exception as error:  # noqa: BLE001 - raised again in the request it belongs to
                return error
        raise AssertionError

    def _stored(self, group: Sequence[Order]) -> list[Outcome]:
        """What became of each, durable when this returns; any error but a refusal undoes the whole group."""
        with self.front.turn_to_write(), self.front.place.database.writing() as session:
            outcomes, taken = self._in_transaction(session, group)
        for each in taken:
            if each.is_new:
                tell_taken_in(each)
        return outcomes

    def _in_transaction(
        self, session: Session, group: Sequence[Order]
    ) -> tuple[list[Outcome], list[TakenIn]]:
        place, now = self.front.place, self.front.now()
        digests = {each: digest_of(place, WHAT, each.form) for each in group}
        kept = answers_kept(session, [each.identity for each in group])
        fresh = [each for each in group if each.identity not in kept]
        taken = (
            take_in_together(place, session, [(each.form, each.speaker.actor) for each in fresh], now)
            if fresh
            else []
        )
        became = dict(zip(fresh, taken, strict=True))
        given = {
            each: self._given(session, result)
            for each, result in became.items()
            if isinstance(result, TakenIn)
        }
        keep_answers(session, [(each.identity, digests[each], answer) for each, answer in given.items()], now)
        outcomes: list[Outcome] = []
        for each in group:
            refused = became.get(each)
            if isinstance(refused, IntakeError):
                outcomes.append(refused)
            elif each in given:
                outcomes.append(given[each].response(replayed=False))
            else:
                outcomes.append(_again(kept[each.identity], digests[each]))
        return outcomes, [each for each in taken if isinstance(each, TakenIn)]

    def _given(self, session: Session, taken: TakenIn) -> Answer:
        status = (
            Status.RECEIVED
            if taken.is_new
            else session.get_one(Case, int(taken.label.removeprefix("W-"))).status
        )
        link = f"{self.front.place.settings.link_base}/api/v1/cases/{taken.label}"
        body: dict[str, Any] = {
            "number": taken.label,
            "id": str(taken.case_id),
            "status": status,
            "link": link,
        }
        return Answer(201 if taken.is_new else 200, body)


def _again(kept: Kept, digest: str) -> Outcome:
    try:
        return kept_answer(kept, digest)
    except ApiError as error:
        return error


def _answer(order: Order, outcome: Outcome) -> None:
    # Whoever hung up meanwhile has cancelled the waiting; the case stays.
    if order.answered.done():
        return
    if isinstance(outcome, Exception):
        order.answered.set_exception(outcome)
    else:
        order.answered.set_result(outcome)
