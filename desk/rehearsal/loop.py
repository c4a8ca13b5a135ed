"""A month on a fast clock: whatever is due happens, then the clock jumps to what is due next."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from desk.rehearsal.mailbox import ReadAlert
from desk.rehearsal.people import Happening, People, Said
from desk.rehearsal.scenario import Visit

ROUNDS_AT_ONCE = 200

Show = Callable[[datetime, int], None]
"""Told the time, and how many activations ran, after each step."""


class VirtualClock:
    """A clock that stands still until it is told to jump; calling it gives the time."""

    def __init__(self, start: datetime) -> None:
        self.now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def jump(self, to: datetime) -> None:
        """Set the clock; it never goes back."""
        if to < self.now:
            raise ValueError(f"the clock cannot go back from {self.now} to {to}")
        self.now = to.astimezone(UTC)


class Engine(Protocol):
    """The desk, as the rehearsal sees it."""

    def take_in(self, visit: Visit, now: datetime) -> str:
        """Take a request in; the number of its case."""

    def say(self, said: Said, now: datetime) -> None:
        """Bring a piece of news."""

    def run_due(self, now: datetime) -> int:
        """Run every activation due at `now` and send the alerts due; how many activations ran."""

    def happenings(self) -> list[Happening]:
        """What was journaled since the last time."""

    def mail(self) -> list[ReadAlert]:
        """What was delivered since the last time."""

    def next_moment(self, now: datetime) -> datetime | None:
        """When, after `now`, a case or an alert is next due."""


class RehearsalStuckError(RuntimeError):
    """The desk and its people keep each other busy without time passing."""


def live_through(
    engine: Engine,
    people: People,
    visits: list[Visit],
    clock: VirtualClock,
    until: datetime,
    show: Show,
) -> dict[str, Visit]:
    """Let every visit live until its end or the end of the month.

    Args:
        engine: The desk.
        people: Everybody else.
        visits: The requests to come.
        clock: The desk's clock too; it is left at `until`.
        until: The end of the month.
        show: Called after each step.

    Returns:
        The visits by the number of the case each became.

    Raises:
        RehearsalStuckError: Time stands still.
    """
    waiting = sorted(visits, key=lambda each: each.arrives_at, reverse=True)
    became: dict[str, Visit] = {}
    rounds = 0
    while True:
        now = clock.now
        while waiting and waiting[-1].arrives_at <= now:
            visit = waiting.pop()
            label = engine.take_in(visit, now)
            became[label] = visit
            people.arrived(visit, label, now)
        ran = _one_round(engine, people, now)
        show(now, ran)
        moments = [people.next_moment(), engine.next_moment(now)]
        moments += [waiting[-1].arrives_at] if waiting else []
        upcoming = min((each for each in moments if each is not None), default=until)
        rounds = rounds + 1 if upcoming <= now else 0
        if rounds > ROUNDS_AT_ONCE:
            raise RehearsalStuckError(f"{rounds} rounds at {now.isoformat()}")
        if upcoming >= until:
            clock.jump(until)
            show(until, 0)
            return became
        clock.jump(max(upcoming, now))


def _one_round(engine: Engine, people: People, now: datetime) -> int:
    for said in people.due(now):
        engine.say(said, now)
    ran = engine.run_due(now)
    # Journals before letters: whoever hears that an order is withdrawn may already know it closed.
    people.saw(engine.happenings(), now)
    people.heard(engine.mail(), now)
    return ran
