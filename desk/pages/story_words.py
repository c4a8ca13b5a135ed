"""A case told in plain sentences, and its journal in words, both made from codes and times alone."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from catalogue.schema import Department
from desk.pages.answer_forms import ANSWER_WORDS
from desk.pages.house_forms import DESK_WORDS
from desk.pages.spans import span_words
from desk.pages.translation import N_, Said
from desk.pages.words import FLAG_WORDS, STATUS_WORDS, Words, due_time, local_time
from models.accounts import Account
from models.house import ApiClient
from models.journal import MACHINE
from models.vocabulary import EventKind, Flag, NewsKind, Safety, Status, Target
from tasks.clocks.page import EVENT_WORDS as CLOCK_EVENT_WORDS
from tasks.clocks.page import TARGET_WORDS
from tasks.story.state import ClockState
from tasks.story.values import AssignmentStory, CaseStory, EventStory

NEWS_WORDS: dict[NewsKind, Said] = {
    **{kind: words for kind, (words, _) in DESK_WORDS.items()},
    **{kind: words for kind, (words, _) in ANSWER_WORDS.items()},
    NewsKind.FACTS_JOINED: N_("Facts of another report joined"),
    NewsKind.LINK_DECIDED: N_("Link decided"),
}
"""Every kind of news is a key."""
SAFETY_WORDS: dict[Safety, Said] = {
    Safety.UNKNOWN: N_("not known"),
    Safety.UNSAFE: N_("unsafe"),
    Safety.INTERIM: N_("in interim care"),
    Safety.SAFE: N_("safe"),
}
"""Every state is a key."""
SOURCE_WORDS: dict[str, Said] = {
    "api": N_("by another system"),
    "page": N_("on the intake page"),
    "desk": N_("on the intake page"),
    "phone": N_("by telephone"),
    "cli": N_("on the command line"),
}
"""Those the desk itself uses; another system's own word is shown as it is."""
FACT_WORDS: dict[str, Said] = {
    "old": N_("from"), "new": N_("to"), "target": N_("clock"), "department": N_("unit"), "lead": N_("lead"),
    "co_handlers": N_("co-handlers"), "round": N_("round"), "due": N_("due"), "level": N_("level"),
    "reason": N_("reason"), "news": N_("news"), "code": N_("because"), "until": N_("until"), "kind": N_("kind"),
    "grade": N_("grade"), "flag": N_("flag"), "cycle": N_("cycle"), "case": N_("case"), "harm": N_("harm"),
    "missing": N_("missing"), "met": N_("met"), "version": N_("version"), "by": N_("by"),
    "said_department": N_("unit named"), "said_reason": N_("reason"), "said_grade": N_("grade"),
    "said_given_from": N_("taken from"), "said_units": N_("units"), "said_resolved": N_("resolved"),
    "said_reached": N_("reached"), "said_safety": N_("the child's safety"), "said_upheld": N_("upheld"),
    "said_granted": N_("granted"), "said_days": N_("days"), "said_kind": N_("kind"), "said_outcome": N_("outcome"),
    "said_evidence": N_("evidence"), "said_suggests": N_("suggests"), "said_review_at": N_("review at"),
}  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00|Z)", re.ASCII)


def told(story: CaseStory, source: str, words: Words, departments: Mapping[str, Department], now: datetime) -> list[str]:
    """The case in a few sentences, in the reader's language, oldest fact first."""
    return list(_sentences(story, source, words, departments, now))


def _sentences(
    story: CaseStory, source: str, words: Words, departments: Mapping[str, Department], now: datetime
) -> Iterator[str]:
    def say(zh: str, en: str) -> str:
        return words.pick((zh, en))

    at, by = local_time(story.received_at), words.pick(SOURCE_WORDS.get(source, (source, f"from {source}")))
    yield say(f"{at} 受理（{by}）。", f"Received {at} {by}.")
    if story.kind:
        grade = words.grade(story.grade)
        kind = words.pick((story.kind_zh, story.kind_en))
        yield say(f"归为“{kind}”，等级 {story.grade}（{grade}）。", f"It is about {kind.lower()}, grade {story.grade} ({grade.lower()}).")
    leads = [each for each in story.assignments if each.leads]
    for number, each in enumerate(leads):
        yield _of_lead(each, words, departments, is_first=number == 0)
    helpers = [each for each in story.assignments if not each.leads and each.withdrawn_at is None]
    if helpers:
        names = [_unit(each.department, words, departments) for each in helpers]
        replied = sum(each.replied_at is not None for each in helpers)
        yield say(f"{'、'.join(names)}协办，{replied}/{len(names)} 已回复。", f"{', '.join(names)} help; {replied} of {len(names)} have answered.")
    yield from _of_trouble(story, words)
    yield from _of_the_end(story, words, now)


