"""Reasons people choose from: those the rules list, with what they ask for, and old ones still readable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.vocabulary import NewsKind, Status
from sla_rules.loader import rule_book_of
from sla_rules.snapshot import HERE, PROCEDURE, Snapshot, snapshot_of
from tasks.casebook import editing
from tasks.news.coded_reasons import reason_in, reasons_for
from tasks.news.what_fits import NewsDoesNotFitError, most_days
from tests.harness.clock_desk import ClockDesk, clock_desk

INSPECTION = "code: needs_inspection, zh: 须现场检查, en: An inspection is needed"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    """A desk whose rules ask for more where an inspection is the ground."""
    shipped = snapshot_of(HERE)
    text = shipped.files[PROCEDURE].replace(INSPECTION, f"{INSPECTION}, needs_evidence: true, most_days: 3", 1)
    with clock_desk(tmp_path / "desk") as desk:
        desk.place.rules = rule_book_of(Snapshot("set", {**shipped.files, PROCEDURE: text}))
        yield desk


@pytest.fixture
def label(desk: ClockDesk) -> str:
    label = desk.take_in(kind="S09")
    desk.run_due()
    return label


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        ({"reason": "because", "days": 1}, "reason", "must be one of needs_inspection, expert_opinion_needed"),
        ({"reason": "needs_inspection", "days": 3}, "evidence", "needs the reference"),
        ({"reason": "needs_inspection", "days": 4, "evidence": "R-1"}, "days", "at most 3"),
    ],
)
def test_what_does_not_fit_is_told_at_once_and_nothing_is_stored(
    desk: ClockDesk, label: str, said: dict[str, object], field: str, problem: str
) -> None:
    with pytest.raises(NewsDoesNotFitError, match=problem) as told:
        desk.say(label, "extension_asked", "EDU", caller_told=True, **said)
    assert told.value.field == field
    assert "because" not in str(told.value)
    desk.run_due()
    assert desk.case(label).status is Status.DISPATCHED


@pytest.mark.parametrize(
    "said",
    [
        {"reason": "needs_inspection", "days": 3, "evidence": "R-1"},
        {"reason": "expert_opinion_needed", "days": 7},
    ],
)
def test_what_fits_is_asked(desk: ClockDesk, label: str, said: dict[str, object]) -> None:
    desk.hears(label, "extension_asked", "EDU", caller_told=True, **said)
    assert desk.case(label).status is Status.EXTENSION_ASKED


def test_a_reason_that_is_no_longer_listed_stays_readable(desk: ClockDesk, label: str) -> None:
    with editing(desk.place, desk.case(label).id) as (_, case):
        assert "owner_away" not in {each.code for each in reasons_for(desk.place, case, NewsKind.EXTENSION_ASKED)}
        old = reason_in(desk.place, case, NewsKind.EXTENSION_ASKED, "owner_away")
        assert (old.code, old.en) == ("owner_away", "owner away")


def test_nobody_asks_for_more_days_than_the_rules_could_ever_give(desk: ClockDesk, label: str) -> None:
    most = most_days(desk.place, desk.case(label))
    assert most == 7, "the shipped rules for this grade"
    with pytest.raises(NewsDoesNotFitError, match=f"at most {most}") as told:
        desk.say(label, "extension_asked", "EDU", caller_told=True, reason="expert_opinion_needed", days=most + 1)
    assert told.value.field == "days"
