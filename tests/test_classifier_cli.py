"""`whistle classifier …`: learned from people's rulings, promoted only if it misses no more, watched for drift."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from classifier import model_file
from classifier.delivered import PATH, delivered_reader
from classifier.model_file import packed, unpacked
from classifier.reader import Reader
from desk import classifier_training
from desk.cli import app as cli
from models.house import AccessLog, HouseVersion
from models.learning import Confirmation
from models.vocabulary import Grade, Purpose, Versioned
from tasks.classifying import model_promotion
from tasks.classifying.drift import drift, stability_index
from tasks.classifying.model_promotion import settle_classifier
from tasks.classifying.teaching import taught_cases
from tasks.house.versions import versions_of
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import START
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import small_desk

BY = ("--by", "Li", "--reason", "learned from March", "--yes")
HARM = "楼上的孩子经常被他爸爸用皮带打,身上有伤。"
CALM = "请问社区周末有没有适合一家人参加的活动。"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """The desk that `WHISTLE_HOME` names; models are tried on thirty texts kept apart, to be quick."""
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "home"))
    few = model_promotion.held_out_examples()[::16]
    monkeypatch.setattr(model_promotion, "held_out_examples", lambda: few)
    desk = LoneDesk(small_desk(tmp_path / "home"))
    desk.place.reader = delivered_reader()
    use_workplace(desk.place)
    assert list(settle_classifier(desk.place, START)) == ["classifier: version 1 is live"]
    yield desk
    desk.place.database.close()


def classifier(*words: str, told: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["classifier", *words], input=told)


def versions(desk: LoneDesk) -> list[HouseVersion]:
    with desk.place.database.reading() as session:
        return versions_of(session, Versioned.CLASSIFIER)


def ruled(desk: LoneDesk, text: str, *, harm: bool) -> str:
    """A case on which a named person has ruled."""
    label = desk.take_in(text)
    with desk.place.database.writing() as session:
        case = desk.case(label)
        kind, grade = ("F01", Grade.U1) if harm else ("X01", Grade.UC)
        session.add(
            Confirmation(
                case_id=case.id, key="news:1", actor="client:test", at=desk.now, kind_said="X06", kind_ruled=kind,
                grade_said=Grade.U3, grade_ruled=grade, harm_said=False, harm_ruled=harm,
            )
        )  # fmt: skip
    return label


def deaf(path: Path) -> Path:
    """A model that hears no harm anywhere."""
    reader = delivered_reader()
    fields = {name: getattr(reader, name) for name in Reader.__dataclass_fields__}
    fields |= {"joined": np.zeros_like(reader.joined) - np.float32(5), "sure": 0.999, "maybe": 0.99}
    path.write_bytes(packed(Reader(**fields), {"texts": 0}))
    return path


def tuned(path: Path) -> Path:
    """The delivered model with another story: other bytes, the same judgement."""
    reader, story = unpacked(PATH.read_bytes(), "delivered")
    path.write_bytes(packed(reader, {**story, "note": 1}))
    return path


def test_the_first_start_makes_the_delivered_model_version_1(desk: LoneDesk) -> None:
    (row,) = versions(desk)
    assert (row.number, row.digest) == (1, delivered_reader().digest)
    assert list(settle_classifier(desk.place, START)) == ["classifier: version 1 is live"]


def test_a_model_that_misses_more_is_refused_and_nothing_changes(desk: LoneDesk, tmp_path: Path) -> None:
    found = classifier("promote", str(deaf(tmp_path / "deaf.npz")), *BY)
    assert found.exit_code == 2
    assert "recall of U0/U1 would fall" in found.output
    assert len(versions(desk)) == 1


def test_a_model_that_misses_nothing_more_goes_live_and_back(desk: LoneDesk, tmp_path: Path) -> None:
    found = classifier("promote", str(tuned(tmp_path / "new.npz")), *BY)
    assert found.exit_code == 0, found.output
    assert "version 2 of the classifier is live" in found.output
    assert versions(desk)[-1].reports["compared"]["live"]["corpus"]["lessons"] == 31
    desk.place.take_up()
    assert desk.place.reader is not None
    assert desk.place.reader.digest == versions(desk)[-1].digest
    assert "version 3" in classifier("rollback", "1", *BY).output
    assert [row.rolls_back_to for row in versions(desk)] == [None, None, 1]
    shown = json.loads(classifier("history", "--json").output)
    assert [row["number"] for row in shown] == [3, 2, 1]


def test_the_same_model_twice_is_nothing_to_promote(desk: LoneDesk) -> None:
    found = classifier("promote", str(PATH), *BY)
    assert (found.exit_code, "nothing to promote" in found.output) == (2, True)


def test_a_file_that_is_no_model_is_refused_in_one_line(desk: LoneDesk, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"hello")
    found = classifier("evaluate", str(tmp_path / "x.npz"))
    assert (found.exit_code, "not a model of this desk" in found.output) == (1, True)
    assert "whistle classifier train" in classifier("evaluate").output


def test_an_unreadable_stored_model_never_replaces_a_working_one(desk: LoneDesk) -> None:
    working = desk.place.reader
    with desk.place.database.writing() as session:
        session.add(
            HouseVersion(
                what=Versioned.CLASSIFIER, number=2, digest="0", promoted_by="x", reason="x", at=START,
                blob=b"broken", reports_hash="0",
            )
        )  # fmt: skip
    (found,) = desk.place.take_up()
    assert (found.what, found.number) == (Versioned.CLASSIFIER, 2)
    assert desk.place.reader is working


def test_training_learns_from_rulings_but_never_from_one_in_five(
    desk: LoneDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        ruled(desk, f"{HARM}第{number}次。" if number % 2 else f"{CALM}第{number}次。", harm=bool(number % 2))
    taught = taught_cases(desk.place, desk.place.catalogue, "Li", desk.now)
    assert (len(taught.to_learn), len(taught.held_out)) == (8, 2)
    with desk.place.database.reading() as session:
        logged = len(session.exec(select(AccessLog).where(AccessLog.purpose == Purpose.LEARNING)).all())
    assert logged == 10
    corpus = classifier_training.training_examples()
    monkeypatch.setattr(classifier_training, "training_examples", lambda: (*corpus[:60], *corpus[700:760]))
    found = classifier("train", "--by", "Li")
    assert found.exit_code == 0, found.output
    assert "120 texts of the corpus and 8 confirmed cases" in found.output
    assert (desk.place.settings.home / "classifier" / "candidate.npz").exists()
    report = json.loads(classifier("evaluate", "--json").output)
    assert report["wanted"]["confirmed"]["lessons"] == 2


def test_a_sealed_case_teaches_nothing(desk: LoneDesk) -> None:
    label = ruled(desk, HARM, harm=True)
    with desk.place.database.writing() as session:
        case = session.merge(desk.case(label))
        case.wrapped_key, case.text_ct = None, None
    assert taught_cases(desk.place, desk.place.catalogue, "Li", desk.now).without_words == 1


def test_drift_tells_that_other_things_come_in(desk: LoneDesk) -> None:
    for number in range(8):
        desk.take_in(f"小区路灯坏了,第{number}盏。")
    desk.run_due()
    middle = desk.now + timedelta(days=1)
    desk.jump(middle + timedelta(hours=1))
    for number in range(8):
        desk.take_in(f"{HARM}第{number}次。")
    desk.run_due()
    with desk.place.database.reading() as session:
        found = drift(session, START - timedelta(days=1), middle, middle + timedelta(days=1))
    assert (found.before, found.after, found.verdict) == (8, 8, "moved_far")
    assert found.harm_after is not None
    assert found.harm_before is not None
    assert found.harm_after > found.harm_before
    assert found.models == (delivered_reader().digest[:12],)


def test_too_few_requests_say_nothing_about_drift(desk: LoneDesk) -> None:
    assert "too few" in classifier("drift", "--days", "7").output
    assert stability_index({"F": 2}, {"F": 2}) is None
    assert stability_index({"F": 20}, {"F": 20}) == pytest.approx(0)


def test_a_model_without_its_parts_is_not_packed_differently_each_time() -> None:
    reader, story = unpacked(PATH.read_bytes(), "delivered")
    assert model_file.digest_of_model(packed(reader, story)) == model_file.digest_of_model(packed(reader, story))
