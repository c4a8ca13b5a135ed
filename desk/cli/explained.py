"""Explanations of clocks as commands print them: which clock or rule, then the explanation itself."""

from collections.abc import Iterator, Sequence
from typing import Any

from desk.cli.tables import show_line
from sla_rules.explanation import Explanation
from sla_rules.explanation_text import explanation_json, explanation_text
from sla_rules.explanation_words import Lang, said
from sla_rules.grade_rules import TargetRule
from sla_rules.matching import Request, passed_over, rule_for
from sla_rules.rule_book import RuleBook
from tasks.clocks.explained import ExplainedClock
from tasks.story.timeline import shown_time

SHORT = 12


def clock_name(explained: ExplainedClock) -> str:
    """`feedback`, or `acceptance EDU`."""
    return f"{explained.clock.target} {explained.clock.department}".strip()


def show_clock(label: str, explained: ExplainedClock, lang: Lang) -> None:
    """Print one clock of a case."""
    for line in _clock_lines(label, explained, lang):
        show_line(line)


def show_request(
    book: RuleBook, request: Request, explanation: Explanation | None, lang: Lang, *, ignored_pauses: bool
) -> None:
    """Print what rules make of a request that might be; `ignored_pauses` were asked for with it."""
    for line in _request_lines(book, request, explanation, lang, ignored_pauses):
        show_line(line)


def case_json(label: str, clocks: Sequence[ExplainedClock]) -> dict[str, Any]:
    """The clocks of a case for programs; `explanation` is null where the old rules are not kept."""
    return {"number": label, "clocks": [_clock_json(each) for each in clocks]}


def request_json(book: RuleBook, request: Request, explanation: Explanation | None) -> dict[str, Any]:
    """A request that might be, for programs; `explanation` is null if its grade measures nothing there."""
    rule = rule_for(book, request)
    return {
        "grade": request.grade,
        "target": request.target,
        "kind": request.kind,
        "department": request.department,
        "nature": request.nature,
        "rule_hash": book.digest,
        "calendar_hash": book.calendar_digest,
        "rule": _rule_json(rule),
        "passed_over": [
            {"id": each.rule.id, "why_zh": each.zh, "why_en": each.en} for each in passed_over(book, request)
        ],
        "explanation": explanation_json(explanation) if explanation else None,
    }


def _clock_lines(label: str, explained: ExplainedClock, lang: Lang) -> Iterator[str]:
    clock = explained.clock
    yield f"## {label} {clock_name(explained)}"
    yield said(lang, f"规则 {clock.rule_id}，规则集 {clock.rule_hash[:SHORT]}",
               f"rule {clock.rule_id}, rule set {clock.rule_hash[:SHORT]}")  # fmt: skip
    if clock.stopped_at:
        stopped = shown_time(clock.stopped_at)
        yield said(lang, f"{stopped} 已停止（{clock.stop_reason}）；以下为停止时的情况",
                   f"stopped {stopped} ({clock.stop_reason}); as it was then")  # fmt: skip
    if explained.is_paused:
        yield said(lang, "正在暂停；以下按立即恢复推算", "stands still now; counted as if it went on at once")
    for at in explained.refused_at:
        replied = shown_time(at)
        yield said(lang, f"{replied} 的反馈未被采纳，不算反馈：时限照原起点计算",
                   f"the reply of {replied} was not accepted and is no feedback: counted from the old start")  # fmt: skip
    if explained.explanation is not None:
        yield explanation_text(explained.explanation, lang)
    if not explained.agrees:
        due, reason = shown_time(clock.due_at), said(lang, clock.reason_zh, clock.reason_en)
        yield said(lang, f"记录的到期时间 {due}：{reason}", f"on record as due {due}: {reason}")
    yield ""


def _request_lines(
    book: RuleBook, request: Request, explanation: Explanation | None, lang: Lang, ignored_pauses: bool
) -> Iterator[str]:
    rule = rule_for(book, request)
    if rule is None:
        yield said(lang, f"{request.grade} 不计 {request.target}",
                   f"{request.grade} does not measure {request.target}")  # fmt: skip
    else:
        yield said(lang, f"规则 {rule.id}（{rule.source}）", f"rule {rule.id} ({rule.source})")
    for each in passed_over(book, request):
        yield said(lang, f"  不适用 {each.rule.id}：{each.zh}", f"  not {each.rule.id}: {each.en}")
    if ignored_pauses and rule and not rule.pausable:
        yield said(lang, "此时限从不暂停", "this clock never pauses")
    if explanation is not None:
        yield explanation_text(explanation, lang)


def _clock_json(explained: ExplainedClock) -> dict[str, Any]:
    clock = explained.clock
    return {
        "target": clock.target,
        "department": clock.department,
        "cycle": clock.cycle,
        "grade": clock.grade,
        "rule_hash": clock.rule_hash,
        "calendar_hash": clock.calendar_hash,
        "rule_id": clock.rule_id,
        "rule": _rule_json(explained.rule),
        "stopped_at": clock.stopped_at.isoformat() if clock.stopped_at else None,
        "stop_reason": clock.stop_reason,
        "refused_replies": [each.isoformat() for each in explained.refused_at],
        "is_paused": explained.is_paused,
        "due_on_record": clock.due_at.isoformat(),
        "reason_zh": clock.reason_zh,
        "reason_en": clock.reason_en,
        "explanation": explanation_json(explained.explanation) if explained.explanation else None,
    }


def _rule_json(rule: TargetRule | None) -> dict[str, Any] | None:
    return {"id": rule.id, "limit": str(rule.limit), "time": rule.time, "source": rule.source} if rule else None
