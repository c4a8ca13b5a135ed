"""The rules of a release meet the case database: first start, upgrade, and sets nobody can read any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import select

from models.exchange import Notice
from models.house import Promotion
from models.vocabulary import Ask, EventKind, OpenCases
from sla_rules.snapshot import Snapshot
from tasks.house import installed_rules
from tasks.house.installed_rules import settle_rules
from tasks.house.promoted_rules import promotions
from tasks.house.rule_folder import based_on, unedited, working_folder
from tasks.house.rule_reports import NotSoundError
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import GRADES, book_once, go_live, judge_once, shipped, with_limits
from tests.small_desk import small_desk

UNREADABLE = {**shipped().files, GRADES: "grades: of another release\n"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """A desk that has never been prepared."""
    monkeypatch.setattr("tasks.house.promoted_rules.rule_book_of", book_once)
    monkeypatch.setattr("tasks.house.installed_rules.judge", judge_once)
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    yield desk
    desk.place.database.close()


def settle(desk: LoneDesk) -> list[str]:
    """What a start says, by a process that has read nothing yet."""
    desk.place = small_desk(desk.place.settings.home)
    use_workplace(desk.place)
    return list(settle_rules(desk.place, desk.now))


def versions(desk: LoneDesk) -> list[Promotion]:
    with desk.place.database.reading() as session:
        return promotions(session)


def asks(desk: LoneDesk) -> list[Ask]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Notice.ask).where(Notice.recipient == "RULES_SUPERVISOR")))


def store(desk: LoneDesk, number: int, files: dict[str, str]) -> None:
    """What another release has left in the database under that number."""
    digest = Snapshot("x", files).digest
    with desk.place.database.writing() as session:
        session.execute(update(Promotion).where(Promotion.number == number).values(files=files, digest=digest))  # type: ignore[arg-type] # a column, not a bool


def test_a_first_start_makes_the_shipped_rules_version_1(desk: LoneDesk) -> None:
    """Checked and tested like any others, and nobody is alarmed."""
    said = settle(desk)
    (first,) = versions(desk)
    assert (first.number, first.promoted_by, first.files) == (1, "installed", shipped().files)
    assert first.checked["errors"] == 0
    assert first.tested["passed"] == first.tested["examples"]
    assert "rules: version 1 is live, as shipped" in said
    assert asks(desk) == []


def test_a_first_start_lays_a_folder_out_to_edit_in(desk: LoneDesk) -> None:
    """With the live files, byte by byte, and the number they are."""
    settle(desk)
    folder = working_folder(desk.place.settings.home)
    assert based_on(folder) == 1
    assert unedited(folder, versions(desk)) == versions(desk)[0]


def test_a_second_start_changes_nothing(desk: LoneDesk) -> None:
    """And says which version is live."""
    settle(desk)
    assert settle(desk) == ["rules: version 1 is live"]
    assert len(versions(desk)) == 1


def test_an_edited_folder_is_left_alone(desk: LoneDesk) -> None:
    """Whatever it holds."""
    settle(desk)
    path = working_folder(desk.place.settings.home) / GRADES
    path.write_text("mine", encoding="utf-8")
    assert any("holds edits that are not live" in line for line in settle(desk))
    assert path.read_text(encoding="utf-8") == "mine"


def test_an_unedited_folder_follows_what_is_live(desk: LoneDesk) -> None:
    """Another machine has promoted."""
    settle(desk)
    files = with_limits(u3_feedback="6 d")
    go_live(desk, files, OpenCases.FREEZE)
    settle(desk)
    folder = working_folder(desk.place.settings.home)
    assert based_on(folder) == 2
    assert (folder / GRADES).read_text(encoding="utf-8") == files[GRADES]


def test_a_release_with_other_rules_does_not_bring_them_in(
    desk: LoneDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it has some, and how to compare."""
    settle(desk)
    monkeypatch.setattr(
        installed_rules, "snapshot_of", lambda _: Snapshot("new release", with_limits(u3_feedback="6 d"))
    )
    said = settle(desk)
    assert any("ships other rules" in line and "whistle rules whatif --rules" in line for line in said)
    assert [each.number for each in versions(desk)] == [1]


def test_a_desk_that_left_the_shipped_rules_is_not_reminded_of_them(desk: LoneDesk) -> None:
    """Only rules it has never had are news."""
    settle(desk)
    go_live(desk, with_limits(u3_feedback="6 d"), OpenCases.FREEZE)
    assert not any("ships other rules" in line for line in settle(desk))


def test_a_live_set_that_cannot_be_read_is_replaced_loudly(desk: LoneDesk) -> None:
    """Its open cases are counted again by the shipped rules, and the supervisor is told."""
    settle(desk)
    store(desk, 1, UNREADABLE)
    label = desk.take_in("食堂", kind="S09")
    said = settle(desk)
    assert any("VERSION 1 CANNOT BE READ BY THIS RELEASE" in line for line in said)
    new = versions(desk)[-1]
    assert (new.number, new.promoted_by, new.open_cases) == (2, "upgrade", OpenCases.RECALCULATE)
    assert new.files == shipped().files
    assert asks(desk) == [Ask.RULES_PROMOTED]
    desk.run_due()
    assert desk.case(label).rules_version == 2


def test_open_cases_of_an_old_set_that_cannot_be_read_go_by_the_live_one(desk: LoneDesk) -> None:
    """They were frozen; without readable rules they could not be judged at all."""
    settle(desk)
    label = desk.take_in("食堂", kind="S09")
    desk.run_due()
    go_live(desk, with_limits(u3_feedback="6 d"), OpenCases.FREEZE)
    store(desk, 1, UNREADABLE)
    assert any("1 open cases of unreadable versions" in line for line in settle(desk))
    desk.run_due()
    assert desk.case(label).rules_version == 2
    assert EventKind.RULES_CHANGED in desk.events(label)


def test_shipped_rules_with_errors_stop_the_start(desk: LoneDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than a desk without rules."""
    monkeypatch.setattr(installed_rules, "snapshot_of", lambda _: Snapshot("broken", UNREADABLE))
    with pytest.raises(NotSoundError, match="errors in the rules"):
        settle(desk)
    assert versions(desk) == []
