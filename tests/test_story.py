"""A case's story: how clocks stand, what tags say, who is told what, and that no word gets out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from models import journal
from models.case import Case
from models.clock_table import ClockEvent
from models.exchange import Assignment, Inbox, Notice
from models.record import Clock, Decision, Escalation
from models.vocabulary import (
    Ask,
    DecisionKind,
    EventKind,
    Flag,
    Grade,
    NewsKind,
    NoticeState,
    Role,
    Status,
    Target,
)
from tasks.news.forms import Replied
from tasks.news.inbox import Speaker, post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.story.state import SLA_OF, ClockState, SlaState, clock_state, sla_state, tags_of
from tasks.story.telling import CaseStory, codes_in, story_of, timeline_markdown
from tasks.story.timeline import CLOCK_WORDS, EVENT_WORDS
from tasks.workplace import Workplace
from tests.small_desk import small_desk

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
DUE = START + timedelta(hours=100)
CANARY = "金丝雀CANARY"


def clock(**more: Any) -> Clock:
    return Clock(
        **{
            "case_id": uuid4(),
            "target": Target.FEEDBACK,
            "grade": Grade.U3,
            "started_at": START,
            "due_at": DUE,
            "rule_id": "u3-feedback",
            "rule_hash": "0" * 64,
            "calendar_hash": "1" * 64,
            "reason_zh": "七个自然日",
            "reason_en": "seven calendar days",
        }
        | more
    )


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


STANDS = {
    "running, three quarters not yet gone": ({}, 74.9, False, ClockState.OK),
    "its last quarter": ({}, 75, False, ClockState.WARNING),
    "exactly at its due time": ({}, 100, False, ClockState.WARNING),
    "a second later": ({}, 100.001, False, ClockState.LATE),
    "past due but paused": ({}, 120, True, ClockState.OK),
    "breached before it was paused": ({"breached_at": after(101)}, 120, True, ClockState.LATE),
    "stopped in time": ({"stopped_at": after(99)}, 500, False, ClockState.MET),
    "stopped exactly at its due time": ({"stopped_at": DUE}, 500, False, ClockState.MET),
    "stopped late": ({"stopped_at": after(101)}, 500, False, ClockState.MISSED),
    "breached, then moved, then stopped": (
        {"breached_at": after(50), "stopped_at": after(60)}, 500, False, ClockState.MISSED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "hours", "paused", "expected"), STANDS.values(), ids=STANDS)
def test_how_a_clock_stands(facts: dict[str, Any], hours: float, paused: bool, expected: ClockState):
    assert clock_state(clock(**facts), after(hours), paused=paused) is expected


def test_a_case_stands_as_its_worst_clock():
    fine, soon = clock(due_at=after(1000)), clock()
    assert sla_state([], after(80)) is SlaState.OK
    assert sla_state([fine], after(80)) is SlaState.OK
    assert sla_state([fine, soon], after(80)) is SlaState.WARNING
    assert sla_state([soon, clock(stopped_at=after(101))], after(80)) is SlaState.BREACHED


def test_every_word_has_its_entry():
    assert set(SLA_OF) == set(CLOCK_WORDS) == set(ClockState)
    assert set(EVENT_WORDS) == set(EventKind)


def a_case(**more: Any) -> Case:
    known = {"number": 7, "source": "test", "received_at": START, "status": Status.IN_PROGRESS, "grade": Grade.U1}
    return Case(**(known | more))


def part(department: str, **more: Any) -> Assignment:
    known = {"case_id": uuid4(), "department": department, "assigned_at": START, "leads": False}
    return Assignment(**(known | more))


def test_tags_name_status_grade_units_clocks_kind_and_flag():
    case = a_case(kind="F01", flag=Flag.RUN_CANCELLED)
    parts = [part("EDU", leads=True), part("CIVIL"), part("HEALTH", withdrawn_at=START)]
    assert tags_of(case, [clock()], after(101), parts) == [
        "dept:CIVIL",
        "dept:EDU",
        "flag:RUN_CANCELLED",
        "grade:U1",
        "kind:F01",
        "sla:breached",
        "status:in-progress",
    ]


def test_a_new_case_has_three_tags():
    assert tags_of(a_case(), [], START, []) == ["grade:U1", "sla:ok", "status:in-progress"]


def test_a_hung_up_case_is_not_late_unless_its_grade_is_never_paused():
    hung_up = {"status": Status.HUNG_UP}
    assert "sla:ok" in tags_of(a_case(grade=Grade.U3, **hung_up), [clock()], after(200), [])
    assert "sla:breached" in tags_of(a_case(grade=Grade.U1, **hung_up), [clock()], after(200), [])


def test_only_codes_pass_from_the_journal():
    facts = {
        "kind": "F01", "harm": True, "calm": False, "at": "2026-11-23T08:00:00+00:00", "rounds": 2,
        "with": ["EDU", "CIVIL"], "none": None, "words": f"said {CANARY}", "mixed": ["EDU", CANARY],
        "nested": {"name": CANARY},
    }  # fmt: skip
    assert codes_in(facts) == (
        "kind=F01",
        "harm=yes",
        "at=2026-11-23T08:00:00+00:00",
        "rounds=2",
        "with=EDU+CIVIL",
    )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    desk = small_desk(tmp_path / "home")
    yield desk
    desk.database.close()


@pytest.fixture
def case(place: Workplace) -> Case:
    """A case of EDU (lead) and CIVIL with something in every table, words of people everywhere."""
    people = {who: PersonForm(name=CANARY, contact=CANARY, note=CANARY) for who in ("reporter", "child", "suspect")}
    taken = take_in(place, IntakeForm(text=CANARY, answer=CANARY, source="sample", **people), START, actor="client:t")
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        assert case.id == taken.case_id
        case.kind, case.grade, case.status, case.waiting_for = "S02", Grade.U1, Status.IN_PROGRESS, "Awaiting EDU"
        fill(session, case)
    form = Replied(text=CANARY, resolved=True)
    post_news(place, case.label, NewsKind.REPLIED, form, Speaker("k", Role.DEPARTMENT, "EDU"), "n1", after(1))
    return case


def fill(session: Any, case: Case) -> None:
    late = clock(case_id=case.id, department="EDU", breached_at=after(100.5))
    hers = clock(case_id=case.id, target=Target.CO_HANDLER, department="CIVIL")
    joint = clock(case_id=case.id, target=Target.CLOSURE, provisional=True)
    session.add_all([late, hers, joint, part("EDU", case_id=case.id, leads=True), part("CIVIL", case_id=case.id)])
    session.flush()
    session.add_all(
        [
            Escalation(case_id=case.id, clock_id=late.id, level=2, cycle=1, planned_at=DUE, at=after(101)),
            Decision(
                case_id=case.id, key="classify", kind=DecisionKind.CLASSIFY, outcome="S02", rule_id="S02",
                rule_hash="a" * 64, calendar_hash="b" * 64, code_version="test", at=START,
                reason_zh="理由甲乙丙", reason_en="bullying",
            ),
            *(
                Notice(
                    case_id=case.id, case_label=case.label, dedupe_key=who, recipient=who, ask=Ask.ACCEPT_ORDER,
                    grade=Grade.U1, link=f"http://desk/{CANARY}", state=NoticeState.SENT, created_at=START,
                    next_try_at=START, sent_at=after(0.1),
                )
                for who in ("EDU", "CIVIL")
            ),
            Inbox(
                case_id=case.id, news_key="p", kind=NewsKind.POLICE_NOTIFIED, actor="client:k", received_at=after(2),
                codes={"at": after(2).isoformat(), "channel": "phone_110", "receipt": "JC-2026-1"},
            ),
        ]
    )  # fmt: skip
    journal.write(session, case, EventKind.ASSIGNED, START, "machine", department="EDU", leads=True)
    journal.write(session, case, EventKind.ASSIGNED, START, "machine", department="CIVIL")
    journal.write(session, case, EventKind.NEWS, after(1), "department:EDU", news="replied")


def told(place: Workplace, case: Case, part_of: str | None = None, hours: float = 101) -> CaseStory:
    with place.database.reading() as session:
        return story_of(
            session, session.get_one(Case, case.number), place.catalogue, after(hours), part_of=part_of
        )


def test_the_desk_is_told_everything(place: Workplace, case: Case):
    story = told(place, case)
    assert (story.number, story.kind, story.kind_zh) == (case.label, "S02", place.catalogue.kinds["S02"].name_zh)
    assert [each.state for each in story.clocks] == [ClockState.LATE, ClockState.LATE, ClockState.LATE]
    assert [(each.department, each.leads) for each in story.assignments] == [("EDU", True), ("CIVIL", False)]
    assert [(each.rule_hash, each.reason_zh) for each in story.decisions] == [("a" * 12, "理由甲乙丙")]
    assert [each.level for each in story.escalations] == [2]
    assert [each.recipient for each in story.notices] == ["EDU", "CIVIL"]
    assert story.police is not None
    assert (story.police.receipt, story.police.at) == ("JC-2026-1", after(2))
    assert [each.seq for each in story.events] == [1, 2, 3, 4]


def test_a_department_is_told_its_own_part_and_the_joint_clocks(place: Workplace, case: Case):
    story = told(place, case, part_of="CIVIL")
    assert [each.department for each in story.clocks] == ["CIVIL", ""]
    assert [each.department for each in story.assignments] == ["CIVIL"]
    assert [each.recipient for each in story.notices] == ["CIVIL"]
    assert (story.decisions, story.escalations, story.police) == ((), (), None)
    assert [(each.kind, each.codes) for each in story.events] == [(EventKind.ASSIGNED, ("department=CIVIL",))]


def test_a_story_is_json_without_a_word_of_anybody(place: Workplace, case: Case):
    plain = json.dumps(told(place, case).to_dict(), ensure_ascii=False)
    assert CANARY not in plain
    assert json.loads(plain)["clocks"][0]["due_at"] == DUE.isoformat()
    assert json.loads(plain)["status"] == "IN_PROGRESS"


def test_a_refused_police_notice_is_no_receipt(place: Workplace, case: Case):
    with place.database.writing() as session:
        session.get_one(Inbox, 1).refused = "not_now"
    assert told(place, case).police is None


def test_a_kind_struck_off_the_catalogue_keeps_its_code(place: Workplace, case: Case):
    with place.database.writing() as session:
        session.get_one(Case, case.number).kind = "Z99"
    assert told(place, case).kind_en == "Z99"


def test_the_timeline_shows_codes_and_shanghai_times(place: Workplace, case: Case):
    page = timeline_markdown(told(place, case))
    assert page.startswith(f"# {case.label} · U1 · IN_PROGRESS\n")
    assert "| feedback | EDU | 2026-11-23 08:00 | 2026-11-27 12:00 |  | **超时 · overdue** |" in page
    assert "(暂定 provisional)" in page
    assert "| 2026-11-23 09:00 | 收到消息 · news | department:EDU | news=replied |" in page
    assert "| 2026-11-23 08:06 | 已通知 · alerted | machine | accept_order to=EDU |" in page
    assert "等待 waiting for: Awaiting EDU" in page
    assert CANARY not in page


def test_the_timeline_leaves_out_the_reasons_and_the_receipt(place: Workplace, case: Case):
    page = timeline_markdown(told(place, case))
    assert "理由甲乙丙" not in page
    assert "JC-2026-1" not in page


def test_an_unchanged_story_gives_the_same_page(place: Workplace, case: Case):
    assert timeline_markdown(told(place, case)) == timeline_markdown(told(place, case, hours=130))


def test_a_bar_in_a_word_cannot_break_the_table(place: Workplace, case: Case):
    with place.database.writing() as session:
        session.get_one(Case, case.number).waiting_for = "one | two\nthree"
    assert "waiting for: one \\| two three" in timeline_markdown(told(place, case))


@pytest.mark.parametrize(
    ("target", "reason", "state"),
    [
        (Target.SUPERVISION, ClockEvent.GRADE, ClockState.VOID),
        (Target.ACCEPTANCE, ClockEvent.WITHDRAWN, ClockState.VOID),
        (Target.FEEDBACK, ClockEvent.LINKED, ClockState.VOID),
        (Target.SUPERVISION, ClockEvent.CLOSED, ClockState.VOID),
        (Target.CLOSURE, ClockEvent.CLOSED, ClockState.MET),
        (Target.ACCEPTANCE, ClockEvent.ACCEPTED, ClockState.MET),
    ],
)
def test_what_nobody_did_was_not_done_in_time(target: Target, reason: ClockEvent, state: ClockState) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    stopped = Clock(
        case_id=uuid4(), target=target, grade=Grade.U2, started_at=start, due_at=start + timedelta(hours=2), stopped_at=start + timedelta(hours=1),
        stop_reason=reason, rule_id="r", rule_hash="h", calendar_hash="c", reason_zh="因", reason_en="why",
    )  # fmt: skip
    assert clock_state(stopped, start + timedelta(hours=3)) is state
    stopped.breached_at = start + timedelta(minutes=90)
    assert clock_state(stopped, start + timedelta(hours=3)) is ClockState.MISSED, "late stays late, whatever ended it"
