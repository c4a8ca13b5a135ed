"""How often people ask again: what counts as the same matter, and what is too little to be shown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from analysis.repeat_rate import RepeatCell, Request, counted, repeat_rate
from models.case import Case
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAYS = 90


def requests(*rows: tuple[str, str, int, int]) -> list[Request]:
    """Kind, district, days after noon, matter."""
    return [
        Request(kind, district, NOON + timedelta(days=after), (matter,))
        for kind, district, after, matter in sorted(rows, key=lambda each: each[2])
    ]


def many(
    count: int, kind: str = "F01", district: str = "A", again: int = 0, base: int = 0
) -> list[tuple[str, str, int, int]]:
    """So many matters, and so many of them asked about once more the next day."""
    first = [(kind, district, 0, base + each) for each in range(count)]
    return first + [(kind, district, 1, base + each) for each in range(again)]


@pytest.mark.parametrize(("after", "repeated"), [(1, 6), (DAYS, 6), (DAYS + 1, 0)])
def test_a_request_is_repeated_if_its_matter_came_in_shortly_before(after: int, repeated: int) -> None:
    """To the day; what came in before the span is remembered, not counted."""
    rows = [("F01", "A", 0, each) for each in range(6)] + [("F01", "A", after, each) for each in range(6)]
    rate = counted(requests(*rows), NOON + timedelta(hours=1), DAYS)
    assert (rate.total.requests, rate.total.repeated) == (6, repeated)
    assert rate.total.share == repeated / 6


def test_a_span_without_requests_has_no_rate() -> None:
    """Nothing is divided by nothing."""
    assert counted([], NOON, DAYS).total == RepeatCell("", 0, 0, None)


def test_cells_below_five_are_blank_and_cannot_be_worked_out() -> None:
    """The small district is blank, and a second one, or the total would tell it."""
    rows = [
        *many(10, district="A", again=5),
        *many(8, district="B", base=100),
        *many(2, district="C", base=200),
    ]
    rate = counted(requests(*rows), NOON, DAYS)
    cells = {each.code: each for each in rate.by_district}
    assert (rate.total.requests, rate.total.repeated) == (25, 5)
    assert (cells["A"].requests, cells["A"].repeated) == (15, 5)
    assert cells["C"] == RepeatCell("C", None, None, None)
    assert cells["B"] == RepeatCell("B", None, None, None)


@pytest.mark.parametrize(("again", "is_blank"), [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_repeated_ones_are_too_few_to_be_shown(again: int, is_blank: bool) -> None:
    """None at all says nothing about anybody."""
    rate = counted(requests(*many(20, again=again)), NOON, DAYS)
    assert (rate.total.repeated is None) is is_blank


def test_the_blanks_of_a_table_never_add_up_to_a_small_number() -> None:
    """Whatever the numbers: the total less what is shown tells five or more, or nothing."""
    for small in range(1, 5):
        for again in range(small + 1):
            rows = [
                row
                for place, size in enumerate((small, small, 9, 12, 30))
                for row in many(
                    size, district="ABCDE"[place], again=min(again * (place + 1), size), base=place * 100
                )
            ]
            rate = counted(requests(*rows), NOON, DAYS)
            hidden = [each.code for each in rate.by_district if each.requests is None]
            came = sum(
                size + min(again * (place + 1), size)
                for place, size in enumerate((small, small, 9, 12, 30))
                if "ABCDE"[place] in hidden
            )
            assert len(hidden) >= 2 and came >= 5


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


def take_in(desk: LoneDesk, **form: Any) -> str:
    label = desk.take_in(**form)
    desk.run_due()
    desk.jump(desk.now + timedelta(hours=1))
    return label


def test_linked_reports_and_the_same_number_about_the_same_kind_count_as_repeated(desk: LoneDesk) -> None:
    """Another kind from that number does not, nor does the same kind from another."""
    first = desk.now
    for number in range(5):
        caller = {"contact": f"1390000000{number}"}
        main = take_in(desk, text="滑梯坏了。", kind="G10", district="A", reporter=caller)
        take_in(desk, text="还没有修。", kind="G10", district="A", reporter=caller)
        take_in(desk, text="作业太多。", kind="S09", district="A", reporter=caller)
        take_in(desk, text="我也要说滑梯。", kind="G10", district="A", same_matter_as=main)
    with desk.place.database.reading() as session:
        rate = repeat_rate(session, first, desk.now, DAYS)
        assert len(session.exec(select(Case)).all()) == 20
    by_kind = {each.code: (each.requests, each.repeated) for each in rate.by_kind}
    assert by_kind == {"G10": (15, 10), "S09": (5, 0)}
    assert rate.total.share == 0.5
    assert rate.to_dict()["days"] == DAYS
