"""`whistle catalogue …`, as a supervisor types it, on a desk that `whistle prepare` made ready."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from desk.cli import app as cli
from desk.doctor.catalogue import EDITED, LIVE, look_at_catalogue
from desk.doctor.findings import Finding, Level
from models.house import Department, HouseVersion
from models.vocabulary import Versioned
from tasks import workplace
from tasks.house.catalogue_folder import catalogue_folder
from tasks.house.installed_catalogue import settle_catalogue
from tasks.house.rule_folder import based_on
from tasks.house.versions import versions_of
from tests.harness.catalogues import edited, shipped_files
from tests.harness.desk_on_paper import START
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import shipped_catalogue, shipped_rules, small_desk

pytestmark = pytest.mark.long

SCHOOL = "kinds/school.yaml"
BY = ("--by", "Li", "--reason", "callers say it otherwise")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """The desk that `WHISTLE_HOME` names, after its first start."""
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "home"))
    # What is looked at here is the catalogue: the model would hear much of what its cues forget.
    monkeypatch.setattr(workplace, "delivered_reader", lambda: None)
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)
    desk = LoneDesk(small_desk(tmp_path / "home"))
    assert [*settle(desk)] == [
        "catalogue: version 1 is live, as shipped",
        f"catalogue: version 1 may be edited in {tmp_path / 'home' / 'catalogue'}",
    ]
    yield desk
    desk.place.database.close()


@pytest.fixture
def folder(desk: LoneDesk) -> Path:
    """Where supervisors of this desk edit."""
    return catalogue_folder(desk.place.settings.home)


def settle(desk: LoneDesk) -> list[str]:
    return [*settle_catalogue(desk.place, START)]


def catalogue(*words: str, told: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["catalogue", *words], input=told)


def edit(folder: Path, path: str, old: str, new: str) -> None:
    (folder / path).write_text(edited(path, old, new).files[path], encoding="utf-8")


def forget(folder: Path, words: str) -> None:
    """Take every mention of these words out of every file."""
    for path in (each for part in (folder, folder / "kinds") for each in part.glob("*.yaml")):
        path.write_text(path.read_text(encoding="utf-8").replace(words, f"{words}到月球"), encoding="utf-8")


def versions(desk: LoneDesk) -> list[HouseVersion]:
    with desk.place.database.reading() as session:
        return versions_of(session, Versioned.CATALOGUE)


def examined(desk: LoneDesk) -> dict[str, Finding]:
    with desk.place.database.reading() as session:
        return {each.name: each for each in look_at_catalogue(session, desk.place.settings)}


def test_the_folder_to_edit_holds_the_live_files_and_their_number(folder: Path) -> None:
    for path, text in shipped_files().files.items():
        assert (folder / path).read_bytes() == text.encode()
    assert based_on(folder) == 1


def test_an_unedited_folder_is_in_order(folder: Path) -> None:
    found = catalogue("check")
    assert (found.exit_code, found.stdout.strip()) == (0, "everything is in order")


def test_something_to_weigh_ends_with_1_and_something_to_mend_with_2(folder: Path) -> None:
    edit(folder, SCHOOL, "被同学孤立,", "网恋, ")
    assert catalogue("check").exit_code == 1
    edit(folder, SCHOOL, "lead: EDU", "lead: 教育局")
    found = catalogue("check")
    assert found.exit_code == 2
    assert f'{folder}/{SCHOOL}:7:5: kinds.0.lead: ' in found.stdout
    assert 'did you mean "EDU"?' in found.stdout


def test_check_speaks_json_to_programs(folder: Path) -> None:
    edit(folder, SCHOOL, "lead: EDU", "lead: mars")
    found = json.loads(catalogue("check", "--json").stdout)
    assert (found["in_order"], found["errors"]) == (False, 1)
    assert found["findings"][0]["field"] == "kinds.0.lead"


def test_from_an_edited_cue_to_a_live_catalogue(desk: LoneDesk, folder: Path) -> None:
    """The whole way of issue 4: change YAML, check, what-if, promote."""
    label = desk.take_in("我家孩子在学校总被大家放鸽子到月球。")
    edit(folder, SCHOOL, "被同学孤立,", "被同学孤立, 放鸽子到月球, ")
    assert catalogue("check").exit_code == 0
    tried = catalogue("whatif", "--by", "Li")
    assert tried.exit_code == 0
    assert label in tried.stdout
    assert "→ S01" in tried.stdout
    promoted = catalogue("promote", *BY, told="y\n")
    assert promoted.exit_code == 0
    assert "version 2 of the catalogue is live" in promoted.stdout
    assert based_on(folder) == 2
    desk.place.take_up()
    assert "放鸽子到月球" in desk.place.catalogue.kinds["S01"].cues.zh


def test_a_catalogue_that_loses_harm_is_refused_loudly_and_nothing_overrides_it(
    desk: LoneDesk, folder: Path
) -> None:
    label = desk.take_in("这个小孩被猥亵了。")
    forget(folder, "猥亵")
    tried = catalogue("whatif")
    assert tried.exit_code == 1
    assert "HARM WOULD BE LOST in 1 cases" in tried.stdout
    refused = catalogue("promote", *BY, "--yes")
    assert refused.exit_code == 2
    assert label in refused.stdout
    assert "nothing goes live" in refused.stderr
    assert catalogue("promote", *BY, "--yes", "--force").exit_code == 2
    assert [each.number for each in versions(desk)] == [1]


def test_no_word_of_a_case_is_printed(desk: LoneDesk, folder: Path) -> None:
    desk.take_in("这个小孩被猥亵了，他叫王小明。")
    forget(folder, "猥亵")
    for found in (catalogue("whatif"), catalogue("whatif", "--json"), catalogue("promote", *BY, "--yes")):
        assert "王小明" not in found.output
        assert "小孩" not in found.output


def test_errors_keep_it_from_going_live(desk: LoneDesk, folder: Path) -> None:
    edit(folder, SCHOOL, "lead: EDU", "lead: MARS")
    found = catalogue("promote", *BY, "--yes")
    assert found.exit_code == 2
    assert "no department MARS" in found.stdout
    assert len(versions(desk)) == 1


def test_saying_no_changes_nothing(desk: LoneDesk, folder: Path) -> None:
    edit(folder, SCHOOL, "被同学孤立,", "被同学孤立, 放鸽子到月球, ")
    assert catalogue("promote", *BY, told="n\n").exit_code == 1
    assert len(versions(desk)) == 1


def test_a_draft_that_was_overtaken_is_refused_until_compared_anew(desk: LoneDesk, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert catalogue("draft", str(mine)).exit_code == 0
    edit(folder, SCHOOL, "被同学孤立,", "被同学孤立, 放鸽子到月球, ")
    assert catalogue("promote", *BY, "--yes").exit_code == 0
    edit(mine, SCHOOL, "被同学孤立,", "被同学孤立, 放风筝到月球, ")
    found = catalogue("promote", str(mine), *BY, "--yes")
    assert (found.exit_code, "--onto 2" in found.stderr) == (2, True)
    assert catalogue("promote", str(mine), *BY, "--yes", "--onto", "2").exit_code == 0


def test_a_rollback_puts_files_and_folder_back(desk: LoneDesk, folder: Path) -> None:
    edit(folder, SCHOOL, "被同学孤立,", "被同学孤立, 放鸽子到月球, ")
    assert catalogue("promote", *BY, "--yes").exit_code == 0
    assert catalogue("rollback", "1", *BY, "--yes").exit_code == 0
    assert [(each.number, each.rolls_back_to) for each in versions(desk)] == [(1, None), (2, None), (3, 1)]
    assert (folder / SCHOOL).read_text(encoding="utf-8") == shipped_files().files[SCHOOL]
    shown = json.loads(catalogue("history", "--json").stdout)
    assert [each["number"] for each in shown] == [3, 2, 1]
    assert shown[0]["reason"] == "callers say it otherwise"


def test_a_rollback_that_loses_harm_is_refused_too(desk: LoneDesk, folder: Path) -> None:
    edit(folder, "signals.yaml", "正在打孩子,", "正在打孩子, 放鸽子到月球, ")
    assert catalogue("promote", *BY, "--yes").exit_code == 0
    desk.place.take_up()
    desk.take_in("孩子被放鸽子到月球了。")
    found = catalogue("rollback", "1", *BY, "--yes")
    assert found.exit_code == 2
    assert "HARM WOULD BE LOST" in found.stdout


def test_a_new_department_is_in_the_table_of_units_once_live(desk: LoneDesk, folder: Path) -> None:
    new = "departments:\n  - {code: LIBRARY, name_zh: 图书馆, full_zh: 图书馆, name_en: Library, may_lead: true, alternative: EDU}\n"
    edit(folder, "departments.yaml", "departments:\n", new)
    assert catalogue("promote", *BY, "--yes").exit_code == 0
    with desk.place.database.reading() as session:
        found = session.exec(select(Department).where(Department.code == "LIBRARY")).one()
    assert (found.name_zh, found.active) == ("图书馆", True)


def test_show_tells_one_entry_or_all_kinds(desk: LoneDesk) -> None:
    assert "S01" in catalogue("show").stdout
    assert "被同学孤立" in catalogue("show", "s01").stdout
    assert "Education" in catalogue("show", "EDU").stdout
    assert catalogue("show", "Q99").exit_code == 1


def test_a_second_start_changes_nothing_and_leaves_edits_alone(desk: LoneDesk, folder: Path) -> None:
    assert settle(desk) == ["catalogue: version 1 is live"]
    edit(folder, SCHOOL, "围殴", "围殴我")
    assert settle(desk)[-1] == f"catalogue: {folder} holds edits that are not live"
    assert len(versions(desk)) == 1


def test_a_stored_catalogue_that_this_release_cannot_read_is_replaced_by_the_shipped_one(desk: LoneDesk) -> None:
    with desk.place.database.writing() as session:
        session.add(
            HouseVersion(
                what=Versioned.CATALOGUE, number=2, digest="d2", files={"departments.yaml": "departments: 7\n"},
                promoted_by="x", reason="y", at=START, reports_hash="",
            )
        )  # fmt: skip
    lines = settle(desk)
    assert "VERSION 2 CANNOT BE READ BY THIS RELEASE" in lines[0]
    assert "catalogue: version 3 is live, as shipped" in lines
    assert desk.place.catalogue.digest == shipped_files().digest


def test_doctor_tells_what_is_live_and_what_waits(desk: LoneDesk, folder: Path) -> None:
    assert {name: each.level for name, each in examined(desk).items()} == {LIVE: Level.OK, EDITED: Level.OK}
    edit(folder, SCHOOL, "围殴", "围殴我")
    assert examined(desk)[EDITED].words == "sound, but not live"
    edit(folder, SCHOOL, "lead: EDU", "lead: mars")
    assert "1 problems keep it from going live" in examined(desk)[EDITED].words
    (folder / SCHOOL).write_bytes(shipped_files().files[SCHOOL].encode())
    edit(folder, "natures.yaml", "表扬,", "表扬, 放鸽子到月球, ")
    (folder / ".based-on").write_text("7\n", encoding="utf-8")
    assert examined(desk)[EDITED].words == "drafted from version 7, while 1 is live"


def test_doctor_calls_a_live_catalogue_bad_that_cannot_be_read(desk: LoneDesk) -> None:
    with desk.place.database.writing() as session:
        session.add(
            HouseVersion(
                what=Versioned.CATALOGUE, number=2, digest="d2", files={}, promoted_by="x", reason="y", at=START,
                reports_hash="",
            )
        )  # fmt: skip
    assert examined(desk)[LIVE].level is Level.BAD
