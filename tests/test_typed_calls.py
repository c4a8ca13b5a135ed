"""Calls in which nobody asks for anything: counted and filed, unless somebody calls again and again or harm is heard."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalogue.call_rules import CallRules, load_calls
from classifier.delivered import delivered_reader
from desk.pages.intake_words import CALL_LINES, CALL_WORDS
from desk.pages.translation import say
from desk.people.keys import make_key
from models.clock_table import ClockEvent
from models.exchange import Assignment, Inbox, Notice
from models.record import Clock, Decision, Event
from models.rule_files import RuleFileError, read_rule_file
from models.vocabulary import (
    NO_REQUEST,
    Ask,
    CallType,
    CloseReason,
    EventKind,
    Grade,
    Nature,
    NewsKind,
    NoticeState,
    Outcome,
    Role,
    Status,
    Target,
)
from notifications.messages import Language
from tasks.closing.police_report import has_police_receipt
from tasks.receiving.hand_over import HandOver
from tasks.receiving.intake import IntakeError, take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.receiving.repeated_calls import most_within
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import START
from tests.harness.front_door import front_door
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

NUMBER = "000-55512345"
DAY = timedelta(days=1)
BEATEN = {"text": "我爸爸正在打我，我8岁，救救我", "danger_now": True, "suspect_is_guardian": True, "child_age": 8}


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


def call(desk: LoneDesk, kind: str = "silent", number: str = NUMBER, text: str = "", **more: Any) -> str:
    """One call as the short form sends it, worked until it rests."""
    line = text or say(CALL_LINES[CallType(kind)], Language.ZH)
    label = desk.take_in(line, call_type=kind, reporter=PersonForm(contact=number, anonymous=True), **more)
    desk.run_due()
    return label


def route_of(desk: LoneDesk, label: str) -> Decision:
    return next(each for each in desk.rows(Decision, label) if each.key.startswith("route:"))


@pytest.mark.parametrize("reads", [False, True], ids=["by cues", "with the learned model"])
@pytest.mark.parametrize("language", [0, 1], ids=["zh", "en"])
@pytest.mark.parametrize("kind", sorted(NO_REQUEST))
def test_the_desks_own_line_is_filed_under_its_kind_and_frightens_nobody(
    desk: LoneDesk, kind: CallType, language: int, reads: bool
) -> None:
    desk.place.reader = delivered_reader() if reads else None
    case = desk.case(call(desk, kind, text=say(CALL_LINES[kind], (Language.ZH, Language.EN)[language]), language=("zh", "en")[language]))
    assert (case.kind, case.nature, case.call_type) == ("X03" if kind == "thanks" else "X05", Nature.OTHER, kind)
    assert not case.harm and case.grade is (Grade.U3 if kind == "thanks" else Grade.UC)
    assert case.outcome is (Outcome.OPINION_COLLECTED if kind == "thanks" else Outcome.DISSUADED)


@pytest.mark.parametrize("kind", sorted(NO_REQUEST - {CallType.THANKS}))
def test_nobody_was_told_anything_and_no_page_says_so(desk: LoneDesk, kind: CallType) -> None:
    label = call(desk, kind)
    assert (desk.case(label).status, desk.case(label).close_reason) == (Status.CLOSED, CloseReason.NO_REQUEST)
    with front_door(desk.place, lambda: desk.now) as client:
        for lang, wrong in (("en", "channel"), ("zh", "渠道")):
            assert wrong not in shown(desk, client, label, lang), lang
        assert "Nobody asked for anything; counted" in shown(desk, client, label, "en")


@pytest.mark.parametrize(("form", "told"), [({"call_type": "silent"}, False), ({"call_type": "thanks"}, False), ({"call_type": "silent", "danger_now": True}, False), ({}, True)])
def test_a_code_is_offered_only_where_somebody_is_there_to_use_it(desk: LoneDesk, form: dict[str, Any], told: bool) -> None:
    label = desk.take_in("学校食堂的饭菜价格能不能公示。", **form)
    with front_door(desk.place, lambda: desk.now) as client:
        page = shown(desk, client, label, "en", "&saved=1")
    assert ("Tell the caller the number of the case and this code" in page) is told


def shown(desk: LoneDesk, client: TestClient, label: str, lang: str, more: str = "") -> str:
    with desk.place.database.writing() as session:
        key = make_key(session, f"seat-{secrets.token_hex(4)}", Role.OPERATOR, None, desk.now)
    answer = client.get(f"/?case={label}&lang={lang}{more}", auth=("x", key))
    assert answer.status_code == 200
    return answer.text


def test_the_third_silent_call_of_a_number_goes_to_a_person_who_reads_why(desk: LoneDesk) -> None:
    labels = []
    for written in (NUMBER, "000 5551 2345", "00055512345"):
        labels.append(call(desk, number=written))
        desk.jump(desk.now + DAY)
    assert [desk.case(each).status for each in labels] == [Status.CLOSED, Status.CLOSED, Status.NEEDS_REVIEW]
    route = route_of(desk, labels[2])
    assert route.rule_id == "repeated-silence-is-a-signal"
    assert "不敢说话" in route.reason_zh and "dares not speak" in route.reason_en
    assert route.facts == {"calls": 3, "within_days": 7}
    told = [(each.recipient, each.ask) for each in desk.rows(Notice, labels[2])]
    assert ("DUTY_SUPERVISOR", Ask.REVIEW_CASE) in told
    assert NUMBER not in repr([*desk.rows(Event, labels[2]), *desk.rows(Decision, labels[2]), *told])


def test_silence_and_hanging_up_are_counted_together_and_the_fourth_is_a_signal_too(desk: LoneDesk) -> None:
    labels = [call(desk, kind) for kind in ("silent", "hang_up", "silent", "hang_up")]
    assert [desk.case(each).status for each in labels[2:]] == [Status.NEEDS_REVIEW] * 2


@pytest.mark.parametrize(
    ("kinds", "numbers"),
    [
        (["silent", "silent", "silent"], [NUMBER, NUMBER, "000-55599999"]),
        (["silent", "silent", "silent"], ["", "", ""]),
        (["prank", "prank", "prank"], [NUMBER] * 3),
        (["prank", "wrong_number", "silent"], [NUMBER] * 3),
    ],
    ids=["another number", "no number shown", "pranks", "one silent call among others"],
)
def test_other_calls_are_only_counted(desk: LoneDesk, kinds: list[str], numbers: list[str]) -> None:
    labels = [call(desk, kind, number) for kind, number in zip(kinds, numbers, strict=True)]
    assert {desk.case(each).status for each in labels} == {Status.CLOSED}


@pytest.mark.parametrize(
    ("others", "own", "most"),
    [
        ([], 0, 1), ([0], 7, 2), ([0], 7.001, 1), ([0, 3], 6, 3), ([0, 3], 7.5, 2), ([1, 2], 0, 3), ([-4, 4], 0, 2),
        ([-4, 3], 0, 3), ([0, 1, 2], 9.5, 1),
    ],
)  # fmt: skip
def test_the_window_holds_its_last_moment_and_begins_at_any_call(others: list[float], own: float, most: int) -> None:
    assert most_within([START + each * DAY for each in others], START + own * DAY, 7) == most


def test_calls_taken_in_out_of_order_are_found_all_the_same(desk: LoneDesk) -> None:
    """A list of last night's calls, newest first."""
    desk.jump(desk.now + 5 * DAY)
    labels = [call(desk, received_at=desk.now - back * DAY) for back in (0, 1, 2)]
    assert desk.case(labels[2]).status is Status.NEEDS_REVIEW


