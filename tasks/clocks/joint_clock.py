"""The one clock of all departments: what must fit inside it, and who used its time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.clock_table import CLOCK_TABLE, JOINT
from models.exchange import Assignment
from models.record import Clock
from models.vocabulary import Recipient, Target
from models.wall_clock import due_on
from sla_rules.intervals import Interval, united

NOTHING = timedelta(0)


@dataclass(frozen=True)
class Count:
    """When a clock runs out and the sentence why; `own_at` is what its own rule would give, if cut."""

    at: datetime
    provisional: bool
    reason_zh: str
    reason_en: str
    own_at: datetime | None = None

    @property
    def cut_facts(self) -> dict[str, str]:
        """What the journal adds for a clock that was cut."""
        return {"own_due": self.own_at.isoformat()} if self.own_at else {}


def running_joint(clocks: Iterable[Clock]) -> Clock | None:
    """The joint clock that runs now; None before the first order and after the answer."""
    return next((each for each in clocks if each.target is JOINT and each.stopped_at is None), None)


def fitted(count: Count, target: Target, started_at: datetime, joint: Clock | None, zone: ZoneInfo) -> Count:
    """The same count, cut to the joint clock's due time where it would outlast it.

    A unit that is called in after the joint clock has run out keeps its own time: there is nothing
    left to fit into, and nobody is late with what was never possible.
    """
    if joint is None or CLOCK_TABLE[target].fits_inside is not joint.target:
        return count
    if not started_at < joint.due_at < count.at:
        return count
    until = due_on(joint.due_at, zone)
    return replace(
        count,
        at=joint.due_at,
        own_at=count.at,
        provisional=joint.provisional,
        reason_zh=f"{count.reason_zh}分时限不得超出共同时限，因此提前至{until}。",
        reason_en=f"{count.reason_en} Cut to {until}: no department's own limit outlasts"
        " the joint one.",
    )


def time_used(
    joint: Clock, parts: Sequence[Assignment], paused: Sequence[Interval], at: datetime
) -> dict[str, int]:
    """Seconds of the joint clock that each unit had its part in hand, up to `at`, pauses left out.

    A co-handler has its part until it answers, the lead until the order is answered or withdrawn;
    units work side by side, so the shares may add up to more than the whole. `DESK` is the time
    before the first order.
    """
    held: dict[str, list[Interval]] = {}
    first = min((part.assigned_at for part in parts), default=at)
    for unit, start, end in [(Recipient.DESK.value, joint.started_at, first), *_holdings(parts, at)]:
        start, end = max(start, joint.started_at), min(end, at)
        if end > start:
            held.setdefault(unit, []).append(Interval(start, end))
    still = united(paused, joint.started_at)
    return {unit: int(_running(united(spans, joint.started_at), still).total_seconds()) for unit, spans in held.items()}


def in_codes(used: dict[str, int]) -> list[str]:
    """The shares as the journal and the timeline show them, such as `EDU:2d3h5m`; largest first."""
    return [f"{unit}:{_short(seconds)}" for unit, seconds in _largest_first(used)]


def in_words(used: dict[str, int], names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Who had the time, in Chinese and English, by the names of the units."""
    known = {Recipient.DESK.value: ("话务台", "the desk"), **names}
    shares = [(known.get(unit, (unit, unit)), seconds) for unit, seconds in _largest_first(used)]
    zh = "，".join(f"{name[0]}{_length(seconds, ('天', '小时', '分钟'))}" for name, seconds in shares)
    en = ", ".join(f"{name[1]} {_length(seconds, (' d ', ' h ', ' min ')).strip()}" for name, seconds in shares)
    return f"共同时限已超，各单位占用时间：{zh}。", f"The joint limit was missed; time used: {en}."


def _largest_first(used: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(used.items(), key=lambda share: (-share[1], share[0]))


def _holdings(parts: Sequence[Assignment], at: datetime) -> list[tuple[str, datetime, datetime]]:
    return [
        (part.department, part.assigned_at, min(each for each in (part.withdrawn_at, part.replied_at, at) if each))
        for part in parts
    ]


def _running(spans: Iterable[Interval], still: Sequence[Interval]) -> timedelta:
    total = NOTHING
    for span in spans:
        total += span.end - span.start
        for pause in still:
            total -= max(NOTHING, min(span.end, pause.end) - max(span.start, pause.start))
    return total


def _short(seconds: int) -> str:
    return _length(seconds, ("d", "h", "m"))


def _length(seconds: int, units: tuple[str, str, str]) -> str:
    """Days, hours and minutes, those that are not none, each before its unit."""
    days, rest = divmod(seconds // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return "".join(f"{number}{unit}" for number, unit in zip((days, hours, minutes), units, strict=True) if number) or f"0{units[2]}"
