"""The forms that operators and supervisors decide with, on the page of a case."""

from collections.abc import Mapping

from desk.pages.form_fields import YES_NO, Field, Pair
from desk.pages.news_sheets import Sheet
from models.case import Case
from models.transitions import IS_OPEN
from models.vocabulary import CallbackClass, Grade, NewsKind, Outcome, Role, Safety, Status
from tasks.news.forms import WHO_MAY_SAY
from tasks.workplace import Workplace

DESK_WORDS: dict[NewsKind, tuple[Pair, Pair]] = {
    NewsKind.ACKNOWLEDGED: (("知悉", "Acknowledge"), ("班长或话务员已看到升级提醒。", "The desk has seen what was escalated.")),
    NewsKind.OBJECTION_DECIDED: (
        ("裁定异议", "Decide the objection"),
        ("成立须指定承办单位；裁定后该单位不得再退。", "If upheld, name the unit that takes the order."),
    ),
    NewsKind.EXTENSION_DECIDED: (("审批延期", "Decide on more time"), ("可少于申请天数。", "Fewer days than asked are possible.")),
    NewsKind.REVIEW_DECIDED: (
        ("人工复核", "Review"),
        ("判定不涉侵害须写明理由；涉侵害只能派单。", "Ruling harm out needs the reason in words; harm can only be dispatched."),
    ),
    NewsKind.CALLED_BACK: (
        ("登记回访", "Record the callback"),
        ("仅限安全号码与安全时段；未接通即视为未解决。", "Safe number and safe hours only; not reached means not resolved."),
    ),
    NewsKind.POLICE_NOTIFIED: (("登记报警回执", "Record the report to the police"), ("须有回执编号。", "With the receipt's number.")),
    NewsKind.SAFETY_RECORDED: (("登记儿童安全", "Record the child's safety"), ("写明消息来源。", "And from whom it is known.")),
    NewsKind.CONFLICT_FOUND: (("登记利害关系", "Record a conflict of interest"), ("该单位立即退出此单。", "That unit leaves the case at once.")),
    NewsKind.GRADE_DECIDED: (("调整等级", "Change the grade"), ("降级只能由人决定，并记录理由。", "Only a person may lower it; the reason is kept.")),
    NewsKind.HUNG_UP: (("挂账", "Hang up (keep open)"), ("写明复查日期；紧急和侵害类不得挂账。", "With a review date; never for harm or danger.")),
    NewsKind.SUMMARY_WRITTEN: (
        ("写给承办单位", "Write for the departments"),
        ("只写办理所需；不得出现报告人的姓名、号码、住址或只有其本人才知道的内容。", "Only what handling needs; no name, number, address of who told us, nor what only they can know."),
    ),
    NewsKind.REOPENED: (("重新打开", "Reopen"), ("已办结的件再次办理。", "A closed case is taken up again.")),
    NewsKind.RESUMED: (("恢复处理", "Let it go on"), ("已查看原因，让系统继续。", "You have seen why it stopped.")),
}
"""Each thing the house may say on the page of a case: its name and what it means."""

FIELD_WORDS: dict[str, Pair] = {
    "text": ("说明", "In words"),
    "upheld": ("异议是否成立", "Is the objection upheld?"),
    "department": ("承办单位", "Unit that takes it"),
    "granted": ("是否同意", "Is it granted?"),
    "days": ("天数", "Days"),
    "kind": ("事项", "Kind"),
    "outcome": ("处理方式", "What becomes of it"),
    "harm": ("是否涉及侵害", "Is it harm?"),
    "reached": ("是否接通", "Was the caller reached?"),
    "contacted": ("承办单位是否联系过", "Had the unit been in touch?"),
    "resolved": ("是否解决", "Is it resolved?"),
    "satisfied": ("是否满意", "Is the caller satisfied?"),
    "at": ("时间（北京时间）", "When (Asia/Shanghai)"),
    "channel": ("方式", "How"),
    "receipt": ("回执编号", "Number of the receipt"),
    "safety": ("儿童安全状况", "The child's safety"),
    "source": ("消息来源", "Known from"),
    "units": ("单位", "Unit"),
    "grade": ("等级", "Grade"),
    "reason": ("理由", "Reason"),
    "review_at": ("复查时间（北京时间）", "Review at (Asia/Shanghai)"),
}

