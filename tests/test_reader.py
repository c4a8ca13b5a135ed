"""The learned reader: what it sees of a message, how it is stored, and what it was learned from."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalogue.loader import load_catalogue
from classifier.corpus_files import (
    Example,
    held_out_examples,
    read_examples,
    training_examples,
)
from classifier.delivered import PATH, delivered_reader
from classifier.features import LONGEST, features_of, run_hashes, tokens_of
from classifier.lessons import Lesson
from classifier.model_file import ModelFileError, packed, read_model, unpacked
from classifier.reader import Reader, characters_of
from classifier.training import learn
from desk.classifier_training import corpus_digest
from models.rule_files import RuleFileError
from models.vocabulary import Grade, Nature
from tasks.classifying.teaching import lessons_of

CALM = ("食堂的菜太咸了", "请问几号报名", "操场什么时候开放", "校服颜色不好看", "作业太多写到很晚", "公交站太远了")
HARM = ("他拿皮带抽孩子", "孩子身上有淤青", "娃被锁在家里饿着", "爸爸打我不敢回家", "孩子的胳膊被烫伤了", "后妈不给他饭吃")


def example(number: int, text: str, *, harm: bool) -> Example:
    return Example(
        id=f"t-{number}", text=text, lang="zh", kind="F01" if harm else "S07",
        grade=Grade.U1 if harm else Grade.UC, harm=harm, guardian_suspect=harm, nature=Nature.HELP,
    )  # fmt: skip


def lessons() -> list[Lesson]:
    texts = [(f"{text}{end}", harm) for harm, every in ((False, CALM), (True, HARM)) for text in every for end in ("", "。", "啊", "!")]
    return [Lesson(text, {}, example(number, text, harm=harm)) for number, (text, harm) in enumerate(texts)]


@pytest.fixture(scope="module")
def small_model() -> Reader:
    return learn(lessons(), ["F01", "S07", "C01"], ("F01", "S07", "bullied"))


def test_a_run_is_the_same_wherever_it_stands() -> None:
    assert set(features_of("孩子")) <= set(features_of("有个孩子在哭"))
    assert set(features_of("beaten")) <= set(features_of("he was beaten badly"))


def test_every_run_of_one_to_four_tokens_is_hashed() -> None:
    assert len(run_hashes(tokens_of("一二三四五"))) == 5 + 4 + 3 + 2


@pytest.mark.parametrize("text", ["", " ", "!", "😭", "a", "1"])
def test_almost_nothing_can_be_read_too(text: str, small_model: Reader) -> None:
    reading = small_model.read(text, {})
    assert 0 <= reading.harm <= 1
    assert reading.kinds


def test_a_very_long_message_is_read_at_both_ends(small_model: Reader) -> None:
    long = "请问几号报名。" * 20_000
    assert len(features_of(long)) < LONGEST
    ending = small_model.read(f"{long}爸爸打我不敢回家", {}).harm
    assert ending > small_model.read(long, {}).harm


def test_the_model_tells_harm_from_ordinary_requests(small_model: Reader) -> None:
    assert small_model.read("他拿皮带抽孩子,孩子身上有淤青", {}).harm > small_model.read("请问几号报名", {}).harm
    assert small_model.read("他拿皮带抽孩子", {}).kinds[0][0] == "F01"


def test_one_clause_in_a_long_complaint_is_found_where_it_stands(small_model: Reader) -> None:
    before, clause = "公交站太远了,食堂的菜太咸了,校服颜色不好看。" * 6, "爸爸打我不敢回家"
    text = before + clause + before
    begin, end = characters_of(text, small_model.read(text, {}).passage)
    assert begin <= len(before) + len(clause)
    assert end >= len(before)
    assert end - begin < len(text) / 3


def test_a_kind_without_lessons_is_never_proposed_first(small_model: Reader) -> None:
    assert all(small_model.read(text, {}).kinds[0][0] != "C01" for text in (*CALM, *HARM))


def test_cues_move_the_kind_but_not_the_second_opinion_on_harm(small_model: Reader) -> None:
    without, heard = (small_model.read("有件事想说", cues) for cues in ({}, {"F01": 12.0}))
    assert heard.harm == without.harm
    assert heard.kinds != without.kinds or np.allclose(small_model.evidence, 0)


def test_a_stored_model_reads_like_the_one_that_was_learned(small_model: Reader) -> None:
    content = packed(small_model, {"texts": 48})
    again, story = unpacked(content, "it")
    assert story == {"texts": 48}
    assert packed(small_model, {"texts": 48}) == content
    assert again.read(HARM[0], {}).harm == pytest.approx(small_model.read(HARM[0], {}).harm, abs=0.05)


@pytest.mark.parametrize("content", [b"", b"PK", b"no model at all"])
def test_what_is_no_model_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(ModelFileError, match="train it again"):
        unpacked(content, "candidate.npz")


def test_a_missing_model_names_its_path(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"none\.npz: cannot be read"):
        read_model(tmp_path / "none.npz")


def test_a_model_of_another_format_is_refused(small_model: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed(small_model, {})
    monkeypatch.setattr("classifier.model_file.FORMAT", 99)
    with pytest.raises(ModelFileError, match="format 1 is not 99"):
        unpacked(content, "old.npz")


def test_learning_twice_gives_the_same_model(small_model: Reader) -> None:
    again = learn(lessons(), ["F01", "S07", "C01"], ("F01", "S07", "bullied"))
    assert packed(again, {}) == packed(small_model, {})


# --- the corpus and the model that is delivered ---------------------------------------------------


def every_example() -> Sequence[Example]:
    return (*training_examples(), *held_out_examples())


def test_every_kind_is_taught_and_tested() -> None:
    kinds = set(load_catalogue().kinds) - {"X99"}
    assert kinds == {each.kind for each in training_examples()} & kinds
    assert len(kinds - {each.kind for each in held_out_examples()}) <= 3


def test_every_example_names_kinds_and_leads_of_the_catalogue() -> None:
    catalogue = load_catalogue()
    wrong = [each.id for each in every_example() if not each.kinds <= catalogue.kinds.keys()]
    leads = [each.id for each in every_example() if each.lead not in {None, *catalogue.departments}]
    assert (wrong, leads) == ([], [])


def test_no_text_is_both_learned_from_and_held_out() -> None:
    taught = {each.text for each in training_examples()}
    assert [each.id for each in held_out_examples() if each.text in taught] == []


def test_no_example_holds_a_number_that_could_be_called() -> None:
    digits = [each.id for each in every_example() if any(len(run) >= 11 for run in _digit_runs(each.text))]
    assert digits == []


def _digit_runs(text: str) -> list[str]:
    return "".join(each if each.isdigit() else " " for each in text).split()


def test_a_broken_line_is_named_without_its_words(tmp_path: Path) -> None:
    path = tmp_path / "training_x.jsonl"
    path.write_text('{"id": "a", "text": "秘密的话", "kind": "F1"}\n', encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"training_x\.jsonl:1: kind") as caught:
        read_examples([path])
    assert "秘密" not in str(caught.value)


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    line = example(1, "食堂", harm=False).model_dump_json()
    path = tmp_path / "training_x.jsonl"
    path.write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(RuleFileError, match=r":2: id: t-1 is there twice"):
        read_examples([path])


def test_the_delivered_model_was_learned_from_the_corpus_as_it_is() -> None:
    story = read_model(PATH)[1]
    assert story["corpus"] == corpus_digest(), "run `make model` after changing the corpus"
    assert story["texts"] == len(training_examples())


def test_the_delivered_model_keeps_apart_what_it_never_saw() -> None:
    reader = delivered_reader()
    lessons = tuple(lessons_of(held_out_examples(), load_catalogue()))
    harm = [reader.read(each.clean, each.evidence).harm for each in lessons if each.harm]
    calm = [reader.read(each.clean, each.evidence).harm for each in lessons if not each.harm]
    higher = np.mean([one > other for one in harm for other in calm])
    assert higher > 0.8, "a harmful text should mostly read as more harmful than a harmless one"


def test_thresholds_leave_room_for_doubt() -> None:
    reader = delivered_reader()
    assert 0 < reader.maybe < reader.sure < 1
    assert replace(reader, digest="x").sure == reader.sure
