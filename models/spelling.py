"""What somebody probably meant by a word that no rule file knows."""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

ALIKE = 0.6
"""How much of two words must agree; `limt` and `limit` do by 0.89, `days` and `dispatch` by 0.33."""

OTHER_WORDS: dict[str, tuple[str, ...]] = {
    # targets
    "dispatch": ("派单", "派发", "交办", "转办"),
    "acceptance": ("签收", "接收", "接单", "受理", "accept"),
    "first_contact": ("首次联系", "先行联系", "联系", "contact"),
    "safety_known": ("安全确认", "确认安全", "safety"),
    "mandatory_report": ("强制报告", "报警", "report_to_police"),
    "supervision": ("督办", "supervise"),
    "feedback": ("反馈", "答复", "回复", "reply", "answer"),
    "co_handler": ("协办", "会办", "配合", "cohandler", "helper"),
    "review": ("审核", "复核"),
    "callback": ("回访", "call_back"),
    "closure": ("办结", "结案", "close"),
    # kinds of time
    "natural": ("自然时间", "时钟", "hours", "clock", "24/7", "natural_time", "minutes"),
    "calendar_days": ("自然日", "日历日", "日", "天", "days", "calendar"),
    "working_days": ("工作日", "business_days", "workdays", "weekdays"),
    "working_hours": ("工作时间", "工作小时", "工作时", "business_hours", "office_hours"),
    # ends of days
    "day_end": ("当日结束", "midnight", "24:00"),
    "same_clock": ("同一时刻", "same_time"),
    # natures
    "CONSULT": ("咨询", "consultation", "question"),
    "HELP": ("求助", "请求帮助"),
    "COMPLAINT": ("投诉", "complain"),
    "REPORT": ("举报", "检举"),
    "SUGGEST": ("建议", "suggestion"),
    "PRAISE": ("表扬", "感谢"),
    "OTHER": ("其他", "其它"),
    # recipients
    "HANDLER": ("承办人", "承办单位"),
    "DUTY_SUPERVISOR": ("值班长", "值班主任", "supervisor"),
    "DESK": ("坐席", "工作台", "operator"),
    "DEPARTMENT_CHIEF": ("部门负责人", "部门领导", "chief"),
    "DISTRICT_LEADER": ("区领导", "主管领导", "leader"),
    "ADMINISTRATOR": ("管理员", "admin"),
    # statuses
    "HUNG_UP": ("挂账", "挂起", "on_hold", "waiting"),
    "IN_PROGRESS": ("办理中", "处理中"),
    # grades
    "U0": ("特急", "紧急", "emergency"),
    "U3": ("一般", "general", "routine"),
    "UC": ("咨询类",),
    # weekdays
    "monday": ("周一", "星期一", "礼拜一", "mon"),
    "tuesday": ("周二", "星期二", "礼拜二", "tue", "tues"),
    "wednesday": ("周三", "星期三", "礼拜三", "wed"),
    "thursday": ("周四", "星期四", "礼拜四", "thu", "thur", "thurs"),
    "friday": ("周五", "星期五", "礼拜五", "fri"),
    "saturday": ("周六", "星期六", "礼拜六", "sat"),
    "sunday": ("周日", "周天", "星期日", "星期天", "礼拜天", "sun"),
    # keys
    "limit": ("期限", "时限", "deadline"),
    "target": ("目标", "环节"),
    "departments": ("department", "dept", "depts", "部门"),
    "kinds": ("kind", "type", "types", "类型"),
    "natures": ("nature", "性质"),
    "effective_from": ("from", "valid_from", "since", "生效"),
    "effective_to": ("to", "until", "valid_to", "失效"),
}
"""What people write instead, in either language, for words of `models.vocabulary` and for keys."""


def did_you_mean(written: object, words: Iterable[str], names: Mapping[str, str] | None = None) -> str:
    """The hint that names the likeliest of `words`, or nothing if none is like what was written.

    Args:
        written: Whatever stood in the file.
        words: The ones that could stand there.
        names: More names for them, in either language, each with its word.
    """
    found = nearest(written, words, names)
    return f'did you mean "{found}"?' if found else ""


def nearest(written: object, words: Iterable[str], names: Mapping[str, str] | None = None) -> str | None:
    """The likeliest of `words`; see `did_you_mean`."""
    if not isinstance(written, str) or len(written) > 60:
        return None
    known = list(words)
    spoken = {_plain(other): word for word in known for other in (word, *OTHER_WORDS.get(word, ()))}
    spoken |= {_plain(name): word for name, word in (names or {}).items() if word in known}
    asked = _plain(written)
    if asked in spoken:
        return spoken[asked]
    # 教育局 is 教育 with its rank, 市教育局 with its place as well: a whole name inside is enough.
    inside = [name for name in spoken if len(name) > 1 and not name.isascii() and name in asked]
    if inside:
        return spoken[max(inside, key=len)]
    close = get_close_matches(asked, spoken, 5, ALIKE)
    # Of codes such as S09 the letter says more than a figure.
    close.sort(key=lambda each: each[:1] != asked[:1])
    return spoken[close[0]] if close else None


def _plain(word: str) -> str:
    """Without regard to case, full-width forms, and what stands between words."""
    return unicodedata.normalize("NFKC", word).strip().lower().replace("-", "_").replace(" ", "_")
