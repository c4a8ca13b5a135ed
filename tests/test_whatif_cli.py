"""`whistle rules whatif` from the command line: tables, JSON, the page, and what it refuses."""

import gzip
import json
import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from benchmarks.whatif import make_history
from catalogue.loader import HERE as CATALOGUE
from catalogue.loader import load_catalogue
from desk.cli import app as cli
from desk.cli.tables import Language
from desk.whatif import page as whatif_page
from desk.whatif import work as whatif_work
from desk.whatif.page import draw_page
from desk.whatif.words import TARGET_WORDS, TEXTS, TOLD_WORDS, span_pair
from models.vocabulary import Recipient, Target
from tests.whatif_rows import edited_folder, written

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
BOSTON = Path(__file__).resolve().parents[1] / "benchmarks" / "boston"
HISTORY = (
    "id,received,due,closed,ontime,kind",
    "1,2026-05-05 10:00:00,2026-06-05 00:00:00,,OVERDUE,S01",
    "2,2026-05-05 10:00:00,2026-06-05 00:00:00,2026-05-20 10:00:00,ONTIME,S01",
    "3,2026-05-05 10:00:00,2026-05-20 00:00:00,2026-05-22 10:00:00,OVERDUE,<b>&S02",
    "4,when,2026-05-20 00:00:00,,OVERDUE,S02",
)


read_once = cache(load_catalogue)


@pytest.fixture(autouse=True)
def catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it takes longer than a whole test."""
    monkeypatch.setattr(whatif_work, "load_catalogue", read_once)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return edited_folder(tmp_path / "old", ("limit: 30 d", "limit: 31 d"))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return edited_folder(tmp_path / "new", ("limit: 30 d", "limit: 20 d"))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return written(tmp_path / "history.csv", *HISTORY)


def whatif(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["rules", "whatif", *map(str, arguments)])


def found(*arguments: object) -> dict:
    result = whatif(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_file_is_looked_at_under_two_rule_sets(old, new, history):
    said = found(
        "--rules", new, "--against", old, "--history", history, "--received", "received", "--kind", "kind",
        "--now", "2026-06-01",
    )  # fmt: skip
    assert (said["cases"], said["rows"], said["bad_rows"], said["due"]["earlier"]) == (3, 4, 1, 3)
    assert said["late"]["late_at_once"] == 1
    assert said["listed"]["late_at_once"] == [2]
    assert said["problems"] == ["history.csv:5: received: cannot be read"]
    assert (said["old_is"], said["target"], said["columns"]["closed"]) == ("rules", "closure", "closed")
    assert "compared_all" not in said


def test_the_files_due_times_stand_for_the_old_rules(old, history):
    said = found(
        "--rules", old, "--history", history, "--received", "received", "--due", "due", "--now", "2026-06-01"
    )
    # Received on 5 May, due 31 days after it at 24:00: 6 June 00:00 and not the file's 5 June.
    assert (said["old_is"], said["compared_all"], said["agree_all_within_90s"]) == ("file", 3, 0)
    assert all(type(said[name]) is int for name in ("compared", "agree_within_90s", "flag_compared", "flag_agree"))
    # Two are closed; the third row was closed late by the file and in time by 31 days.
    assert (said["flag_compared"], said["flag_agree"]) == (2, 1)


def test_the_same_rules_say_in_a_sentence_that_nothing_changes(old, history):
    result = whatif("--rules", old, "--against", old, "--history", history, "--received", "received", "--lang", "en")
    assert result.stdout.startswith("Nothing changes for any of 3 cases.")


def test_the_desks_own_cases_are_looked_at_without_a_file(tmp_path, monkeypatch, new):
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "desk"))
    assert CliRunner().invoke(cli.app, ["prepare"]).exit_code == 0
    said = found("--rules", new)
    assert (said["source"], said["cases"], said["old_is"]) == ("cases", 0, "rules")


def test_a_catalogue_beside_the_rules_is_compared_too(tmp_path, old, history):
    shutil.copytree(CATALOGUE, old / "catalogue", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    school = old / "catalogue" / "kinds" / "school.yaml"
    text = school.read_text(encoding="utf-8")
    entry = re.search(r"- code: S01\n(?:    .*\n)*?    lead: (\w+)\n    with: \[(.*?)\]", text)
    assert entry, "S01 stands otherwise in the catalogue"
    other = entry[2].split(",")[0].strip()
    swapped = entry[0].replace(f"lead: {entry[1]}", f"lead: {other}").replace(f"[{other}", f"[{entry[1]}")
    school.write_text(text.replace(entry[0], swapped), encoding="utf-8")
    (tmp_path / "before").mkdir()
    shutil.copytree(old / "rules", tmp_path / "before" / "rules")
    shutil.copytree(old / "calendars", tmp_path / "before" / "calendars")
    said = found(
        "--rules", old, "--against", tmp_path / "before", "--history", history, "--received", "received",
        "--kind", "kind", "--now", "2026-06-01",
    )  # fmt: skip
    assert said["departments_moved"] == [{"kind": "S01", "from": entry[1], "to": other, "cases": 2}]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--received", "opened"), "no column 'opened'; there are id, received, due, closed, ontime, kind"),
        ((), "--received"),
        (("--received", "received", "--zone", "Mars/Olympus"), "no time zone is called"),
        (("--received", "received", "--grade", "U9"), "no column 'U9'"),
        (("--received", "received", "--html", "nowhere/page.html"), "no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(old, history, arguments, why):
    result = whatif("--rules", old, "--against", old, "--history", history, *arguments)
    assert result.exit_code == 1
    assert why in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_rules_that_cannot_be_read_are_named(tmp_path, history):
    folder = edited_folder(tmp_path / "bad", ("limit: 30 d", "limit: 30 dogs"))
    result = whatif("--rules", folder, "--history", history, "--received", "received", "--due", "due")
    assert result.exit_code == 2
    assert "grades.yaml" in result.stderr


def test_options_of_a_file_are_refused_without_one(old):
    result = whatif("--rules", old, "--received", "received")
    assert (result.exit_code, "--history" in result.stderr) == (1, True)


def test_a_file_of_which_nothing_can_be_read_is_refused(old, history):
    result = whatif("--rules", old, "--against", old, "--history", history, "--received", "id")
    assert result.exit_code == 1
    assert "history.csv:2: id: cannot be read" in result.stdout


# The page


class Page(HTMLParser):
    """What a page asks of others, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]


