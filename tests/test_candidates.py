"""Candidate topics for 每月一题: score, signs, and how far they are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from analysis.candidates.choosing import candidates
from analysis.candidates.progress import NAMES, NEXT, Progress, ProgressError, check_may_move
from analysis.candidates.settings import CandidateSettings, delivered_settings
from analysis.issues.issue import Issue

SETTINGS = delivered_settings()
PLAIN = Issue(
    number="I2026W10-01",
    heat=0.2,
    topic=("青禾小学食堂",),
    topic_outside=("食堂",),
    places=(),
    districts=(),
    kinds=(),
    case_ids=("case-1",),
    matters=10,
    distinct_texts=10,
    likes=0,
    weeks=((date(2026, 3, 2), 10),),
    growth=None,
    departments=(("EDU", 10),),
    owner="EDU",
    owner_reason="EDU leads 10 of 10 dispatched reports",
    sentence=None,
)
LONG = tuple((date(2026, 1, 5) + timedelta(weeks=at), 3) for at in range(12))


@pytest.mark.parametrize(
    ("issue", "ahead", "score"),
    [
        (PLAIN, None, 0),
        (replace(PLAIN, matters=30), None, 30),
        (replace(PLAIN, matters=29), None, 0),
        (replace(PLAIN, heat=0.5), None, 20),
        (replace(PLAIN, growth=0.3), None, 15),
        (replace(PLAIN, weeks=LONG), None, 15),
        (replace(PLAIN, departments=(("EDU", 5), ("MARKET", 5))), None, 10),
        (PLAIN, 1.3, 10),
        (replace(PLAIN, matters=30, heat=0.9, growth=2.0, weeks=LONG, departments=(("A", 1), ("B", 1))), 2.0, 100),
    ],
    ids=["none", "many", "one short of many", "hot", "growing", "lasting", "two units", "season ahead", "all signs"],
)
def test_a_score_is_the_sum_of_the_signs_that_hold(issue: Issue, ahead: float | None, score: int) -> None:
    """At the very limits."""
    (found,) = candidates([issue], SETTINGS, {}, {issue.number: ahead} if ahead else {})
    assert found.score == score


def test_a_topic_of_few_matters_is_no_candidate() -> None:
    """It is a case for its unit."""
    assert candidates([replace(PLAIN, matters=SETTINGS.fewest_matters - 1)], SETTINGS, {}, {}) == ()


def test_dropped_topics_leave_the_list_and_those_at_work_stay_beyond_its_end() -> None:
    """Whatever their score."""
    many = [replace(PLAIN, number=f"I2026W10-{at:02}", matters=40) for at in range(SETTINGS.most)]
    weak, dropped = replace(PLAIN, number="weak"), replace(PLAIN, number="dropped", matters=99)
    progress = {"weak": Progress.UNDER_WAY, "dropped": Progress.DROPPED}
    found = [each.number for each in candidates([*many, weak, dropped], SETTINGS, progress, {})]
    assert found == [*(each.number for each in many), "weak"]


def test_a_candidate_names_no_place_and_no_case() -> None:
    """It is read outside the case database."""
    assert not [word for word in ("青禾", "case-1") if word in str(candidates([PLAIN], SETTINGS, {}, {}))]


def test_a_candidate_tells_no_count_but_the_matters() -> None:
    """Nine of ten reports with one unit would tell that one is with another."""
    (found,) = candidates([replace(PLAIN, matters=31, departments=(("EDU", 30), ("MARKET", 1)))], SETTINGS, {}, {})
    assert "30" not in str(found)


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
