"""Examples for the API's description, all made up; a test sends each of them."""

from typing import Any

from fastapi.openapi.models import Example

from models.vocabulary import NewsKind

INTAKE_EXAMPLES: dict[str, Example] = {
    "shortest": {"summary": "Only words", "value": {"text": "小区的儿童滑梯坏了，请修理。"}},
    "a caller": {
        "summary": "From a call, with a safe number",
        "value": {
            "text": "School lunches have been cold for two weeks.",
            "source": "hotline",
            "source_ref": "call-2026-11-23-0017",
            "received_at": "2026-11-23T09:00:00+08:00",
            "language": "en",
            "nature": "COMPLAINT",
            "child_age": 9,
            "reporter": {"contact": "000-0000", "may_call_back": True, "safe_from": "18:00", "safe_to": "20:00"},
        },
    },
}

NEWS_EXAMPLES: dict[NewsKind, dict[str, Any]] = {
    NewsKind.ACKNOWLEDGED: {},
    NewsKind.CONTACTED: {},
    NewsKind.REPLIED: {"text": "滑梯已修好。", "resolved": True, "acts": ["site_inspected"]},
    NewsKind.CO_REPLIED: {"text": "我们已完成检查。"},
    NewsKind.OBJECTED: {"reason": "not_our_duty", "evidence": "DUTIES-2026-7", "suggests": "URBAN"},
    NewsKind.CONFLICT_FOUND: {"units": ["SCHOOL"]},
    NewsKind.OBJECTION_DECIDED: {"upheld": True, "department": "URBAN"},
    NewsKind.EXTENSION_ASKED: {"reason": "expert_opinion_needed", "days": 5, "caller_told": True},
    NewsKind.REASSIGNED: {"department": "URBAN", "reason": "wrong_unit", "given_from": "EDU"},
    NewsKind.EXTENSION_DECIDED: {"granted": True, "days": 3},
    NewsKind.HELP_ASKED: {"department": "EDU"},
    NewsKind.HUNG_UP: {"reason": "waiting_for_building", "review_at": "2026-12-23T09:00:00+08:00"},
    NewsKind.CALLED_BACK: {"reached": True, "contacted": True, "resolved": True, "satisfied": "satisfied"},
    NewsKind.POLICE_NOTIFIED: {
        "at": "2026-11-23T09:10:00+08:00",
        "channel": "platform",
        "receipt": "R-2026-0042",
    },
    NewsKind.HANDED_OVER: {"to": "120", "at": "2026-11-23T09:05:00+08:00", "receipt": "120-2026-77"},
    NewsKind.SAFETY_RECORDED: {"safety": "interim", "source": "police"},
    NewsKind.GRADE_DECIDED: {"grade": "U2", "reason": "facts_checked"},
    NewsKind.REVIEW_DECIDED: {"kind": "S01", "outcome": "DISPATCHED", "department": "EDU"},
    NewsKind.SUMMARY_WRITTEN: {"text": "A shop beside a school sells cigarettes to pupils after class."},
    NewsKind.CLOSING_DECIDED: {"approved": False, "reason": "measures_unclear"},
    NewsKind.FOLLOWED_UP: {"outcome": "safe", "asked_of": "school"},
    NewsKind.REOPENED: {"reason": "new_facts"},
    NewsKind.RESUMED: {},
}
"""Every kind that a client may say is a key."""
