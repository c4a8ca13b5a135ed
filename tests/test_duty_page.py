"""The duty board: what burns stands there, in its heap, with who holds it; words of people never do."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from desk.boards.heaps import SHOWN, heaps
from desk.boards.needs import NEAR, REVIEW_NEAR, STUCK_AFTER, Moment
from models.assigning import Objection
from models.case import Case
from models.exchange import Inbox, Notice
from models.following import FollowUp
from models.record import Clock
from models.vocabulary import (
    Ask,
    Flag,
    FollowUpState,
    Grade,
    NewsKind,
    NoticeState,
    ObjectionReason,
    Status,
    Target,
)
from tasks.settling import APPROVAL
from tests.api_desk import NOW, ApiDesk, api_desk

CANARY = "CANARY张三13900000000"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def case(desk: ApiDesk, status: Status = Status.IN_PROGRESS, grade: Grade = Grade.U3, **fields: object) -> str:
    number = desk.take_in(text=CANARY)
    calm = {"summary_ct": b"sealed", "wake_at": NOW + timedelta(days=1)}
    desk.change(number, status=status, grade=grade, **{**calm, **fields})
    return number


def clock(
    desk: ApiDesk, number: str, due_in: timedelta, *, stopped: bool = False, cycle: int = 1, target: Target = Target.FEEDBACK
) -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        session.add(
            Clock(
                case_id=of.id, target=target, cycle=cycle, started_at=NOW - timedelta(days=9), due_at=NOW + due_in,
                stopped_at=NOW if stopped else None, grade=of.grade, rule_id="r", rule_hash="d", calendar_hash="c",
                reason_zh="因", reason_en="why",
            )
        )  # fmt: skip


def dead_letter(desk: ApiDesk, number: str | None, recipient: str = "EDU") -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one() if number else None
        session.add(
            Notice(
                case_id=of.id if of else None, case_label=number or "RULES", dedupe_key=f"n{number}{recipient}", recipient=recipient,
                ask=Ask.OVERDUE, grade=Grade.U3, link="x", state=NoticeState.DEAD, created_at=NOW - timedelta(hours=3), next_try_at=NOW,
            )
        )  # fmt: skip


def follow_up(desk: ApiDesk, number: str, state: FollowUpState = FollowUpState.ASKED) -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        session.add(FollowUp(case_id=of.id, life=0, nth=1, rule_id="r", due_at=NOW, answer_by=NOW, state=state))


def objected(desk: ApiDesk, number: str, *, decided: bool = False) -> None:
    """The lead wants another unit to take an order of suspected harm."""
    desk.assign(number, "EDU")
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        said = Inbox(case_id=of.id, news_key=f"o{decided}", kind=NewsKind.OBJECTED, actor="department:EDU", department="EDU", received_at=NOW, read_at=NOW)
        session.add(said)
        session.flush()
        assert said.id is not None
        session.add(
            Objection(
                case_id=of.id, inbox_id=said.id, round=1, department="EDU", reason=ObjectionReason.NOT_OUR_DUTY, is_transfer=True, at=NOW,
                decided_at=NOW if decided else None,
            )
        )  # fmt: skip


def found(desk: ApiDesk) -> dict[str, list[str]]:
    with desk.place.database.reading() as session:
        return {each.name: [row.number for row in each.rows] for each in heaps(session, Moment(NOW, NOW))}


def test_every_case_stands_where_it_burns(desk: ApiDesk) -> None:
    danger = case(desk, grade=Grade.U1)
    late, near, calm, met = (case(desk) for _ in range(4))
    for number, due_in in ((late, timedelta(0)), (near, NEAR), (calm, NEAR + timedelta(seconds=1))):
        clock(desk, number, due_in)
    clock(desk, met, -timedelta(days=1), stopped=True)
    disputed, asked = case(desk, Status.DISPUTED), case(desk, Status.EXTENSION_ASKED)
    review, callback = case(desk, Status.NEEDS_REVIEW), case(desk, Status.CALLBACK)
    flagged = case(desk, flag=Flag.ACTIVATION_FAILS)
    unwritten = case(desk, summary_ct=None)
    stuck = case(desk, failures=1)
    untold, hung = case(desk), case(desk, Status.HUNG_UP, hung_up_until=NOW + REVIEW_NEAR)
    dead_letter(desk, untold)
    case(desk, Status.HUNG_UP, hung_up_until=NOW + REVIEW_NEAR + timedelta(seconds=1))
    back = case(desk, rework_count=2)
    approval = case(desk, Status.CALLBACK, waiting_for=f"Awaiting {APPROVAL} (U1)")
    transfer = case(desk, Status.ACCEPTED, harm=True)
    objected(desk, transfer)
    objected(desk, case(desk, Status.ACCEPTED, harm=True), decided=True)
    again = case(desk, Status.CLOSED)
    follow_up(desk, again)
    follow_up(desk, case(desk, Status.CLOSED), FollowUpState.PLANNED)
    over = case(desk, Status.CLOSED, Grade.U1, rework_count=9)
    clock(desk, over, -timedelta(days=1))
    assert found(desk) == {
        "duty_danger": [danger], "duty_late": [late], "duty_near": [near], "duty_disputed": [disputed],
        "duty_extension_asked": [asked], "duty_needs_review": [review], "duty_callback": [callback], "duty_flagged": [flagged], "duty_unwritten": [unwritten],
        "duty_stuck": [stuck], "duty_undelivered": [untold], "duty_review_near": [hung], "duty_sent_back": [back],
        "duty_approval": [approval], "duty_transfer": [transfer], "duty_follow_up": [again],
    }  # fmt: skip


def test_all_danger_of_the_gravest_grade_stands_before_the_rest(desk: ApiDesk) -> None:
    urgent = [case(desk, grade=Grade.U1) for _ in range(SHOWN)]
    danger = [case(desk, grade=Grade.U0) for _ in range(3)]
    with desk.place.database.reading() as session:
        heap = next(each for each in heaps(session, Moment(NOW, NOW)) if each.name == "duty_danger")
    assert [row.number for row in heap.rows] == [*danger, *urgent][:SHOWN]
    assert heap.total == len(urgent) + len(danger)


def test_a_hung_up_case_does_not_burn(desk: ApiDesk) -> None:
    clock(desk, case(desk, Status.HUNG_UP, hung_up_until=NOW + timedelta(days=3)), -timedelta(days=1))
    assert found(desk)["duty_late"] == []


def test_hanging_hides_no_clock_that_may_never_pause(desk: ApiDesk) -> None:
    number = case(desk, Status.HUNG_UP, Grade.U1)
    clock(desk, number, -timedelta(days=1))
    assert found(desk)["duty_late"] == [number]


@pytest.mark.parametrize(
    ("target", "holder"),
    [(Target.FEEDBACK, "EDU"), (Target.MANDATORY_REPORT, "DESK"), (Target.CALLBACK, "DESK"), (Target.REVIEW, "DESK")],
)
def test_a_clock_of_the_house_is_in_the_hands_of_the_house(desk: ApiDesk, target: Target, holder: str) -> None:
    """The desk's own report stood in the hands of the police, and a newcomer would have waited for them."""
    number = case(desk)
    desk.assign(number, "EDU")
    clock(desk, number, timedelta(hours=-1), target=target)
    with desk.place.database.reading() as session:
        [row] = next(each.rows for each in heaps(session, Moment(NOW, NOW)) if each.name == "duty_late")
    assert row.holder == holder


