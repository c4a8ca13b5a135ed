"""The table of moves over the whole product of statuses, and that no table forgets a word."""

import inspect
import itertools
from enum import StrEnum
from pathlib import Path

import pytest

from flows.case import handle_case
from models.transitions import (
    IS_OPEN,
    IS_WITH_DEPARTMENT,
    NEXT_STATUSES,
    MoveNotAllowedError,
    check_may_move,
    may_move,
    mermaid,
)
from models.vocabulary import EventKind, Flag, NewsKind, Route, Status, Step
from tasks.closing.closure import SENTENCES, Missing
from tasks.dispatch.routing import BY_ROUTE
from tasks.flagging import WHO_LOOKS
from tasks.news.digestion import DIGESTS
from tasks.news.forms import NEWS_FORMS, WHO_MAY_SAY
from tasks.settling import WAITS_FOR
from tasks.story.timeline import EVENT_WORDS

STATES_PAGE = Path(__file__).parents[1] / "docs" / "case_states.md"
EVERY_PAIR = list(itertools.product(Status, Status))


@pytest.mark.parametrize(("current", "wanted"), EVERY_PAIR, ids=lambda each: each.value)
def test_a_move_is_made_if_and_only_if_the_table_has_it(current: Status, wanted: Status) -> None:
    """All three questions give one answer, and a refusal names what would be allowed."""
    allowed = wanted in NEXT_STATUSES[current]
    assert may_move(current, wanted) is allowed
    if allowed:
        check_may_move(current, wanted)
        return
    with pytest.raises(MoveNotAllowedError) as refusal:
        check_may_move(current, wanted)
    assert all(each in str(refusal.value) for each in NEXT_STATUSES[current])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (NEXT_STATUSES, Status),
        (IS_OPEN, Status),
        (IS_WITH_DEPARTMENT, Status),
        (WAITS_FOR, Status),
        (NEWS_FORMS, NewsKind),
        (WHO_MAY_SAY, NewsKind),
        (DIGESTS, NewsKind),
        (WHO_LOOKS, Flag),
        (BY_ROUTE, Route),
        (EVENT_WORDS, EventKind),
        (SENTENCES, Missing),
    ],
    ids=["moves", "open", "with department", "waits", "forms", "speakers", "digests", "flags", "routes",
         "event words", "closing"],
)  # fmt: skip
def test_every_word_is_a_key(table: dict[object, object], words: type[StrEnum]) -> None:
    """A new word without its entry would fail at night, on one child's case."""
    assert set(table) == set(words)


def test_the_story_of_a_case_tells_every_step() -> None:
    """A step that `tasks.steps` asks for and the flow does not know would turn in a circle."""
    told = inspect.getsource(handle_case.fn)
    assert [each for each in Step if f"case Step.{each.name}:" not in told] == []


def test_every_status_can_be_reached_and_only_the_sealed_one_is_an_end() -> None:
    """From RECEIVED, by moves of the table."""
    reached, at_edge = {Status.RECEIVED}, {Status.RECEIVED}
    while at_edge:
        at_edge = {after for each in at_edge for after in NEXT_STATUSES[each]} - reached
        reached |= at_edge
    assert reached == set(Status)
    assert [each for each in Status if not NEXT_STATUSES[each]] == [Status.SEALED]


def test_no_status_of_a_department_is_closed_and_each_takes_a_reply() -> None:
    """A reply that has arrived is never turned away because of the status."""
    with_department = [each for each in Status if IS_WITH_DEPARTMENT[each]]
    assert all(IS_OPEN[each] and may_move(each, Status.REPLIED) for each in with_department)


def test_a_case_never_goes_back_to_before_its_safety_screen() -> None:
    """Whatever happens, the screen is the first thing and was done."""
    assert [each for each in Status if may_move(each, Status.RECEIVED)] == []
    assert [each for each in Status if may_move(each, Status.SCREENED)] == [Status.RECEIVED]


def test_the_page_of_states_is_the_table() -> None:
    """`docs/case_states.md` is generated: write `mermaid()` into it again when the table changes."""
    page = STATES_PAGE.read_text(encoding="utf-8")
    assert page.split("```mermaid\n")[1].split("```")[0] == mermaid()
