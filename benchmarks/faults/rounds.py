"""One round: a few callers, one to three faults at random moments, then peace until all is at rest, then the audit.

Where nothing happens but waiting for a known moment (a lease, a back-off, a digest), the house's clock is moved on
to it: how long the desk makes people wait is measured in its own time, whatever this machine is busy with.
"""

import heapq
import os
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from prefect.exceptions import PrefectHTTPStatusError
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from benchmarks.faults.auditor import FOR_GOOD, MAY_PASS, Broken, Finding, audit
from benchmarks.faults.callers import Callers, promised
from benchmarks.faults.evidence import gather
from benchmarks.faults.house import House
from benchmarks.faults.mischief import Mischief, Story
from benchmarks.faults.restoring import copy_prefect, start_reconciliation
from models.case import Case
from models.exchange import Notice
from models.vocabulary import NoticeState, Status
from models.wall_clock import DESK_ZONE
from tasks.trouble import LONGEST_WAIT

WITHIN_S = 5.0
PATIENCE_S = 900.0
LONGEST_UNREST = LONGEST_WAIT + timedelta(minutes=15)
"""In the house's own time: longer than the longest back-off there is, and a digest after it."""
CALM_S = 2.5
"""Nothing has moved for so long, times as many programs as want each core: then a moment is waited for."""
STANDSTILL_S = 120.0
"""Nothing has moved for so long and no moment is waited for: nothing will move any more."""
COPY_EVERY = 8
LIVE_EVERY_S = 0.2
LIVES_BETWEEN_LOOKS = 5
MORNING, EVENING = 8, 18
AWAY = (DBAPIError, httpx.HTTPError, PrefectHTTPStatusError, OSError)


