"""`whistle rules draft`, `promote`, `history` and `rollback`, as a supervisor types them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from desk.cli import app as cli
from models.house import Promotion
from models.vocabulary import OpenCases
from tasks import workplace
from tasks.house.promoted_rules import promotions
from tasks.house.promotion import report_hash
from tasks.house.rule_folder import based_on, working_folder
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import GRADES, book_once, go_live, install, judge_once, shipped, with_limits
from tests.small_desk import shipped_catalogue, shipped_rules, small_desk

SOUND = {"u4_callback": "2 d"}
WHY = ("--reason", "the office asked for it")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """The desk that `WHISTLE_HOME` names, with version 1 live and nothing drafted."""
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)
    monkeypatch.setattr("tasks.house.promoted_rules.rule_book_of", book_once)
    monkeypatch.setattr("desk.cli.rules_promote.judge", judge_once)
    desk = LoneDesk(small_desk(tmp_path / "home"))
    use_workplace(desk.place)
    install(desk.place)
    yield desk
    desk.place.database.close()


@pytest.fixture
def folder(desk: LoneDesk, tmp_path: Path) -> Path:
    """A fresh draft of version 1."""
    assert rules("draft", str(tmp_path / "mine")).exit_code == 0
    return tmp_path / "mine"


def rules(*words: str, told: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["rules", *words], input=told)


def edit(folder: Path, **limits: str) -> None:
    (folder / GRADES).write_text(with_limits(**limits)[GRADES], encoding="utf-8")


def versions(desk: LoneDesk) -> list[Promotion]:
    with desk.place.database.reading() as session:
        return promotions(session)


def promote(folder: Path, *more: str, told: str | None = None) -> Result:
    return rules("promote", str(folder), "--open-cases", "freeze", *WHY, *more, told=told)


def test_a_draft_is_what_is_live_and_says_which_version(folder: Path) -> None:
    """Byte by byte, with the examples and the calendar."""
    for name, content in shipped().files.items():
        assert (folder / name).read_bytes() == content.encode()
    assert based_on(folder) == 1


def test_a_folder_with_something_in_it_is_not_written_over(desk: LoneDesk, tmp_path: Path) -> None:
    """Nor is one file of it."""
    (tmp_path / "note.txt").write_text("mine", encoding="ascii")
    result = rules("draft", str(tmp_path))
    assert result.exit_code == 2
    assert "not empty" in result.output
    assert not (tmp_path / GRADES).exists()


def test_a_sound_edit_goes_live_with_its_reports(desk: LoneDesk, folder: Path) -> None:
    """The examples and the comparison that were shown are kept with their hashes."""
    desk.take_in("食堂", kind="S09")
    desk.run_due()
    edit(folder, **SOUND)
    result = promote(folder, "--by", "Li", "--yes")
    assert result.exit_code == 0, result.output
    assert "changed files: rules/grades.yaml" in result.output
    assert "0 of " in result.output
    row = versions(desk)[-1]
    assert (row.number, row.based_on, row.promoted_by, row.reason) == (2, 1, "Li", WHY[1])
    assert row.files == with_limits(**SOUND)
    assert row.tested["examples"] == row.tested["passed"] > 0
    assert row.whatif["clocks"] > 0
    assert report_hash(row.whatif) == row.whatif_hash
    assert based_on(folder) == 2


def test_the_comparison_names_what_moves(desk: LoneDesk, folder: Path) -> None:
    """Before anybody is asked to confirm."""
    desk.take_in("食堂", kind="S09")
    desk.run_due()
    edit(folder, u3_first_contact="12 h")
    (folder / "examples.yaml").unlink()
    moved = promote(folder, "--yes")
    assert "0 of 0 come out as written" in moved.output
    assert "due times move (" in moved.output


def test_without_a_yes_nothing_changes(desk: LoneDesk, folder: Path) -> None:
    """The question comes after everything was shown."""
    edit(folder, **SOUND)
    result = promote(folder, told="n\n")
    assert result.exit_code == 1
    assert "open cases: keep the rules" in result.output
    assert len(versions(desk)) == 1


def test_a_typing_error_is_refused_with_its_line(desk: LoneDesk, folder: Path) -> None:
    """And with exit code 2."""
    path = folder / GRADES
    path.write_text(path.read_text(encoding="utf-8").replace("limit: 1 h", "limt: 1 h", 1), encoding="utf-8")
    result = promote(folder, "--yes")
    assert result.exit_code == 2
    assert "rules/grades.yaml:39:9: grades.U0.rules.0.limt: unknown key" in result.output
    assert len(versions(desk)) == 1


def test_an_example_that_fails_is_refused(desk: LoneDesk, folder: Path) -> None:
    """The week's feedback of the examples is not six days."""
    edit(folder, u3_feedback="6 d")
    result = promote(folder, "--yes")
    assert result.exit_code == 2
    assert "examples come out otherwise" in result.output
    assert len(versions(desk)) == 1


