"""What another catalogue makes of past cases, and that none goes live which loses harm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from catalogue.loader import catalogue_of
from catalogue.snapshot import CatalogueSnapshot
from models.case import Case
from models.house import BulkReading
from models.learning import Confirmation
from models.vocabulary import Grade, Nature, Status, Versioned
from tasks.house.catalogue_check import check_catalogue
from tasks.house.catalogue_corpus import corpus_report, corpus_words
from tasks.house.catalogue_outcomes import Outcome, Verdicts
from tasks.house.catalogue_promotion import HarmLostError, promote_catalogue
from tasks.house.catalogue_whatif import Reading, whatif_over_cases
from tasks.house.promotion import Report
from tasks.house.rule_reports import NotSoundError
from tasks.house.versions import HouseWish, live_version, versions_of
from tests.harness.catalogues import edited, install_catalogue, shipped_files
from tests.harness.desk_on_paper import START
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import shipped_catalogue, small_desk

SCHOOL, SIGNALS = "kinds/school.yaml", "signals.yaml"
CANTEEN = "学校食堂的饭菜价格能不能公示。"
TOUCHED = "这个小孩被猥亵了，在楼道里哭。"
BY = "Li"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LoneDesk]:
    """The shipped catalogue is live; cues alone judge."""
    desk = LoneDesk(small_desk(tmp_path / "home"))
    install_catalogue(desk.place, START)
    yield desk
    desk.place.database.close()


def without(words: str) -> CatalogueSnapshot:
    """The shipped catalogue after somebody took every mention of these words out of all files."""
    files = {path: text.replace(words, f"{words}到月球") for path, text in shipped_files().files.items()}
    return CatalogueSnapshot("mine", files)


def compare(desk: LoneDesk, new: CatalogueSnapshot, **more: int) -> Report:
    reading = Reading(desk.now - timedelta(days=365), BY, "test", **more)
    return whatif_over_cases(desk.place, desk.place.catalogue, catalogue_of(new), reading, desk.now).to_json()


def promote(desk: LoneDesk, new: CatalogueSnapshot) -> int:
    wish = HouseWish(1, BY, "test")
    return promote_catalogue(desk.place, check_catalogue(new), wish, desk.now).number


def change_case(desk: LoneDesk, label: str, **fields: object) -> None:
    with desk.place.database.writing() as session:
        case = session.exec(select(Case).where(col(Case.number) == int(label[2:]))).one()
        for name, value in fields.items():
            setattr(case, name, value)


def rule(desk: LoneDesk, label: str, *, harm: bool, grade: Grade) -> None:
    """A named person says what the case is."""
    case = desk.case(label)
    with desk.place.database.writing() as session:
        session.add(
            Confirmation(
                case_id=case.id, key=f"test:{harm}:{grade}", actor="client:li", at=desk.now, kind_ruled="F06",
                grade_said=case.grade, grade_ruled=grade, harm_said=True, harm_ruled=harm,
            )
        )  # fmt: skip


@pytest.fixture
def mover() -> CatalogueSnapshot:
    """Food at school goes to somebody else."""
    kind = next(each for each in shipped_catalogue().kinds.values() if "学校食堂" in str(each.cues.zh))
    path = next(path for path, text in shipped_files().files.items() if f"code: {kind.code}" in text)
    text = shipped_files().files[path]
    before, entry = text.split(f"code: {kind.code}", 1)
    entry = entry.replace(f"lead: {kind.lead}", "lead: CULTURE", 1)
    return CatalogueSnapshot("mine", {**shipped_files().files, path: f"{before}code: {kind.code}{entry}"})


def test_the_same_catalogue_sends_nothing_elsewhere(desk: LoneDesk) -> None:
    desk.take_in()
    report = compare(desk, shipped_files())
    assert (report["judged"], report["changed"], report["cases"]) == (1, {}, [])


def test_another_lead_is_seen_case_by_case_and_as_a_table(desk: LoneDesk, mover: CatalogueSnapshot) -> None:
    label, _other = desk.take_in(CANTEEN), desk.take_in("请问身份证怎么补办")
    report = compare(desk, mover)
    assert report["changed"]["any"] == report["changed"]["lead"] == 1
    (row,) = report["cases"]
    assert row["case"] == label
    assert row["lead"][1] == "CULTURE"
    assert report["tables"]["lead"] == [{"old": row["lead"][0], "new": "CULTURE", "cases": 1}]
    assert report["harm_lost"] == 0


def test_a_report_holds_codes_and_case_numbers_only(desk: LoneDesk) -> None:
    desk.take_in(TOUCHED)
    report = compare(desk, without("猥亵"))
    assert report["changed"]["any"] == 1
    assert not any(word in str(report) for word in ("小孩", "猥亵", "楼道"))


def test_harm_that_would_no_longer_be_heard_is_told_of_and_never_promoted(desk: LoneDesk) -> None:
    label = desk.take_in(TOUCHED)
    report = compare(desk, without("猥亵"))
    assert report["harm_lost"] == 1
    assert report["harm_lost_cases"][0]["case"] == label
    with pytest.raises(HarmLostError, match="1 cases of harm"):
        promote(desk, without("猥亵"))
    with desk.place.database.reading() as session:
        assert len(versions_of(session, Versioned.CATALOGUE)) == 1
    assert desk.place.catalogue.digest == shipped_files().digest


def test_harm_that_a_named_person_ruled_out_holds_nothing_up(desk: LoneDesk) -> None:
    label = desk.take_in(TOUCHED)
    rule(desk, label, harm=False, grade=Grade.U3)
    report = compare(desk, without("猥亵"))
    assert (report["harm_lost"], report["harm_ruled_out_by_a_person"]) == (0, 1)
    assert promote(desk, without("猥亵")) == 2


@pytest.mark.parametrize(("harm", "grade"), [(True, Grade.U3), (False, Grade.U1)])
def test_a_ruling_that_lowers_only_half_of_it_exempts_nobody(desk: LoneDesk, harm: bool, grade: Grade) -> None:
    rule(desk, desk.take_in(TOUCHED), harm=harm, grade=grade)
    assert compare(desk, without("猥亵"))["harm_lost"] == 1


def test_harm_ruled_out_and_found_again_counts(desk: LoneDesk) -> None:
    """Reopened for new harm after the ruling: the case is harm today."""
    label = desk.take_in(TOUCHED)
    rule(desk, label, harm=False, grade=Grade.U3)
    change_case(desk, label, harm=True)
    assert compare(desk, without("猥亵"))["harm_lost"] == 1


def test_harm_is_compared_whatever_its_age_when_something_is_promoted(desk: LoneDesk) -> None:
    label = desk.take_in(TOUCHED)
    change_case(desk, label, harm=True)
    desk.now += timedelta(days=1000)
    with pytest.raises(HarmLostError):
        promote(desk, without("猥亵"))


def test_old_cases_without_harm_are_left_alone(desk: LoneDesk, mover: CatalogueSnapshot) -> None:
    desk.take_in(CANTEEN)
    desk.now += timedelta(days=366)
    assert compare(desk, mover)["judged"] == 0


def test_a_limit_takes_the_newest(desk: LoneDesk, mover: CatalogueSnapshot) -> None:
    labels = [desk.take_in(CANTEEN) for _ in range(3)]
    assert [each["case"] for each in compare(desk, mover, limit=2)["cases"]] == [labels[2], labels[1]]


def test_what_a_person_or_a_tick_knew_is_not_charged_to_a_catalogue(desk: LoneDesk) -> None:
    """Neither catalogue hears it in the words."""
    label = desk.take_in(CANTEEN)
    change_case(desk, label, harm=True, danger_now=True, grade=Grade.U0)
    assert compare(desk, without("饭菜"))["harm_lost"] == 0


def test_a_tick_does_not_hide_that_the_words_are_no_longer_understood(desk: LoneDesk) -> None:
    label = desk.take_in(TOUCHED)
    change_case(desk, label, harm=True, danger_now=True, guardian_suspect=True, grade=Grade.U0)
    assert compare(desk, without("猥亵"))["harm_lost"] == 1


def test_a_sealed_case_is_counted_as_not_judged(desk: LoneDesk) -> None:
    label = desk.take_in()
    change_case(desk, label, status=Status.SEALED, wrapped_key=None)
    report = compare(desk, shipped_files())
    assert (report["judged"], report["not_judged"]) == (0, 1)


def test_every_run_is_written_down_once_with_who_and_why(desk: LoneDesk) -> None:
    desk.take_in()
    desk.take_in()
    compare(desk, shipped_files())
    with desk.place.database.reading() as session:
        (row,) = session.exec(select(BulkReading))
    assert (row.by, row.purpose, row.cases, row.at) == (BY, "test", 2, desk.now)


def test_progress_is_told_to_the_end(desk: LoneDesk) -> None:
    desk.take_in()
    told: list[tuple[int, int]] = []
    reading = Reading(START, BY, "test")
    catalogue = desk.place.catalogue
    whatif_over_cases(desk.place, catalogue, catalogue, reading, START, lambda *each: told.append(each))
    assert told == [(1, 1)]


def test_a_kind_that_cases_still_name_cannot_be_left_out(desk: LoneDesk) -> None:
    change_case(desk, desk.take_in(), kind="Q99")
    with pytest.raises(NotSoundError) as caught:
        promote(desk, edited(SCHOOL, "被同学孤立", "被同学们孤立"))
    assert caught.value.problems == ("catalogue: kind Q99: cases still name it; keep its entry",)


def test_a_department_of_an_open_case_cannot_be_left_out(desk: LoneDesk) -> None:
    change_case(desk, desk.take_in(), complained_of="NOBODY")
    with pytest.raises(NotSoundError) as caught:
        promote(desk, edited(SCHOOL, "被同学孤立", "被同学们孤立"))
    assert "department NOBODY" in caught.value.problems[0]


def test_a_promoted_catalogue_keeps_its_comparison(desk: LoneDesk, mover: CatalogueSnapshot) -> None:
    desk.take_in(CANTEEN)
    assert promote(desk, mover) == 2
    with desk.place.database.reading() as session:
        row = live_version(session, Versioned.CATALOGUE)
    assert row is not None
    assert row.reports["whatif"]["changed"]["lead"] == 1


def test_texts_of_harm_of_our_own_tell_what_cues_forget_before_any_case_does() -> None:
    shipped = shipped_catalogue()
    same = corpus_report(shipped, shipped)
    assert same["forgotten"] == 0
    assert 0 < same["heard_by_new"] == same["heard_by_old"] <= same["texts"]
    deaf = replace(shipped, signals=tuple(each for each in shipped.signals if not each.harm))
    report = corpus_report(shipped, deaf)
    assert report["forgotten"] > 0
    assert f"{report['forgotten']} FORGOTTEN: {report['forgotten_ids'][0]}" in corpus_words(report)


CALM = Outcome("S08", Grade.U3, False, False, Nature.HELP, False, "EDU", ())
HARM = Outcome("F01", Grade.U1, True, False, Nature.HELP, False, "POLICE", ())
HELD = Outcome("F01", Grade.U2, False, True, Nature.HELP, True, "POLICE", ())
HEARD_LOWER = Outcome("F01", Grade.U2, True, False, Nature.HELP, False, "POLICE", ())


@pytest.mark.parametrize(
    ("old", "new", "is_harm", "lost"),
    [
        (HARM, CALM, False, True),
        (HARM, HEARD_LOWER, False, True),
        (HARM, HELD, False, True),
        (HARM, HARM, True, False),
        (CALM, HARM, False, False),
        (CALM, CALM, True, False),
        (HELD, CALM, False, False),
        (HELD, CALM, True, True),
        (HELD, HEARD_LOWER, True, False),
        (HEARD_LOWER, CALM, False, True),
    ],
)
def test_what_counts_as_lost_harm(old: Outcome, new: Outcome, is_harm: bool, lost: bool) -> None:
    assert Verdicts("W-1", old, new, is_harm, ruled_out=False).loses_harm is lost
    assert Verdicts("W-1", old, new, is_harm, ruled_out=True).loses_harm is False
