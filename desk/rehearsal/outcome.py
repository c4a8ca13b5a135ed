"""How a case ended, against how its sample says it must end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from desk.rehearsal.scenario import Ends, Told
from models.vocabulary import (
    Ask,
    CallbackClass,
    EventKind,
    Flag,
    Grade,
    NewsKind,
    Outcome,
    Safety,
    Status,
    Target,
)


@dataclass(frozen=True)
class Found:
    """One case as it stands when the month is over, in codes."""

    status: Status
    kind: str | None
    grade: Grade
    outcome: Outcome | None
    lead: str | None
    co_handlers: frozenset[str]
    callback: CallbackClass
    safety: Safety
    reworks: int
    reopened: int
    flag: Flag | None
    breached: frozenset[Target] = frozenset()
    escalated: dict[Target, int] = field(default_factory=dict)
    reached: frozenset[Status] = frozenset()
    happened: frozenset[EventKind] = frozenset()
    told: Counter[tuple[str, Ask]] = field(default_factory=Counter)
    refused: tuple[tuple[NewsKind, str], ...] = ()


COMPARED = ("status", "kind", "grade", "outcome", "lead", "callback", "safety", "reworks", "reopened")


def mismatches(ends: Ends, found: Found) -> list[str]:
    """One short line for each thing that is not as the sample says; empty if all is."""
    return [
        *_differing(ends, found),
        *_missing_or_surplus(ends, found),
        *_wrongly_told(ends, found),
        *([f"flagged {found.flag}"] if found.flag else []),
    ]


def _differing(ends: Ends, found: Found) -> Iterator[str]:
    for name in COMPARED:
        wanted, is_now = getattr(ends, name), getattr(found, name)
        if wanted is not None and wanted != is_now:
            yield f"{name}: {_word(wanted)} expected, {_word(is_now)} found"
    for target, level in ends.escalated.items():
        if found.escalated.get(target, 0) != level:
            yield f"escalated: {target} to {level} expected, {found.escalated.get(target, 0)} found"


def _missing_or_surplus(ends: Ends, found: Found) -> Iterator[str]:
    yield from _lacking("co-handlers", ends.co_handlers, found.co_handlers)
    yield from _lacking("breached", ends.breached, found.breached)
    yield from _lacking("did not pass", ends.passes, found.reached)
    yield from _lacking("did not happen", ends.happened, found.happened)
    yield from _lacking("refused news", ends.refused, frozenset(kind for kind, _ in found.refused))
    yield from (f"{kind} refused: {why}" for kind, why in found.refused if kind not in ends.refused)
    unexpected = sorted(found.breached - set(ends.breached))
    if unexpected:
        yield f"breached without being expected: {', '.join(unexpected)}"
    if Status.NEEDS_REVIEW in found.reached and Status.NEEDS_REVIEW not in ends.passes:
        yield "a person had to review it, which was not expected"


def _lacking(what: str, wanted: tuple[str, ...], there: frozenset[str]) -> Iterator[str]:
    lacking = sorted(set(wanted) - there)
    if lacking:
        yield f"{what}: {', '.join(lacking)} is missing"


def _wrongly_told(ends: Ends, found: Found) -> Iterator[str]:
    for told in ends.told:
        if not _times_told(told, found):
            yield f"{_address(told)} was not told"
    for told in ends.never_told:
        times = _times_told(told, found)
        if times:
            yield f"{_address(told)} was told {times} times and never may be"


def _times_told(told: Told, found: Found) -> int:
    return sum(
        times
        for (recipient, ask), times in found.told.items()
        if recipient == told.recipient and told.ask in (None, ask)
    )


def _address(told: Told) -> str:
    return told.recipient + (f".{told.ask}" if told.ask else "")


def _word(value: object) -> str:
    return "nothing" if value is None else str(value)
