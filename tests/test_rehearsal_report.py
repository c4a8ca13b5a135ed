"""The two months of the example report: when cases come, and who is late."""

from collections import Counter
from datetime import date, timedelta

import pytest

from benchmarks.rehearsal_report import MONTH, Month, visits_of
from catalogue.loader import load_catalogue
from desk.rehearsal.scenario import ZONE
from models.rule_files import read_rule_file

LIVED = read_rule_file(MONTH, Month)


def test_cases_come_over_both_months_on_working_days_above_all_and_always_alike() -> None:
    visits = visits_of(LIVED, 250, 400)
    own = [each for each in visits if each.same_matter_as is None]
    days = [each.arrives_at.astimezone(ZONE).date() for each in own]
    assert {each.month for each in days} == {8, 9}
    weeks = Counter((each - date(2026, 9, 1)).days // 7 for each in days if each.month == 9)
    assert all(weeks[at] >= 60 for at in range(4))
    assert sum(each.weekday() < 5 for each in days) > 0.8 * len(days)
    assert visits_of(LIVED, 250, 400) == visits


def test_a_second_report_of_a_matter_still_comes_after_the_first() -> None:
    arrives = {each.id: each for each in visits_of(LIVED, 40, 200)}
    second = [each for each in arrives.values() if each.same_matter_as in arrives]
    assert second
    assert all(arrives[str(each.same_matter_as)].arrives_at < each.arrives_at for each in second)


def test_a_unit_is_late_in_about_its_share_of_cases_and_others_never() -> None:
    assert set(LIVED.late) <= set(load_catalogue().departments)
    visits = visits_of(LIVED, 250, 400)
    late = sum(LIVED.slowness(each, "STREET") > timedelta(0) for each in visits)
    assert late / len(visits) == pytest.approx(0.25, abs=0.06)
    assert not any(LIVED.slowness(each, "COURT") for each in visits)
