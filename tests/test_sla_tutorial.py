"""docs/sla.md: what it tells a supervisor to write works, and what it quotes is what the program says."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

import sla_rules
from catalogue.loader import load_catalogue
from sla_rules.examples import run_examples
from sla_rules.findings import findings_of
from sla_rules.loader import rule_book_of
from sla_rules.snapshot import snapshot_of
from tasks.house.known_codes import known_of

ROOT = Path(__file__).parents[1]
SHIPPED = Path(sla_rules.__file__).parent
TODAY = date(2026, 7, 1)
KNOWN = known_of(load_catalogue())
TUTORIAL = (ROOT / "docs" / "sla.md").read_text(encoding="utf-8")
CHINESE, ENGLISH = TUTORIAL.split("\n# English\n")
HALVES = pytest.mark.parametrize("half", [CHINESE, ENGLISH], ids=["zh", "en"])

GRADES, PAUSES, CHINA = "rules/grades.yaml", "rules/pauses.yaml", "calendars/china.yaml"
DEFAULT = "      - id: u3-feedback\n        target: feedback\n        time: calendar_days\n        limit: 7 d\n"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The desk's own rules, to be edited as the tutorial says."""
    for part in ("rules", "calendars"):
        shutil.copytree(SHIPPED / part, tmp_path / part)
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def yaml_blocks(half: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", half, re.DOTALL)


def taught_rule(half: str) -> str:
    return next(block for block in yaml_blocks(half) if "u3-homework" in block)


def taught_examples(half: str) -> str:
    return next(block for block in yaml_blocks(half) if "→" in block)


def table_of_days(half: str) -> list[tuple[str, str, str]]:
    """Received, seven days, five working days: the rows of section 3, as `MM-DD` but for the first."""
    due = r"[^|]*?(\d\d-\d\d)[^|]*"
    return re.findall(rf"^\| [^|]*(2026-\d\d-\d\d)[^|]*\|{due}\|{due}\|", half, re.MULTILINE)


@HALVES
def test_the_rule_and_the_examples_of_the_tutorial_work_as_it_says(half: str, draft: Path) -> None:
    edit(draft, GRADES, "      - id: u3-feedback\n", taught_rule(half) + "      - id: u3-feedback\n")
    (draft / "examples.yaml").write_text(f"examples:\n{taught_examples(half)}...\n", encoding="utf-8")
    snapshot = snapshot_of(draft)
    assert [each for each in findings_of(snapshot, KNOWN, TODAY) if each.severity == "error"] == []
    results = run_examples(snapshot, rule_book_of(snapshot), KNOWN.names)
    assert [each.passed for each in results] == [True, True]


@HALVES
def test_the_table_of_days_and_working_days_is_true(half: str, draft: Path) -> None:
    rows = table_of_days(half)
    assert len(rows) == 3
    edit(draft, GRADES, "      - id: u3-feedback\n", taught_rule(half) + "      - id: u3-feedback\n")
    lines = [
        f"  - {received} 17:30, U3,{kind} feedback → due 2026-{due} 24:00\n"
        for received, calendar, working in rows
        for kind, due in (("", calendar), (" S09,", working))
    ]
    (draft / "examples.yaml").write_text(f"examples:\n{''.join(lines)}...\n", encoding="utf-8")
    snapshot = snapshot_of(draft)
    results = run_examples(snapshot, rule_book_of(snapshot), KNOWN.names)
    assert [(each.expected, each.found) for each in results if not each.passed] == []
    assert len(results) == 6


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (GRADES, DEFAULT, DEFAULT.replace("calendar_days", "calender_days")),
        (GRADES, DEFAULT + "        pausable", DEFAULT + "        pauseable"),
        (GRADES, DEFAULT, DEFAULT.replace("calendar_days", "natural")),
        (GRADES, DEFAULT, DEFAULT.replace("7 d", "7 days")),
        (GRADES, DEFAULT, DEFAULT + "        departments: [教育]\n"),
        (GRADES, "      - id: u3-co-handler\n", taught_rule(ENGLISH) + "      - id: u3-co-handler\n"),
        (GRADES, DEFAULT, DEFAULT + "        departments: [EDU]\n"),
        (GRADES, "time: working_days\n        limit: 3 d", "time: working_days\n        limit: 9 d"),
        (GRADES, "      - id: u1-feedback\n", "      - id: u1-feedback\n        pausable: true\n"),
        (GRADES, "\n...\n", "\n"),
        (PAUSES, "    cap: 180 d", "\tcap: 180 d"),
        (GRADES, 'source: "[P]; L-JSJB 14, L-BJ 53 (accept, never return)"', "source: [P]; L-JSJB 14"),
        (CHINA, "work: [2026-09-20, 2026-10-10]", "work: [2026-10-05, 2026-10-10]"),
        (CHINA, "published_to: 2026-12-31", "published_to: 2027-12-31"),
    ],
    ids=[
        "a word misspelt", "a key misspelt", "days by the clock", "a unit misspelt", "a department by name",
        "a rule below the default", "no default", "a co-handler longer than the lead", "a pause where none may be",
        "saved half-way", "a tab", "brackets without quotes", "off and worked", "a year without entry",
    ],
)  # fmt: skip
def test_every_complaint_is_quoted_in_both_languages(name: str, old: str, new: str, draft: Path) -> None:
    edit(draft, name, old, new)
    said = [str(each) for each in findings_of(snapshot_of(draft), KNOWN, TODAY) if each.severity == "error"]
    assert said
    for half in (CHINESE, ENGLISH):
        assert any(all(part in line for part in quote) for quote in quotes(half) for line in said), said


def quotes(half: str) -> list[list[str]]:
    """The first cell of each row of the table of complaints, in the parts between its ellipses."""
    cells = re.findall(r"^\| `(.*?)`(?: \||$)", half, re.MULTILINE)
    return [[part.strip() for part in cell.split("…") if part.strip()] for cell in cells if len(cell) > 25]