def test_danger_and_harm_win_over_the_type_of_call(desk: LoneDesk) -> None:
    ticked = desk.case(call(desk, "prank", danger_now=True))
    heard = desk.case(call(desk, "silent", text="没有人说话，后面有人在打孩子，孩子喊救命，说爸爸别打了"))
    for case in (ticked, heard):
        assert case.harm and case.grade in {Grade.U0, Grade.U1}
        assert case.kind not in {"X05", "X03"} and case.outcome is Outcome.DISPATCHED
    assert ticked.danger_now and ticked.call_type is CallType.PRANK
    assert heard.nature is not Nature.OTHER, "whoever is harmed asks for help"


def test_repeated_silence_with_harm_is_dispatched_and_not_left_for_review(desk: LoneDesk) -> None:
    for _ in range(2):
        call(desk)
    case = desk.case(call(desk, danger_now=True))
    assert case.status is Status.DISPATCHED and case.grade is Grade.U0


def test_a_person_may_find_nothing_behind_it(desk: LoneDesk) -> None:
    label = [call(desk) for _ in range(3)][2]
    desk.say(label, "review_decided", "operator", kind="X05", outcome="DISSUADED")
    desk.run_due()
    assert desk.case(label).status is Status.CLOSED


def test_every_type_of_call_has_its_words_and_every_line_its_type() -> None:
    assert set(CALL_WORDS) == set(CallType)
    assert set(CALL_LINES) == NO_REQUEST == set(load_calls().kinds)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("calls: 3 ", "calls: 1 ", "calls.yaml:7:3: signal.calls: Input should be greater than or equal to 2"),
        ("types: [silent, hang_up]", "types: [question]", "signal: types: in question somebody speaks"),
        ("prank: X05, ", "", "kinds: exactly"),
        ("signal:", "signals:", "unknown key"),
    ],
)
def test_a_mistake_in_the_desks_own_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    own = tmp_path / "calls.yaml"
    shipped = Path(load_calls.__globals__["SHIPPED"]).read_text(encoding="utf-8")
    own.write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        read_rule_file(own, CallRules)
    assert told in str(refused.value)
    with pytest.raises(RuleFileError):
        load_calls(tmp_path)


