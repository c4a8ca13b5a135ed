"""Requests of one moment share a commit, and nothing else: each has its own answer, its own refusal, its own fate."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlmodel import select

from desk.api import together
from desk.api.answers import ApiError
from desk.api.together import MOST, Together
from desk.front import Front
from models import journal
from models.case import Case
from models.house import WrittenOnce
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.receiving.intake import IntakeError
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tests.harness.desk_on_paper import START
from tests.small_desk import small_desk

SEAT = Speaker("c1", Role.OPERATOR)
Asked = tuple[str, dict[str, Any]]


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    place = small_desk(tmp_path)
    yield Front(place, lambda: START)
    place.database.close()


def all_at_once(front: Front, asked: list[Asked]) -> list[Any]:
    """The answers or errors of requests that are at the door together, in order."""

    async def bring() -> list[Any]:
        door = Together(front)
        forms = [(key, IntakeForm(**told)) for key, told in asked]
        return await asyncio.gather(
            *(door.take_in(SEAT, key, form) for key, form in forms), return_exceptions=True
        )

    return asyncio.run(bring())


def numbers(front: Front) -> list[str]:
    with front.place.database.reading() as session:
        return [each.label for each in session.exec(select(Case).order_by(Case.number))]


def commits(front: Front) -> list[int]:
    """Grows by one with every commit from now on."""
    seen: list[int] = []
    event.listen(front.place.database.engine, "commit", lambda _: seen.append(1))
    return seen


def test_many_requests_are_many_cases_and_few_commits(front: Front) -> None:
    """Whole ones: words that open, a reporter, a journal that holds together, and every answer kept under its key."""
    counted = commits(front)
    asked = [
        (f"key-{n:05}", {"text": f"第{n}件", "reporter": {"name": f"人{n}"}, "child": {"name": "小明"}})
        for n in range(MOST + 10)
    ]
    answers = all_at_once(front, asked)
    assert [each.status_code for each in answers] == [201] * len(asked)
    assert len(counted) == 2
    vault = front.place.vault
    with front.place.database.reading() as session:
        cases = session.exec(select(Case).order_by(Case.number)).all()
        texts = [vault.open(each.id, each.wrapped_key, "case.text", each.text_ct or b"") for each in cases]
        assert texts == [f"第{n}件" for n in range(len(asked))]
        assert [each.version for each in cases] == [1] * len(asked), "each case was written once"
        assert list(journal.broken_chains(session)) == []
        kept = {each.key: each.answer["body"]["number"] for each in session.exec(select(WrittenOnce))}
    assert kept == {key: case.label for (key, _), case in zip(asked, cases, strict=True)}


def test_each_meets_its_own_fate(front: Front) -> None:
    """A kind that does not exist, a key used twice, a key used for something else, and one reference by two senders."""
    ref = {"text": "x", "source": "hotline", "source_ref": "7"}
    asked = [
        ("key-00001", {"text": "a"}), ("key-00002", {"text": "b", "kind": "F99"}), ("key-00001", {"text": "a"}),
        ("key-00001", {"text": "other"}), ("key-00003", ref), ("key-00004", ref), ("key-00005", {"text": "c"}),
    ]  # fmt: skip
    first, refused, again, used, made, found, last = all_at_once(front, asked)
    assert (first.status_code, last.status_code, made.status_code, found.status_code) == (201, 201, 201, 200)
    assert isinstance(refused, IntakeError)
    assert (again.body, again.headers["idempotent-replay"]) == (first.body, "true")
    assert isinstance(used, ApiError) and used.error == "key_used"
    assert found.body == made.body
    assert numbers(front) == ["W-000001", "W-000002", "W-000003"]


def test_one_that_fails_harms_nobody_else(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the group is kept; then each is tried alone."""
    real = together.take_in_together

    def fail_on_b(place: Any, session: Any, orders: Any, now: Any) -> Any:
        done = real(place, session, orders, now)
        if any(form.text == "b" for form, _ in orders):
            raise ZeroDivisionError
        return done

    monkeypatch.setattr(together, "take_in_together", fail_on_b)
    a, b, c = all_at_once(
        front, [("key-00001", {"text": "a"}), ("key-00002", {"text": "b"}), ("key-00003", {"text": "c"})]
    )
    assert (a.status_code, c.status_code, len(numbers(front))) == (201, 201, 2)
    assert isinstance(b, ZeroDivisionError)


@pytest.mark.parametrize(("trouble", "tries", "kept"), [(IntegrityError, 1, 3), (DataError, 1, 3), (OperationalError, 1, 0)])
def test_a_race_or_a_bad_value_is_begun_anew_one_by_one_and_a_database_that_is_away_is_asked_once(
    front: Front, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception], tries: int, kept: int
) -> None:
    """Sixty waiting senders must not each wait for a timeout of their own, one after the other."""
    real, called = together.take_in_together, list[int]()

    def fail_first(*told: Any) -> Any:
        called.append(len(told[2]))
        if len(called) <= tries:
            raise trouble("", {}, ValueError())  # type: ignore[call-arg]
        return real(*told)

    monkeypatch.setattr(together, "take_in_together", fail_first)
    answers = all_at_once(front, [(f"key-0000{n}", {"text": "a"}) for n in range(3)])
    assert len(numbers(front)) == kept
    assert called == ([3, 1, 1, 1] if kept else [3])
    assert all(isinstance(each, trouble) for each in answers) is (kept == 0)


def test_a_sender_that_hangs_up_loses_its_answer_only(front: Front) -> None:
    """The case is durable; sent again with its key, it is answered."""

    async def hang_up() -> None:
        door = Together(front)
        lost = asyncio.create_task(door.take_in(SEAT, "key-00001", IntakeForm(text="a")))
        await asyncio.sleep(0)
        lost.cancel()
        other = await door.take_in(SEAT, "key-00002", IntakeForm(text="b", reporter=PersonForm(name="n")))
        assert other.status_code == 201

    asyncio.run(hang_up())
    assert len(numbers(front)) == 2
    [again] = all_at_once(front, [("key-00001", {"text": "a"})])
    assert again.headers["idempotent-replay"] == "true"


def test_a_group_looks_its_references_up_and_reads_no_stock(front: Front) -> None:
    """Beside a million cases a group of sixteen took half a second: for a list of pairs SQLite read all of them."""
    plans: list[str] = []

    @event.listens_for(front.place.database.engine, "before_cursor_execute")
    def explain(_c: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append("\n".join(row[3] for row in cursor.fetchall()))

    asked = [(f"key {each}", {"text": "x", "source": f"line-{each % 2}", "source_ref": f"R-{each}"}) for each in range(4)]
    assert [each.status_code for each in all_at_once(front, asked)] == [201] * 4
    looks = [each for each in plans if "case" in each.split()]
    assert [each for each in looks if "source=? AND source_ref=?" in each], "what came before is looked for"
    assert not [each for each in plans if "SCAN case" in each or "SCAN written_once" in each]