def test_the_page_names_the_holder_and_no_words(desk: ApiDesk) -> None:
    number = case(desk)
    desk.assign(number, "EDU")
    clock(desk, number, -timedelta(hours=1))
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["supervisor"])).text
    assert number in page and "Education" in page and "EDU" not in page and "Late" in page
    assert "CANARY" not in page and "<script" not in page


def test_a_long_heap_is_cut_and_says_so(desk: ApiDesk) -> None:
    for _ in range(SHOWN + 2):
        case(desk, Status.DISPUTED)
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["operator"])).text
    assert f"{SHOWN + 2} · the first {SHOWN}" in page
    assert len(found(desk)["duty_disputed"]) == SHOWN


@pytest.mark.parametrize("who", ["EDU", ""])
def test_it_is_for_the_house_only(desk: ApiDesk, who: str) -> None:
    number = case(desk, Status.DISPUTED)
    answer = desk.client.get("/duty", auth=("x", desk.keys[who]) if who else None)
    assert answer.status_code == (403 if who else 401) and number not in answer.text


def test_a_calm_desk_says_so(desk: ApiDesk) -> None:
    assert "Nothing needs anybody now" in desk.client.get("/duty?lang=en", auth=("x", desk.keys["operator"])).text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"wake_at": None}, "nothing will wake it"),
        ({"wake_at": NOW - STUCK_AFTER}, "due and not taken up"),
        ({"wake_at": NOW - STUCK_AFTER + timedelta(seconds=1)}, ""),
        ({"failures": 3}, "its last activation failed"),
        ({"lease_owner": "w", "lease_until": NOW - STUCK_AFTER}, "its worker is gone"),
        ({"lease_owner": "w", "lease_until": NOW + timedelta(days=3650)}, ""),
    ],
)
def test_a_case_that_stands_still_says_why(desk: ApiDesk, fields: dict[str, object], why: str) -> None:
    number = case(desk, **fields)
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["supervisor"])).text
    assert (number in page, why in page) == (bool(why), True)


