"""The journal of a case in words: what each fact of an entry is called, and what each code in it says.

No code reaches a reader as it is stored. What stands for itself are references (receipts, numbers of cases, entries and
files) and what another system calls itself; digests are for administrators and are not told at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalogue.loader import Catalogue
from desk.pages.answer_forms import ANSWER_WORDS
from desk.pages.glass_words import GLASS_WORDS
from desk.pages.house_forms import ASKED_OF_WORDS, DESK_WORDS, FOUND_WORDS, LISTS, REOPENING_WORDS
from desk.pages.intake_fields import HANDED_TO_WORDS, NATURE_WORDS
from desk.pages.intake_words import CALL_WORDS
from desk.pages.missing_words import MISSING_WORDS
from desk.pages.refusal_words import refusal_words
from desk.pages.signal_words import REPORTS, signal_words
from desk.pages.spans import span_words
from desk.pages.translation import N_, NC_, Said
from desk.pages.unit_words import ROLE_WORDS, unit_words
from desk.pages.words import FLAG_WORDS, GRADE_WORDS, STATUS_WORDS, Words, due_time, local_time
from models.vocabulary import EventKind, Grade, NewsKind, Outcome, Safety, Status
from sla_rules.rule_book import RuleBook
from tasks.clocks.page import EVENT_WORDS as CLOCK_EVENT_WORDS
from tasks.clocks.page import TARGET_WORDS
from tasks.closing.callback_plan import PLANS
from tasks.closing.closure import ACT_WORDS
from tasks.dispatch.reassigning import REASON_WORDS
from tasks.story.values import EventStory

NEWS_WORDS: dict[NewsKind, Said] = {
    **{kind: words for kind, (words, _) in DESK_WORDS.items()},
    **{kind: words for kind, (words, _) in ANSWER_WORDS.items()},
    NewsKind.FACTS_JOINED: N_("Facts of another report joined"),
    NewsKind.LINK_DECIDED: N_("Link decided"),
}
"""Every kind of news is a key."""
SOURCE_WORDS: dict[str, Said] = {
    "api": N_("by another system"),
    "page": N_("on the intake page"),
    "desk": N_("on the intake page"),
    "phone": N_("by telephone"),
    "cli": N_("on the command line"),
    "sample": N_("as a sample"),
}
"""Those the desk itself uses; another system's own word is shown as it is."""
SAFETY_WORDS: dict[Safety, Said] = {
    Safety.UNKNOWN: N_("not known"),
    Safety.UNSAFE: N_("unsafe"),
    Safety.INTERIM: N_("in interim care"),
    Safety.SAFE: N_("safe"),
}
"""Every state is a key."""
OUTCOME_WORDS: dict[Outcome, Said] = {
    Outcome.DISPATCHED: N_("dispatched"),
    Outcome.ANSWERED: N_("answered"),
    Outcome.OPINION_COLLECTED: N_("opinion collected"),
    Outcome.LINKED: N_("linked"),
    Outcome.EMERGENCY_TRANSFERRED: N_("handed over as an emergency"),
    Outcome.LEGAL_CHANNEL: N_("legal channel told"),
    Outcome.PROGRESS_TOLD: N_("progress told"),
    Outcome.SECRET_EXPLAINED: N_("secrecy explained"),
    Outcome.OUTSIDE_REMIT: N_("outside the remit"),
    Outcome.DISSUADED: N_("no request; counted"),
}
"""Every outcome is a key."""
LINK_WORDS: dict[str, Said] = {
    "same_child": N_("the same child"), "same_place": N_("the same place"), "same_event": N_("the same event"),
    "same_caller": N_("the same caller"), "other_child": N_("another child"), "other_place": N_("another place"),
    "other_event": N_("another event"), "not_enough": N_("too little agrees"),
}  # fmt: skip
"""Every reason for linking two cases, or not, is a key."""
LOOK_WORDS: dict[str, Said] = {
    "planned": N_("planned"), "asked": N_("asked for"), "done": N_("recorded"), "skipped": N_("dropped"), "overdue": N_("overdue"),
}  # fmt: skip
FILE_WORDS: dict[str, Said] = {
    "image": N_("a picture"), "audio": N_("a sound recording"), "video": N_("a film"), "application": N_("a document"),
}  # fmt: skip
RETENTION_WORDS: dict[str, Said] = {
    "harm": N_("suspected harm"), "grave": N_("grave without harm"), "no_contact": N_("answered on the call"), "ordinary": N_("ordinary"),
}  # fmt: skip
BY_WORDS: dict[str, Said] = {"machine": N_("the desk's machine"), "person": N_("a person")}

