"""`whistle case show`: one case's story as tables."""

from desk.cli.tables import Language, show_line, show_table
from tasks.story.timeline import EVENT_WORDS, shown_due, shown_time
from tasks.story.values import CaseStory


def show_story(story: CaseStory, language: Language, *, why: bool) -> None:
    """Print a case: what it is, its clocks, who has it, what happened; `why` adds the reasons."""
    in_zh = language is Language.ZH
    _show_head(story, in_zh)
    show_table(
        "时限" if in_zh else "Clocks",
        ("target", "dept", "started", "due", "stopped", "state"),
        [
            (
                each.target,
                each.department,
                shown_time(each.started_at),
                shown_due(each.due_at) + (" (provisional)" if each.provisional else ""),
                shown_time(each.stopped_at),
                each.state,
            )
            for each in story.clocks
        ],
    )
    show_table(
        "承办单位" if in_zh else "Departments",
        ("dept", "leads", "round", "assigned", "accepted", "contacted", "replied", "withdrawn", "share"),
        [
            (
                each.department,
                "yes" if each.leads else "no",
                each.round,
                shown_time(each.assigned_at),
                shown_time(each.accepted_at),
                shown_time(each.contacted_at),
                shown_time(each.replied_at),
                shown_time(each.withdrawn_at),
                each.share,
            )
            for each in story.assignments
        ],
    )
    _show_objections(story, in_zh)
    if why:
        _show_reasons(story, in_zh)
    show_table(
        "经过" if in_zh else "Timeline",
        ("time", "what", "who", "detail"),
        [
            (shown_time(each.at), EVENT_WORDS[each.kind][0 if in_zh else 1], each.actor, " ".join(each.codes))
            for each in story.events
        ],
    )
    show_table(
        "通知" if in_zh else "Alerts",
        ("created", "ask", "recipient", "state", "sent"),
        [
            (shown_time(each.created_at), each.ask, each.recipient, each.state, shown_time(each.sent_at))
            for each in story.notices
        ],
    )


def _show_head(story: CaseStory, in_zh: bool) -> None:
    kind = f"{story.kind} {story.kind_zh if in_zh else story.kind_en}" if story.kind else ""
    facts = {
        "status": story.status,
        "grade": story.grade,
        "kind": kind,
        "nature": story.nature,
        "outcome": story.outcome,
        "safety of the child": story.safety,
        "callback": story.callback_class,
        "flag": story.flag,
        "received": shown_time(story.received_at),
        "closed": shown_time(story.closed_at),
        "closed because": story.close_reason,
        "waiting for": story.waiting_for,
        "police receipt": story.police.receipt if story.police else None,
    }
    show_line(f"{story.number}  (Asia/Shanghai)")
    for name, value in facts.items():
        if value:
            show_line(f"  {name}: {value}")


def _show_objections(story: CaseStory, in_zh: bool) -> None:
    show_table(
        "异议" if in_zh else "Objections",
        ("time", "dept", "reason", "evidence", "suggests", "ruling", "given to", "adjudicator", "arbiter since"),
        [
            (
                shown_time(each.at),
                each.department,
                each.reason_zh if in_zh else each.reason_en,
                each.evidence,
                each.suggests,
                each.outcome,
                each.given_to,
                each.adjudicator,
                shown_time(each.arbiter_since),
            )
            for each in story.objections
        ],
    )


def _show_reasons(story: CaseStory, in_zh: bool) -> None:
    show_table(
        "决定及理由" if in_zh else "Decisions and why",
        ("time", "decision", "outcome", "why", "rule", "rule file"),
        [
            (
                shown_time(each.at),
                each.key,
                each.outcome,
                each.reason_zh if in_zh else each.reason_en,
                each.rule_id,
                each.rule_hash,
            )
            for each in story.decisions
        ],
    )
    show_table(
        "派单考虑的单位" if in_zh else "Units considered",
        ("decision", "unit", "as", "taken", "why"),
        [
            (
                decision.key,
                each.unit,
                each.part,
                "yes" if each.taken else "no",
                each.reason_zh if in_zh else each.reason_en,
            )
            for decision in story.decisions
            for each in decision.considered
        ],
    )
    show_table(
        "时限依据" if in_zh else "Why these clocks",
        ("target", "dept", "due", "why", "rule"),
        [
            (
                each.target,
                each.department,
                shown_due(each.due_at),
                each.reason_zh if in_zh else each.reason_en,
                each.rule_id,
            )
            for each in story.clocks
        ],
    )
