"""Nobody reads a raw code: every kind of news, decision and read is drawn, and its page is searched for what a machine stores."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest

from desk.pages.gap_words import GAP_WORDS
from desk.pages.journal_words import (
    FACT_WORDS,
    LINK_WORDS,
    LOOK_WORDS,
    NEWS_WORDS,
    OUTCOME_WORDS,
    REFERENCES,
    UNTOLD,
    Journal,
)
from desk.pages.missing_words import MISSING_WORDS
from desk.pages.objection_words import PART_WORDS
from desk.pages.reads_words import READ_WORDS, WHY_WORDS
from desk.pages.refusal_words import refusal_words
from desk.pages.signal_words import REPORTS, SIGNALS_ZH
from desk.pages.unit_words import RECIPIENT_WORDS, ROLE_WORDS
from desk.pages.words import Words
from desk.people.keys import make_key
from models.house import AccessLog
from models.vocabulary import (
    EventKind,
    FollowUpState,
    NewsKind,
    Outcome,
    Purpose,
    ReadOf,
    Recipient,
    Role,
    Status,
)
from notifications.messages import Language
from tasks.closing.callback_plan import PLANS
from tasks.closing.closure import Missing
from tasks.dispatch.dispatch_words import Part
from tasks.links.decisions import Reason
from tasks.news.forms import NEWS_FORMS
from tasks.records.reconciliation_tasks import house_rules
from tasks.story.telling import codes_in
from tasks.story.timeline import EVENT_WORDS
from tasks.story.values import EventStory
from tasks.words.scrubbing import Hidden
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.harness.clock_desk import clock_desk
from tests.harness.front_door import front_door
from tests.harness.living_through import play
from tests.harness.scenario import Scenario, load_scenarios
from tests.harness.times import moment
from tests.small_desk import shipped_catalogue, shipped_rules

BOTH = (Language.ZH, Language.EN)
ROOT = Path(__file__).parents[1]
TELLING = [
    each
    for each in load_scenarios(ROOT / "tests" / "scenarios")
    if each.name.startswith(
        ("suspected harm closes", "an objection that is upheld", "a level is told again", "an emergency about", "a callback that finds",
         "a case is hung up", "only a supervisor lowers", "a graver report")
    )
]  # fmt: skip
"""The stories in which the most different things happen: each takes seconds to live and to read."""
STORED = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b[A-Z]{3,}(?:_[A-Z]+)*\b|said_|=")
"""What a machine stores: words with underscores, and codes of units, statuses and outcomes."""
LATIN = re.compile(r"[A-Za-z]{2,}")


def journal(language: Language) -> Journal:
    checks = {code: (each.zh, each.en) for code, each in house_rules().rules.items()}
    return Journal(Words(language), shipped_catalogue(), shipped_rules(), checks)


def told(kind: EventKind, language: Language, /, **facts: Any) -> str:
    return journal(language).told(EventStory(1, NOW, kind, "machine", codes_in(facts)))


def is_raw(said: str, language: Language) -> list[str]:
    """What of a text nobody should have to read."""
    found = STORED.findall(said)
    return found + (LATIN.findall(said) if language is Language.ZH else [])


def values_of(annotation: Any) -> Iterator[Any]:
    """Every value that a field of a form may have, or one that shows its shape."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        yield from parts
    elif origin in (Union, UnionType, tuple):
        for each in parts:
            if each not in (type(None), Ellipsis):
                yield from values_of(each)
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from annotation
    elif annotation is bool:
        yield True
    elif annotation is int:
        yield 7


LISTED = {"kind": "S09", "department": "EDU", "units": "STREET", "given_from": "POLICE", "suggests": "EDU", "complained_of": "SCHOOL", "owner": "CIVIL"}
"""Codes of the catalogue, where a form takes any."""


def reasons_of(kind: NewsKind) -> list[str]:
    return list(journal(Language.ZH)._reasons_of(kind))


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("kind", NewsKind)
def test_everything_that_may_be_said_is_told_in_words(kind: NewsKind, language: Language) -> None:
    """For each kind of news: its name, the name of each field, and each value there is a closed list of."""
    said = told(EventKind.NEWS, language, news=kind)
    assert not is_raw(said, language), said
    for name, field in NEWS_FORMS[kind].model_fields.items():
        if name == "text":
            continue
        values = list(values_of(field.annotation)) or [LISTED[name]] if name in LISTED else list(values_of(field.annotation))
        if name == "reason":
            values = reasons_of(kind)
            assert values, "a reason without words"
        for value in values or ["2026-11-23T04:00:00+00:00" if name in {"at", "review_at"} else "R-17"]:
            line = told(EventKind.NEWS, language, news=kind, **{f"said_{name}": value})
            bare = line.replace("R-17", "") if name in REFERENCES | {"by"} else re.sub(r"\b[A-Z]\d\d\b|\bU[0-4C]\b", "", line)
            bare = re.sub(r"\b(kind|grade) ", r"\1 ", bare)
            assert not is_raw(bare, language), (kind, name, value, line)