def test_a_set_for_looking_at_never_goes_live(desk: LoneDesk, folder: Path) -> None:
    """It says `only`, and leaves rules out."""
    text = (folder / GRADES).read_text(encoding="utf-8")
    (folder / GRADES).write_text(f"only: {{grades: [U3], targets: [closure], why: a test}}\n{text}", encoding="utf-8")
    result = promote(folder, "--yes")
    assert result.exit_code == 2
    assert len(versions(desk)) == 1


def test_whoever_was_overtaken_is_told_and_may_insist(desk: LoneDesk, folder: Path) -> None:
    """After looking at the other's version."""
    go_live(desk, with_limits(u4_callback="4 d"), OpenCases.FREEZE, by="Wang")
    edit(folder, **SOUND)
    refused = promote(folder, "--yes")
    assert refused.exit_code == 2
    assert "version 2 was promoted by Wang" in refused.output
    assert promote(folder, "--yes", "--onto", "2").exit_code == 0
    assert [each.based_on for each in versions(desk)] == [None, 1, 2]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_a_reason(desk: LoneDesk, folder: Path, reason: str) -> None:
    """Neither empty nor a letter to the editor."""
    edit(folder, **SOUND)
    result = rules("promote", str(folder), "--open-cases", "freeze", "--reason", reason, "--yes")
    assert result.exit_code == 1
    assert "--reason" in result.output


def test_a_rollback_is_a_new_version_with_the_old_files(desk: LoneDesk, folder: Path) -> None:
    """Marked as what it is; open cases are counted again unless told otherwise."""
    edit(folder, **SOUND)
    assert promote(folder, "--yes").exit_code == 0
    result = rules("rollback", "1", *WHY, "--yes")
    assert result.exit_code == 0, result.output
    last = versions(desk)[-1]
    assert (last.number, last.rolls_back_to, last.open_cases) == (3, 1, OpenCases.RECALCULATE)
    assert last.files == shipped().files
    assert based_on(working_folder(desk.place.settings.home)) == 3


def test_a_version_that_never_was_is_named(desk: LoneDesk) -> None:
    """Instead of a traceback."""
    result = rules("rollback", "9", *WHY, "--yes")
    assert result.exit_code == 2
    assert "version 9" in result.output


def test_the_history_tells_who_what_and_why(desk: LoneDesk, folder: Path) -> None:
    """Newest first; as JSON with whole hashes and without the files' words."""
    edit(folder, **SOUND)
    promote(folder, "--by", "Li", "--yes")
    rules("rollback", "1", *WHY, "--yes")
    shown = rules("history")
    assert shown.exit_code == 0, shown.exception
    lines = shown.output.splitlines()
    assert [line.split("\t")[0] for line in lines[2:]] == ["3", "2", "1"]
    assert lines[2].endswith("\t1")
    told = json.loads(rules("history", "--json").output)
    assert [each["number"] for each in told] == [3, 2, 1]
    assert all(len(each["whatif_hash"]) == 64 for each in told)
    assert told[0]["files"] == sorted(shipped().files)