def test_a_dead_letter_names_case_and_recipient_and_one_without_a_case_has_no_link(desk: ApiDesk) -> None:
    number = case(desk)
    dead_letter(desk, number, "MARKET")
    dead_letter(desk, None, "RULES_SUPERVISOR")
    page = desk.client.get("/duty?lang=en", auth=("x", desk.keys["supervisor"])).text
    for word in (f"/?case={number}", "→ Market supervision", "→ Supervisor of the rules", "for 3 h", ">RULES<"):
        assert word in page, word
    assert "/?case=RULES" not in page


def test_each_row_says_in_words_how_late_it_is(desk: ApiDesk) -> None:
    late, near = case(desk), case(desk)
    clock(desk, late, -timedelta(days=2, hours=5))
    clock(desk, near, timedelta(hours=1, minutes=5))
    for language, words in (("en", ("late by 2 d 5 h", "in 1 h 5 min")), ("zh", ("超期 2 天 5 小时", "还有 1 小时 5 分钟"))):
        page = desk.client.get(f"/duty?lang={language}", auth=("x", desk.keys["supervisor"])).text
        for each in words:
            assert each in page


def test_every_heap_leads_to_the_list_of_the_very_same_cases(desk: ApiDesk) -> None:
    danger, late, near = case(desk, grade=Grade.U0), case(desk), case(desk)
    clock(desk, late, timedelta(0))
    clock(desk, near, NEAR)
    case(desk, Status.DISPUTED), case(desk, flag=Flag.ACTIVATION_FAILS), case(desk, summary_ct=None), case(desk, failures=2)
    case(desk, Status.HUNG_UP, hung_up_until=NOW), case(desk, rework_count=5)
    dead_letter(desk, near)
    assert danger
    with desk.place.database.reading() as session:
        for heap in heaps(session, Moment(NOW, NOW)):
            page = desk.client.get(f"/cases?{heap.query}&lang=en", auth=("x", desk.keys["supervisor"])).text
            shown = {part[:8] for part in page.split("/?case=")[1:]}
            assert shown == {row.number for row in heap.rows}, heap.name


def test_what_one_is_kept_away_from_stands_in_no_heap(desk: ApiDesk) -> None:
    number = case(desk, Status.DISPUTED, Grade.U1, flag=Flag.ACTIVATION_FAILS, summary_ct=None, failures=1, rework_count=3)
    clock(desk, number, -timedelta(days=1))
    dead_letter(desk, number)
    desk.client.post(f"/cases/{number}/not-mine", headers=desk.headers("operator"))
    assert number not in desk.client.get("/duty", auth=("x", desk.keys["operator"])).text
    assert number in desk.client.get("/duty", auth=("x", desk.keys["supervisor"])).text


def test_a_case_with_many_late_clocks_is_one_row_with_the_first(desk: ApiDesk) -> None:
    number = case(desk)
    for hours in (1, 30, 5):
        clock(desk, number, -timedelta(hours=hours), cycle=hours)
    with desk.place.database.reading() as session:
        (heap,) = [each for each in heaps(session, Moment(NOW, NOW)) if each.name == "duty_late"]
    (row,) = heap.rows
    assert (heap.total, row.number, row.count, row.at) == (1, number, 2, NOW - timedelta(hours=30))


def test_no_heap_leaves_its_reason_empty(desk: ApiDesk) -> None:
    number = case(desk, grade=Grade.U1, summary_ct=None, waiting_for="Awaiting EDU feedback until 2026-11-30 09:00 (U1 feedback)")
    page = desk.client.get("/duty?lang=zh", auth=("x", desk.keys["operator"])).text
    rows = [each for each in page.split("<tr")[1:] if number in each]
    reasons = [re.sub(r"<[^>]+>", "", each.split("<td")[5]) for each in rows]
    assert "教育 反馈，至 2026-11-30 09:00" in reasons[0] and "待写派单摘要" in reasons[1] and len(rows) == 2
