"""An axis on which half an hour can be seen beside a fortnight, and which stays even where it can."""

from datetime import timedelta
from itertools import pairwise

import pytest

from desk.pages.clock_bars import LEAST_BAR, clock_bars
from desk.pages.time_axis import TimeAxis, time_axis
from models.vocabulary import Grade, Target
from models.wall_clock import DESK_ZONE
from tasks.story.state import ClockState
from tasks.story.values import ClockStory
from tests.harness.times import moment
from tests.small_desk import shipped_rules

START = moment("Mon 2026-03-02 09:00")
HOUR = timedelta(hours=1)
U1 = {
    Target.DISPATCH: 1.0, Target.ACCEPTANCE: 0.5, Target.SAFETY_KNOWN: 24.0, Target.MANDATORY_REPORT: 1.0, Target.SUPERVISION: 1.0,
    Target.FEEDBACK: 2.0, Target.CO_HANDLER: 2.0, Target.CLOSURE: 15 * 24.0,
}  # fmt: skip
"""The limits of a case of suspected harm, in hours."""


def axis(*hours: float, whole: float = 360.0) -> TimeAxis:
    return time_axis([(START, START + each * HOUR) for each in hours], START, START + whole * HOUR, 0.0, 1000.0, 40.0)


def clocks(now: float) -> list[ClockStory]:
    rule = {each.target: each.id for each in shipped_rules().grades[Grade.U1].rules}
    return [
        ClockStory(
            target=target, department="", cycle=1, started_at=START, due_at=START + hours * HOUR, stopped_at=None, breached_at=None,
            provisional=False, state=ClockState.LATE if hours < now else ClockState.OK, rule_id=rule[target], reason_zh="因", reason_en="why",
        )
        for target, hours in U1.items()
    ]  # fmt: skip


@pytest.mark.parametrize("now", [0.25, 30.0, 300.0])
def test_every_limit_of_a_grave_case_is_wide_enough_to_read_in_both_sizes(now: float) -> None:
    found = clock_bars(clocks(now), [], shipped_rules(), START + now * HOUR)
    assert found is not None and found.is_stretched
    for drawing in found.drawings:
        planned = [each for each in drawing.shapes if each.look == "cb-planned"]
        assert len(planned) == len(U1)
        assert min(each.width for each in planned) >= LEAST_BAR[drawing.look]
        widest = max(planned, key=lambda each: each.width)
        assert widest.y == max(each.y for each in planned), "the fortnight is still the longest"


def test_limits_of_like_length_stand_on_an_even_axis() -> None:
    even = axis(100, 200, 360)
    assert not even.is_stretched
    assert even.x(START + 90 * HOUR) == pytest.approx(250.0)


def test_a_stretched_axis_keeps_the_order_of_moments_and_its_ends() -> None:
    found = axis(0.5, 1, 2, 24, 360)
    assert found.is_stretched
    places = [found.x(START + hours * HOUR) for hours in (-1, 0, 0.25, 0.5, 0.75, 1, 1.5, 2, 10, 24, 100, 360, 400)]
    assert places == sorted(places) and (places[0], places[-1]) == (0.0, 1000.0)
    assert found.x(START + 0.5 * HOUR) >= 40.0


@pytest.mark.parametrize("gap", [20.0, 48.0, 90.0])
def test_marks_are_round_and_never_too_close(gap: float) -> None:
    found = axis(0.5, 1, 2, 24, 360)
    marks = found.marks(DESK_ZONE, gap)
    places = [found.x(each) for each in marks]
    assert all(second - first >= gap for first, second in pairwise(places))
    assert len(marks) >= 4
    assert all(each.astimezone(DESK_ZONE).minute % 5 == 0 for each in marks)


def test_many_short_limits_leave_room_for_the_long_one() -> None:
    found = axis(*[each / 10 for each in range(1, 60)], 360)
    assert 1000.0 - found.x(START + 6 * HOUR) >= 390.0
