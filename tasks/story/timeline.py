"""The timeline artifact: one Markdown page for one case, in codes, times and the desk's own words."""

from collections.abc import Iterable
from datetime import datetime

from models.vocabulary import EventKind
from models.wall_clock import DESK_ZONE, due_on, moment_on
from tasks.story.state import ClockState
from tasks.story.values import CaseStory, ClockStory, EventStory, NoticeStory

ZONE = DESK_ZONE

EVENT_WORDS: dict[EventKind, tuple[str, str]] = {
    EventKind.RECEIVED: ("受理", "received"),
    EventKind.MOVED: ("状态变更", "status changed"),
    EventKind.SCREENED: ("安全筛查", "screened for danger"),
    EventKind.EMERGENCY_HANDED_OVER: ("紧急移交", "handed over as an emergency"),
    EventKind.CLASSIFIED: ("归类", "classified"),
    EventKind.GRADE_RAISED: ("提高等级", "grade raised"),
    EventKind.GRADE_LOWERED: ("降低等级", "grade lowered"),
    EventKind.ASSIGNED: ("派单", "assigned"),
    EventKind.WITHDRAWN: ("撤回派单", "order withdrawn"),
    EventKind.LINKED: ("关联", "linked"),
    EventKind.FACTS_JOINED: ("合并事实", "facts joined"),
    EventKind.CLOCK_STARTED: ("开始计时", "clock started"),
    EventKind.CLOCK_STOPPED: ("停止计时", "clock stopped"),
    EventKind.CLOCK_RESUMED: ("时限继续", "clock goes on"),
    EventKind.CLOCK_MOVED: ("调整时限", "due time moved"),
    EventKind.RULES_CHANGED: ("改按新规则", "goes by new rules"),
    EventKind.PAUSED: ("暂停计时", "paused"),
    EventKind.UNPAUSED: ("恢复计时", "running again"),
    EventKind.BREACHED: ("超时", "overdue"),
    EventKind.ESCALATED: ("升级督办", "escalated"),
    EventKind.ESCALATED_AGAIN: ("再次督办", "escalated again"),
    EventKind.ESCALATION_ACKNOWLEDGED: ("督办已签收", "escalation acknowledged"),
    EventKind.NEWS: ("收到消息", "news"),
    EventKind.NEWS_REFUSED: ("消息不予受理", "news refused"),
    EventKind.CLOSURE_CHECKED: ("办结核查", "closure checked"),
    EventKind.CALLBACK_SUPPRESSED: ("不予回访", "callback suppressed"),
    EventKind.FOLLOW_UP: ("办结后回访", "look after closing"),
    EventKind.SUMMARY_WRITTEN: ("派单摘要", "summary for departments"),
    EventKind.EVIDENCE_KEPT: ("留存证据", "evidence kept"),
    EventKind.GLASS_BROKEN: ("破例查阅", "glass broken"),
    EventKind.SEALED: ("封存", "sealed"),
    EventKind.FLAGGED: ("标记待人工处理", "flagged for a person"),
    EventKind.UNFLAGGED: ("取消标记", "flag lifted"),
}
CLOCK_WORDS: dict[ClockState, str] = {
    ClockState.OK: "正常 · on time",
    ClockState.WARNING: "临期 · due soon",
    ClockState.LATE: "**超时 · overdue**",
    ClockState.MET: "按时 · met",
    ClockState.MISSED: "**未按时 · missed**",
    ClockState.VOID: "不再计 · no longer counted",
}


def timeline_markdown(story: CaseStory) -> str:
    """The page an administrator opens on the case's flow run.

    The same story always gives the same page, so that an unchanged one need not be stored again.
    """
    parts = [_head(story), _clock_table(story.clocks), _event_table(story.events, story.notices)]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown_time(at: datetime | None) -> str:
    """A moment as the desk's clock on the wall shows it, to the minute."""
    return moment_on(at) if at else ""


def shown_due(at: datetime | None) -> str:
    """When something runs out, on the same clock; midnight is 24:00 of the day it ends."""
    return due_on(at) if at else ""


def _head(story: CaseStory) -> str:
    lines = [f"# {story.number} · {story.grade} · {story.status}", ""]
    if story.kind:
        lines.append(f"- 事项 kind: {story.kind} {_cell(story.kind_zh)} · {_cell(story.kind_en)}")
    lines.append(f"- 孩子安全 safety of the child: {story.safety}")
    if story.outcome:
        lines.append(f"- 结果 outcome: {story.outcome}")
    if story.flag:
        lines.append(f"- **待人工处理 flagged: {story.flag}**")
    if story.waiting_for:
        lines.append(f"- 等待 waiting for: {_cell(story.waiting_for)}")
    return "\n".join([*lines, "- 时间为北京时间 · times are Asia/Shanghai"])


def _clock_table(clocks: Iterable[ClockStory]) -> str:
    rows = [
        (
            clock.target,
            clock.department or "-",
            shown_time(clock.started_at),
            shown_due(clock.due_at) + (" (暂定 provisional)" if clock.provisional else ""),
            shown_time(clock.stopped_at),
            CLOCK_WORDS[clock.state],
        )
        for clock in clocks
    ]
    return _table("时限 Clocks", ("target", "dept", "started", "due", "stopped", "state"), rows)


def _event_table(events: Iterable[EventStory], notices: Iterable[NoticeStory]) -> str:
    happened = [
        (each.at, each.seq, " · ".join(EVENT_WORDS[each.kind]), each.actor, " ".join(each.codes))
        for each in events
    ]
    happened += [
        (each.sent_at, 0, "已通知 · alerted", "machine", f"{each.ask} to={each.recipient}")
        for each in notices
        if each.sent_at
    ]
    rows = [(shown_time(at), what, who, detail) for at, _, what, who, detail in sorted(happened)]
    return _table("经过 Timeline", ("time", "what", "who", "detail"), rows)


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(_cell(each) for each in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"## {title}", "", f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads), *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
