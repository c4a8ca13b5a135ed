"""Where a request goes after the safety screen, from plain facts."""

from dataclasses import replace

import pytest

from models.vocabulary import Grade, Nature, Outcome, Status
from tasks.dispatch.routing import Situation, decide_route
from tests.small_desk import shipped_catalogue

KINDS = shipped_catalogue().kinds
ORDINARY = Situation(
    grade=Grade.U3, harm=False, nature=Nature.COMPLAINT, needs_review=False, answered_on_call=False,
    same_matter_open=False, reopened=False, had_department=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "facts", "outcome", "status"),
    [
        ("S09", {}, Outcome.DISPATCHED, Status.DISPATCHED),
        ("S07", {"nature": Nature.CONSULT}, Outcome.DISPATCHED, Status.DISPATCHED),
        ("S07", {"nature": Nature.CONSULT, "answered_on_call": True}, Outcome.ANSWERED, Status.ANSWERED),
        ("S09", {"nature": Nature.CONSULT, "answered_on_call": True}, Outcome.ANSWERED, Status.ANSWERED),
        ("S09", {"answered_on_call": True}, Outcome.DISPATCHED, Status.DISPATCHED),
        ("X01", {"nature": Nature.CONSULT, "answered_on_call": True}, Outcome.ANSWERED, Status.ANSWERED),
        ("X02", {"nature": Nature.SUGGEST}, Outcome.OPINION_COLLECTED, Status.ANSWERED),
        ("X03", {"nature": Nature.PRAISE}, Outcome.OPINION_COLLECTED, Status.ANSWERED),
        ("X04", {}, Outcome.PROGRESS_TOLD, Status.CHANNEL_TOLD),
        ("X05", {}, Outcome.DISSUADED, Status.CHANNEL_TOLD),
        ("X06", {}, Outcome.OUTSIDE_REMIT, Status.CHANNEL_TOLD),
        ("X99", {}, None, Status.NEEDS_REVIEW),
        ("S09", {"needs_review": True}, None, Status.NEEDS_REVIEW),
        ("S09", {"same_matter_open": True}, Outcome.LINKED, Status.LINKED),
        ("S09", {"same_matter_open": True, "reopened": True}, Outcome.DISPATCHED, Status.DISPATCHED),
        ("X02", {"reopened": True}, None, Status.NEEDS_REVIEW),
        ("X02", {"reopened": True, "had_department": True}, Outcome.DISPATCHED, Status.DISPATCHED),
    ],
)
def test_a_request_goes_where_its_kind_and_facts_say(
    kind: str, facts: dict[str, object], outcome: Outcome | None, status: Status
) -> None:
    """Regulation, art. 11: answered at once if possible, else dispatched; six ways not to dispatch."""
    routing = decide_route(KINDS[kind], replace(ORDINARY, **facts))  # type: ignore[arg-type]  # per row
    assert (routing.outcome, routing.status) == (outcome, status)
    assert routing.zh
    assert routing.en


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("facts", [{"harm": True}, {"grade": Grade.U0}, {"grade": Grade.U1}], ids=str)
def test_suspected_harm_is_dispatched_or_seen_by_a_person_whatever_its_kind(
    kind: str, facts: dict[str, object]
) -> None:
    """Never answered away, never sent elsewhere: not even when it was answered on the line."""
    asked = replace(ORDINARY, nature=Nature.CONSULT, answered_on_call=True)
    routing = decide_route(KINDS[kind], replace(asked, **facts))  # type: ignore[arg-type]  # per row
    assert routing.status in {Status.DISPATCHED, Status.NEEDS_REVIEW}
    assert (routing.status is Status.NEEDS_REVIEW) is (KINDS[kind].lead is None)


def test_a_time_critical_consultation_is_not_answered_away() -> None:
    """U2 may be harm."""
    asked = replace(ORDINARY, nature=Nature.CONSULT, answered_on_call=True, grade=Grade.U2)
    assert decide_route(KINDS["S01"], asked).status is Status.DISPATCHED
