"""Rules of advice: what makes each one hold, what never does, and how a mistake in the file is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from report_facts_for_tests import (
    BLANK,
    NONE,
    Unit,
    all_held_back,
    empty,
    figures,
    monthly,
    of_education,
    table,
)

from analysis.early_warning.settings import delivered_school_year
from analysis.report.composing import compose
from analysis.report.facts import Cadence, Facts, Table
from analysis.report.paper import Listing
from analysis.report.recommendation_rules import SHIPPED, load_recommendations, recommendation_file
from analysis.report.recommending import Fired, fired_rules
from models.rule_files import RuleFileError

RULES = load_recommendations()
QUIET = date(2026, 3, 31)
"""Nothing of the school year begins within a month of it."""


def of(values: Mapping[str, Any], tables: Mapping[str, Table] | None = None, **more: Any) -> Facts:
    """A month with only these figures."""
    facts = empty()
    scope = replace(facts.scope, first=date(2026, 3, 1), last=QUIET)
    return replace(facts, scope=scope, figures=figures(values), tables=tables or {}, **more)


def fired(facts: Facts) -> dict[str, Fired]:
    return {each.rule.id: each for each in fired_rules(RULES.rules, facts, delivered_school_year(), 5)}


def clock(target: str, share: Any, judged: Any = 100) -> dict[str, Table]:
    return {
        "clocks.by_target": table(
            ["target"], {"judged": Unit.CLOCKS, "share": Unit.PERCENT}, {(target,): [judged, share]}
        )
    }


def family(now: Any, before: Any) -> dict[str, Table]:
    return {
        "received.by_family": table(
            ["family"],
            {"cases": Unit.CASES, "before": Unit.CASES},
            {("N",): [now, before], ("F",): [BLANK, 9]},
        )
    }


def issue(**fields: Any) -> tuple[dict[str, Any], ...]:
    return (
        {
            "number": "I1",
            "topic": ["退费"],
            "matters": 20,
            "owner": "EDU",
            "departments": ["EDU"],
            "growth": None,
            **fields,
        },
    )


EDGES: list[tuple[str, Facts, Facts]] = [
    ("police_report_late", of({}, clock("mandatory_report", "99.99")), of({}, clock("mandatory_report", 100))),
    ("police_report_missing", of({"police.needed": 30, "police.notified": 25}), of({"police.needed": 30, "police.notified": 30})),
    ("safety_known_late", of({}, clock("safety_known", "97.9")), of({}, clock("safety_known", 98))),
    ("acceptance_late", of({}, clock("acceptance", "94.9", 20)), of({}, clock("acceptance", "94.9", 19))),
    ("feedback_late", of({}, clock("feedback", "94.9")), of({}, clock("feedback", 95))),
    ("resolution_down", of({"rates.resolution": 90, "rates.resolution.before": 93}), of({"rates.resolution": "90.01", "rates.resolution.before": 93})),
    ("rework_high", of({"returns.rework": 10}), of({"returns.rework": "9.9"})),
    ("repeat_high", of({"repeat.share": 15}), of({"repeat.share": "14.9"})),
    ("issue_rising", of({}, issues=issue(growth=0.5)), of({}, issues=issue(growth=0.49))),
    ("issue_without_owner", of({}, issues=issue(owner="")), of({}, issues=issue())),
    ("silent_calls", of({}, warnings=({"number": "W1", "sort": "silent"},)), of({}, warnings=({"number": "W1", "sort": "rise"},))),
    ("venue_inspected", of({}, warnings=({"number": "W1", "sort": "venue_kinds"},)), of({}, warnings=({"number": "W1", "sort": "rise"},))),
    ("guardian_exclusions", of({}, {"rates.exclusions": table(["reason"], {"callbacks": Unit.CALLBACKS}, {("guardian_suspect",): [20]})}), of({}, {"rates.exclusions": table(["reason"], {"callbacks": Unit.CALLBACKS}, {("guardian_suspect",): [19]})})),
    ("group_growing", of({}, family(39, 30)), of({}, family(38, 30))),
    ("forecast_above", of({"forecast.low": 101, "received.total": 100}), of({"forecast.low": 100, "received.total": 100})),
    ("proactive_orders_late", of({"orders.late": 1}), of({"orders.late": 0})),
    ("holidays_ahead", replace(of({}), scope=replace(empty().scope, last=date(2026, 6, 30))), of({})),
    ("exams_ahead", replace(of({}), scope=replace(empty().scope, last=date(2026, 5, 31))), of({})),
    ("enrolment_ahead", replace(of({}), scope=replace(empty().scope, last=date(2026, 8, 31))), of({})),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "holds", "does_not"), EDGES, ids=[each[0] for each in EDGES])
def test_a_rule_holds_up_to_its_very_threshold(rule: str, holds: Facts, does_not: Facts) -> None:
    assert set(fired(holds)) == {rule}
    assert fired(does_not) == {}


def test_every_rule_has_its_two_sides_above() -> None:
    assert [each.id for each in RULES.rules if each.id not in {name for name, _, _ in EDGES}] == []


@pytest.mark.parametrize("sign", [BLANK, NONE])
def test_no_rule_fires_from_a_blank(sign: str) -> None:
    names = ("police.needed", "police.notified", "rates.resolution", "rates.resolution.before", "returns.rework", "repeat.share", "forecast.low", "received.total", "orders.late")  # fmt: skip
    facts = of(dict.fromkeys(names, sign), {**clock("acceptance", sign), **family(sign, 3)})
    assert fired(facts) == {}
    one_side = of(
        {
            "rates.resolution": 20,
            "rates.resolution.before": sign,
            "forecast.low": 900,
            "received.total": sign,
        },
        family(90, sign),
    )
    assert fired(one_side) == {}


def test_a_month_that_is_held_back_whole_gives_only_what_the_records_and_the_calendar_say() -> None:
    facts = replace(all_held_back(), warnings=(), orders=())
    assert set(fired(facts)) == {"exams_ahead"}


def test_growth_on_nothing_is_no_growth() -> None:
    assert fired(of({}, family(90, 0))) == {}


def test_a_difference_that_would_be_a_small_count_is_told_by_no_rule() -> None:
    assert fired(of({"police.needed": 30, "police.notified": 26})) == {}


def test_a_daily_brief_does_not_repeat_the_season_every_day() -> None:
    month = replace(of({}), scope=replace(empty().scope, last=date(2026, 6, 30)))
    assert fired(replace(month, scope=replace(month.scope, cadence=Cadence.DAILY))) == {}


def test_a_unit_hears_only_what_it_can_act_on() -> None:
    ids = set(fired(of_education()))
    assert {"acceptance_late", "issue_rising", "exams_ahead"} <= ids
    assert not {"repeat_high", "silent_calls", "issue_without_owner", "venue_inspected"} & ids


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_recommendation_names_its_rule_its_numbers_and_its_basis(language: str) -> None:
    facts = monthly()
    (listed, *_) = [each for each in compose(facts, language).blocks if isinstance(each, Listing)]
    told = ["".join(run.text for run in (*head, *rest[0])) for head, rest in listed.items]
    assert len(told) == len(fired(facts))
    for each, rule in zip(told, fired(facts), strict=True):
        assert rule in each
        assert ("依据：" if language == "zh" else "basis: ") in each
    acceptance = next(each for each in told if "acceptance_late" in each)
    assert ("92.0%（触发线：低于95.0%）" if language == "zh" else "92.0% (below 95.0%)") in acceptance
    assert (
        "《北京市接诉即办工作条例》第十二条、第十五条" if language == "zh" else "at Once, art. 12, 15"
    ) in acceptance


def test_thresholds_in_a_report_are_those_of_the_file() -> None:
    (listed, *_) = [each for each in compose(monthly(), "zh").blocks if isinstance(each, Listing)]
    runs = [run for head, rest in listed.items for run in (*head, *rest[0])]
    paths = [getattr(run, "figure", "") for run in runs]
    rules = {each.id: each for each in RULES.rules}
    for run, path in zip(runs, paths, strict=True):
        parts = path.split("/")
        if parts[0] == "rule" and parts[2].isdigit():
            threshold = rules[parts[1]].when[int(parts[2])].threshold
            assert threshold is not None
            written = float(run.text.rstrip("%").replace(",", ""))
            assert written in (float(threshold), float(threshold) * 100)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("is: below\n        threshold: 100", "threshold: 100", "say `is:`"),
        (
            "figure: returns.rework",
            "figure: returns.rework\n        table: returns.rework",
            "exactly one of figure",
        ),
        ("figure: returns.rework", "figgure: returns.rework", "unknown key"),
        ("{law: MRO, article: 0}", "{law: ZZZ, article: 0}", "add ZZZ to `laws`"),
        ("id: rework_high", "id: repeat_high", "two rules are called repeat_high"),
        ("逐件核查未按时完成", "三日内核查3件未按时完成", "advice holds no figures"),
        ("将增长较快的{subjects}", "将增长较快的{topics}", "{topics} is unknown"),
        ("within_days: 31", "within_days: 3100", "less than or equal to 120"),
        ("threshold: 0.5", "threshold: much", "valid decimal"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_what_to_do(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    own = tmp_path / "recommendations.yaml"
    own.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert recommendation_file(tmp_path) == own
    with pytest.raises(RuleFileError) as told:
        load_recommendations(tmp_path)
    assert any(each.startswith(f"{own}:") and problem in each for each in told.value.problems), (
        told.value.problems
    )
