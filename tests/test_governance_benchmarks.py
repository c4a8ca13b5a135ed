"""The benchmarks of common issues and forecasts: their rules, their honesty, and the real messages where they are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from analysis.issues.settings import delivered_settings
from benchmarks.forecast import backtest
from benchmarks.hot_issues import HOT_ISSUES, Message, hot_messages, truth_of
from benchmarks.issues import compared, resampled

SHARED = Path(__file__).parents[2] / "shared" / "data"
MESSAGES = SHARED / "citizen_messages_zh.csv.gz"
needs_messages = pytest.mark.skipif(not MESSAGES.exists(), reason="the shared data is not beside the project")
NOON = datetime(2019, 3, 4, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("丽发新城旁边的搅拌站噪音大", "mixing_plant"),
        ("丽发新城的公交太少", ""),
        ("别处的搅拌站噪音大", ""),
        ("滨河苑买房必须捆绑车位", "parking_bundle"),
        ("滨河苑的绿化", ""),
        ("人才购房申请补贴多久到账", "talent_subsidy"),
        ("人才市场在哪里", ""),
        ("58车贷案没有进展", "car_loan_fraud"),
    ],
)
def test_a_message_belongs_to_a_hot_issue_by_topic_and_place(text: str, code: str) -> None:
    """Either alone is not enough."""
    assert "".join(each.code for each in HOT_ISSUES if each.holds(text)) == code


def test_made_up_texts_keep_the_opening_and_are_the_same_every_time() -> None:
    """So that two runs measure the same."""
    messages = [Message(str(at), f"第{at}件事，前因，后果，请处理", NOON, at) for at in range(5)]
    one, other = (resampled(messages, 20) for _ in range(2))
    assert one == other
    assert len({each.case_id for each in one}) == 20


def test_the_seasonal_naive_forecast_of_a_weekly_pattern_is_never_wrong() -> None:
    """It looks at the same weekday, and the plain one does not: neither looks ahead."""
    row = [(3, 9, 4, 8, 5, 1, 0)[at % 7] for at in range(140)]
    found = backtest("made up", date(2024, 1, 1), [row], 1)
    assert found["seasonal naive"]["mase"] == 0
    assert found["naive"]["mase"] > 0.5
    assert found["ours"]["mase"] < 0.5


def test_a_break_is_missed_by_everyone_at_first() -> None:
    """Whoever forecast a jump from nowhere would have seen the future."""
    row = [1] * 100 + [50] * 12
    found = backtest("made up", date(2024, 1, 1), [row], 1)
    assert min(found[who]["mase"] for who in ("ours", "naive", "seasonal naive")) > 0


@needs_messages
def test_the_four_hot_issues_are_found_whole_pure_and_near_the_top() -> None:
    """Figures of docs/common_issues.md, with some room."""
    dated, undated = hot_messages(MESSAGES)
    ours = compared([*dated, *undated], delivered_settings(), seeds=0, others=False)["ours"]
    assert ours["recall_mean"] >= 0.9
    assert ours["purity_mean"] >= 0.85
    assert max(each["rank"] for each in ours["hot_issues"].values()) <= 20


@needs_messages
def test_undated_messages_are_spread_and_every_hot_issue_has_some() -> None:
    """No week is made to look busy by them."""
    dated, undated = hot_messages(MESSAGES)
    steps = {later.received_at - earlier.received_at for earlier, later in pairwise(undated)}
    assert max(steps) - min(steps) < timedelta(seconds=1)
    assert min(len(keys) for keys in truth_of([*dated, *undated]).values()) >= 14
