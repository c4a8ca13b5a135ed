"""The words of `rules whatif`, in Chinese and English."""

from collections.abc import Mapping
from typing import Any

from desk.cli.tables import Language
from models.vocabulary import Target

Pair = tuple[str, str]

TARGET_WORDS: dict[Target, Pair] = {
    Target.DISPATCH: ("派单", "dispatch"),
    Target.ACCEPTANCE: ("签收", "acceptance"),
    Target.FIRST_CONTACT: ("首次联系", "first contact"),
    Target.SAFETY_KNOWN: ("安全确认", "safety known"),
    Target.MANDATORY_REPORT: ("强制报告", "mandatory report"),
    Target.SUPERVISION: ("安全督办", "supervision"),
    Target.FEEDBACK: ("反馈", "feedback"),
    Target.CO_HANDLER: ("协办", "co-handler's share"),
    Target.REVIEW: ("复核", "review"),
    Target.CALLBACK: ("回访", "callback"),
    Target.CLOSURE: ("办结", "closure"),
}
"""Every target is a key."""

TOLD_WORDS: dict[str, Pair] = {
    "HANDLER": ("承办单位", "whoever handles it"),
    "DUTY_SUPERVISOR": ("值班班长", "duty supervisor"),
    "DESK": ("工作台", "the desk"),
    "DEPARTMENT_CHIEF": ("单位负责人", "department's chief"),
    "DISTRICT_LEADER": ("区领导", "district leader"),
    "RULES_SUPERVISOR": ("规则管理员", "rules supervisor"),
    "ADMINISTRATOR": ("管理员", "administrator"),
    "DECISION_MAKERS": ("决策者", "decision-makers"),
}
"""Whom a ladder may tell; one that is missing is shown by its code."""

WEEKDAYS: tuple[Pair, ...] = (
    ("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"),
)  # fmt: skip

