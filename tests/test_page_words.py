"""The words of the pages in both languages: none without Chinese, none left over, the file as it is gathered."""

import re
import string

import pytest

from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.gathering import gathered, marked, read_catalog
from desk.pages.translation import N_, NC_, PO, say
from desk.pages.waiting_words import waiting_words
from desk.pages.words import TEXTS, Words, language_of
from notifications.messages import Language
from tasks.settling import APPROVAL, WAITS_FOR

CHINESE = re.compile("[一-鿿]")
SAME_IN_BOTH = {"API"}
KNOWN = [(each.context, each.id, each.string) for each in read_catalog() if each.id]


def test_the_file_of_chinese_is_as_make_words_would_write_it():
    assert PO.read_bytes() == gathered(), "run make words and commit what it writes"


def test_every_marked_word_stands_in_the_file_and_no_other():
    assert {(context, words) for context, words, _ in KNOWN} == marked()
    assert len(marked()) > 300, "the words are no longer found where they are marked"


@pytest.mark.parametrize(("context", "english", "chinese"), KNOWN, ids=lambda each: str(each)[:40])
def test_every_word_has_chinese_and_the_same_gaps(context: str | None, english: str, chinese: str):
    assert chinese.strip(), "no Chinese yet"
    if english != "中文":
        assert not CHINESE.search(english), "English holds Chinese"
        assert CHINESE.search(chinese) or english in SAME_IN_BOTH, "Chinese holds none"
    assert gaps(english) == gaps(chinese)
    assert english.strip() == english and chinese.strip() == chinese


def gaps(words: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(words) if name is not None)


def test_no_word_waits_for_a_second_look():
    assert not [each.id for each in read_catalog() if each.id and each.fuzzy]


def test_the_same_english_may_have_two_senses():
    assert say(N_("Name"), Language.ZH) == "姓名" and say(N_("Name"), Language.EN) == "Name"
    used = NC_("sign_in_name", "Name")
    assert say(used, Language.ZH) == "用户名" and say(used, Language.EN) == "Name"


def test_data_comes_with_both_languages():
    assert say(("教委", "Education"), Language.ZH) == "教委" and say(("教委", "Education"), Language.EN) == "Education"


def test_words_without_chinese_stay_english_instead_of_failing():
    assert say("Nobody wrote this down", Language.ZH) == "Nobody wrote this down"


def test_every_text_of_a_page_can_be_said_in_both():
    for language in Language:
        words = Words(language)
        assert all(words[name] for name in TEXTS)
        assert all(words.pick(each) for each in PROBLEM_WORDS.values())


@pytest.mark.parametrize("waited_for", [*WAITS_FOR.values(), APPROVAL])
@pytest.mark.parametrize("unit", ["", "EDU "])
@pytest.mark.parametrize("rest", [" until 2026-11-30 09:00 (U3 feedback, late)", " until 2026-11-30 09:00 (U2 hung up)", " (UC)"])
def test_what_a_case_waits_for_is_told_in_chinese_too(waited_for: str, unit: str, rest: str):
    units = {"EDU": ("教育", "Education")}
    told = waiting_words(f"Awaiting {unit}{waited_for}{rest}", Language.ZH, units)
    assert CHINESE.search(told) and not re.search("[A-Za-z_]", told)
    assert ("教育" in told) is bool(unit) and ("2026-11-30 09:00" in told) is ("until" in rest) and ("已超期" in told) is ("late" in rest)
    english = waiting_words(f"Awaiting {unit}{waited_for}{rest}", Language.EN, units)
    assert not re.search("[A-Z]{3,}|_", english), "a code, of a unit or of a role"
    assert ("Education" in english) is bool(unit) and ("until 2026-11-30 09:00" in english) is ("until" in rest) and ("late" in english) is ("late" in rest)


@pytest.mark.parametrize("language", list(Language))
def test_a_case_that_is_over_waits_for_nothing(language: Language):
    assert waiting_words("Closed: ANSWERED", language) == ""


@pytest.mark.parametrize("message", ["", "Awaiting something new (U3)", "Awaiting feedback until soon (U3)"])
def test_a_message_of_another_shape_stays_as_it_is(message: str):
    assert waiting_words(message, Language.ZH) == message


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [("en", "zh-CN", Language.EN), (None, "fr, en;q=0.8", Language.EN), ("xx", "zh-CN,en", Language.ZH), (None, None, Language.ZH)],
)
def test_the_language_is_asked_for_or_the_browsers(asked: str | None, accepted: str | None, language: Language):
    assert language_of(asked, accepted) is language