def page_of(path: Path, *arguments: object) -> str:
    assert whatif(*arguments, "--html", path).exit_code == 0
    return path.read_text(encoding="utf-8")


def test_the_page_needs_nothing_else_and_escapes_what_the_file_says(tmp_path, old, new, history):
    html = page_of(
        tmp_path / "page.html", "--rules", new, "--against", old, "--history", history, "--received", "received",
        "--kind", "kind", "--now", "2026-06-01",
    )  # fmt: skip
    page = Page(html)
    assert page.fetched == []
    assert "script" not in page.tags and "link" not in page.tags
    assert page.tags.count("svg") >= 5
    assert "<b>&S02" not in html and "&lt;b&gt;&amp;S02" in html


def test_the_page_speaks_both_languages_and_opens_in_the_one_asked_for(tmp_path, old, new, history):
    both = ("--rules", new, "--against", old, "--history", history, "--received", "received", "--now", "2026-06-01")
    html = page_of(tmp_path / "page.html", *both, "--lang", "en")
    assert TEXTS["alerts_by_hour"][0] in html and TEXTS["alerts_by_hour"][1] in html
    assert re.search(r'id="in-en" checked', html) and not re.search(r'id="in-zh" checked', html)


def test_a_page_of_nothing_is_a_page(tmp_path, old):
    empty = written(tmp_path / "empty.csv", "received")
    html = page_of(tmp_path / "page.html", "--rules", old, "--against", old, "--history", empty, "--received", "received")
    assert TEXTS["headline_empty"][0] in html


def test_an_interrupted_run_leaves_the_old_page_and_no_half_one(tmp_path, monkeypatch, old, history):
    outcome = found("--rules", old, "--against", old, "--history", history, "--received", "received")
    path = tmp_path / "pages" / "page.html"
    path.parent.mkdir()
    path.write_text("the page of yesterday", encoding="utf-8")

    def stop(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        whatif_page.write_page(path, outcome, Language.EN)
    assert [each.name for each in path.parent.iterdir()] == ["page.html"]
    assert path.read_text(encoding="utf-8") == "the page of yesterday"


def test_every_number_of_the_file_is_within_the_page(old, new, history):
    outcome = found(
        "--rules", new, "--against", old, "--history", history, "--received", "received", "--now", "2026-06-01"
    )
    html = draw_page(outcome, Language.EN)
    assert outcome["whatif_hash"] in html
    assert outcome["problems"][0] in html


# The words


def test_every_target_and_every_recipient_has_words():
    assert set(TARGET_WORDS) == set(Target)
    assert set(TOLD_WORDS) == {"HANDLER", *Recipient}


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, -720, "> 30 d earlier"), (-24, -4, "4–24 h earlier"), (-72, -24, "1–3 d earlier"),
        (-1, 0, "≤ 1 h earlier"), (0, 1, "≤ 1 h later"), (168, 720, "7–30 d later"), (720, None, "> 30 d later"),
    ],
)  # fmt: skip
def test_a_bar_of_the_histogram_is_called_by_its_span(low, high, words):
    assert span_pair({"from_hours": low, "to_hours": high})[1] == words


# Real data, where it is at hand


@pytest.mark.skipif(not SHARED.exists(), reason="the city's data lies beside the project, in ../shared/data")
def test_bostons_official_due_times_come_out_of_yaml_alone():
    said = found(
        "--rules", BOSTON, "--history", SHARED / "boston_311_2011.csv.gz", "--received", "open_dt",
        "--due", "target_dt", "--kind", "type",
    )  # fmt: skip
    assert said["rows"] == 41_827
    assert said["compared"] > 25_000
    assert said["agree_within_90s"] / said["compared"] >= 0.98
    assert said["flag_agree"] / said["flag_compared"] >= 0.98


# The benchmark's history


def test_the_benchmarks_history_can_be_read_whole(tmp_path, old, new):
    make_history(tmp_path / "made.csv", 2_000)
    (tmp_path / "made.csv.gz").write_bytes(gzip.compress((tmp_path / "made.csv").read_bytes()))
    said = found(
        "--rules", new, "--against", old, "--history", tmp_path / "made.csv.gz", "--received", "received_at",
        "--kind", "kind", "--department", "department", "--grade", "grade", "--now", "2026-06-01",
    )  # fmt: skip
    assert (said["rows"], said["bad_rows"], said["cases"]) == (2_000, 0, 2_000)
    assert set(said["by"]["grade"]) == {"U0", "U1", "U2", "U3", "U4", "UC"}