def _of_lead(part: AssignmentStory, words: Words, departments: Mapping[str, Department], *, is_first: bool) -> str:
    unit = _unit(part.department, words, departments)
    zh = [f"{local_time(part.assigned_at)} {'派' if is_first else '改派'}{unit}主办"]
    en = [f"{'With' if is_first else 'Given to'} {unit} since {local_time(part.assigned_at)}"]
    for moment, said_zh, said_en in (
        (part.accepted_at, "签收", "accepted"), (part.contacted_at, "联系来电人", "spoke to the caller"), (part.replied_at, "回复", "replied"),
        (part.withdrawn_at, "撤单", "taken back"),
    ):  # fmt: skip
        if moment:
            zh.append(f"{local_time(moment)} {said_zh}")
            en.append(f"{said_en} {local_time(moment)}")
    if not (part.accepted_at or part.withdrawn_at):
        zh.append("尚未签收")
        en.append("not accepted yet")
    return words.pick(("，".join(zh) + "。", ", ".join(en) + "."))


def _of_trouble(story: CaseStory, words: Words) -> Iterator[str]:
    late = [each for each in story.clocks if each.state in (ClockState.LATE, ClockState.MISSED)]
    if late:
        names = list(dict.fromkeys(words.pick(TARGET_WORDS[each.target]) for each in late))
        yield words.pick((f"曾超期或已超期：{'、'.join(names)}。", f"Late, now or before: {', '.join(names)}."))
    if story.objections:
        still = sum(each.outcome == "open" for each in story.objections)
        yield words.pick((f"异议 {len(story.objections)} 次，待裁定 {still} 次。", f"Objections: {len(story.objections)}, to be ruled on: {still}."))
    back = sum(each.kind is EventKind.MOVED and f"new={Status.REWORK}" in each.codes for each in story.events)
    if back:
        yield words.pick((f"退回重办 {back} 次。", f"Sent back for rework: {back}."))
    if story.flag:
        yield words.pick((f"待人工处理：{words.flag(story.flag)}。", f"A person must look: {words.flag(story.flag).lower()}."))


def _of_the_end(story: CaseStory, words: Words, now: datetime) -> Iterator[str]:
    if story.safety is not Safety.UNKNOWN:
        safety = words.pick(SAFETY_WORDS[story.safety])
        yield words.pick((f"儿童安全状况：{safety}。", f"The child is {safety}."))
    if story.closed_at:
        yield words.pick((f"{local_time(story.closed_at)} 办结。", f"Closed {local_time(story.closed_at)}."))
        return
    running = [each for each in story.clocks if each.stopped_at is None and each.due_at > now]
    if running:
        first = min(running, key=lambda each: each.due_at)
        what, at, left = words.pick(TARGET_WORDS[first.target]), due_time(first.due_at), span_words(words, first.due_at - now)
        yield words.pick((f"下一时限：{what}，{at}（还有 {left}）。", f"Next due: {what}, {at} (in {left})."))


def _unit(code: str, words: Words, departments: Mapping[str, Department]) -> str:
    return words.pick((departments[code].name_zh, departments[code].name_en)) if code in departments else code


def roles_of(session: Session, events: Iterable[EventStory]) -> dict[str, str]:
    """The role code behind each `client:` actor of a journal: who they are by name is in the access log only."""
    ids = {each.actor.removeprefix("client:") for each in events if each.actor.startswith("client:")}
    if not ids:
        return {}
    people = session.exec(select(Account.id, Account.role).where(col(Account.id).in_(ids))).all()
    clients = session.exec(select(ApiClient.id, ApiClient.role).where(col(ApiClient.id).in_(ids))).all()
    return {f"client:{each}": str(role) for each, role in (*people, *clients)}


def actor_words(actor: str, roles: Mapping[str, str], words: Words) -> str:
    """The machine, a unit's code or a role's code; never a name."""
    if actor == MACHINE:
        return words["by_machine"]
    if actor.startswith("department:"):
        return actor.removeprefix("department:")
    return roles.get(actor, words["by_somebody"])


def facts_in_words(event: EventStory, words: Words, departments: Mapping[str, Department]) -> str:
    """The facts of one entry, each code with its word where there is one."""
    return " · ".join(_fact(code, event.kind, words, departments) for code in event.codes)


def _fact(code: str, kind: EventKind, words: Words, departments: Mapping[str, Department]) -> str:
    name, _, value = code.partition("=")
    said = words.pick(FACT_WORDS[name]) if name in FACT_WORDS else name
    return f"{said} {_value(name, value, kind, words, departments)}".strip()


def _value(name: str, value: str, kind: EventKind, words: Words, departments: Mapping[str, Department]) -> str:
    if _TIME.fullmatch(value):
        return (due_time if name == "due" else local_time)(datetime.fromisoformat(value))
    if name in {"old", "new"} and kind is EventKind.MOVED and value in set(Status):
        return words.pick(STATUS_WORDS[Status(value)])
    if name == "target" and value in set(Target):
        return words.pick(TARGET_WORDS[Target(value)])
    if name == "news" and value in set(NewsKind):
        return words.pick(NEWS_WORDS[NewsKind(value)])
    if name == "flag" and value in set(Flag):
        return words.pick(FLAG_WORDS[Flag(value)])
    if name == "reason" and kind in (EventKind.CLOCK_STARTED, EventKind.CLOCK_STOPPED):
        known = {str(each): pair for each, pair in CLOCK_EVENT_WORDS.items()}
        return words.pick(known[value]) if value in known else value
    parts = value.split("+")
    if all(each in departments for each in parts):
        return ", ".join(_unit(each, words, departments) for each in parts)
    return words.pick(N_("yes")) if value == "yes" else value
