"""Examples beside the rules: read in both forms, run, and told with what was found and why."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from desk.cli import app as cli
from desk.cli import rules_explain as cli_rules_explain
from models.rule_files import RuleFileError
from sla_rules.example_file import ExamplesFile, entries_of
from sla_rules.examples import ExampleResult, run_examples
from sla_rules.snapshot import HERE, Snapshot, snapshot_of
from sla_rules.written_moments import parse_moment
from tasks.house.known_codes import known_of
from tests.small_desk import shipped_catalogue, shipped_rules

NAMES = known_of(shipped_catalogue()).names


def ran(*examples: str) -> tuple[ExampleResult, ...]:
    """The results of a file with these entries."""
    text = "examples:\n" + "".join(f"  - {each}\n" for each in examples) + "...\n"
    return run_examples(Snapshot("tried", {"examples.yaml": text}), shipped_rules(), NAMES)


def test_the_shipped_examples_come_out_as_written() -> None:
    results = run_examples(snapshot_of(HERE), shipped_rules(), NAMES)
    assert [f"{each.line}: {each.say}: {each.found}" for each in results if not each.passed] == []
    assert len(results) >= 30


def test_the_shipped_examples_touch_every_grade_and_target() -> None:
    examples = [entry.example for entry in entries_of(snapshot_of(HERE)) if entry.example]
    assert {each.grade for each in examples} == set(shipped_rules().grades)
    assert len({each.target for each in examples}) >= 9


@pytest.mark.parametrize(
    "line",
    [
        "Fri 2026-09-18 17:30, U3, EDU, feedback → due Fri 2026-09-25 24:00",
        "feedback, EDU, U3, Fri 2026-09-18 17:30 -> due Sat 2026-09-26 00:00",
        "Friday 2026-09-18 17:30, u3, Education => 2026-09-25 24:00",
        "2026-09-18 17:30, U3, educ → Fri 2026-09-25 24:00",
        "2026-09-18 周五 17:30，U3，教育 → 到期 2026-09-25 星期五 24:00",
        "Fri 2026-09-18 17:30, U3, complaint, S01, edu → due Fri 2026-09-25 24:00",
        "Fri 2026-09-18 17:30, U3, first contact → due Sat 2026-09-19 17:30",
        "Fri 2026-09-18 17:30, U3, safety_known → none",
        "Fri 2026-09-18 17:30, U3, safety_known → not measured",
        "Wed 2026-12-30 10:00, U3, callback → due Mon 2027-01-04 24:00 (provisional)",
    ],
)
def test_one_line_says_it_in_any_order_and_both_languages(line: str) -> None:
    (result,) = ran(line)
    assert result.passed, result
    assert (result.line, result.expected) == (2, result.found)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Thu 2026-09-18 17:30, U3 → due Fri 2026-09-25 24:00", "received: 2026-09-18 is a Friday, not a Thursday"),
        ("Fri 2026-09-18 17:30, U3 → due Thu 2026-09-25 24:00", "due: 2026-09-25 is a Friday, not a Thursday"),
        ("Fri 2026-09-18 17:30, U3 → due Fri 2026-09-31 24:00", "due: no calendar has the day 2026-09-31"),
        ("Fri 2026-09-18 24:30, U3 → none", "received: Fri 2026-09-18 24:30: a day ends at 24:00"),
        ("Fri 17:30, U3, education → due Fri 18:00", "received: 'Fri 17:30' is no moment"),
        ("Fri 2026-09-18 17:30, U3, U4 → none", "U3 and 'U4' are both given as grade"),
        ("Fri 2026-09-18 17:30, U3, nobody → none", "no department is called 'nobody'"),
        ("Fri 2026-09-18 17:30, U3, c → none", "'c' could be CIVIL, COMMERCE"),
        ("Fri 2026-09-18 17:30, U3, S99 → none", "no kind is called 'S99'"),
        ("Fri 2026-09-18 17:30, U3", "is no example; write"),
        ("Fri 2026-09-18 17:30 → none", "grade: Field required"),
        ("{received: Fri 2026-09-18 17:30, grade: U3, due: none, dew: 3}", "dew: unknown key"),
        ("{received: 7, grade: U3, due: none}", "received: '7' is no moment"),
        ("[1, 2]", "Input should be a valid dictionary"),
    ],
)
def test_an_example_that_cannot_be_meant_fails_with_the_reason(line: str, why: str) -> None:
    good = "Fri 2026-09-18 17:30, U3 → due Fri 2026-09-25 24:00"
    bad, after = ran(line, good)
    assert not bad.passed
    assert why in bad.why
    assert (after.passed, after.line) == (True, 3)


@pytest.mark.parametrize(
    ("example", "expected", "found"),
    [
        ("Fri 2026-09-18 17:30, U3 → due Sat 2026-09-26 24:00", "due Sat 2026-09-26 24:00", "due Fri 2026-09-25 24:00"),
        ("Fri 2026-09-18 17:30, U3 → none", "not measured", "due Fri 2026-09-25 24:00"),
        ("Fri 2026-09-18 17:30, U3, supervision → due 2026-09-18 18:30", "due 2026-09-18 18:30", "not measured"),
        (
            "Wed 2026-12-30 10:00, U3, callback → due Mon 2027-01-04 24:00",
            "due Mon 2027-01-04 24:00",
            "due Mon 2027-01-04 24:00 (provisional)",
        ),
        (
            "{received: Fri 2026-09-18 17:30, grade: U3, due: Fri 2026-09-25 24:00, rule: u4-feedback}",
            "rule u4-feedback",
            "rule u3-feedback",
        ),
        (
            "{received: Fri 2026-06-05 14:30, grade: U3, target: review, due: Mon 2026-06-08 09:30, "
            + "warning: Mon 2026-06-08 08:30, levels: {9: 2026-06-08 10:00:00}}",
            "warning Mon 2026-06-08 08:30, level 9 Mon 2026-06-08 10:00",
            "warning Fri 2026-06-05 17:30, no level 9",
        ),
    ],
)
def test_what_differs_is_told_and_nothing_else(example: str, expected: str, found: str) -> None:
    (result,) = ran(example)
    assert (result.passed, result.expected, result.found) == (False, expected, found)
    assert result.why


def test_a_pause_on_a_clock_that_never_pauses_is_explained() -> None:
    (result,) = ran(
        "{received: Mon 2026-06-01 10:00, grade: U1, due: Mon 2026-06-01 13:00,"
        " pauses: [2026-06-01 10:30 to 2026-06-01 11:30]}"
    )
    assert not result.passed
    assert result.why.endswith("This clock never pauses.")


def test_a_set_without_examples_has_no_results_and_a_broken_file_fails() -> None:
    assert run_examples(Snapshot("tried", {}), shipped_rules()) == ()
    (result,) = run_examples(Snapshot("tried", {"examples.yaml": "examples: [\n"}), shipped_rules())
    assert not result.passed
    assert "tried/examples.yaml:" in result.why


@pytest.mark.parametrize(
    "text",
    ["", "examples:\n...\n", "- one\n...\n", "examples: []\nmore: 1\n...\n", "examples: {\n", "examples: []\n"],
    ids=["empty", "no list", "no key", "another key", "no YAML", "no end line"],
)
def test_a_file_that_is_no_list_of_examples_is_refused_whole(text: str) -> None:
    with pytest.raises(RuleFileError, match=r"tried/examples\.yaml:\d+:\d+: "):
        entries_of(Snapshot("tried", {"examples.yaml": text}))


def test_every_code_is_believed_where_no_names_are_known() -> None:
    text = "examples:\n  - Fri 2026-09-18 17:30, U3, ISD → due Fri 2026-09-25 24:00\n...\n"
    (result,) = run_examples(Snapshot("tried", {"examples.yaml": text}), shipped_rules())
    assert result.passed


@pytest.mark.parametrize("written", ["Mon 2026-06-01 24:00", "Tue 2026-06-02 00:00", "周二 2026-06-02 00:00"])
def test_the_end_of_a_day_is_the_beginning_of_the_next(written: str) -> None:
    assert parse_moment(written).isoformat() == "2026-06-02T00:00:00"


def test_the_schema_for_editors_accepts_the_shipped_file_and_no_other_key() -> None:
    validator = Draft202012Validator(ExamplesFile.model_json_schema())
    shipped = yaml.safe_load((HERE / "examples.yaml").read_text(encoding="utf-8"))
    for each in shipped["examples"]:
        if isinstance(each, dict):
            each["levels"] = {str(level): at for level, at in each.get("levels", {}).items()}
            each |= {key: str(each[key]) for key in ("received", "warning") if key in each}
    assert list(validator.iter_errors(shipped)) == []
    assert list(validator.iter_errors({"examples": [{"received": "2026-06-02 00:00", "dew": 1}]}))
    assert list(validator.iter_errors({"examples": ["no arrow"]}))


# The command line.


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue, read once for all tests instead of once per command."""
    monkeypatch.setattr(cli_rules_explain, "load_catalogue", shipped_catalogue)


