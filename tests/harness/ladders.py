"""Ladders of a test's own, and what they made a desk say."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.exchange import Notice
from models.record import Clock, Event
from models.vocabulary import EventKind, Target
from sla_rules.ladder_rules import Ladder
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import shipped_rules


def rung(level: int, at: str, **more: Any) -> dict[str, Any]:
    """One rung as a supervisor writes it."""
    return {
        "level": level, "at": at, "tell": ["HANDLER"], "ask": "supervise",
        "name": {"zh": "某级", "en": "some level"}, **more,
    }  # fmt: skip


def climb(desk: LoneDesk, *rungs: dict[str, Any], target: Target = Target.ACCEPTANCE) -> None:
    """Put a ladder of our own under one target; the others climb the shipped ones."""
    own = Ladder.model_validate({"id": "own", "targets": [target], "rungs": rungs, "source": "test"})
    book = shipped_rules()
    desk.place = replace(desk.place, rules=replace(book, ladders=(own, *book.ladders)))
    use_workplace(desk.place)


def repeats(desk: LoneDesk, label: str, target: Target) -> list[datetime]:
    """When a target's levels were told again."""
    again = [each for each in desk.rows(Event, label) if each.kind is EventKind.ESCALATED_AGAIN]
    return [each.at for each in again if each.facts["target"] == target]


def alerts_of(desk: LoneDesk, label: str, target: Target) -> Counter[str]:
    """How many alerts each recipient has in the outbox because of one target's levels."""
    clocks = [each.id for each in desk.rows(Clock, label) if each.target is target]
    return Counter(
        each.recipient
        for each in desk.rows(Notice, label)
        if any(f":escalation:{clock}:" in each.dedupe_key for clock in clocks)
    )
