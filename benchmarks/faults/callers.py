"""Everybody outside the desk, who speaks to it by HTTP and repeats what was not answered, with the same key.

What the desk answered with 2xx it has promised to keep: the auditor holds it to that.
"""

import random
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha512
from typing import Any
from uuid import UUID

import httpx

from benchmarks.callers import CALLBACK, DEPARTMENT, KIND, REPLY, TEXT
from benchmarks.faults.house import House
from models.vocabulary import NewsKind, Status

GRAVE_TEXT = "邻居家大人现在正在打孩子，孩子在哭，浑身是血，还在打。"
LATE_BY = timedelta(days=40)
NEAR_KIND, NEAR_LEAD, NEAR_HELPER = "J06", "PROC", "POLICE"
NEAR_LIMIT = timedelta(hours=24)
"""A sealed record that was disclosed, grade U2: its answer is due a day after receipt, by the clock."""
SEAT = "DESK"
RINGS_AFTER = (2.0, 6.0)
ANSWER_WITHIN_S = 10.0
REPEAT_AFTER_S = 0.3


class Life(StrEnum):
    """What kind of case comes in; a grave one is told to seven units and answered by none."""

    PLAIN = "plain"
    LATE = "late"
    NEAR = "near"
    GRAVE = "grave"


OFTEN: dict[Life, int] = {Life.PLAIN: 3, Life.LATE: 3, Life.NEAR: 3, Life.GRAVE: 1}
"""How often each is drawn. A grave one tells somebody every few minutes for the rest of the run."""


@dataclass
class Told:
    """One thing said to the desk; `answered` is the status once it was, 0 before."""

    news: str
    key: str
    answered: int = 0


@dataclass
class Caller:
    """One case from outside: what it should become, and what the desk has promised of it.

    `label` is what the desk answered. A deferred case is answered in a later round: until then it waits.
    """

    ref: str
    life: Life
    calls_at: float
    answers_after: float
    is_deferred: bool
    label: str = ""
    case_id: UUID | None = None
    status: Status | None = None
    said: dict[NewsKind, Told] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    told_at: float = 0.0

    @property
    def ends_as(self) -> Status:
        """Where it comes to rest for now."""
        return Status.DISPATCHED if self.is_deferred or self.life is Life.GRAVE else Status.CLOSED