_LISTS: dict[str, dict[str, Pair]] = {
    "outcome": {
        Outcome.DISPATCHED.value: ("派单", "Dispatch"),
        Outcome.ANSWERED.value: ("已答复", "Answered"),
        Outcome.OPINION_COLLECTED.value: ("采集意见", "Opinion collected"),
        Outcome.LEGAL_CHANNEL.value: ("告知法定渠道", "Legal channel told"),
        Outcome.OUTSIDE_REMIT.value: ("不属受理范围", "Outside the remit"),
    },
    "satisfied": {"satisfied": ("满意", "Satisfied"), "basically": ("基本满意", "Basically"), "unsatisfied": ("不满意", "Not satisfied")},
    "channel": {"phone_110": ("电话110", "By phone, 110"), "platform": ("平台", "By platform"), "in_person": ("当面", "In person")},
    "safety": {
        Safety.UNSAFE.value: ("不安全", "Unsafe"),
        Safety.INTERIM.value: ("临时安置", "In interim care"),
        Safety.SAFE.value: ("安全", "Safe"),
        Safety.UNKNOWN.value: ("不明", "Unknown"),
    },
    "source": {
        "police": ("公安", "Police"), "civil_affairs": ("民政", "Civil affairs"), "school": ("学校", "School"),
        "hospital": ("医院", "Hospital"), "community": ("社区", "Community"), "desk": ("话务台", "The desk"),
        "case_owner": ("个案责任人", "Case owner"),
    },
    "grade": {each.value: (each.value, f"Grade {each.value}") for each in Grade},
}  # fmt: skip
_REASONS: dict[NewsKind, dict[str, Pair]] = {
    NewsKind.GRADE_DECIDED: {
        "facts_checked": ("已核实情况", "The facts were checked"),
        "new_facts": ("出现新情况", "There are new facts"),
        "wrong_grade": ("原定级有误", "The grade was wrong"),
    },
    NewsKind.REOPENED: {
        "not_solved": ("没有解决", "Not solved"),
        "new_facts": ("出现新情况", "New facts"),
        "new_harm": ("再次受到侵害", "New harm"),
        "wrongly_closed": ("误办结", "Wrongly closed"),
    },
}
_FIELDS: dict[NewsKind, str] = {
    NewsKind.ACKNOWLEDGED: "",
    NewsKind.OBJECTION_DECIDED: "upheld department? text?",
    NewsKind.EXTENSION_DECIDED: "granted days? text?",
    NewsKind.REVIEW_DECIDED: "kind outcome harm? department? text?",
    NewsKind.CALLED_BACK: "reached contacted? resolved? satisfied? text?",
    NewsKind.POLICE_NOTIFIED: "at channel receipt",
    NewsKind.SAFETY_RECORDED: "safety source text?",
    NewsKind.CONFLICT_FOUND: "units department? text?",
    NewsKind.GRADE_DECIDED: "grade reason text?",
    NewsKind.HUNG_UP: "reason review_at text?",
    NewsKind.SUMMARY_WRITTEN: "text",
    NewsKind.REOPENED: "reason text?",
    NewsKind.RESUMED: "",
}
_YES_NO = {"upheld", "granted", "harm", "reached", "contacted", "resolved"}
_UNITS = {"department", "units"}
_AWAITS: dict[Status, NewsKind] = {
    Status.DISPUTED: NewsKind.OBJECTION_DECIDED,
    Status.EXTENSION_ASKED: NewsKind.EXTENSION_DECIDED,
    Status.NEEDS_REVIEW: NewsKind.REVIEW_DECIDED,
    Status.CALLBACK: NewsKind.CALLED_BACK,
}
"""What a case in this status waits for: that form stands open."""
_OVER = {Status.CLOSED, Status.ANSWERED, Status.CHANNEL_TOLD}


def sayable(case: Case, role: Role) -> tuple[NewsKind, ...]:
    """What this role may say about this case as it stands, what it waits for first."""
    first = _AWAITS.get(case.status)
    kinds = [kind for kind in DESK_WORDS if role in WHO_MAY_SAY[kind] and _fits(case, kind)]
    return tuple(sorted(kinds, key=lambda kind: kind is not first))


def awaited(case: Case, role: Role) -> NewsKind | None:
    """What the case waits for from this role, if it may say it."""
    first = NewsKind.RESUMED if case.flag else _AWAITS.get(case.status)
    return first if first in sayable(case, role) else None


def _fits(case: Case, kind: NewsKind) -> bool:
    if case.status is Status.SEALED:
        return False
    if kind is NewsKind.RESUMED:
        return case.flag is not None
    if kind is NewsKind.REOPENED:
        return case.status in _OVER
    if kind in _AWAITS.values():
        # Nobody may be called back at all in class CB-X: then there is nothing to record either.
        barred = kind is NewsKind.CALLED_BACK and case.callback_class is CallbackClass.NONE
        return _AWAITS.get(case.status) is kind and not barred
    return IS_OPEN[case.status]


def sheet_for(
    kind: NewsKind, place: Workplace, case: Case, typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Pair] | None = None,
) -> Sheet:  # fmt: skip
    """The form of one kind.

    Raises:
        KeyError: Nothing that the house says on a page.
    """
    title, about = DESK_WORDS[kind]
    asked = [said for said in _FIELDS[kind].split() if not (said == "satisfied?" and case.guardian_suspect)]
    fields = tuple(_field(said, kind, place, case) for said in asked)
    return Sheet(kind, title, about, fields, typed or {}, problems or {})


def _field(said: str, kind: NewsKind, place: Workplace, case: Case) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name in _YES_NO:
        return Field(name, words, "radio", YES_NO, required)
    if name in _UNITS:
        units = {code: (unit.name_zh, unit.name_en) for code, unit in place.catalogue.departments.items()}
        return Field(name, words, "unit" if name == "units" else "select", units, required)
    if name == "kind":
        kinds = {code: (f"{code} {each.name_zh}", f"{code} {each.name_en}") for code, each in place.catalogue.kinds.items()}
        return Field(name, words, "select", kinds, required)
    if name == "reason" and kind is NewsKind.HUNG_UP:
        listed = place.rules_for(case).pauses.reasons
        reasons = {each.code: (each.name.zh, each.name.en) for each in listed if Status.HUNG_UP in each.statuses}
        return Field(name, words, "select", reasons, required)
    if name == "reason":
        return Field(name, words, "select", _REASONS[kind], required)
    if name in _LISTS:
        return Field(name, words, "select", _LISTS[name], required)
    kinds_of = {"text": "textarea", "days": "number", "at": "moment", "review_at": "moment"}
    return Field(name, words, kinds_of.get(name, "line"), required=required, most=20_000 if name == "text" else 40)
