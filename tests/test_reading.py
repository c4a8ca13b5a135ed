"""Who may read the words of a case, and that every read and every attempt leaves a trace."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from models.house import AccessLog
from models.vault import SealedForeverError
from models.vocabulary import NewsKind, PersonRole, Purpose, Role
from tasks.casebook import editing
from tasks.news.forms import GradeDecided
from tasks.news.inbox import CaseNotFoundError, Speaker, post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.words.reading import ReadingNotAllowedError, read_words
from tasks.workplace import Workplace
from tests.small_desk import small_desk

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OPERATOR = Speaker("op", Role.OPERATOR)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return small_desk(tmp_path)


@pytest.fixture
def label(place: Workplace) -> str:
    form = IntakeForm(
        text="楼上有孩子哭", answer="已记录", reporter=PersonForm(name="李某", contact="000-1"),
        child=PersonForm(address="三号楼"),
    )  # fmt: skip
    return take_in(place, form, NOW, actor="client:op").label


def logged(place: Workplace) -> list[tuple[str, str, bool]]:
    with place.database.reading() as session:
        return [(each.client, each.purpose, each.allowed) for each in session.exec(select(AccessLog))]


def test_an_operator_reads_every_word_and_the_read_is_logged(place: Workplace, label: str):
    supervisor = Speaker("su", Role.SUPERVISOR)
    later = GradeDecided(grade="U2", reason="new_facts", text="邻居又打来电话")
    post_news(place, label, NewsKind.GRADE_DECIDED, later, supervisor, "k", NOW)
    words = read_words(place, label, OPERATOR, Purpose.HANDLING, NOW, in_full=True)
    assert (words.text, words.answer) == ("楼上有孩子哭", "已记录")
    assert words.people[PersonRole.REPORTER] == {"name": "李某", "contact": "000-1"}
    assert words.people[PersonRole.CHILD] == {"address": "三号楼"}
    assert [each.text for each in words.said] == ["邻居又打来电话"]
    assert logged(place) == [("op", "handling", True)]


def test_an_administrator_reads_nothing_and_the_attempt_is_logged(place: Workplace, label: str):
    with pytest.raises(ReadingNotAllowedError):
        read_words(place, label, Speaker("ad", Role.ADMINISTRATOR), Purpose.REVIEW, NOW)
    assert logged(place) == [("ad", "review", False)]


def test_a_department_without_a_part_does_not_even_learn_that_the_case_exists(place: Workplace, label: str):
    with pytest.raises(CaseNotFoundError):
        read_words(place, label, Speaker("ed", Role.DEPARTMENT, "EDU"), Purpose.HANDLING, NOW)


def test_a_case_whose_key_is_destroyed_cannot_be_read_by_anybody(place: Workplace, label: str):
    case_id = take_in(place, IntakeForm(text="另一件事"), NOW, actor="client:op").case_id
    with editing(place, case_id) as (_, case):
        case.wrapped_key = None
        sealed = case.label
    with pytest.raises(SealedForeverError):
        read_words(place, sealed, OPERATOR, Purpose.HANDLING, NOW)
    assert read_words(place, label, OPERATOR, Purpose.HANDLING, NOW).text
