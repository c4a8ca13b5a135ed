"""The forms that a department answers with: which there are, their fields and their words."""

from collections.abc import Mapping

from catalogue.loader import Catalogue
from desk.pages.form_fields import PROBLEM_WORDS, YES_NO, Field, Pair
from desk.pages.news_sheets import Sent, Sheet, read_news
from models.vocabulary import NewsKind
from tasks.closing.closure import ACT_WORDS
from tasks.news.forms import Objected

ANSWER_WORDS: dict[NewsKind, tuple[Pair, Pair]] = {
    NewsKind.ACKNOWLEDGED: (("签收或知悉", "Accept or acknowledge"), ("确认本单位已收到并着手办理。", "Your unit has the order and begins to work on it.")),
    NewsKind.CONTACTED: (
        ("已联系来电人", "Caller contacted"),
        ("已与来电人本人通话，不得联系被反映人。", "You spoke to the caller in person; never to whom the request is about."),
    ),
    NewsKind.REPLIED: (("回复办理结果", "Reply"), ("写明做了什么、何时、结果如何。", "What was done, when, and what came of it.")),
    NewsKind.CO_REPLIED: (("回复协办结果", "Reply as co-handler"), ("写明本单位协办的部分。", "What your unit did of its share.")),
    NewsKind.OBJECTED: (
        ("提出异议", "Object"),
        ("裁定之前仍由本单位负责，计时继续。", "Until it is decided the order stays with you and its clock runs."),
    ),
    NewsKind.EXTENSION_ASKED: (("申请延期", "Ask for more time"), ("由班长审批；批准前计时继续。", "A supervisor decides; the clock runs until then.")),
    NewsKind.HELP_ASKED: (("吹哨请求协助", "Whistle for another unit"), ("该单位将成为协办单位。", "That unit becomes a co-handler.")),
}
"""Each answer a department may give by its link: its name and what it means."""

FIELD_WORDS: dict[str, Pair] = {
    "text": ("内容", "In words"),
    "resolved": ("是否解决", "Is it resolved?"),
    "acts": ("已完成", "What was done"),
    "reason": ("理由", "Reason"),
    "evidence": ("依据编号（如职责清单、检查记录）", "Reference of the evidence (list of duties, inspection record)"),
    "suggests": ("建议承办单位", "Unit you suggest"),
    "days": ("天数（1 至 60）", "Days (1 to 60)"),
    "caller_told": ("已告知来电人", "Has the caller been told?"),
    "department": ("单位", "Unit"),
}
EXTENSION_REASONS: dict[str, Pair] = {
    "needs_inspection": ("须现场检查", "An inspection is needed"),
    "expert_opinion_needed": ("须经专业鉴定或评估", "An expert opinion is needed"),
    "other_unit_needed": ("须其他单位先行处理", "Another unit must act first"),
    "party_not_reachable": ("当事人暂时无法联系", "Somebody concerned cannot be reached"),
    "procedure_takes_longer": ("法定程序所需时间较长", "A legal procedure takes longer"),
}


def form_for(
    kind: NewsKind, catalogue: Catalogue, own: str, typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Pair] | None = None,
) -> Sheet:  # fmt: skip
    """The form of one kind of answer for the unit `own`.

    Raises:
        KeyError: No answer that a department gives by its link.
    """
    title, about = ANSWER_WORDS[kind]
    fields = tuple(_field(name, kind, catalogue, own) for name in _FIELDS[kind])
    return Sheet(kind, title, about, fields, typed or {}, problems or {})


_FIELDS: dict[NewsKind, tuple[str, ...]] = {
    NewsKind.ACKNOWLEDGED: (),
    NewsKind.CONTACTED: ("text?",),
    NewsKind.REPLIED: ("text", "resolved", "acts?"),
    NewsKind.CO_REPLIED: ("text", "acts?"),
    NewsKind.OBJECTED: ("reason", "evidence?", "suggests?", "text?"),
    NewsKind.EXTENSION_ASKED: ("reason", "days", "caller_told", "text?"),
    NewsKind.HELP_ASKED: ("department", "text?"),
}


def _field(said: str, kind: NewsKind, catalogue: Catalogue, own: str) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name in {"resolved", "caller_told"}:
        return Field(name, words, "radio", YES_NO, required=True)
    if name == "acts":
        return Field(name, words, "checks", {each.value: said for each, said in ACT_WORDS.items()}, required)
    if name == "reason":
        listed = catalogue.dispatch.objection_reasons
        choices = {each.code.value: (each.zh, each.en) for each in listed}
        return Field(name, words, "select", choices if kind is NewsKind.OBJECTED else EXTENSION_REASONS, True)
    if name in {"suggests", "department"}:
        units = {code: (unit.name_zh, unit.name_en) for code, unit in catalogue.departments.items() if code != own}
        return Field(name, words, "select", units, required)
    kind_of = {"text": "textarea", "days": "number"}.get(name, "line")
    return Field(name, words, kind_of, required=required, most=20_000 if name == "text" else 40)


def read_answer(kind: NewsKind, body: bytes, catalogue: Catalogue, own: str) -> Sent:
    """Read an answer of the unit `own`; never raises for what somebody typed."""
    sent = read_news(kind, body, form_for(kind, catalogue, own).fields)
    if isinstance(sent.news, Objected) and sent.news.evidence is None and _needs_evidence(sent.news, catalogue):
        return Sent(sent.once, sent.typed, None, {"evidence": PROBLEM_WORDS["evidence"]})
    return sent


def _needs_evidence(news: Objected, catalogue: Catalogue) -> bool:
    return any(each.code == news.reason and each.needs_evidence for each in catalogue.dispatch.objection_reasons)