def whistle(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["rules", "test", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the desk's rules, for editing."""
    for name, text in snapshot_of(HERE).files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_desks_own_examples_are_run_without_a_folder() -> None:
    result = whistle()
    assert (result.exit_code, result.stdout.endswith(" examples, 0 failed\n")) == (0, True)


def test_a_changed_limit_fails_the_examples_that_say_otherwise(folder: Path) -> None:
    grades = folder / "rules/grades.yaml"
    text = grades.read_text(encoding="utf-8")
    grades.write_text(text.replace("time: calendar_days\n        limit: 7 d\n        pausable: true",
                                   "time: calendar_days\n        limit: 6 d\n        pausable: true"), encoding="utf-8")  # fmt: skip
    result = whistle(str(folder))
    assert result.exit_code == 1
    first = result.stdout.splitlines()[:4]
    assert first[0].startswith(f"{folder}/examples.yaml:11: Fri 2026-09-18 17:30, U3, EDU")
    assert [line.split(":", 1)[0].strip() for line in first[1:]] == ["expected", "found", "why"]
    assert first[2].split(":", 1)[1].strip() == "due Thu 2026-09-24 24:00"


def test_results_as_json_name_line_and_reason(folder: Path) -> None:
    (folder / "examples.yaml").write_text("examples:\n  - Fri 2026-09-18 17:30, U3 → none\n...\n", encoding="utf-8")
    result = whistle(str(folder), "--json")
    (told,) = json.loads(result.stdout)
    assert (result.exit_code, told["passed"], told["line"]) == (1, False, 2)
    assert told["why"].startswith("u3-feedback: Due 2026-09-25 24:00")


@pytest.mark.parametrize("broken", ["examples.yaml", "rules/grades.yaml"])
def test_a_file_that_cannot_be_read_ends_with_two(broken: str, folder: Path) -> None:
    (folder / broken).write_text("examples: [\n", encoding="utf-8")
    result = whistle(str(folder))
    assert result.exit_code == 2
    assert broken in result.stderr
