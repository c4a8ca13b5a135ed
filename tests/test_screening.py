"""The safety screen hears danger to a child, only raises, and is not fooled by form."""

import time

import pytest

from catalogue.loader import Catalogue, load_catalogue
from models.vocabulary import Grade
from tasks.classifying.screening import screen


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize(
    ("text", "floor", "situation"),
    [
        ("隔壁正在打孩子，孩子一直喊救命", Grade.U0, "MR9"),
        ("我女儿放学后没回家，已经找不到人了", Grade.U0, "MR7"),
        ("楼道纸箱里有个弃婴", Grade.U0, "MR6"),
        ("学生身上有伤，孩子说被爸爸打得全是淤青", Grade.U1, "MR4"),
        ("我继父晚上摸我下面", Grade.U1, "MR2"),
        ("孩子下体出血，医生怀疑受伤", Grade.U1, "MR1"),
        ("有人带着孩子乞讨", Grade.U1, "MR8"),
        ("我不想活了", Grade.U1, "MR5"),
        ("他家刚生的女儿出生当天就送给别人了", Grade.U1, "MR7"),
        ("My stepfather touches my private parts at night", Grade.U1, "MR2"),
        ("A child is screaming for help next door", Grade.U0, "MR9"),
        ("My daughter has not come home since yesterday", Grade.U0, "MR7"),
        ("There is a toddler home alone next door", Grade.U2, "MR6"),
    ],
)
def test_the_nine_situations_are_heard(
    catalogue: Catalogue, text: str, floor: Grade, situation: str
) -> None:
    heard = screen(text, catalogue)
    assert heard.harm
    assert heard.grade_floor is floor
    assert situation in heard.mandatory_report


@pytest.mark.parametrize(
    "text",
    ["楼下饭店半夜噪音扰民", "两个邻居在小区打架，持刀威胁", "拖欠工资三个月", "The bar is noisy until midnight"],
)
def test_adults_among_themselves_are_no_harm_to_a_child(catalogue: Catalogue, text: str) -> None:
    heard = screen(text, catalogue)
    assert not heard.harm
    assert heard.grade_floor is None
    assert not heard.child_mentioned


@pytest.mark.parametrize(
    "text",
    [
        "他没有打孩子，只是咨询一下",
        "邻居说她听别人讲那家打孩子",
        "群里有人写“打孩子”",
        "孩子爸爸说孩子撒谎，没人打孩子",
    ],
)
def test_negated_quoted_or_hearsay_words_never_lower(catalogue: Catalogue, text: str) -> None:
    assert screen(text, catalogue).grade_floor is Grade.U1


@pytest.mark.parametrize(
    "text",
    [
        "父親毆打孩子，身上有傷",
        "父亲殴打孩子,身上有伤",
        "父亲 殴 打 孩 子",
        "父亲<b>殴打</b>孩子<br/>",
        "父亲殴打孩子",
        "父亲😡殴打😭孩子😭",
        "父亲\u200b殴打\u200b孩子",
        "ＭＹ　ＤＡＤ　ＨＩＴＳ　ＭＥ　ＷＩＴＨ　a belt",
    ],
)
def test_the_form_of_writing_hides_nothing(catalogue: Catalogue, text: str) -> None:
    heard = screen(text, catalogue)
    assert heard.harm
    assert heard.guardian_suspect


def test_an_empty_text_says_nothing(catalogue: Catalogue) -> None:
    heard = screen("", catalogue)
    assert (heard.signals, heard.grade_floor, heard.harm, heard.child_mentioned) == ((), None, False, False)


def test_the_operators_tick_is_danger_without_a_word(catalogue: Catalogue) -> None:
    heard = screen("", catalogue, danger_now=True, suspect_is_guardian=True)
    assert heard.grade_floor is Grade.U0
    assert heard.danger_now and heard.harm and heard.guardian_suspect
    assert heard.mandatory_report == ("MR9",)


def test_a_tick_not_set_does_not_silence_the_text(catalogue: Catalogue) -> None:
    heard = screen("爸爸正在打我", catalogue, danger_now=False, suspect_is_guardian=False)
    assert heard.danger_now and heard.guardian_suspect


def test_sexual_abuse_of_an_unknown_age_is_held_to_be_under_fourteen(catalogue: Catalogue) -> None:
    text = "学生被邻居猥亵"
    assert screen(text, catalogue).mandatory_report == ("MR2",)
    assert screen(text, catalogue, child_age=13).mandatory_report == ("MR2",)
    assert screen(text, catalogue, child_age=14).mandatory_report == ("MR9",)
    assert screen(text, catalogue, child_age=14, child_under_14=True).mandatory_report == ("MR2",)


def test_a_pregnant_girl_of_fourteen_is_another_situation_than_one_of_thirteen(catalogue: Catalogue) -> None:
    text = "女学生怀孕"
    assert screen(text, catalogue, child_age=13).mandatory_report == ("MR2",)
    assert screen(text, catalogue, child_age=14).mandatory_report == ("MR3",)


@pytest.mark.parametrize(("text", "is_small"), [("7岁", True), ("八岁", False), ("六十七岁", False), ("七周岁", True)])
def test_under_eight_is_read_from_the_age(catalogue: Catalogue, text: str, is_small: bool) -> None:
    assert ("under_8" in screen(f"有个人{text}", catalogue).signals) is is_small


def test_a_known_age_means_a_child_is_spoken_of(catalogue: Catalogue) -> None:
    assert screen("他被打了", catalogue, child_age=17).child_mentioned
    assert not screen("他被打了", catalogue, child_age=18).child_mentioned


def test_the_screening_holds_no_word_of_the_message(catalogue: Catalogue) -> None:
    heard = screen("张小明被爸爸殴打，住在幸福路8号", catalogue)
    assert "小明" not in repr(heard) and "幸福路" not in repr(heard)


@pytest.mark.parametrize("unit", ["孩子打我正在爸爸", "<", "&lt;", "  ", "child beaten now ", "七岁", "😭"])
def test_ten_times_the_text_takes_about_ten_times_as_long(catalogue: Catalogue, unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        start = time.process_time()
        screen(text, catalogue)
        return time.process_time() - start

    short = min(seconds(10_000) for _ in range(3))
    # Quadratic time would need a hundred times as long; the constant forgives a busy machine.
    assert seconds(100_000) < 40 * short + 0.5