TEXTS: dict[str, Pair] = {
    "title": ("规则试算", "What another rule set would change"),
    "headline_empty": ("没有可以比较的案件。", "There is no case to compare."),
    "headline_nothing": ("没有变化：{cases:,} 件案件的时限、层级和单位都相同。", "Nothing changes for any of {cases:,} cases."),
    "headline": (
        "{cases:,} 件中 {changed:,} 件有变化：时限提前 {earlier:,}，推后 {later:,}；立即超时 {at_once:,}，不再超时 {no_longer:,}。",
        (
            "{changed:,} of {cases:,} cases change: {earlier:,} clocks due earlier, {later:,} later;"
            " {at_once:,} late at once, {no_longer:,} no longer late."
        ),
    ),
    "counts": ("前后对比", "Before and after"),
    "changes": ("变化", "What changes"),
    "what": ("项目", "what"),
    "number": ("数量", "number"),
    "before": ("现行", "before"),
    "after": ("试算", "after"),
    "running_late": ("在办已超时", "running and late now"),
    "stopped_late": ("已停时限中超时", "stopped too late"),
    "alerts": ("督办提醒", "alerts of the ladders"),
    "repeats": ("无人签收时最多重复", "repeats at most, if nobody acknowledges"),
    "provisional": ("节假日未公布（暂定）", "provisional (holidays unpublished)"),
    "cases": ("案件", "cases"),
    "clocks": ("时限", "clocks"),
    "cases_changed": ("有变化的案件", "cases that change"),
    "same": ("时限不变", "due as before"),
    "earlier": ("提前", "earlier"),
    "later": ("推后", "later"),
    "only_before": ("不再计时", "no longer measured"),
    "only_after": ("新增计时", "newly measured"),
    "neither": ("均不计时", "measured by neither"),
    "late_at_once": ("立即超时", "late at once"),
    "no_longer_late": ("不再超时", "no longer late"),
    "late_before": ("超时（现行）", "late before"),
    "late_after": ("超时（试算）", "late after"),
    "levels_higher": ("督办层级升高（在办）", "running, higher level"),
    "levels_lower": ("督办层级降低（在办）", "running, lower level"),
    "shifts": ("时限变化", "By how much"),
    "shift": ("变化幅度", "change"),
    "by_grade": ("按等级", "By grade"),
    "by_target": ("按环节", "By target"),
    "by_department": ("按单位", "By department"),
    "by_kind": ("按事项", "By kind"),
    "grade": ("等级", "grade"),
    "target": ("环节", "target"),
    "department": ("单位", "department"),
    "kind": ("事项", "kind"),
    "departments_moved": ("主办单位变化", "Another department leads"),
    "alerts_by_hour": ("每小时提醒量", "Alerts by hour of day"),
    "alerts_by_weekday": ("每周各日提醒量", "Alerts by weekday"),
    "alerts_to": ("提醒对象", "Alerts by whom they tell"),
    "hour": ("小时", "hour"),
    "weekday": ("星期", "weekday"),
    "told": ("对象", "told"),
    "peak": ("高峰", "Peaks"),
    "peak_of_the_week": ("一周中最忙的时段", "fullest hour of the week"),
    "busiest_hour": ("最忙的一小时", "fullest hour ever"),
    "agreement": ("与官方时限的一致程度", "Agreement with the official due times"),
    "agreement_by_kind": ("各事项的一致程度", "Agreement by kind"),
    "compared": ("工作时间事项，相差不超过90秒", "counted in working time, within 90 s"),
    "compared_all": ("全部事项，相差不超过90秒", "all, within 90 s"),
    "flag_compared": ("已办结的按期/超时标记", "closed rows' on-time flag"),
    "rows": ("行数", "rows"),
    "agree": ("一致", "agree"),
    "bad": ("{bad_rows:,} 行未计入，{bad_cells:,} 处内容无法读取；首批位置：", "{bad_rows:,} rows left out, {bad_cells:,} cells unreadable; the first:"),
    "listed": ("可逐件查看", "Cases to look at"),
    "why": ("原因", "why"),
    "row": ("文件第几条记录（表头为1）", "records of the file (the header is 1)"),
    "case": ("案件编号", "case numbers"),
    "other_level": ("层级不同", "other level"),
    "other_department": ("单位不同", "other department"),
    "other_due": ("时限不同", "other due time"),
    "levels": ("在办时限的督办层级", "Levels that running clocks have reached"),
    "level": ("层级", "level"),
    "nobody_told": ("尚未提醒", "nobody told yet"),
    "running_clocks_told": ("此刻各对象手中的时限", "Running clocks whose level tells them"),
    "alerts_per_week_hour": ("一周各小时的提醒量", "Alerts by weekday and hour"),
    "as_of": ("截至", "as of"),
    "rules": ("规则", "rules"),
    "file_due": ("文件自带时限", "the file's own due times"),
    "identical": ("两套规则完全相同", "both rule sets are the same"),
    "source_file": ("来自文件", "from a file"),
    "source_cases": ("来自本台案件", "from this desk's cases"),
    "others": ("其余见 JSON", "the rest is in the JSON"),
    "note": (
        "提醒量按每级首次提醒计算，不含签收前的重复；只有编号，没有任何案件内容。",
        "Alerts are first tellings of each level, without repeats. Numbers only, nothing anybody said.",
    ),
}


def span_words(bar: Mapping[str, Any], lang: Language) -> str:
    """One bar of the histogram, such as `1–3 d earlier`."""
    return span_pair(bar)[lang is Language.EN]


def span_pair(bar: Mapping[str, Any]) -> Pair:
    """One bar of the histogram in both languages."""
    low, high = bar["from_hours"], bar["to_hours"]
    is_earlier = high is not None and high <= 0
    near, far = (-high, None if low is None else -low) if is_earlier else (low, high)
    size = _size(near, far)
    return (f"提前 {size}", f"{size} earlier") if is_earlier else (f"推后 {size}", f"{size} later")


def group_name(word: str, column: str, lang: Language) -> str:
    """A grade, target, department or kind as people call it."""
    return group_pair(word, column)[lang is Language.EN]


def group_pair(word: str, column: str) -> Pair:
    """The same in both languages; an empty word is one that the history does not say."""
    if not word:
        return "未注明", "not said"
    if column == "target" and word in TARGET_WORDS:
        return TARGET_WORDS[Target(word)]
    return word, word


def weekday(day: int, lang: Language) -> str:
    """Its short name; Monday is 0."""
    return WEEKDAYS[day][lang is Language.EN]


def _size(near: float, far: float | None) -> str:
    """Such as `≤ 1 h`, `4–24 h`, `> 30 d`."""
    unit, hours = ("h", 1) if max(near, far or 0) <= 24 else ("d", 24)
    if far is None:
        return f"> {near / hours:g} {unit}"
    return f"{near / hours:g}–{far / hours:g} {unit}" if near else f"≤ {far / hours:g} {unit}"
