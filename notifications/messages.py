"""The words of alerts: a case number, a grade, what is asked, until when, and a link.

Nothing else ever: a phone's lock screen may be read by anybody, so the words are neutral and
say neither what kind of desk this is nor what happened to whom.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.grades import GRAVITY
from models.vocabulary import Ask, Grade
from models.wall_clock import DESK_ZONE, due_day_and_clock

__all__ = ["ASKED", "DESK_ZONE", "Alert", "Language", "Message", "digest_of", "due_in_words", "message_of"]


class Language(StrEnum):
    """Which words a channel gets."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


@dataclass(frozen=True)
class Alert:
    """The five facts an alert may hold; `link` leads to a page behind a login."""

    case_label: str
    grade: Grade
    ask: Ask
    due_at: datetime | None
    link: str

    def __post_init__(self) -> None:
        # A title becomes a mail's header: neither it nor a line of the body may be broken in two.
        for name in ("case_label", "link"):
            object.__setattr__(self, name, "".join(each for each in getattr(self, name) if each.isprintable()))


@dataclass(frozen=True)
class Message:
    """What goes out, as plain text."""

    title: str
    body: str


ASKED: dict[Ask, tuple[str, str]] = {
    Ask.ACCEPT_ORDER: ("请签收承办单", "Accept the order"),
    Ask.ANSWER_ORDER: ("请办理并反馈", "Handle the order and answer it"),
    Ask.EMERGENCY: ("请立即处置", "Act at once"),
    Ask.REPORT_TO_POLICE: ("请办理法定报告", "Make the report the law requires"),
    Ask.HELP_LEAD: ("请签收并协助主办单位", "Accept the order and help the lead unit"),
    Ask.ANSWER_WHISTLE: ("请到场报到", "Answer the whistle and report on site"),
    Ask.REMINDER: ("即将到期，请抓紧办理", "The time limit is near: please finish"),
    Ask.OVERDUE: ("已超期，请立即办理", "The time limit has passed: please act now"),
    Ask.SUPERVISE: ("请督办", "Supervise this order"),
    Ask.RAISE_LEVEL: ("请提级办理", "Take this order up one level"),
    Ask.CHILD_SAFETY: ("请核实现状并登记", "Check the present situation and record it"),
    Ask.REVIEW_CASE: ("请人工复核", "Review this order"),
    Ask.CHECK_LINK: ("请核对是否同一事项", "Check whether two orders are one matter"),
    Ask.DECIDE_OBJECTION: ("请裁定异议", "Decide the objection"),
    Ask.DECIDE_TRANSFER: ("请决定是否转办", "Decide whether to transfer the order"),
    Ask.ARBITRATE: ("请对多次异议作最终裁定", "Settle the repeated objections"),
    Ask.DECIDE_EXTENSION: ("请审批延期", "Decide the request for more time"),
    Ask.EXTENSION_DECIDED: ("延期申请已有结果，请查看", "Read the decision on more time"),
    Ask.OBJECTION_DECIDED: ("异议已有结果，请查看", "Read the decision on the objection"),
    Ask.REWORK: ("请重新办理并反馈", "Handle the order again and answer it"),
    Ask.CALL_BACK: ("请按要求回访", "Make the callback as instructed"),
    Ask.DECIDE_CLOSING: ("请审批办结", "Decide whether it may be closed"),
    Ask.FOLLOW_UP: ("请作办结后回访，由话务台登记", "Look again after closing; the desk records what is found"),
    Ask.FOLLOW_UP_OVERDUE: ("办结后回访逾期未登记，请督促", "A look after closing is overdue: see to it"),
    Ask.ORDER_WITHDRAWN: ("承办单已撤回，无需再办", "The order is withdrawn: nothing more to do"),
    Ask.GRADE_CHANGED: ("等级已调整，请查看", "The grade has changed: please read"),
    Ask.READ_OPINION: ("请阅研意见建议", "Read the suggestion"),
    Ask.READ_COPY: ("抄送件，请知悉", "A copy for your information"),
    Ask.FLAGGED: ("需要人工查看", "A person must look at this"),
    Ask.CALENDAR_ENDS: ("工作日历即将用尽，请更新", "The working calendar runs out: add the next year"),
    Ask.RULES_BROKEN: ("时限规则文件有误，尚未生效，请修改", "The edited rules have errors and are not live: mend them"),
    Ask.RULES_PROMOTED: ("新的时限规则已生效", "New rules are live"),
    Ask.VERSION_PROMOTED: ("新版本已生效", "A new version is live"),
    Ask.VERSION_UNREADABLE: ("已存版本无法读取，仍用原版本，请处理", "A stored version cannot be read; the one before it stays: please see to it"),
    Ask.PAUSE_USED_UP: ("挂账时间已用尽，计时恢复", "The time to stand still is used up: the clocks run again"),
    Ask.RECONCILE: ("台账数据不一致，请核对更正", "Records do not agree: check and correct them"),
    Ask.RECONCILE_OVERDUE: ("台账核对已超期，请督促", "Records are still not corrected: see to it"),
    Ask.RECORDS_BLOCKED: ("记录不一致，暂不能办结，请核查", "Records do not agree, so it cannot be closed: check them"),
    Ask.NAME_UNIT: ("请指定承办单位", "Name the unit that takes it"),
    Ask.WRITE_BRIEF: ("请向承办单位说明情况", "Tell the unit in words what is meant"),
    Ask.READ_BRIEF: ("请查看补充说明", "Read what was added"),
    Ask.UNUSUAL_READING: ("有人查阅案件异常偏多，请核查", "Somebody opened the words of unusually many cases: see to it"),
    Ask.GLASS_BROKEN: ("有人破例查阅案件，请事后审查", "Somebody broke the glass to read a case: review it"),
    Ask.READ_REPORT: ("报告已印发，请查阅", "A report is out: please read"),
    Ask.DEAD_LETTER: ("有通知未送达，请处理", "An alert could not be delivered: please see to it"),
}
"""What is asked, in Chinese and English. Every ask is a key."""

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