def clock(desk: LoneDesk, label: str) -> Clock:
    found: Clock = next(each for each in desk.rows(Clock, label) if each.target is Target.MANDATORY_REPORT)
    return found


def test_a_receipt_of_110_stops_the_mandatory_clock_as_one_said_later_does(desk: LoneDesk) -> None:
    given = {"to": "110", "at": desk.now, "receipt": "JJ-2026-0001", "by": "0412"}
    at_intake = desk.take_in(**BEATEN, handed_over=HandOver(**given))
    later = desk.take_in(**BEATEN)
    desk.run_due()
    assert clock(desk, later).stopped_at is None, "without a receipt it runs"
    desk.say(later, "police_notified", "operator", at=desk.now, channel="phone_110", receipt="JJ-2026-0002")
    desk.run_due()
    one, other = clock(desk, at_intake), clock(desk, later)
    assert (one.stopped_at, one.stop_reason) == (other.stopped_at, other.stop_reason) == (desk.now, ClockEvent.POLICE_RECEIPT)
    with desk.place.database.reading() as session:
        assert has_police_receipt(session, desk.case(at_intake))
    assert Ask.REPORT_TO_POLICE not in {each.ask for each in desk.rows(Notice, at_intake)}, "nobody is asked for what is done"
    assert Ask.REPORT_TO_POLICE in {each.ask for each in desk.rows(Notice, later)}
    assert Ask.EMERGENCY in {each.ask for each in desk.rows(Notice, at_intake)}, "the police are told of it all the same"
    assert desk.refused(at_intake) == {} and desk.broken_chains() == []


def test_the_first_alert_of_an_emergency_leads_the_police_to_their_order(desk: LoneDesk) -> None:
    """It is written before there is an order, and on a phone led to a sign-in that a unit has no account for."""
    label = desk.take_in(**BEATEN)
    desk.run_due()
    [first] = [each for each in desk.rows(Notice, label) if each.ask is Ask.EMERGENCY and each.recipient == "POLICE"]
    [part] = [each for each in desk.rows(Assignment, label) if each.department == "POLICE"]
    assert first.state is NoticeState.SENT
    assert first.link.endswith(f"/o/{part.token}")


