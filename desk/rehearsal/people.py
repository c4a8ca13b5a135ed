"""The simulated people: they read alerts, see what becomes of cases, and say things in time."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.rehearsal.habits import Act, on_grid
from desk.rehearsal.mailbox import ReadAlert
from desk.rehearsal.scenario import Reaction, Sample, Saying, Visit, colleague_of, speaker_for
from models.grades import SAFETY_GRADES
from models.vocabulary import Ask, EventKind, NewsKind, Status
from sla_rules.calendar import OpenHours
from sla_rules.calendar_file import parse_hours
from tasks.news.inbox import Speaker

READING_TIME = timedelta(minutes=10)
"""How long a reviewer reads a request before deciding."""


@dataclass(frozen=True)
class Happening:
    """One journal entry, as far as people act on it; `status` is where a move led."""

    label: str
    event: EventKind
    status: Status | None = None


@dataclass(frozen=True, order=True)
class Said:
    """Something that will be said, or has been."""

    at: datetime
    order: int
    label: str = field(compare=False)
    speaker: Speaker = field(compare=False)
    saying: Saying = field(compare=False)
    of_habit: bool = field(compare=False)

    @property
    def key(self) -> str:
        """Unique within the rehearsal, so within the case."""
        return f"rehearsal-{self.order}"


@dataclass
class _Known:
    """What the people know of one case."""

    visit: Visit
    seen: Counter[object] = field(default_factory=Counter)
    done_once: set[tuple[str, NewsKind]] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    leads: set[str] = field(default_factory=set)
    closed: bool = False


Slowness = Callable[[Visit, str], timedelta]
"""How much later than by habit a recipient takes up what a visit has become."""


def never_slow(_visit: Visit, _recipient: str) -> timedelta:
    """Everybody keeps to the habits, as the samples expect."""
    return timedelta(0)


class People:
    """Everybody outside the machine, for all cases."""

    def __init__(self, habits: dict[Ask, tuple[Act, ...]], slowness: Slowness = never_slow) -> None:
        self._habits, self._slowness = habits, slowness
        self._known: dict[str, _Known] = {}
        self._plans: list[Said] = []
        self._planned = 0

    def arrived(self, visit: Visit, label: str, now: datetime) -> None:
        """A request has become the case `label`."""
        known = self._known[label] = _Known(visit)
        for reaction in visit.sample.then:
            if reaction.when.at is not None:
                self._react(known, label, reaction, now + reaction.when.at)

    def heard(self, alerts: list[ReadAlert], now: datetime) -> None:
        """Alerts have reached their readers."""
        for alert in alerts:
            known = self._known.get(alert.label)
            # Alerts that are about no case of ours, such as one on the calendar, are only read.
            if known is not None:
                self._hear(known, alert, now)

    def saw(self, happenings: list[Happening], now: datetime) -> None:
        """Something was written in journals."""
        for each in happenings:
            known = self._known.get(each.label)
            if known is not None:
                self._see(known, each, now)

    def due(self, now: datetime) -> list[Said]:
        """What is said at or before `now`, each once, in order."""
        ready = []
        while self._plans and self._plans[0].at <= now:
            ready.append(heapq.heappop(self._plans))
        return [each for each in ready if not self._pointless(each)]

    def next_moment(self) -> datetime | None:
        """When somebody next says something."""
        return self._plans[0].at if self._plans else None

    def _hear(self, known: _Known, alert: ReadAlert, now: datetime) -> None:
        what = ("told", alert.recipient, alert.ask)
        known.seen[what] += 1
        _note_part(known, alert)
        scripted = [
            each
            for each in known.visit.sample.then
            if (each.when.told, each.when.ask) == (alert.recipient, alert.ask)
            and each.when.nth == known.seen[what]
        ]
        for reaction in scripted:
            self._react(known, alert.label, reaction, now)
        self._follow_habit(known, alert, scripted, now)

    def _follow_habit(self, known: _Known, alert: ReadAlert, scripted: list[Reaction], now: datetime) -> None:
        kinds = {each.says.kind for each in scripted}
        if NewsKind.OBJECTED in kinds:
            return
        speaker = speaker_for(alert.recipient)
        for act in self._habits.get(alert.ask, ()):
            kind = act.says.kind
            if kind in kinds or _is_silent(known.visit.sample, alert.recipient, kind):
                continue
            if act.once and (alert.recipient, kind) in known.done_once:
                continue
            known.done_once.add((alert.recipient, kind))
            taken_up = now + self._slowness(known.visit, alert.recipient)
            at = act.moment(taken_up, alert.grade, _safe_hours(known.visit.sample))
            who = colleague_of(speaker) if act.by_colleague else speaker
            self._plan(at, alert.label, who, act.saying(known.visit.id), of_habit=True)

    def _see(self, known: _Known, happening: Happening, now: datetime) -> None:
        known.seen["event", happening.event] += 1
        self._react_to(known, happening.label, "event", happening.event, now)
        if happening.status is None:
            return
        known.closed = happening.status is Status.CLOSED
        if happening.status is Status.REOPENED:
            known.done_once.clear()
        known.seen["reaches", happening.status] += 1
        self._react_to(known, happening.label, "reaches", happening.status, now)
        if happening.status is Status.NEEDS_REVIEW:
            self._review(known, happening.label, now)

    def _react_to(self, known: _Known, label: str, what: str, which: object, now: datetime) -> None:
        for each in known.visit.sample.then:
            if getattr(each.when, what) is which and each.when.nth == known.seen[what, which]:
                self._react(known, label, each, now)

    def _review(self, known: _Known, label: str, now: datetime) -> None:
        # A person reads the request itself, so the rehearsal's reviewer knows what is right.
        ends, script = known.visit.sample.ends, known.visit.sample.then
        if ends.kind is None or ends.outcome is None:
            return
        if any(each.says.kind is NewsKind.REVIEW_DECIDED for each in script):
            return
        fields: dict[str, object] = {"kind": ends.kind, "outcome": ends.outcome, "department": ends.lead}
        if ends.grade not in SAFETY_GRADES:
            fields |= {"harm": False, "text": "已看原话，不涉及侵害。"}
        saying = Saying(NewsKind.REVIEW_DECIDED, fields)
        self._plan(on_grid(now + READING_TIME), label, speaker_for("DESK"), saying, of_habit=True)

    def _react(self, known: _Known, label: str, reaction: Reaction, now: datetime) -> None:
        known.done_once.add((reaction.when.told or "", reaction.says.kind))
        self._plan(on_grid(now + reaction.after), label, reaction.speaker, reaction.says, of_habit=False)

    def _plan(self, at: datetime, label: str, speaker: Speaker, saying: Saying, *, of_habit: bool) -> None:
        self._planned += 1
        heapq.heappush(self._plans, Said(at, self._planned, label, speaker, saying, of_habit))

    def _pointless(self, said: Said) -> bool:
        known, department = self._known[said.label], said.speaker.department
        # Who has become the lead meanwhile answers as the lead.
        no_longer_helps = said.saying.kind is NewsKind.CO_REPLIED and department in known.leads
        return said.of_habit and (known.closed or department in known.withdrawn or no_longer_helps)


def _note_part(known: _Known, alert: ReadAlert) -> None:
    if alert.ask is Ask.ORDER_WITHDRAWN:
        known.withdrawn.add(alert.recipient)
        known.leads.discard(alert.recipient)
    elif alert.ask in (Ask.ACCEPT_ORDER, Ask.HELP_LEAD, Ask.ANSWER_WHISTLE):
        known.withdrawn.discard(alert.recipient)
    if alert.ask is Ask.ACCEPT_ORDER:
        known.leads.add(alert.recipient)


def _is_silent(sample: Sample, recipient: str, kind: NewsKind) -> bool:
    return recipient in sample.silent or f"{recipient}.{kind}" in sample.silent


def _safe_hours(sample: Sample) -> OpenHours | None:
    reporter = sample.intake.reporter
    if reporter is None or reporter.safe_from is None or reporter.safe_to is None:
        return None
    return parse_hours(f"{reporter.safe_from}-{reporter.safe_to}")
