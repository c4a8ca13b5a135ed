"""What a case needs next, from plain facts: the order of a case's life."""

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest

from models.vocabulary import Outcome, Status, Step
from tasks.steps import AtHand, next_step

AT_REST = AtHand(
    status=Status.IN_PROGRESS, outcome=Outcome.DISPATCHED, has_kind=True, is_routed=True, clocks_missing=False,
    departments_untold=False, notices_due=False, news_unread=False, review_date_come=False, levels_owed=False,
    closure_unjudged=False, callback_undecided=False, may_close=False,
)  # fmt: skip
FACTS = {
    "clocks_outdated": Step.REFIT_CLOCKS,
    "clocks_missing": Step.START_CLOCKS,
    "departments_untold": Step.START_CLOCKS,
    "notices_due": Step.NOTIFY,
    "links_unlooked": Step.PROPOSE_LINKS,
    "news_unread": Step.DIGEST_NEWS,
    "review_date_come": Step.TAKE_DOWN,
    "review_unanswered": Step.DISPATCH_UNREVIEWED,
    "levels_owed": Step.ESCALATE,
    "closure_unjudged": Step.CHECK_CLOSURE,
    "callback_undecided": Step.CALL_BACK,
    "approval_unasked": Step.ASK_APPROVAL,
    "may_close": Step.CLOSE,
}


def with_facts(*names: str) -> AtHand:
    changed: dict[str, Any] = dict.fromkeys(names, True)
    return replace(AT_REST, **changed)


def test_a_case_with_nothing_to_do_waits() -> None:
    """None, in every status that does not demand a step by itself."""
    assert next_step(AT_REST) is None


@pytest.mark.parametrize(("fact", "step"), FACTS.items())
def test_each_fact_asks_for_its_step(fact: str, step: Step) -> None:
    """Alone, each is enough."""
    assert next_step(with_facts(fact)) is step


def test_no_fact_is_forgotten_here() -> None:
    """A new question about a case needs its row above."""
    assert {each.name for each in fields(AtHand)} == {*FACTS, "status", "outcome", "has_kind", "is_routed"}


@pytest.mark.parametrize(("sooner", "later"), list(pairwise(FACTS)))
def test_the_more_urgent_fact_goes_first(sooner: str, later: str) -> None:
    """News before escalation, so that a reply which has arrived stops its clock before anybody is told."""
    assert next_step(with_facts(sooner, later)) is FACTS[sooner]


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"status": Status.RECEIVED, "has_kind": False, "is_routed": False, "outcome": None}, Step.SCREEN),
        ({"status": Status.SCREENED, "has_kind": False, "is_routed": False, "outcome": None}, Step.CLASSIFY),
        ({"status": Status.SCREENED, "is_routed": False, "outcome": None}, Step.ROUTE),
        ({"status": Status.SCREENED}, Step.ASSIGN),
        ({"status": Status.REOPENED, "is_routed": False, "outcome": None}, Step.ROUTE),
        ({"status": Status.REOPENED}, Step.ASSIGN),
        ({"status": Status.NEEDS_REVIEW, "outcome": None}, None),
    ],
)
def test_a_new_case_goes_from_screen_to_department(facts: dict[str, object], step: Step | None) -> None:
    """Safety first, also before its own alerts and news."""
    busy = replace(AT_REST, notices_due=step is not None, news_unread=step is not None)
    assert next_step(replace(busy, **facts)) is step  # type: ignore[arg-type]  # each row names its own types