@pytest.mark.parametrize(
    "given",
    [{"to": "110"}, {"to": "120", "receipt": "120-77"}, {"to": "119", "receipt": "1"}, {"to": "122", "receipt": "1"}],
    ids=["110 without a receipt", "120", "119", "122"],
)
def test_nothing_but_a_receipt_of_110_counts_as_the_mandatory_report(desk: LoneDesk, given: dict[str, str]) -> None:
    label = desk.take_in(**BEATEN, handed_over=HandOver(**given))
    desk.run_due()
    assert clock(desk, label).stopped_at is None
    assert Ask.REPORT_TO_POLICE in {each.ask for each in desk.rows(Notice, label)}
    told = [each for each in desk.rows(Event, label) if each.kind is EventKind.EMERGENCY_HANDED_OVER]
    assert told[0].facts["told"] == given["to"] and told[0].facts.get("said_receipt") == given.get("receipt")


def test_sending_the_receipt_twice_reports_once(desk: LoneDesk) -> None:
    form = IntakeForm(**BEATEN, source="desk", source_ref="x" * 20, handed_over=HandOver(to="110", receipt="R1"))
    first, again = (take_in(desk.place, form, desk.now, actor="client:test") for _ in range(2))
    assert (first.label, again.is_new) == (again.label, False)
    assert [each.kind for each in desk.rows(Inbox, first.label)] == [NewsKind.POLICE_NOTIFIED]
    desk.run_due()
    assert clock(desk, first.label).stopped_at == desk.now


def test_a_hand_over_cannot_lie_in_the_future(desk: LoneDesk) -> None:
    told = HandOver(to="110", at=desk.now + timedelta(minutes=6), receipt="R1")
    with pytest.raises(IntakeError, match=r"handed_over\.at"):
        desk.take_in(**BEATEN, handed_over=told)


# Handed over later, on the page of the case.


@pytest.mark.parametrize(("to", "receipt", "reports"), [("110", "JJ-2026-0003", True), ("110", None, False), ("120", "120-78", False)])
def test_a_hand_over_that_is_recorded_later_counts_as_one_recorded_at_intake(desk: LoneDesk, to: str, receipt: str | None, reports: bool) -> None:
    label = desk.take_in(**BEATEN)
    desk.run_due()
    desk.say(label, "handed_over", "operator", to=to, at=desk.now, receipt=receipt, by="0412")
    desk.run_due()
    told = [each.facts for each in desk.rows(Event, label) if each.kind is EventKind.EMERGENCY_HANDED_OVER and each.actor != "machine"]
    assert [(each["told"], each.get("said_receipt"), each["said_by"]) for each in told] == [(to, receipt, "0412")]
    assert (clock(desk, label).stopped_at is not None) is reports
    with desk.place.database.reading() as session:
        assert has_police_receipt(session, desk.case(label)) is reports
    assert desk.refused(label) == {} and desk.broken_chains() == []


def test_a_hand_over_in_the_future_or_of_a_closed_case_is_refused(desk: LoneDesk) -> None:
    label = desk.take_in(**BEATEN)
    desk.run_due()
    desk.say(label, "handed_over", "operator", to="110", at=desk.now + timedelta(minutes=6), receipt="R1")
    desk.run_due()
    assert desk.refused(label) == {NewsKind.HANDED_OVER: "time_in_the_future"}
    assert clock(desk, label).stopped_at is None
    answered = desk.take_in("孩子不听话怎么教", kind="F10", nature="CONSULT", answer="已当场解答")
    desk.run_due()
    desk.say(answered, "handed_over", "operator", to="120", at=desk.now)
    desk.run_due()
    assert desk.refused(answered) == {NewsKind.HANDED_OVER: "case_is_closed"}
