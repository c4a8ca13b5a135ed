"""A case told in plain sentences, made from codes and times alone, and who wrote each entry of its journal."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from catalogue.schema import Department
from desk.pages.journal_words import SAFETY_WORDS, SOURCE_WORDS
from desk.pages.spans import span_words
from desk.pages.unit_words import ROLE_WORDS, unit_words, whose_time
from desk.pages.words import Words, due_time, local_time
from models.accounts import Account
from models.house import ApiClient
from models.journal import MACHINE
from models.vocabulary import EventKind, Role, Safety, Status
from tasks.clocks.page import TARGET_WORDS
from tasks.story.state import ClockState
from tasks.story.values import AssignmentStory, CaseStory


def told(
    story: CaseStory, source: str, owner: str | None, words: Words, departments: Mapping[str, Department], now: datetime
) -> list[str]:
    """The case in a few sentences, in the reader's language, oldest fact first; `owner` is whoever has the child in care, if named."""
    return list(_sentences(story, source, owner, words, departments, now))


def _sentences(
    story: CaseStory, source: str, owner: str | None, words: Words, departments: Mapping[str, Department], now: datetime
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
        names = [unit_words(each.department, words, departments) for each in helpers]
        replied = sum(each.replied_at is not None for each in helpers)
        yield say(f"{'、'.join(names)}协办，{replied}/{len(names)} 已反馈。", f"{', '.join(names)} help; {replied} of {len(names)} have answered.")
    yield from _of_trouble(story, words)
    if story.safety is not Safety.UNKNOWN:
        safety, who = words.pick(SAFETY_WORDS[story.safety]), unit_words(owner or "", words, departments)
        yield say(f"儿童安全状况：{safety}{f'，具名责任人：{who}' if who else ''}。", f"The child is {safety}{f', with {who} as named case owner' if who else ''}.")
    yield from _of_the_end(story, words, departments, now)


def _of_lead(part: AssignmentStory, words: Words, departments: Mapping[str, Department], *, is_first: bool) -> str:
    unit = unit_words(part.department, words, departments)
    zh = [f"{local_time(part.assigned_at)} {'派' if is_first else '改派'}{unit}主办"]
    en = [f"{'With' if is_first else 'Given to'} {unit} since {local_time(part.assigned_at)}"]
    for moment, said_zh, said_en in (
        (part.accepted_at, "签收", "accepted"), (part.contacted_at, "联系来电人", "spoke to the caller"), (part.replied_at, "反馈", "answered"),
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


def _of_the_end(story: CaseStory, words: Words, departments: Mapping[str, Department], now: datetime) -> Iterator[str]:
    if story.closed_at:
        yield words.pick((f"{local_time(story.closed_at)} 办结。", f"Closed {local_time(story.closed_at)}."))
        return
    running = [each for each in story.clocks if each.stopped_at is None and each.due_at > now]
    if running:
        first = min(running, key=lambda each: each.due_at)
        what, at, left = words.pick(TARGET_WORDS[first.target]), due_time(first.due_at), span_words(words, first.due_at - now)
        who = whose_time(first.target, first.department, words, departments)
        yield words.pick((f"下一时限：{who}，{what}，{at}（还有 {left}）。", f"Next due: {who}, {what}, {at} (in {left})."))


def roles_of(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """The role code behind each `client:` actor of a journal: who they are by name is in the access log only."""
    ids = {each.removeprefix("client:") for each in actors if each.startswith("client:")}
    if not ids:
        return {}
    people = session.exec(select(Account.id, Account.role).where(col(Account.id).in_(ids))).all()
    clients = session.exec(select(ApiClient.id, ApiClient.role).where(col(ApiClient.id).in_(ids))).all()
    return {f"client:{each}": str(role) for each, role in (*people, *clients)}


def actor_words(actor: str, roles: Mapping[str, str], words: Words, departments: Mapping[str, Department]) -> str:
    """The machine, a unit or a role; never a name."""
    if actor == MACHINE:
        return words["by_machine"]
    if actor.startswith("department:"):
        return unit_words(actor.removeprefix("department:"), words, departments)
    role = roles.get(actor)
    return words.pick(ROLE_WORDS[Role(role)]) if role in set(Role) else words["by_somebody"]