def source_trees() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("tasks", "flows", "desk"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file, ast.parse(file.read_text("utf-8"))


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for file, tree in source_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
                yield file, node


def test_every_fact_that_is_written_into_a_journal_has_a_name() -> None:
    named = {each.arg for _, call in calls("journal.write") for each in call.keywords if each.arg}
    assert len(named) > 30, "the facts are no longer found where they are written"
    assert named - set(FACT_WORDS) - UNTOLD == set()


def test_every_reason_to_refuse_news_has_words() -> None:
    codes = {each.value for _, call in calls("NewsRefusedError") for each in ast.walk(call) if isinstance(each, ast.Constant)}
    literal = {each for each in codes if isinstance(each, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", each)}
    assert len(literal) > 25, "the refusals are no longer found where they are raised"
    every = literal | {"clock_cannot_wait", "co_handler_cannot_wait", "beyond_the_cap_of_this_reason", "arbiter_has_ruled"}
    every |= {f"not_while_{each.value.lower()}" for each in Status} | {f"closing_lacks_{each.value}" for each in Missing}
    for language in BOTH:
        words = Words(language)
        for code in every - {"not_while_", "closing_lacks_", "co_handler"}:
            assert not is_raw(refusal_words(code, words), language), code


@pytest.mark.parametrize("language", BOTH)
def test_the_machines_own_codes_are_told_in_words(language: Language) -> None:
    rows: list[tuple[EventKind, dict[str, Any]]] = [
        *((EventKind.CLOSURE_CHECKED, {"missing": [each.value]}) for each in Missing),
        *((EventKind.CLOSURE_CHECKED, {"rules": [each]}) for each in house_rules().rules),
        *((EventKind.CLOSURE_CHECKED, {"refused": each, "department": "EDU"}) for each in reasons_of(NewsKind.CLOSING_DECIDED)),
        *((EventKind.CALLBACK_SUPPRESSED, {"code": each}) for each in PLANS),
        *((EventKind.FOLLOW_UP, {"nth": 1, "state": each}) for each in (*FollowUpState, "overdue")),
        *((EventKind.SCREENED, {"signals": [each.id], "floor": "U1", "mandatory_report": ["MR4", "MR9"], "harm": True}) for each in shipped_catalogue().signals),
        *((EventKind.ESCALATED, {"target": "feedback", "told": [each, "EDU", "CHIEF:EDU"], "level": 2}) for each in Recipient),
        *((EventKind.EMERGENCY_HANDED_OVER, {"told": each, "said_at": NOW.isoformat()}) for each in ("110", "120", "119", "122", "POLICE", "DUTY_SUPERVISOR")),
        (EventKind.RECEIVED, {"source": "desk", "received_at": NOW.isoformat(), "given_kind": "S09", "call_type": "adult_about_child", "nature": "HELP"}),
        (EventKind.BREACHED, {"target": "feedback", "due": NOW.isoformat(), "used": ["EDU:2d3h5m", "DESK:7m"]}),
        (EventKind.CLOCK_STARTED, {"target": "co_handler", "department": "EDU", "cycle": 1, "own_due": NOW.isoformat()}),
        (EventKind.GRADE_LOWERED, {"old": "U1", "new": "U3", "rule": "harm-ruled-out"}),
        (EventKind.SUMMARY_WRITTEN, {"by": "machine"}), (EventKind.SUMMARY_WRITTEN, {"by": "person"}),
        (EventKind.EVIDENCE_KEPT, {"form": "image/jpeg", "size": 7, "sha256": "ab" * 20}),
        *((EventKind.SEALED, {"retention_class": each}) for each in ("harm", "grave", "no_contact", "ordinary")),
        *((EventKind.LINKED, {"main": "W-000001", "reason": each, "goes_on": True}) for each in get_args(Reason)),
        *((EventKind.MOVED, {"old": "RECEIVED", "new": each}) for each in Status),
        *((EventKind.PAUSED, {"reason": each, "department": "EDU", "approved": True}) for each in reasons_of(NewsKind.HUNG_UP)),
    ]  # fmt: skip
    for kind, facts in rows:
        line = told(kind, language, **facts)
        bare = re.sub(r"\b[A-Z]\d\d\b|\bU[0-4C]\b|W-\d+|\bMPL \d+", "", line)
        assert line and not is_raw(bare, language), (kind, facts, line)


def test_every_member_of_each_list_has_words() -> None:
    lists: list[tuple[Any, Any]] = [
        (EVENT_WORDS, EventKind), (NEWS_WORDS, NewsKind), (OUTCOME_WORDS, Outcome), (MISSING_WORDS, Missing), (READ_WORDS, ReadOf),
        (ROLE_WORDS, Role), (RECIPIENT_WORDS, Recipient), (PART_WORDS, Part), (GAP_WORDS, Hidden),
    ]  # fmt: skip
    for words, members in lists:
        assert set(words) == set(members), members
    assert set(WHY_WORDS) == {*(each.value for each in Purpose), "progress"}
    assert set(LINK_WORDS) == set(get_args(Reason)) and set(LOOK_WORDS) == {*FollowUpState, "overdue"}
    assert set(SIGNALS_ZH) == {each.id for each in shipped_catalogue().signals}
    assert {code for each in shipped_catalogue().signals for code in (*each.mandatory_report, *each.mandatory_report_from_14)} <= set(REPORTS)


def test_every_read_is_written_with_a_code_that_has_words() -> None:
    found = [(file, each.value) for file, call in calls("AccessLog") for each in call.keywords if each.arg == "what"]
    assert len(found) >= 6
    assert all(ast.unparse(value).startswith("ReadOf.") or ast.unparse(value) == "what" for _, value in found), found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def seen(page: str) -> str:
    """What a person reads on a page: no marks, and nothing in small print for administrators."""
    main = page.partition("<main>")[2]
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(code|script|style|select)\b.*?</\1>", " ", main, flags=re.DOTALL))


@pytest.mark.parametrize("language", BOTH)
def test_the_log_of_reads_tells_what_was_read_and_why(desk: ApiDesk, language: Language) -> None:
    number = desk.take_in()
    with desk.place.database.writing() as session:
        for what in ReadOf:
            for purpose in WHY_WORDS:
                subject = "child" if what is ReadOf.PERSON_FULL else ""
                session.add(AccessLog(at=NOW, client="老王", what=what, purpose=purpose, allowed=True, subject=subject))
        session.add(AccessLog(at=NOW, client="progress-page", what=ReadOf.PROGRESS, purpose="progress", allowed=True))
    token = desk.assign(number, "EDU", told_at=NOW)
    desk.client.post(f"/o/{token}/words")
    text = seen(desk.get(f"/reads?lang={language}", "supervisor").text)
    assert number and not is_raw(text.replace("W-000001", ""), language)
    assert ("教育 · 经承办链接" if language is Language.ZH else "Education · by its link") in text
    assert text.count("老王") == len(ReadOf) * len(WHY_WORDS)


@pytest.mark.parametrize("scenario", TELLING, ids=lambda each: each.name)
def test_no_page_of_a_life_shows_a_code(scenario: Scenario, tmp_path: Path) -> None:
    """A story is lived, and the pages of its cases, the board and the duty board are read."""
    raw: set[str] = set()
    with clock_desk(tmp_path / "desk") as lone:
        labels: dict[str, str] = {}
        lone.now = moment(scenario.life[0].at)
        with lone.place.database.writing() as session:
            key = make_key(session, "刘班长", Role.SUPERVISOR, None, lone.now)
        with front_door(lone.place, lambda: lone.now, headers={"Authorization": f"Bearer {key}"}) as door:
            for each in scenario.life:
                play(lone, each, labels)
                lone.run_due()
            paths = ["/", "/duty", "/cases", *(f"/?case={label}" for label in labels.values())]
            for path in paths:
                for language in BOTH:
                    text = seen(door.get(f"{path}{'&' if '?' in path else '?'}lang={language}").text)
                    bare = re.sub(r"W-\d+|(?<![A-Za-z])(?:[A-Z]\d\d|U[0-4C]|Prefect|KB|JQ-[\d-]+|DUTIES-\d)(?![A-Za-z])", "", text)
                    raw |= {f"{language}: {each}: {line.strip()[:200]}" for line in bare.splitlines() for each in is_raw(line, language)}
    assert raw == set()


