"""The benchmark of classification: figures that are right, files that are wrong, nothing printed that was said."""

import csv
import json
from pathlib import Path

import pytest

from benchmarks import classification, routing
from benchmarks.classification import answers_to, confusion, figures_of, main, worst_misses
from benchmarks.messages import Labelled, MessagesError, labelled_messages
from benchmarks.scores import binary, calibration_error, kind_scores
from classifier.delivered import delivered_reader
from tests.small_desk import shipped_catalogue

SHARED = Path(__file__).parents[2] / "shared" / "data"
KEYS = (
    "harm.recall", "harm.precision", "harm.caught_or_reviewed", "review_rate", "u0u1.recall", "u0u1.precision",
    "in_scope.f1", "lead.top1", "lead.top3", "kind.macro_f1", "texts_per_s",
)  # fmt: skip
MESSAGES = [
    ("a1", "求救", "楼上的孩子经常被他爸爸用皮带打,身上有伤。"),
    ("a2", "路灯", "小区路灯坏了一个月没人修。"),
    ("a3", "收费", "学校强制购买校服,一套三百,不买不让进校门。"),
]
LABELS = [
    ("a1", "true", "F01", "", "U1", "公安", "true"),
    ("a2", "false", "X06", "", "U3", "其他", "false"),
    ("a3", "true", "S12", "S07", "U3", "教育", "false"),
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    messages, labels = tmp_path / "messages.csv", tmp_path / "labels.csv"
    for path, header, rows in (
        (messages, ("key", "title", "text"), MESSAGES),
        (labels, ("key", "in_scope", "kind", "also", "grade", "lead", "harm"), LABELS),
    ):
        with path.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([header, *rows])
    return messages, labels


def measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["classification", *map(str, words)])
    ended = main()
    return ended, capsys.readouterr().out


def test_every_figure_is_there_under_its_name(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out = measured(monkeypatch, capsys, "--messages", files[0], "--labels", files[1], "--json")
    figures = json.loads(out)
    assert ended == 0
    assert set(KEYS) <= figures.keys()
    assert figures["harm.recall"] == figures["in_scope.f1"] == 1.0


def test_no_word_of_a_message_is_printed(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out = measured(monkeypatch, capsys, "--messages", files[0], "--labels", files[1])
    assert "worst misses" in out
    assert not any(word in out for _, _, text in MESSAGES for word in ("皮带", "路灯", "校服") if word in text)


def test_a_label_without_its_message_is_named(files: tuple[Path, Path]) -> None:
    files[1].write_text(files[1].read_text(encoding="utf-8").replace("a2", "zz"), encoding="utf-8")
    with pytest.raises(MessagesError, match="no message with key zz"):
        labelled_messages(*files)


def test_a_missing_column_is_named(files: tuple[Path, Path]) -> None:
    files[1].write_text("key,kind\na1,F01\n", encoding="utf-8")
    with pytest.raises(MessagesError, match="in_scope: the column is missing"):
        labelled_messages(*files)


def test_a_missing_file_is_named(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(MessagesError, match=r"none\.csv: cannot be read"):
        labelled_messages(tmp_path / "none.csv", files[1])


def test_another_acceptable_kind_is_right_and_a_miss_says_why(files: tuple[Path, Path]) -> None:
    messages = labelled_messages(*files)
    answers = answers_to(messages, delivered_reader(), shipped_catalogue())
    assert figures_of(answers)["kind.top3"] >= 2 / 3
    wrong = Labelled("a2", messages[1].text, True, "F01", frozenset(), "U1", "公安", True)
    missed = answers_to([wrong], delivered_reader(), shipped_catalogue())
    assert worst_misses(missed)[0]["truth"] == "F01 U1 harm"
    assert confusion(missed) == [("F01", "X06", 1)]


def test_counting_by_hand() -> None:
    counts = binary([(True, True), (True, False), (False, True), (False, False)])
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    assert kind_scores(["a", "a", "b"], ["a", "b", "b"]) == pytest.approx((2 / 3, 2 / 3))
    assert calibration_error([(0.8, True), (0.8, False)]) == pytest.approx(0.3)
    assert binary([]).f1 == calibration_error([]) == 0.0


def test_routing_learns_what_it_is_shown_and_tests_on_the_rest() -> None:
    pairs = [(f"路灯坏了{number}", "灯") for number in range(30)] + [(f"公交太挤{number}", "车") for number in range(30)]
    figures = routing.figures_of([*pairs, ("只有一条", "少")])
    assert (figures["macro_f1"], figures["left_out"], figures["classes"]) == (1.0, 1, 2)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the project")
def test_real_messages_are_read_within_the_aims_that_were_reached() -> None:
    """A guard, not a measurement: what was reached must not be lost unnoticed."""
    messages = labelled_messages(SHARED / "citizen_messages_zh.csv.gz", SHARED / "minors_labels.csv")
    figures = figures_of(answers_to(messages, classification.delivered_reader(), shipped_catalogue()))
    assert figures["harm.caught_or_reviewed"] >= 0.9
    assert figures["harm.precision"] >= 0.5
    assert figures["review_rate"] <= 0.3
    assert figures["in_scope.f1"] >= 0.8
