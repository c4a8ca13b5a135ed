"""The reply gate: form letters are told from replies, each with its reason; a real reply is never sent back for its manners."""

import pytest

from benchmarks import replies
from tasks.closing.reply_quality import HOLLOW_WORDS, Hollow, judge_reply

REAL = [
    "网友：您好！留言已收悉，现回复如下：执法人员已到店检查，查获电子烟三盒，依法立案处罚。感谢您的监督。",
    "已会同公安核查并关停该机构",
    "经查，反映情况属实，学校已将该教师停职并向家长道歉。",
    "Officers inspected the shop on Monday and fined the owner; the sign is up.",
    "您的问题转来后，我局及时进行了调查和处理，涉事网吧已停业。",
]
FORM_LETTERS = [
    ("", Hollow.EMPTY),
    ("已阅。", Hollow.ONLY_RECEIVED),
    ("您好！来信收悉，感谢您的关心与支持，祝您生活愉快！", Hollow.ONLY_RECEIVED),
    ("您反映的问题已转教育局调查处理。", Hollow.ONLY_PASSED_ON),
    ("您好，我们将高度重视，尽快调查处理并答复您。", Hollow.ONLY_PROMISED),
    ("该问题不属于我局职责，请您咨询市教育局，电话12345678。", Hollow.ONLY_ASKED_BACK),
    ("Dear caller, your message has been received. Thank you!", Hollow.ONLY_RECEIVED),
    ("Your request was forwarded to the education bureau.", Hollow.ONLY_PASSED_ON),
    ("We will look into the matter and reply soon.", Hollow.ONLY_PROMISED),
]


@pytest.mark.parametrize("text", REAL)
def test_a_reply_that_says_what_was_done_passes(text: str) -> None:
    assert judge_reply(text, language="zh" if "\u4e00" <= text[1] <= "\u9fff" else "en") is None


@pytest.mark.parametrize(("text", "why"), FORM_LETTERS)
def test_a_form_letter_is_named(text: str, why: Hollow) -> None:
    assert judge_reply(text, language="en" if text[:1].isascii() and text else "zh") is why


def test_a_copy_of_the_request_is_no_reply() -> None:
    request = "校门口的小卖部每天向学生出售香烟，老师多次劝阻无效，希望有关部门尽快核查处理此事。"
    assert judge_reply(request, request) is Hollow.COPIED_REQUEST
    assert judge_reply(REAL[0], request) is None


def test_the_same_reply_does_not_pass_the_second_time() -> None:
    assert judge_reply(REAL[2], before=("别的答复", f" {REAL[2]}\n")) is Hollow.SAME_AS_BEFORE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("已到场协助", None),
        ("Officers are on site", None),
        ("经核对，此事不属于我局职责", None),
        ("好的", Hollow.EMPTY),
        ("OK", Hollow.EMPTY),
        ("收到，谢谢", Hollow.ONLY_RECEIVED),
        ("已转学校处理", Hollow.ONLY_PASSED_ON),
        ("将尽快核实", Hollow.ONLY_PROMISED),
    ],
)
def test_a_share_may_be_short_but_not_hollow(text: str, why: Hollow | None) -> None:
    assert judge_reply(text, language="en" if text.isascii() else "zh", is_share=True) is why


def test_every_reason_has_words() -> None:
    assert set(HOLLOW_WORDS) == set(Hollow)


def test_the_measurement_meets_its_aims_on_real_replies(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["replies"])
    code = replies.main()
    if "not measured" in capsys.readouterr().out:
        pytest.skip("the shared data is not beside the project")
    assert code == 0