TRIAL: dict[Language, Message] = {
    Language.ZH: Message("Whistle 试发", "这是一条试发消息，无需处理。"),
    Language.EN: Message("Whistle test", "This is a test of this channel. Nothing need be done."),
    Language.BOTH: Message("Whistle 试发 / test", "这是一条试发消息，无需处理。 / This is a test of this channel. Nothing need be done."),
}
"""What `whistle doctor --send-test` says. Every language is a key."""


def message_of(alert: Alert, language: Language) -> Message:
    """One alert in the words of a channel; a fact that is missing leaves its line out."""
    if language is Language.ZH:
        return Message(_title(alert, _asked_zh(alert)), _lines_zh(alert))
    if language is Language.EN:
        return Message(_title(alert, _asked_en(alert)), _lines_en(alert))
    both = f"{_asked_zh(alert)} / {_asked_en(alert)}"
    return Message(_title(alert, both), f"{_lines_zh(alert)}\n\n{_lines_en(alert)}")


def digest_of(alerts: Iterable[Alert], language: Language) -> Message:
    """Several alerts for one recipient in one message, gravest first, then the soonest due.

    A single alert reads exactly as if it had been sent alone.
    """
    ordered = sorted(alerts, key=_gravest_then_soonest)
    if len(ordered) == 1:
        return message_of(ordered[0], language)
    blocks = [message_of(alert, language).body for alert in ordered]
    return Message(_digest_title(len(ordered), language), "\n\n".join(blocks))


def due_in_words(due_at: datetime, language: Language) -> str:
    """A due time on Beijing's clock with its weekday; midnight is 24:00 of the day it ends. `BOTH` gives the English form."""
    day, clock = due_day_and_clock(due_at)
    weekday = day.weekday()
    if language is Language.ZH:
        return f"{day}（周{_WEEKDAYS_ZH[weekday]}）{clock}"
    return f"{_WEEKDAYS_EN[weekday]} {day} {clock} (Beijing time)"


def _gravest_then_soonest(alert: Alert) -> tuple[int, bool, float, str]:
    due = alert.due_at.timestamp() if alert.due_at else 0.0
    return GRAVITY[alert.grade], alert.due_at is None, due, alert.case_label


def _digest_title(count: int, language: Language) -> str:
    zh, en = f"{count} 项待办通知", f"{count} alerts"
    return {Language.ZH: zh, Language.EN: en, Language.BOTH: f"{zh} / {en}"}[language]


def _title(alert: Alert, asked: str) -> str:
    return " ".join(part for part in (alert.case_label, alert.grade.value, asked) if part)


def _asked_zh(alert: Alert) -> str:
    return ASKED[alert.ask][0]


def _asked_en(alert: Alert) -> str:
    return ASKED[alert.ask][1]


def _lines_zh(alert: Alert) -> str:
    due = due_in_words(alert.due_at, Language.ZH) if alert.due_at else ""
    names = ("编号", "等级", "事项", "时限", "链接")
    facts = (alert.case_label, alert.grade.value, _asked_zh(alert), due, alert.link)
    return "\n".join(f"{name}：{fact}" for name, fact in zip(names, facts, strict=True) if fact)


def _lines_en(alert: Alert) -> str:
    due = due_in_words(alert.due_at, Language.EN) if alert.due_at else ""
    names = ("Case", "Grade", "Asked", "Due", "Link")
    facts = (alert.case_label, alert.grade.value, _asked_en(alert), due, alert.link)
    return "\n".join(f"{name}: {fact}" for name, fact in zip(names, facts, strict=True) if fact)