@dataclass
class Round:
    """What happened in one round and what the auditor found."""

    number: int
    seed: int
    faults: list[str] = field(default_factory=list)
    lives: list[str] = field(default_factory=list)
    promised: int = 0
    seconds: float = 0.0
    waited_s: float = 0.0
    deaths: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One line of the record."""
        said = {name: value for name, value in vars(self).items() if name != "findings"}
        return {
            **said,
            "seconds": round(self.seconds, 1),
            "waited_s": round(self.waited_s),
            "findings": [str(each) for each in self.findings],
        }


def draw(chance: random.Random, mischiefs: Sequence[Mischief]) -> list[Mischief]:
    """One to three different faults, each as often as its weight says."""
    left, drawn = list(mischiefs), list[Mischief]()
    for _ in range(min(chance.randint(1, 3), len(left))):
        drawn += chance.choices(left, [each.weight for each in left])
        left.remove(drawn[-1])
    return drawn


class Rounds:
    """Plays rounds in one house, one after the other; cases that wait go on living from round to round."""

    def __init__(self, house: House, seed: int, mischiefs: Sequence[Mischief]) -> None:
        self.house, self.seed = house, seed
        self.mischiefs = [
            each for each in mischiefs if each.missing(house) is None or each.name == "prefect restored"
        ]
        self.callers = Callers(house)
        self._order = count()

    def close(self) -> None:
        """Nobody calls any more."""
        self.callers.close()

    def play(self, number: int, progress: Callable[[str], None] = lambda _: None) -> Round:
        """One round, whatever comes of it."""
        chance = random.Random(f"{self.seed} {number}")
        played = Round(number, self.seed)
        self.house.deaths.clear()
        self._prepare(number)
        self.callers.plan(chance, number, chance.randint(2, 4), WITHIN_S)
        played.lives = [
            f"{each.life}{' deferred' if each.is_deferred else ''}" for each in self.callers.cases
        ]
        started = time.monotonic()
        stories = self._drawn(chance, played)
        progress(f"{', '.join(played.faults)}")
        restored = self._disturb(stories, started, played)
        played.findings = self._settle(played, started, is_prefect_older=restored)
        played.seconds = time.monotonic() - started
        played.promised = promised(self.callers.cases)
        played.deaths = list(self.house.deaths)
        self._forget_what_is_over(has_failed=bool(played.findings))
        return played

    def _prepare(self, number: int) -> None:
        self._sleep_through_the_night()
        self.house.await_ready()
        if not self.house.has_prefect_copy or number % COPY_EVERY == 0:
            copy_prefect(self.house)

    def _sleep_through_the_night(self) -> None:
        """Units are told nothing routine at night: nobody waits here until it is day."""
        local = self.house.now().astimezone(DESK_ZONE)
        if self.house.clock is None or MORNING <= local.hour < EVENING:
            return
        morning = local.replace(hour=MORNING, minute=30, second=0)
        self.house.clock.jump((morning if local < morning else morning + timedelta(days=1)) - local)

    def _drawn(self, chance: random.Random, played: Round) -> list[tuple[float, int, Story]]:
        stories: list[tuple[float, int, Story]] = []
        for mischief in draw(chance, self.mischiefs):
            at = chance.uniform(0.3, WITHIN_S + 1.0)
            heapq.heappush(
                stories, (at, next(self._order), mischief.begin(self.house, random.Random(chance.random())))
            )
            played.faults.append(f"{mischief.name} at {at:.1f} s")
        return stories

    def _disturb(self, stories: list[tuple[float, int, Story]], started: float, played: Round) -> bool:
        """Let the faults happen while the cases flow; whether Prefect's database was put back."""
        last_call = max(each.calls_at for each in self.callers.cases)
        while stories or time.monotonic() - started < last_call:
            elapsed = time.monotonic() - started
            if stories and stories[0][0] <= elapsed:
                _, order, story = heapq.heappop(stories)
                pause = self._go_on(story, played)
                if pause is not None:
                    heapq.heappush(stories, (time.monotonic() - started + pause, order, story))
            self._live(elapsed)
        return any(each.startswith("prefect restored") for each in played.faults)

    def _go_on(self, story: Story, played: Round) -> float | None:
        try:
            return next(story, None)
        except AWAY as error:
            # Two faults at once: the database that this one needed is what the other one took away.
            played.faults.append(f"(broken off: {type(error).__name__})")
            return None

    def _live(self, elapsed: float) -> None:
        self.house.tend()
        self.callers.step(elapsed, self._statuses())
        time.sleep(LIVE_EVERY_S)

    def _statuses(self) -> dict[UUID, Status]:
        ids = [each.case_id for each in self.callers.cases if each.case_id]
        with suppress(*AWAY), self.house.place.database.reading() as session:
            found = session.exec(select(Case.id, Case.status).where(col(Case.id).in_(ids)))
            return {case_id: Status(status) for case_id, status in found}
        return {}

    def _settle(self, played: Round, started: float, *, is_prefect_older: bool) -> list[Finding]:
        self.house.await_ready()
        if is_prefect_older:
            start_reconciliation(self.house)
        deadline = time.monotonic() + PATIENCE_S
        began, last, calm_since = self.house.now(), "", time.monotonic()
        findings: list[Finding] = []
        while True:
            for _ in range(LIVES_BETWEEN_LOOKS):
                self._live(time.monotonic() - started)
            try:
                findings = self._audit(is_prefect_older)
                state, moment = self._waits_for()
            except AWAY as error:
                if time.monotonic() > deadline:
                    return [Finding(Broken.STUCK, "desk", f"cannot be looked at: {type(error).__name__}")]
                continue
            waited = self.house.now() - began
            played.waited_s = waited.total_seconds()
            is_lost = any(each.broken in FOR_GOOD for each in findings)
            only_permanent = is_lost or (
                bool(findings) and all(each.broken not in MAY_PASS for each in findings)
            )
            if not findings or only_permanent or time.monotonic() > deadline or waited > LONGEST_UNREST:
                return findings
            if state != last:
                last, calm_since = state, time.monotonic()
            elif moment is None and self._is_calm(calm_since, STANDSTILL_S):
                return findings
            elif self.house.clock and moment and self._is_calm(calm_since, CALM_S):
                self.house.clock.jump(max(moment - self.house.now(), timedelta(0)) + timedelta(seconds=0.3))
                calm_since = time.monotonic()

    def _is_calm(self, since: float, seconds: float) -> bool:
        """Whether nobody speaks and nothing has moved, for as long as a busy machine may need for a move."""
        wanted_at_once = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 2)
        return self.callers.is_quiet() and time.monotonic() - since > seconds * wanted_at_once

    def _audit(self, is_prefect_older: bool) -> list[Finding]:
        found = audit(gather(self.house, self.callers.cases, is_prefect_older=is_prefect_older))
        if not self.callers.is_quiet() and not found:
            return [Finding(Broken.STUCK, "desk", "something said is not answered")]
        return found

    def _waits_for(self) -> tuple[str, datetime | None]:
        """What stands where, in one word, and the next moment at which something is due to happen."""
        ids = [each.case_id for each in self.callers.cases if each.case_id]
        with self.house.place.database.reading() as session:
            cases = list(session.exec(select(Case).where(col(Case.id).in_(ids)).order_by(col(Case.number))))
            on_their_way = col(Notice.state).in_([NoticeState.WAITING, NoticeState.SENDING])
            notices = list(session.exec(select(Notice).where(col(Notice.case_id).in_(ids), on_their_way)))
        moments = [each.lease_until for each in cases] + [each.sending_until for each in notices]
        moments += [each.next_try_at for each in notices if each.state is NoticeState.WAITING]
        # Only what failed is waited for: any other case sleeps until its own clocks run out.
        moments += [each.wake_at for each in cases if each.failures]
        state = f"{[(each.version, each.journal_length, each.status, each.lease_owner, each.lease_until, each.failures) for each in cases]}"
        state += f"{[(each.id, each.state, each.attempts, each.next_try_at) for each in notices]}"
        now = self.house.now()
        near = [each for each in moments if each is not None and now < each <= now + LONGEST_WAIT]
        return state, min(near, default=None)

    def _forget_what_is_over(self, *, has_failed: bool) -> None:
        # What failed has been told of; its cases must not fail the next rounds as well.
        self.callers.cases = [] if has_failed else [each for each in self.callers.cases if each.is_deferred]