class Callers:
    """The cases of one round and those left over from earlier ones."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.cases: list[Caller] = []
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="caller")
        self._http = httpx.Client(base_url=house.desk_url, timeout=ANSWER_WITHIN_S)
        self._going: list[Future[None]] = []
        self._over = False

    def close(self) -> None:
        """Nobody says anything any more."""
        self._over = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def plan(self, chance: random.Random, round_number: int, count: int, within_s: float) -> None:
        """Who will call in this round; earlier deferred ones are answered now."""
        for each in self.cases:
            each.is_deferred = False
            each.answers_after = chance.uniform(0, within_s)
            each.told_at = time.monotonic()
        for number in range(count):
            life = chance.choices(list(OFTEN), list(OFTEN.values()))[0]
            self.cases.append(
                Caller(
                    ref=f"r{round_number}-{number}-{chance.getrandbits(32):08x}",
                    life=life,
                    calls_at=chance.uniform(0, within_s * 0.8),
                    answers_after=chance.uniform(0, 2)
                    if life is not Life.NEAR
                    else chance.uniform(0, RINGS_AFTER[1]),
                    is_deferred=life is not Life.GRAVE and chance.random() < 0.15,
                )
            )

    def step(self, elapsed_s: float, statuses: dict[UUID, Status]) -> None:
        """Say whatever is to be said at this moment of the round."""
        self._going = [each for each in self._going if not _is_done(each)]
        for each in self.cases:
            if not each.told_at and elapsed_s >= each.calls_at:
                each.told_at = time.monotonic()
                self._going.append(self._pool.submit(self._call, each, self._received_at(each)))
            if each.case_id is not None:
                self._answer(each, statuses.get(each.case_id))

    def is_quiet(self) -> bool:
        """Whether everything to be said was answered."""
        return all(each.done() for each in self._going) and all(each.label for each in self.cases)

    def _received_at(self, caller: Caller) -> datetime | None:
        now = self.house.now()
        match caller.life:
            case Life.PLAIN | Life.GRAVE:
                return None
            case Life.LATE:
                return now - LATE_BY
            case Life.NEAR:
                spread = RINGS_AFTER[1] - RINGS_AFTER[0]
                return (
                    now - NEAR_LIMIT + timedelta(seconds=RINGS_AFTER[0] + spread * (hash_share(caller.ref)))
                )

    def _answer(self, caller: Caller, status: Status | None) -> None:
        caller.status = status
        if status is Status.DISPATCHED and status is not caller.ends_as:
            if time.monotonic() - caller.told_at >= caller.answers_after:
                self._reply(caller)
        elif status is Status.CALLBACK:
            self._say(caller, NewsKind.CALLED_BACK, SEAT, CALLBACK.model_dump(mode="json"))

    def _reply(self, caller: Caller) -> None:
        lead = NEAR_LEAD if caller.life is Life.NEAR else DEPARTMENT
        self._say(caller, NewsKind.REPLIED, lead, REPLY.model_dump(mode="json"))
        if caller.life is Life.NEAR:
            self._say(caller, NewsKind.CO_REPLIED, NEAR_HELPER, {"text": REPLY.text})

    def _say(self, caller: Caller, kind: NewsKind, speaker: str, form: dict[str, Any]) -> None:
        if kind in caller.said:
            return
        told = caller.said[kind] = Told(kind, f"{caller.ref}:{kind}")
        path = f"/api/v1/cases/{caller.label}/news/{kind}"
        self._going.append(self._pool.submit(self._send, caller, path, told, speaker, form))

    def _call(self, caller: Caller, received_at: datetime | None) -> None:
        matter, is_grave = sha512(caller.ref.encode()).hexdigest(), caller.life is Life.GRAVE
        form = {
            # Other words and another caller each time, or the desk would ask whether it is one matter.
            "text": f"{GRAVE_TEXT if is_grave else TEXT}（{matter}）",
            "source": "faults",
            "source_ref": caller.ref,
            # Nobody has chosen a kind or written a summary yet: the machine reads what was said.
            **({"danger_now": True} if is_grave else {"summary": TEXT, "kind": NEAR_KIND if caller.life is Life.NEAR else KIND}),
            "reporter": {"contact": f"faults-{matter[:12]}", "may_call_back": True},
            **({"received_at": received_at.isoformat()} if received_at else {}),
        }
        answer = self._send(caller, "/api/v1/cases", Told("call", f"{caller.ref}:call"), SEAT, form)
        if answer is not None:
            caller.label, caller.case_id = answer["number"], UUID(answer["id"])

    def _send(self, caller: Caller, path: str, told: Told, speaker: str, form: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.house.keys[speaker]}", "Idempotency-Key": told.key}
        while not self._over:
            try:
                answer = self._http.post(path, json=form, headers=headers)
            except httpx.HTTPError:
                time.sleep(REPEAT_AFTER_S)
                continue
            if answer.is_success:
                told.answered = answer.status_code
                return answer.json()
            if answer.is_client_error:
                caller.refused.append(f"{told.news}: {answer.status_code} {answer.text[:200]}")
                return None
            time.sleep(REPEAT_AFTER_S)
        return None


def hash_share(text: str) -> float:
    """A number from 0 up to 1 that only depends on the text."""
    return int(sha512(text.encode()).hexdigest()[:8], 16) / 2**32


def promised(callers: Iterable[Caller]) -> int:
    """How many things the desk has answered for."""
    return sum(bool(each.label) + sum(bool(told.answered) for told in each.said.values()) for each in callers)


def _is_done(going: "Future[None]") -> bool:
    if not going.done():
        return False
    going.result()
    return True
