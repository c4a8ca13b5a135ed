"""Candidate topics for 每月一题: score, signs, and how far they are."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from analysis.candidates.choosing import Candidate
from analysis.candidates.choosing import candidates as chosen
from analysis.candidates.progress import NAMES, NEXT, Progress, ProgressError, check_may_move
from analysis.candidates.settings import CandidateSettings, delivered_settings
from analysis.issues.heat import Told, heats_told
from analysis.issues.settings import delivered_settings as issue_settings

SETTINGS = delivered_settings()
PLAIN: dict[str, Any] = {
    "number": "I2026W10-01",
    "heat": 0.2,
    "topic": ["食堂"],
    "matters": 10,
    "weeks": [["2026-03-02", 10]],
    "growth": None,
    "departments": ["EDU"],
    "owner": "EDU",
    "owner_reason": "leads most of the dispatched reports",
}
LONG = [[f"{date(2026, 1, 5) + timedelta(weeks=at)}", 6 if at in (0, 11) else None] for at in range(12)]


def plain(**other: Any) -> dict[str, Any]:
    """A record as released, with nothing that speaks for it but what is given."""
    return {**PLAIN, **other}


def candidates(
    records: list[dict[str, Any]], progress: dict[str, Progress], ahead: dict[str, float]
) -> tuple[Candidate, ...]:
    """By the delivered settings."""
    return chosen(records, SETTINGS, progress, ahead)


@pytest.mark.parametrize(
    ("issue", "ahead", "score"),
    [
        (plain(), None, 0),
        (plain(matters=30), None, 30),
        (plain(matters=29), None, 0),
        (plain(heat=0.5), None, 20),
        (plain(growth=0.3), None, 15),
        (plain(weeks=LONG), None, 15),
        (plain(departments=["EDU", "MARKET"]), None, 10),
        (plain(), 1.3, 10),
        (plain(matters=30, heat=0.9, growth=2.0, weeks=LONG, departments=["A", "B"]), 2.0, 100),
    ],
    ids=[
        "none",
        "many",
        "one short of many",
        "hot",
        "growing",
        "lasting",
        "two units",
        "season ahead",
        "all signs",
    ],
)
def test_a_score_is_the_sum_of_the_signs_that_hold(
    issue: dict[str, Any], ahead: float | None, score: int
) -> None:
    """At the very limits."""
    (found,) = candidates([issue], {}, {issue["number"]: ahead} if ahead else {})
    assert found.score == score


def test_a_topic_of_few_matters_is_no_candidate() -> None:
    """It is a case for its unit."""
    assert candidates([plain(matters=SETTINGS.fewest_matters - 1)], {}, {}) == ()


def test_dropped_topics_leave_the_list_and_those_at_work_stay_beyond_its_end() -> None:
    """Whatever their score."""
    many = [plain(number=f"I2026W10-{at:02}", matters=40) for at in range(SETTINGS.most)]
    weak, dropped = plain(number="weak"), plain(number="dropped", matters=99)
    progress = {"weak": Progress.UNDER_WAY, "dropped": Progress.DROPPED}
    found = [each.number for each in candidates([*many, weak, dropped], progress, {})]
    assert found == [*(each["number"] for each in many), "weak"]


def test_a_candidate_tells_nothing_that_its_release_does_not() -> None:
    """Beside the season's forecast of its kind, all of it is worked out of the record."""
    (found,) = candidates([plain(matters=30)], {}, {})
    assert (found.number, list(found.topic), found.matters, found.owner) == (
        "I2026W10-01",
        ["食堂"],
        30,
        "EDU",
    )
    (blank,) = candidates([plain(weeks=[[each, None] for each, _ in LONG])], {}, {})
    assert blank.score == 0, "that the twelfth week had somebody is told nowhere"


def test_heat_told_is_more_for_more_matters_bunched_and_late() -> None:
    weights = issue_settings().heat
    weeks = [(date(2026, 1, 5) + timedelta(weeks=at), 5 if at % 2 else None) for at in range(8)]
    bunched = [(monday, 20 if at == 7 else None) for at, (monday, _) in enumerate(weeks)]
    one, two, three = heats_told([Told(20, weeks), Told(40, weeks), Told(40, bunched)], weights)
    assert one < two < three == 1
    assert heats_told([], weights) == []


def test_every_state_has_its_words_and_its_moves() -> None:
    """None is missing, and every one can be reached."""
    assert set(NAMES) == set(NEXT) == set(Progress)
    assert set().union(*NEXT.values()) == set(Progress)


@pytest.mark.parametrize("now", Progress)
@pytest.mark.parametrize("then", Progress)
def test_only_legal_moves_are_let_pass(now: Progress, then: Progress) -> None:
    """Over the whole product."""
    if then in NEXT[now]:
        check_may_move(now, then)
    else:
        with pytest.raises(ProgressError, match=f"{now} cannot become {then}"):
            check_may_move(now, then)


def test_settings_that_leave_a_sign_out_are_refused() -> None:
    """A sign that nobody weighs would never be missed."""
    whole = SETTINGS.model_dump()
    with pytest.raises(ValidationError, match="each of"):
        CandidateSettings.model_validate({**whole, "signs": whole["signs"][1:]})
