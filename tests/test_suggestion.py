"""The suggestion to a reviewer: marks where they belong, words for the seat only, every look logged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from classifier.delivered import delivered_reader
from desk.pages.suggestion import pieces_of
from models.house import AccessLog
from models.vocabulary import Purpose, Role
from tasks.classifying.suggestion import Mark, Suggestion, marks_of, read_suggestion
from tasks.words.reading import ReadingNotAllowedError
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.desk_on_paper import SEATS

TEXT = "小区路灯坏了。楼上那家的<b>孩子</b>😭身上有伤,经常被打,半夜哭。请修路灯。"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        desk.place.reader = delivered_reader()
        yield desk


def suggested(desk: ClockDesk, role: Role = Role.SUPERVISOR) -> Suggestion:
    label = desk.take_in(TEXT)
    desk.run_due()
    return read_suggestion(desk.place, label, SEATS[role.value], Purpose.REVIEW, desk.now)


def test_marks_stand_on_the_words_that_were_heard(desk: ClockDesk) -> None:
    found = suggested(desk)
    marked = {found.text[each.begin : each.end] for each in found.marks}
    assert any("孩子" in words for words in marked)
    assert not any("路灯坏了" in words and "passage" not in each.why for each in found.marks for words in [found.text[each.begin : each.end]])
    assert found.harm_chance is not None
    assert found.likely


def test_pieces_and_marks_give_back_the_whole_text(desk: ClockDesk) -> None:
    found = suggested(desk)
    assert "".join(piece for piece, _ in pieces_of(found)) == found.text
    assert all(one.end <= other.begin for one, other in zip(found.marks, found.marks[1:], strict=False))


def test_overlapping_reasons_are_cut_into_stretches() -> None:
    assert marks_of([("a", 0, 4), ("b", 2, 6)]) == (Mark(0, 2, ("a",)), Mark(2, 4, ("a", "b")), Mark(4, 6, ("b",)))


def test_every_look_is_in_the_access_log(desk: ClockDesk) -> None:
    suggested(desk)
    with desk.place.database.reading() as session:
        (row,) = session.exec(select(AccessLog)).all()
    assert (row.purpose, row.allowed, row.what) == (Purpose.REVIEW, True, "words")


def test_an_administrator_does_not_read_it_and_the_attempt_is_logged(desk: ClockDesk) -> None:
    with pytest.raises(ReadingNotAllowedError):
        suggested(desk, Role.ADMINISTRATOR)
    with desk.place.database.reading() as session:
        assert [row.allowed for row in session.exec(select(AccessLog))] == [False]
