"""When the machine is unsure: the graver reading holds, a person rules, and nobody's silence stops a case."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from classifier.reader import Reader, Reading
from models.learning import Confirmation
from models.record import Decision
from models.vocabulary import EventKind, Grade, Outcome, Status, Target
from tests.harness.clock_desk import ClockDesk, clock_desk

QUIET = "请问社区周末有没有适合一家人参加的活动,谢谢。"
HEARD = "孩子身上有伤,邻居说经常听见孩子被打。"
MINUTE = timedelta(minutes=1)


class OneReading(Reader):
    """A model that always makes the same of a message."""

    def __init__(self, reading: Reading) -> None:
        object.__setattr__(self, "reading", reading)
        object.__setattr__(self, "sure", 0.9)
        object.__setattr__(self, "maybe", 0.5)
        object.__setattr__(self, "digest", "0123456789abcdef")

    def read(self, clean: str, evidence: object) -> Reading:
        return self.reading  # type: ignore[attr-defined, no-any-return]


def reading(
    harm: float, *kinds: tuple[str, float], grave: float = 0.9, scope: float = 0.9, passages: int = 1
) -> Reading:
    found = kinds or (("F01", 0.6), ("F03", 0.1))
    return Reading(harm, grave, 0.1, scope, found, 0.7, found, (0, 4), passages)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


def taken_in(desk: ClockDesk, text: str, made_of_it: Reading) -> str:
    desk.place.reader = OneReading(made_of_it)
    label = desk.take_in(text)
    desk.run_due()
    return label


def facts(desk: ClockDesk, label: str) -> dict[str, object]:
    return next(each.facts for each in desk.rows(Decision, label) if each.key == "classify:0")


def test_both_hear_harm_and_nobody_is_waited_for(desk: ClockDesk) -> None:
    label = taken_in(desk, HEARD, reading(0.7))
    assert desk.case(label).status is Status.DISPATCHED
    assert desk.case(label).harm


def test_the_model_alone_hears_harm_for_certain(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.97))
    case = desk.case(label)
    assert (case.status, case.harm, case.grade, case.kind) == (Status.DISPATCHED, True, Grade.U1, "F01")
    assert facts(desk, label)["model"] == "0123456789abcdef"


def test_the_model_alone_suspects_harm_and_a_person_looks_with_the_graver_grade(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.6))
    assert desk.case(label).status is Status.NEEDS_REVIEW
    assert desk.case(label).grade is Grade.U1
    assert facts(desk, label)["doubts"] == ["screens_disagree"]
    assert desk.clock(label, Target.REVIEW).due_at - desk.now == 30 * MINUTE


def test_in_a_few_words_the_cues_are_enough(desk: ClockDesk) -> None:
    label = taken_in(desk, HEARD, reading(0.15, ("G08", 0.5), ("F10", 0.2)))
    assert (desk.case(label).status, desk.case(label).harm) == (Status.DISPATCHED, True)


def test_in_a_letter_the_cues_alone_hear_harm_and_the_grade_holds_until_a_person_looks(desk: ClockDesk) -> None:
    label = taken_in(desk, HEARD, reading(0.05, ("G08", 0.5), ("F10", 0.2), passages=9))
    case = desk.case(label)
    assert (case.status, case.harm) == (Status.NEEDS_REVIEW, True)
    assert case.grade in {Grade.U1, Grade.U2}


def test_nobody_hears_harm_and_an_ordinary_kind_goes_its_way(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.02, ("G10", 0.8), ("X06", 0.1)))
    assert desk.case(label).kind == "G10"
    assert not desk.case(label).harm


def test_a_ruling_that_there_is_no_harm_needs_a_reason(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.6))
    desk.hears(label, "review_decided", "supervisor", kind="X01", outcome="ANSWERED", harm=False)
    assert desk.case(label).status is Status.NEEDS_REVIEW
    assert "say_why_no_harm" in desk.refused(label).values()


def test_a_person_rules_out_harm_and_the_desk_remembers_both_opinions(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.6))
    desk.hears(
        label, "review_decided", "supervisor", kind="X01", outcome="ANSWERED", harm=False, text="问的是社区活动"
    )
    case = desk.case(label)
    assert (case.status, case.outcome, case.harm, case.grade) == (Status.CLOSED, Outcome.ANSWERED, False, Grade.UC)
    assert EventKind.GRADE_LOWERED in desk.events(label)
    (kept,) = desk.rows(Confirmation, label)
    assert (kept.kind_said, kept.kind_ruled, kept.grade_said, kept.grade_ruled) == ("F01", "X01", Grade.U1, Grade.UC)
    assert kept.model == "0123456789abcdef"


def test_a_person_confirms_harm_and_it_can_only_be_dispatched(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.6))
    desk.hears(label, "review_decided", "supervisor", kind="F01", outcome="ANSWERED", harm=True)
    assert "harm_is_dispatched" in desk.refused(label).values()
    desk.hears(label, "review_decided", "supervisor", kind="F01", outcome="DISPATCHED", harm=True)
    case = desk.case(label)
    assert (case.status, case.harm) == (Status.DISPATCHED, True)
    assert desk.rows(Confirmation, label)[-1].harm_ruled


def test_danger_that_an_operator_told_of_is_never_held_and_never_ruled_out(desk: ClockDesk) -> None:
    desk.place.reader = OneReading(reading(0.01, ("X06", 0.9), ("G10", 0.1), scope=0.1))
    label = desk.take_in(QUIET, danger_now=True)
    desk.run_due()
    assert desk.case(label).status is not Status.CHANNEL_TOLD
    assert desk.case(label).grade is Grade.U0


def test_a_case_that_may_be_harm_goes_out_when_nobody_reviews_it_in_time(desk: ClockDesk) -> None:
    label = taken_in(desk, QUIET, reading(0.6))
    desk.advance(desk.now + 29 * MINUTE)
    assert desk.case(label).status is Status.NEEDS_REVIEW
    desk.advance(desk.now + 2 * MINUTE)
    assert desk.case(label).status is Status.DISPATCHED
    assert desk.departments(label)["POLICE"]
    assert desk.decisions(label)["review-unanswered:0"] == Outcome.DISPATCHED


def test_a_false_alarm_of_the_cues_goes_out_as_what_they_heard_when_nobody_looks(desk: ClockDesk) -> None:
    sure_of_nothing = Reading(0.02, 0.02, 0.0, 0.02, (("X06", 0.98), ("X02", 0.01)), 0.97, (("X06", 0.9),), (0, 4), 9)
    label = taken_in(desk, HEARD, sure_of_nothing)
    assert (desk.case(label).kind, desk.case(label).status) == ("X06", Status.NEEDS_REVIEW)
    desk.advance(desk.now + 31 * MINUTE)
    assert desk.case(label).status is Status.DISPATCHED
    assert desk.case(label).kind != "X06"


def test_an_ordinary_case_waits_for_its_reviewer(desk: ClockDesk) -> None:
    unsure = Reading(0.02, 0.02, 0.0, 0.9, (("G10", 0.2), ("S04", 0.19)), 0.2, (("G10", 0.2),), (0, 4), 1)
    label = taken_in(desk, "有件事情想反映一下,关于孩子的。", unsure)
    assert desk.case(label).status is Status.NEEDS_REVIEW
    assert not desk.case(label).harm
    desk.advance(desk.now + timedelta(days=3))
    assert desk.case(label).status is Status.NEEDS_REVIEW


def test_a_grade_that_a_person_sets_is_kept_beside_the_machines(desk: ClockDesk) -> None:
    label = taken_in(desk, HEARD, reading(0.97))
    desk.hears(label, "grade_decided", "supervisor", grade="U2", reason="less_grave")
    (kept,) = desk.rows(Confirmation, label)
    assert (kept.grade_said, kept.grade_ruled) == (Grade.U1, Grade.U2)