FACT_WORDS: dict[str, Said] = {
    "source": NC_("fact", "taken in"), "said_source": N_("known from"), "nothing_missing": N_("nothing is missing"), "received_at": N_("received"), "given_kind": N_("kind given at intake"), "nature": N_("nature"),
    "danger_now": N_("in danger now"), "call_type": N_("type of call"), "knowledge": N_("answer from the knowledge base"),
    "knowledge_version": N_("version"), "stale": N_("due for review"), "told": N_("told"), "signals": N_("signals"), "floor": N_("not below"),
    "harm": N_("harm"), "mandatory_report": N_("must be reported"), "old": N_("from"), "new": N_("to"), "target": N_("clock"),
    "department": N_("unit"), "lead": N_("lead"), "co_handlers": N_("co-handlers"), "round": N_("round"), "whistle": N_("by a whistle"),
    "due": N_("due"), "own_due": N_("by its own limit"), "level": N_("level"), "reason": N_("reason"), "news": N_("news"),
    "code": N_("because"), "until": N_("until"), "kind": N_("kind"), "grade": N_("grade"), "flag": N_("flag"), "cycle": N_("cycle"),
    "case": N_("case"), "missing": N_("missing"), "met": N_("met"), "used": N_("time used"), "version": N_("version"), "by": N_("by"),
    "approved": N_("approved"), "used_up": N_("the time for it is used up"), "refused": N_("closing refused"), "rule": N_("rule"),
    "nth": N_("number of the look"), "state": N_("state"), "size": N_("bytes"), "form": N_("form"), "main": N_("main case"),
    "goes_on": N_("goes on where it is"), "proposal": N_("proposal"), "repeat": N_("repeat"), "retention_class": N_("kept as"),
    "left_out": N_("clauses left out"), "acts": N_("acts"), "evidence": N_("evidence"), "suggests": N_("suggests"),
    "given_from": N_("taken from"), "units": N_("units"), "days": N_("days"), "caller_told": N_("the caller was told"), "granted": N_("granted"),
    "review_at": N_("review at"), "reached": N_("reached"), "contacted": N_("the unit had been in touch"), "resolved": N_("resolved"),
    "satisfied": N_("satisfaction"), "at": N_("at"), "channel": N_("channel"), "receipt": N_("receipt"), "to": NC_("handed", "to"),
    "safety": N_("the child's safety"), "owner": N_("case owner"), "outcome": N_("outcome"), "upheld": N_("upheld"),
    "asked_of": N_("asked of"), "guardian_suspect": N_("a guardian may be the offender"), "complained_of": N_("units it is about"),
    "role": N_("said by"), "records": N_("records that differ"), "stopped_at": N_("had stopped at"),
}  # fmt: skip
"""Every fact of an entry, also those of what somebody said (`said_…`), is a key."""
UNTOLD = frozenset({"rules", "calendar", "sha256"})
"""Digests."""
REFERENCES = frozenset({"receipt", "evidence", "owner", "version", "knowledge", "knowledge_version", "case", "main", "proposal"})
"""What stands for itself; an owner may be an account."""
NUMBERS = frozenset({"round", "cycle", "level", "nth", "size", "repeat", "days", "left_out"})
_UNITS = frozenset({"department", "lead", "co_handlers", "suggests", "given_from", "units", "complained_of", "owner"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)", re.ASCII)
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", re.ASCII)
_SAME_FOR_ALL: dict[str, Mapping[str, Said]] = {
    "nature": {each.value: said for each, said in NATURE_WORDS.items()},
    "call_type": {each.value: said for each, said in CALL_WORDS.items()},
    "target": {each.value: pair for each, pair in TARGET_WORDS.items()},
    "news": {each.value: said for each, said in NEWS_WORDS.items()},
    "flag": {each.value: said for each, said in FLAG_WORDS.items()},
    "missing": {each.value: said for each, said in MISSING_WORDS.items()},
    "acts": {each.value: pair for each, pair in ACT_WORDS.items()},
    "role": {each.value: said for each, said in ROLE_WORDS.items()},
    "outcome": {each.value: said for each, said in OUTCOME_WORDS.items()} | FOUND_WORDS,
    "satisfied": LISTS["satisfied"], "channel": LISTS["channel"], "safety": {each.value: said for each, said in SAFETY_WORDS.items()},
    "source": SOURCE_WORDS | LISTS["source"], "asked_of": ASKED_OF_WORDS, "state": LOOK_WORDS, "mandatory_report": REPORTS,
    "retention_class": RETENTION_WORDS, "by": BY_WORDS, "to": HANDED_TO_WORDS, "told": HANDED_TO_WORDS,
    "rule": {"harm-ruled-out": N_("harm was ruled out")},
}  # fmt: skip


@dataclass(frozen=True)
class Journal:
    """What an entry's codes are read with: the reader's language, the catalogue in force, and the rules of the case."""

    words: Words
    catalogue: Catalogue
    book: RuleBook
    checks: Mapping[str, tuple[str, str]]
    with_codes: bool = False

    def told(self, event: EventStory) -> str:
        """The facts of one entry."""
        facts = [said for code in event.codes if (said := self._fact(code, event))]
        if event.kind is EventKind.CLOSURE_CHECKED and not facts:
            facts = [self.words.pick(FACT_WORDS["nothing_missing"])]
        return " · ".join(facts)

    def _fact(self, code: str, event: EventStory) -> str:
        stored, _, value = code.partition("=")
        name = stored.removeprefix("said_")
        if name == "rules" and event.kind is EventKind.CLOSURE_CHECKED:
            name = "records"
        if name in UNTOLD:
            return ""
        if name == "cycle":
            return self._nth(value)
        named = stored if stored in FACT_WORDS else name
        said = self.words.pick(FACT_WORDS[named]) if named in FACT_WORDS else name
        values = [value] if name in REFERENCES or _TIME.fullmatch(value) else value.split("+")
        told = [self._value(name, each, event) for each in values]
        # What is only true or not is told by its name alone.
        return f"{said} {self._join(told)}".strip() if told != [""] else said

    def _nth(self, value: str) -> str:
        """Which time round a clock runs; the first goes without saying."""
        return "" if value == "1" else self.words.pick((f"第 {value} 轮", f"round {value}"))

    def _join(self, told: Iterable[str]) -> str:
        return ("、" if self.words.language == "zh" else ", ").join(told)

    def _value(self, name: str, value: str, event: EventStory) -> str:
        if value == "yes":
            return ""
        if _TIME.fullmatch(value):
            return (due_time if name in {"due", "own_due"} else local_time)(datetime.fromisoformat(value))
        if name in NUMBERS:
            return value
        special = self._special.get(name)
        if special is not None:
            return special(value, event)
        known = _SAME_FOR_ALL.get(name, {})
        if value in known:
            return self.words.pick(known[value])
        if name in _UNITS or name == "told":
            return unit_words(value, self.words, self.catalogue.departments)
        return value

    @property
    def _special(self) -> dict[str, Callable[[str, EventStory], str]]:
        return {
            "grade": self._grade, "floor": self._grade, "old": self._moved, "new": self._moved, "kind": self._kind, "given_kind": self._kind,
            "signals": self._signal, "code": self._refusal, "reason": self._reason, "refused": self._refused, "used": self._share,
            "records": self._check, "form": self._file,
        }  # fmt: skip

    def _grade(self, value: str, _: EventStory) -> str:
        return f"{value} {self.words.pick(GRADE_WORDS[Grade(value)])}" if value in set(Grade) else value

    def _moved(self, value: str, event: EventStory) -> str:
        if value in set(Status):
            return self.words.pick(STATUS_WORDS[Status(value)])
        return self._grade(value, event)

    def _kind(self, value: str, _: EventStory) -> str:
        found = self.catalogue.kinds.get(value)
        if found is None:
            return value
        name = self.words.pick((found.name_zh, found.name_en))
        return f"{value} {name}" if self.with_codes else name

    def _signal(self, value: str, _: EventStory) -> str:
        return self.words.pick(signal_words(value, {each.id: each for each in self.catalogue.signals}))

    def _refusal(self, value: str, _: EventStory) -> str:
        if value in PLANS:
            return self.words.pick((PLANS[value].zh, PLANS[value].en)).rstrip("。.")
        return refusal_words(value, self.words)

    def _refused(self, value: str, _: EventStory) -> str:
        listed = self._reasons_of(NewsKind.CLOSING_DECIDED)
        return self.words.pick(listed[value]) if value in listed else value

    def _check(self, value: str, _: EventStory) -> str:
        return self.words.pick(self.checks[value]) if value in self.checks else value

    def _file(self, value: str, _: EventStory) -> str:
        kind = value.partition("/")[0]
        return self.words.pick(FILE_WORDS[kind]) if kind in FILE_WORDS else value

    def _share(self, value: str, _: EventStory) -> str:
        """One unit's share of a limit that was missed, such as `EDU:2d3h5m`."""
        unit, _colon, length = value.partition(":")
        parts = _SPAN.fullmatch(length)
        if parts is None:
            return value
        days, hours, minutes = (int(number or 0) for number in parts.groups())
        span = span_words(self.words, timedelta(days=days, hours=hours, minutes=minutes))
        return f"{unit_words(unit, self.words, self.catalogue.departments)} {span}"

    def _reason(self, value: str, event: EventStory) -> str:
        known = self._reasons(event)
        return self.words.pick(known[value]) if value in known else value

    def _reasons(self, event: EventStory) -> Mapping[str, Said]:
        """What may stand as a reason in this entry: each kind of entry, and of news, has a list of its own."""
        if event.kind in {EventKind.CLOCK_STARTED, EventKind.CLOCK_STOPPED, EventKind.CLOCK_RESUMED}:
            return {each.value: pair for each, pair in CLOCK_EVENT_WORDS.items()}
        if event.kind is EventKind.GLASS_BROKEN:
            return {each.value: said for each, said in GLASS_WORDS.items()}
        if event.kind is EventKind.LINKED:
            return LINK_WORDS
        if event.kind is EventKind.PAUSED:
            return self._reasons_of(NewsKind.HUNG_UP)
        news = next((code.partition("=")[2] for code in event.codes if code.startswith("news=")), "")
        return self._reasons_of(NewsKind(news)) if news in set(NewsKind) else {}

    def _reasons_of(self, news: NewsKind) -> Mapping[str, Said]:
        match news:
            case NewsKind.HUNG_UP:
                return {each.code: (each.name.zh, each.name.en) for each in self.book.pauses.reasons}
            case NewsKind.OBJECTED:
                return {each.code.value: (each.zh, each.en) for each in self.catalogue.dispatch.objection_reasons}
            case NewsKind.REASSIGNED:
                return {each.value: said for each, said in REASON_WORDS.items()}
            case NewsKind.REOPENED:
                return REOPENING_WORDS
            case NewsKind.LINK_DECIDED:
                return LINK_WORDS
            case _:
                listed = getattr(self.book.reasons, news.value, ())
                return {each.code: (each.zh, each.en) for each in listed}
