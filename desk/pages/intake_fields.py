"""The intake form in the order of a call: danger first, then what, the child, the other one, the caller."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from catalogue.loader import Catalogue
from desk.pages.form_fields import PROBLEM_WORDS, YES_NO, Field, Pair, problems_of
from models.vocabulary import Nature
from tasks.intake import IntakeForm

SOURCE = "desk"
MOST_FIELDS = 60
_CHINESE = re.compile("[\u4e00-\u9fff]")
NATURE_WORDS: dict[Nature, Pair] = {
    Nature.CONSULT: ("咨询", "Asks something"),
    Nature.HELP: ("求助", "Asks for help"),
    Nature.COMPLAINT: ("投诉", "Complains"),
    Nature.REPORT: ("举报", "Reports"),
    Nature.SUGGEST: ("建议", "Suggests"),
    Nature.PRAISE: ("表扬", "Praises"),
    Nature.OTHER: ("其他", "Other"),
}


@dataclass(frozen=True)
class Section:
    """One step of the call: its heading, what the operator should bear in mind, and its fields."""

    title: Pair
    about: Pair
    fields: tuple[Field, ...]


def sections(catalogue: Catalogue) -> tuple[Section, ...]:
    """The whole form; kinds and units are those of the catalogue in force."""
    units = {code: (each.name_zh, each.name_en) for code, each in catalogue.departments.items()}
    kinds = {code: (f"{code} {each.name_zh}", f"{code} {each.name_en}") for code, each in catalogue.kinds.items()}
    return (
        Section(
            ("一、是否正在发生危险", "1. Is a child in danger now?"),
            (
                "如是：立即与110、120三方通话，不挂断来电，随后登记；转警不代替登记。",
                "If so: join 110 or 120 to the call at once, keep the caller, then save. Handing over never replaces the record.",
            ),
            (Field("danger_now", ("正在发生危险", "In danger now"), "radio", YES_NO, required=True),),
        ),
        Section(
            ("二、反映的情况", "2. What is told"),
            ("照来电人的话记，不作判断。事项可不选，由系统建议。", "In the caller's own words. The kind may be left empty: the desk suggests one."),
            (
                Field("text", ("内容", "In words"), "textarea", required=True, most=20_000, rows=9),
                Field("nature", ("诉求性质", "What the caller wants"), "select", {n.value: w for n, w in NATURE_WORDS.items()}),
                Field("kind", ("事项", "Kind"), "select", kinds),
            ),
        ),
        Section(
            ("三、孩子", "3. The child"),
            ("来电人不一定是孩子，也不一定是监护人。", "The caller need not be the child, nor the guardian."),
            (
                Field("child.name", ("姓名", "Name"), most=200),
                Field("child_age", ("年龄", "Age"), "number"),
                Field("child.address", ("现在何处、住址、学校", "Where the child is; home; school"), "textarea", most=500, rows=2),
                Field("child.contact", ("孩子的联系方式", "How to reach the child"), most=200),
            ),
        ),
        Section(
            ("四、被反映的人或单位", "4. Whom it is about"),
            ("被反映的单位不会看到此单。", "A unit named here never sees the order."),
            (
                Field("suspect.name", ("姓名", "Name"), most=200),
                Field("suspect.note", ("身份、关系、特征", "Who it is, relation to the child"), "textarea", most=2000, rows=2),
                Field("suspect_is_guardian", ("被反映人是监护人", "It is a guardian"), "check"),
                Field("complained_of", ("被反映单位", "Unit it is about"), "select", units),
            ),
        ),
        Section(
            ("五、来电人", "5. The caller"),
            ("可以匿名；未经同意不回电。", "May stay anonymous; nobody calls back without consent."),
            (
                Field("reporter.anonymous", ("匿名", "Wants to stay anonymous"), "check"),
                Field("reporter.keep_secret", ("身份保密", "Keep the identity secret"), "check", checked=True),
                Field("reporter.name", ("姓名", "Name"), most=200),
                Field("reporter.contact", ("安全的联系方式", "A number that is safe to call"), most=200),
                Field("reporter.may_call_back", ("可以回电", "May be called back"), "check"),
                Field("reporter.may_leave_message", ("可以留言", "A message may be left"), "check"),
                Field("reporter.safe_from", ("安全时段，从", "Safe hours, from"), "time"),
                Field("reporter.safe_to", ("至", "to"), "time"),
                Field("reporter.note", ("暗语；不得让谁知道", "Code word; who must not learn of this"), "textarea", most=2000, rows=2),
            ),
        ),
        Section(
            ("六、写给承办单位", "6. For the departments"),
            (
                "承办单位只看到这里写的内容，看不到来电人的原话。不写则不涉侵害的由系统代拟，涉侵害的待补写。",
                "Departments read this and never the caller's own words. Left empty, the desk drafts it unless harm is suspected.",
            ),
            (Field("summary", ("派单摘要（不含来电人信息）", "Summary, without the caller"), "textarea", most=20_000, rows=4),),
        ),
        Section(
            ("七、当场答复", "7. Answered on the call"),
            ("仅限已当场解答的咨询。", "Only for a question that was answered on the call."),
            (Field("answer", ("答复内容", "The answer"), "textarea", most=20_000, rows=3),),
        ),
    )


@dataclass(frozen=True)
class SentIntake:
    """What was sent: the request, or what is wrong with it by field; `once` tells a double click."""

    once: str
    typed: dict[str, str]
    form: IntakeForm | None
    problems: dict[str, Pair]


def read_intake(body: bytes, catalogue: Catalogue) -> SentIntake:
    """Read a form that came in; never raises for what somebody typed."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError:
        return SentIntake("", {}, None, {"text": PROBLEM_WORDS["unfit"]})
    fields = {each.name: each for section in sections(catalogue) for each in section.fields}
    sent = {name: value.strip() for name, value in pairs if value.strip()}
    once = sent.pop("once", "")
    typed = {name: value for name, value in sent.items() if name in fields}
    problems = {each.name: PROBLEM_WORDS["missing"] for each in fields.values() if each.required and each.name not in typed}
    # The language of the words, not of the page that the operator happens to read.
    language = "zh" if _CHINESE.search(typed.get("text", "")) else "en"
    try:
        form = IntakeForm.model_validate(_nested(typed, fields) | {"language": language, "source": SOURCE, "source_ref": once or None})
    except ValidationError as error:
        return SentIntake(once, typed, None, problems_of(error) | problems)
    return SentIntake(once, typed, None if problems else form, problems)


def _nested(typed: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Dotted names as the form has them: a box that is not ticked says no."""
    said: dict[str, Any] = {}
    for name, field in fields.items():
        if field.kind != "check" and name not in typed:
            continue
        value = typed.get(name, "false")
        person, _, part = name.rpartition(".")
        (said.setdefault(person, {}) if person else said)[part] = value
    return said
