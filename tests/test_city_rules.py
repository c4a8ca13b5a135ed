"""Other cities' rules, written in YAML alone: they check clean, and what they say of themselves is true."""

import json
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from desk.cli.app import app
from models.vocabulary import Grade, Target
from sla_rules.examples import run_examples
from sla_rules.findings import findings_of
from sla_rules.loader import load_rule_book, rule_book_of
from sla_rules.snapshot import snapshot_of

ROOT = Path(__file__).parents[1]
SETS = ROOT / "benchmarks"
CITIES = ("boston", "jinan", "weifang", "petition")
TODAY = date(2026, 7, 1)
"""Well inside the calendar of China, whose end is worth a warning and is no city's fault."""

REQUESTS = ROOT.parent / "shared" / "data" / "boston_311_2011.csv.gz"


@pytest.mark.parametrize("city", CITIES)
def test_a_city_checks_without_a_word(city: str) -> None:
    assert findings_of(snapshot_of(SETS / city), None, TODAY) == ()


@pytest.mark.parametrize("city", CITIES)
def test_every_example_of_a_city_comes_out_as_written(city: str) -> None:
    snapshot = snapshot_of(SETS / city)
    results = run_examples(snapshot, rule_book_of(snapshot))
    assert len(results) >= 8
    assert [each for each in results if not each.passed] == []


@pytest.mark.parametrize("city", CITIES)
def test_every_rule_of_the_chinese_sets_and_every_kind_of_count_in_boston_has_an_example(city: str) -> None:
    book = load_rule_book(SETS / city)
    rules = {rule.id: rule for grade in book.grades.values() for rule in grade.rules}
    written = YAML(typ="safe").load((SETS / city / "examples.yaml").read_text(encoding="utf-8"))
    shown = {example["rule"] for example in written["examples"]}
    assert shown <= set(rules)
    if city == "boston":
        assert {rules[each].time for each in shown} == {rule.time for rule in rules.values()}
    else:
        assert shown == set(rules)


@pytest.mark.parametrize("city", CITIES)
def test_a_city_is_yaml_and_nothing_else(city: str) -> None:
    assert {path.suffix for path in (SETS / city).rglob("*") if path.is_file()} == {".yaml"}


@pytest.mark.parametrize("city", CITIES)
def test_a_city_says_that_it_is_only_a_part(city: str) -> None:
    only = load_rule_book(SETS / city).only
    assert only is not None and only.why


def test_the_chinese_sets_count_by_the_desks_own_calendar() -> None:
    own = load_rule_book().calendar_digest
    assert {load_rule_book(SETS / city).calendar_digest for city in CITIES[1:]} == {own}


def test_no_type_of_boston_stands_under_two_rules() -> None:
    kinds = [kind for rule in load_rule_book(SETS / "boston").grades[Grade.U3].rules for kind in rule.kinds]
    assert len(kinds) == len(set(kinds))


def test_a_petition_has_one_extension_and_its_objections_in_working_days() -> None:
    book = load_rule_book(SETS / "petition")
    extension = book.extension_for(Grade.U3)
    assert extension is not None
    assert (str(extension.limit), extension.how_many) == ("30 d", 1)
    # The window stands twice, as the clock of acceptance and as the department's right.
    objection = book.target_rule(Grade.U3, Target.ACCEPTANCE, on=TODAY)
    assert objection is not None
    assert (objection.time, objection.limit) == (book.objections.time, book.objections.limit)


@pytest.mark.skipif(not REQUESTS.exists(), reason="the city's published requests are not here")
def test_boston_s_own_deadlines_and_flags_come_out_again() -> None:
    done = CliRunner().invoke(
        app,
        [
            "rules", "whatif", "--rules", str(SETS / "boston"), "--history", str(REQUESTS),
            "--received", "open_dt", "--due", "target_dt", "--kind", "type", "--json",
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["compared"] > 28_000
    assert said["agree_within_90s"] >= 0.98 * said["compared"]
    assert said["agree_all_within_90s"] >= 0.98 * said["compared_all"]
    assert said["flag_compared"] > 39_000
    assert said["flag_agree"] >= 0.98 * said["flag_compared"]
