"""The rehearsal's own machinery: clock, people, mailbox and judgement, with a desk made of wood."""

import json
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from desk.rehearsal import start as rehearsal
from desk.rehearsal.habits import load_habits, on_grid, parse_shares, parse_waits
from desk.rehearsal.loop import RehearsalStuckError, VirtualClock, live_through
from desk.rehearsal.mailbox import LetterNotReadableError, Mailbox, ReadAlert, read_letter
from desk.rehearsal.outcome import Found, mismatches
from desk.rehearsal.people import Happening, People, Said
from desk.rehearsal.real_desk import as_the_form_asks
from desk.rehearsal.scenario import Ends, Sample, Saying, Visit, speaker_for
from models.vocabulary import (
    Ask,
    CallbackClass,
    EventKind,
    Flag,
    Grade,
    NewsKind,
    Outcome,
    Safety,
    Status,
    Target,
)
from notifications.messages import Alert, Language, digest_of, message_of

LABEL = "W-000001"
TUESDAY = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
assert TUESDAY.weekday() == 1


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def sample(**changes: object) -> Sample:
    plain = {
        "id": "one",
        "name": "A plain case for a test",
        "arrives": {"day": 1, "at": "10:00"},
        "intake": {"text": "孩子作业多", "kind": "S09"},
        "ends": {"status": "CLOSED"},
    }
    return Sample.model_validate({**plain, **changes})


def people_with(case: Sample) -> People:
    people = People(load_habits())
    people.arrived(Visit("one", case, TUESDAY, None), LABEL, TUESDAY)
    return people


def alert(recipient: str, ask: Ask, grade: Grade = Grade.U3) -> ReadAlert:
    return ReadAlert(recipient, LABEL, grade, ask)


def said_until(people: People, end: datetime) -> list[tuple[str, NewsKind, datetime]]:
    return [(each.speaker.actor, each.saying.kind, each.at) for each in people.due(end)]


# --- habits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "looked_up"),
    [
        ("10:00:00", "10:00"),
        ("10:00:01", "10:05"),
        ("10:04:59", "10:05"),
        ("10:05:00", "10:05"),
        ("23:58:00", "00:00"),
    ],
)
def test_people_look_up_every_five_minutes(moment: str, looked_up: str):
    found = on_grid(datetime.fromisoformat(f"2026-09-01T{moment}+00:00"))
    assert f"{found:%H:%M}" == looked_up


def test_a_good_department_acknowledges_contacts_and_replies_in_a_third_of_its_time():
    people = people_with(sample())
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    assert said_until(people, TUESDAY + timedelta(days=7)) == [
        ("department:EDU", NewsKind.ACKNOWLEDGED, TUESDAY + minutes(20)),
        ("department:EDU", NewsKind.CONTACTED, TUESDAY + minutes(120)),
        ("department:EDU", NewsKind.REPLIED, TUESDAY + timedelta(hours=56)),
    ]


def test_a_department_hurries_when_the_grade_is_grave():
    people = people_with(sample())
    people.heard([alert("POLICE", Ask.ACCEPT_ORDER, Grade.U0)], TUESDAY)
    assert [at - TUESDAY for *_, at in said_until(people, TUESDAY + minutes(60))] == [
        minutes(5),
        minutes(15),
        minutes(40),
    ]


@pytest.mark.parametrize(
    ("told_at", "called_at"),
    [
        ("2026-09-01 08:29", "2026-09-01 09:30"),
        ("2026-09-01 08:30", "2026-09-01 09:30"),
        ("2026-09-01 11:00", "2026-09-01 12:00"),
        ("2026-09-01 18:25", "2026-09-01 19:25"),
        ("2026-09-01 18:30", "2026-09-02 09:30"),
        ("2026-09-01 23:50", "2026-09-02 09:30"),
    ],
)
def test_callbacks_are_made_by_day(told_at: str, called_at: str):
    people = people_with(sample())
    people.heard([alert("DESK", Ask.CALL_BACK)], datetime.fromisoformat(f"{told_at}+08:00"))
    assert people.next_moment() == datetime.fromisoformat(f"{called_at}+08:00")


def test_a_reporter_with_safe_hours_is_called_in_them_only():
    reporter = {"contact": "000-0000-0000", "may_call_back": True, "safe_from": "12:00", "safe_to": "13:00"}
    people = people_with(sample(intake={"text": "x", "reporter": reporter}))
    people.heard([alert("DESK", Ask.CALL_BACK)], datetime.fromisoformat("2026-09-01 12:10+08:00"))
    assert people.next_moment() == datetime.fromisoformat("2026-09-02 12:00+08:00")


def test_safety_is_recorded_once_however_often_it_is_asked_and_again_after_reopening():
    people = people_with(sample())
    asked = alert("DUTY_SUPERVISOR", Ask.CHILD_SAFETY, Grade.U1)
    people.heard([asked, asked], TUESDAY)
    assert len(people.due(TUESDAY + minutes(60))) == 1
    people.saw([Happening(LABEL, EventKind.MOVED, Status.REOPENED)], TUESDAY)
    people.heard([asked], TUESDAY)
    assert len(people.due(TUESDAY + minutes(60))) == 1


delivered_habits, the_sample = cache(load_habits), cache(lambda: sample())
"""Read once: hundreds of callers have the same."""


def called_back(case: str) -> str:
    """What the caller of this case says of the service."""
    people = People(delivered_habits())
    people.arrived(Visit(case, the_sample(), TUESDAY, None), LABEL, TUESDAY)
    people.heard([alert("DESK", Ask.CALL_BACK)], TUESDAY)
    (said,) = people.due(TUESDAY + timedelta(days=1))
    return str(said.saying.fields["satisfied"])


def test_most_callers_are_content_some_basically_a_few_not_and_always_the_same_ones():
    cases = [f"case-{at}" for at in range(400)]
    said = [called_back(each) for each in cases]
    counted = Counter(said)
    assert counted["satisfied"] == pytest.approx(296, abs=25)
    assert counted["basically"] == pytest.approx(68, abs=20)
    assert counted["unsatisfied"] == pytest.approx(36, abs=16)
    assert [called_back(each) for each in cases] == said


@pytest.mark.parametrize(
    ("kind", "of_habit", "suspect", "asked"),
    [
        (NewsKind.CALLED_BACK, True, True, False),
        (NewsKind.CALLED_BACK, True, False, True),
        (NewsKind.CALLED_BACK, False, True, True),
        (NewsKind.REPLIED, True, True, True),
    ],
    ids=["a guardian is suspected", "nobody at home is", "the sample's own script", "other news"],
)
def test_whether_they_are_content_is_not_asked_where_a_guardian_is_suspected(
    kind: NewsKind, of_habit: bool, suspect: bool, asked: bool
):
    """And nothing else of the callback is left out."""
    saying = Saying(kind, {"reached": True, "resolved": True, "satisfied": "satisfied"})
    said = Said(TUESDAY, 1, LABEL, speaker_for("DESK"), saying, of_habit)
    found = as_the_form_asks(said, guardian_suspect=suspect)
    assert ("satisfied" in found.fields) is asked
    assert {**found.fields, "satisfied": "satisfied"} == saying.fields


@pytest.mark.parametrize(
    "wrong",
    [
        {"satisfied": {"satisfied": 99}},
        {"satisfied": {"satisfied": 120, "basically": -20}},
        {"satisfied": 100},
    ],
)
def test_shares_that_are_not_of_a_hundred_are_refused(wrong: object):
    with pytest.raises(ValueError, match=r"hundred|100"):
        parse_shares(wrong)


def test_who_is_slow_takes_everything_up_later():
    people = People(load_habits(), lambda _visit, who: minutes(120 if who == "EDU" else 0))
    people.arrived(Visit("one", sample(), TUESDAY, None), LABEL, TUESDAY)
    people.heard([alert("EDU", Ask.ACCEPT_ORDER), alert("POLICE", Ask.ACCEPT_ORDER)], TUESDAY)
    first = {each.speaker.department: each.at for each in reversed(people.due(TUESDAY + timedelta(days=9)))}
    assert first == {"POLICE": TUESDAY + minutes(20), "EDU": TUESDAY + minutes(140)}


@pytest.mark.parametrize(
    "wrong", [{}, {"U1": "5 min"}, {"other": "soon"}, {"other": "5 min", "U9": "1 h"}, "5 min"]
)
def test_a_habit_without_a_usable_time_is_refused(wrong: object):
    with pytest.raises(ValueError, match=r"other|not a limit|not a grade"):
        parse_waits(wrong)


# --- people and scripts -----------------------------------------------------------------------------


def scripted(**changes: object) -> dict[str, object]:
    reaction: dict[str, object] = {
        "when": {"told": "EDU", "ask": "accept_order"},
        "after": "30 h",
        "says": {"replied": {"text": "按流程办理", "resolved": False}},
    }
    return {**reaction, **changes}


def test_a_scripted_reaction_takes_the_place_of_the_same_habit_only():
    people = people_with(sample(then=[scripted()]))
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    spoken = people.due(TUESDAY + timedelta(days=7))
    assert [each.saying.kind for each in spoken] == ["acknowledged", "contacted", "replied"]
    assert spoken[-1].saying.fields["resolved"] is False


def test_a_script_for_the_second_alert_leaves_the_first_to_habit():
    people = people_with(sample(then=[scripted(when={"told": "EDU", "ask": "accept_order", "nth": 2})]))
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    assert people.due(TUESDAY + timedelta(days=7))[-1].saying.fields["resolved"] is True
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    assert people.due(TUESDAY + timedelta(days=7))[-1].saying.fields["resolved"] is False


@pytest.mark.parametrize(
    ("silent", "left"),
    [
        ("EDU", []),
        ("EDU.replied", ["acknowledged", "contacted"]),
        ("POLICE", ["acknowledged", "contacted", "replied"]),
    ],
)
def test_the_silent_say_nothing_or_not_that(silent: str, left: list[str]):
    people = people_with(sample(silent=[silent]))
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    assert [each.saying.kind for each in people.due(TUESDAY + timedelta(days=7))] == left


def test_who_objects_does_not_also_work_until_the_objection_is_decided():
    objects = scripted(after="1 h", says={"objected": {"reason": "not_our_duty", "evidence": "DUTIES-7"}})
    people = people_with(sample(then=[objects]))
    people.heard([alert("EDU", Ask.ACCEPT_ORDER)], TUESDAY)
    assert [each.saying.kind for each in people.due(TUESDAY + timedelta(days=7))] == ["objected"]
    people.heard([alert("EDU", Ask.OBJECTION_DECIDED)], TUESDAY)
    assert [each.saying.kind for each in people.due(TUESDAY + timedelta(days=7))] == ["contacted", "replied"]


def test_whose_order_is_withdrawn_does_nothing_more():
    people = people_with(sample())
    people.heard([alert("EDU", Ask.ACCEPT_ORDER), alert("EDU", Ask.ORDER_WITHDRAWN)], TUESDAY)
    assert people.due(TUESDAY + timedelta(days=7)) == []


def test_a_co_handler_that_becomes_the_lead_answers_as_the_lead_only():
    people = people_with(sample())
    people.heard([alert("MARKET", Ask.HELP_LEAD), alert("MARKET", Ask.ACCEPT_ORDER)], TUESDAY)
    kinds = {each.saying.kind for each in people.due(TUESDAY + timedelta(days=7))}
    assert NewsKind.REPLIED in kinds
    assert NewsKind.CO_REPLIED not in kinds


def test_nobody_works_on_a_closed_case_by_habit_but_a_script_may_reopen_it():
    reopens = scripted(
        when={"reaches": "CLOSED"},
        after="2 d",
        says={"reopened": {"reason": "not_solved"}},
        **{"as": "operator"},
    )
    people = people_with(sample(then=[reopens]))
    people.heard([alert("EDU", Ask.HELP_LEAD)], TUESDAY)
    people.saw([Happening(LABEL, EventKind.MOVED, Status.CLOSED)], TUESDAY)
    spoken = people.due(TUESDAY + timedelta(days=7))
    assert [(each.saying.kind, each.speaker.role) for each in spoken] == [("reopened", "operator")]


def test_a_reaction_may_follow_time_or_a_journal_entry():
    by_time = scripted(when={"at": "3 h"}, after="1 h", **{"as": "department:EDU"})
    by_event = scripted(when={"event": "unpaused"}, after="1 h", **{"as": "department:EDU"})
    people = people_with(sample(then=[by_time, by_event]))
    people.saw([Happening(LABEL, EventKind.UNPAUSED)], TUESDAY)
    assert [each.at - TUESDAY for each in people.due(TUESDAY + timedelta(days=1))] == [
        minutes(60),
        minutes(240),
    ]


def test_the_reviewer_decides_what_the_sample_says_is_right():
    ends = {"status": "CLOSED", "kind": "G08", "outcome": "DISPATCHED", "lead": "HEALTH"}
    people = people_with(sample(ends=ends))
    people.saw([Happening(LABEL, EventKind.MOVED, Status.NEEDS_REVIEW)], TUESDAY)
    (decided,) = people.due(TUESDAY + minutes(10))
    form = decided.saying.form(TUESDAY)
    assert (form.kind, form.outcome, form.department) == ("G08", Outcome.DISPATCHED, "HEALTH")


def test_moments_in_a_script_count_from_when_it_is_said():
    hangs = scripted(
        when={"at": "1 h"},
        says={"hung_up": {"reason": "waiting_for_court", "review_at": "in 10 d"}},
        **{"as": "supervisor"},
    )
    people = people_with(sample(then=[hangs]))
    (said,) = people.due(TUESDAY + timedelta(days=9))
    assert said.saying.form(said.at).review_at == said.at + timedelta(days=10)


# --- letters ----------------------------------------------------------------------------------------


def told(label: str, ask: Ask, grade: Grade = Grade.U3) -> Alert:
    return Alert(label, grade, ask, TUESDAY, f"http://127.0.0.1/o/{label}")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("ask", Ask)
def test_every_alert_the_desk_can_write_is_understood(language: Language, ask: Ask):
    body = message_of(told(LABEL, ask, Grade.U1), language).body
    assert read_letter("EDU", body) == [ReadAlert("EDU", LABEL, Grade.U1, ask)]


@pytest.mark.parametrize("language", Language)
def test_a_digest_is_read_as_the_alerts_it_holds(language: Language):
    alerts = [told("W-000002", Ask.REMINDER), told("W-000003", Ask.OVERDUE), told("W-000002", Ask.REMINDER)]
    read = Counter((each.label, each.ask) for each in read_letter("EDU", digest_of(alerts, language).body))
    assert read == {("W-000002", Ask.REMINDER): 2, ("W-000003", Ask.OVERDUE): 1}


@pytest.mark.parametrize("body", ["", "你好", "编号：W-000001\n等级：U1", "Case: W-000001\nAsked: Dance"])
def test_a_letter_that_says_too_little_is_an_error(body: str):
    with pytest.raises(LetterNotReadableError):
        read_letter("EDU", body)


def test_what_is_posted_to_a_recipients_address_is_in_the_mailbox_once():
    with Mailbox(["EDU", "CHIEF:EDU"]) as mailbox:
        url = mailbox.variables["WHISTLE_CHANNEL_CHIEF_EDU"].replace("json://", "http://")
        letter = {"message": message_of(told(LABEL, Ask.OVERDUE), Language.ZH).body}
        with urllib.request.urlopen(_post(url, letter)) as answer:
            assert answer.status == 200
        assert mailbox.empty() == [ReadAlert("CHIEF:EDU", LABEL, Grade.U3, Ask.OVERDUE)]
        assert mailbox.empty() == []


def test_a_letter_to_nobody_is_refused():
    with Mailbox(["EDU"]) as mailbox:
        url = mailbox.variables["WHISTLE_CHANNEL_EDU"].replace("json://", "http://")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(_post(url + "X", {"message": "x"}))
        assert mailbox.empty() == []


def _post(url: str, letter: dict[str, str]) -> urllib.request.Request:
    return urllib.request.Request(url, json.dumps(letter).encode(), {"Content-Type": "application/json"})


# --- the month --------------------------------------------------------------------------------------


class WoodenDesk:
    """An engine that dispatches at once, closes on a reply, and wakes once more when told to."""

    def __init__(self, wakes_at: datetime | None = None) -> None:
        self.wakes_at = wakes_at
        self.log: list[tuple[datetime, str]] = []
        self._mail: list[ReadAlert] = []
        self._happened: list[Happening] = []

    def take_in(self, visit: Visit, now: datetime) -> str:
        self.log.append((now, f"in {visit.id}"))
        self._mail.append(alert("EDU", Ask.ACCEPT_ORDER))
        return LABEL

    def say(self, said: Said, now: datetime) -> None:
        self.log.append((now, said.saying.kind))
        if said.saying.kind is NewsKind.REPLIED:
            self._happened.append(Happening(LABEL, EventKind.MOVED, Status.CLOSED))

    def run_due(self, now: datetime) -> int:
        if self.wakes_at is not None and now >= self.wakes_at:
            self.wakes_at = None
            self.log.append((now, "woke"))
        return 1

    def happenings(self) -> list[Happening]:
        happened, self._happened = self._happened, []
        return happened

    def mail(self) -> list[ReadAlert]:
        mail, self._mail = self._mail, []
        return mail

    def next_moment(self, now: datetime) -> datetime | None:
        return self.wakes_at


class RestlessDesk(WoodenDesk):
    """An engine that is always due at once."""

    def next_moment(self, now: datetime) -> datetime | None:
        return now


def month(desk: WoodenDesk, *visits: Visit) -> tuple[VirtualClock, dict[str, Visit]]:
    clock = VirtualClock(TUESDAY)
    until = TUESDAY + timedelta(days=30)
    return clock, live_through(desk, People(load_habits()), list(visits), clock, until, lambda *_: None)


def test_the_clock_jumps_from_one_moment_to_the_next_and_stops_at_the_end():
    desk = WoodenDesk(wakes_at=TUESDAY + timedelta(days=1))
    arrives = TUESDAY + minutes(7)
    clock, became = month(desk, Visit("one", sample(), arrives, None))
    acknowledged = on_grid(arrives + minutes(20))
    assert desk.log == [
        (arrives, "in one"),
        (acknowledged, "acknowledged"),
        (on_grid(arrives + minutes(120)), "contacted"),
        (TUESDAY + timedelta(days=1), "woke"),
        (on_grid(arrives + timedelta(hours=56)), "replied"),
    ]
    assert clock.now == TUESDAY + timedelta(days=30)
    assert became[LABEL].id == "one"


def test_a_desk_without_cases_passes_the_month_at_once():
    clock, became = month(WoodenDesk())
    assert clock() == TUESDAY + timedelta(days=30)
    assert became == {}


def test_time_that_stands_still_is_noticed():
    with pytest.raises(RehearsalStuckError, match=r"2026-09-01T02:00"):
        month(RestlessDesk())


def test_the_clock_never_goes_back():
    with pytest.raises(ValueError, match="cannot go back"):
        VirtualClock(TUESDAY).jump(TUESDAY - minutes(1))


# --- judgement --------------------------------------------------------------------------------------

ENDS = Ends.model_validate(
    {
        "status": "CLOSED",
        "kind": "S08",
        "grade": "U3",
        "outcome": "DISPATCHED",
        "lead": "EDU",
        "co_handlers": ["MARKET"],
        "callback": "CB-N",
        "reworks": 1,
        "breached": ["feedback"],
        "escalated": {"feedback": 2},
        "passes": ["REWORK"],
        "happened": ["clock_moved"],
        "told": ["EDU.reminder", "CHIEF:EDU"],
        "never_told": ["POLICE"],
        "refused": ["objected"],
    }
)
AS_IT_SHOULD = Found(
    status=Status.CLOSED,
    kind="S08",
    grade=Grade.U3,
    outcome=Outcome.DISPATCHED,
    lead="EDU",
    co_handlers=frozenset({"MARKET", "SPORT"}),
    callback=CallbackClass.NORMAL,
    safety=Safety.UNKNOWN,
    reworks=1,
    reopened=0,
    flag=None,
    breached=frozenset({Target.FEEDBACK}),
    escalated={Target.FEEDBACK: 2, Target.ACCEPTANCE: 1},
    reached=frozenset({Status.REWORK, Status.CLOSED}),
    happened=frozenset({EventKind.CLOCK_MOVED}),
    told=Counter({("EDU", Ask.REMINDER): 1, ("CHIEF:EDU", Ask.OVERDUE): 1}),
    refused=((NewsKind.OBJECTED, "already_ruled"),),
)


def test_a_case_that_ended_as_its_sample_says_has_no_mismatch():
    assert mismatches(ENDS, AS_IT_SHOULD) == []


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"status": Status.CALLBACK}, "status: CLOSED expected, CALLBACK found"),
        ({"kind": None}, "kind: S08 expected, nothing found"),
        ({"grade": Grade.U1}, "grade: U3 expected, U1 found"),
        ({"lead": "MARKET"}, "lead: EDU expected, MARKET found"),
        ({"callback": CallbackClass.NONE}, "callback: CB-N expected, CB-X found"),
        ({"reworks": 0}, "reworks: 1 expected, 0 found"),
        ({"co_handlers": frozenset()}, "co-handlers: MARKET is missing"),
        ({"breached": frozenset()}, "breached: feedback is missing"),
        (
            {"breached": frozenset({Target.FEEDBACK, Target.CLOSURE})},
            "breached without being expected: closure",
        ),
        ({"escalated": {Target.FEEDBACK: 4}}, "escalated: feedback to 2 expected, 4 found"),
        ({"reached": frozenset()}, "did not pass: REWORK is missing"),
        (
            {"reached": frozenset({Status.REWORK, Status.NEEDS_REVIEW})},
            "a person had to review it, which was not expected",
        ),
        ({"happened": frozenset()}, "did not happen: clock_moved is missing"),
        ({"told": Counter({("CHIEF:EDU", Ask.OVERDUE): 1})}, "EDU.reminder was not told"),
        ({"refused": ()}, "refused news: objected is missing"),
        ({"flag": Flag.CLOSURE_BLOCKED}, "flagged CLOSURE_BLOCKED"),
    ],
)
def test_everything_that_ended_otherwise_is_one_line(wrong: dict[str, object], line: str):
    assert mismatches(ENDS, replace(AS_IT_SHOULD, **wrong)) == [line]


def test_who_may_never_be_told_but_was_is_named_with_how_often():
    heard = AS_IT_SHOULD.told + Counter({("POLICE", Ask.EMERGENCY): 2})
    assert mismatches(ENDS, replace(AS_IT_SHOULD, told=heard)) == ["POLICE was told 2 times and never may be"]


def test_news_the_desk_refused_unexpectedly_is_told_with_the_reason():
    refused = (*AS_IT_SHOULD.refused, (NewsKind.REPLIED, "order_withdrawn"))
    assert mismatches(ENDS, replace(AS_IT_SHOULD, refused=refused)) == ["replied refused: order_withdrawn"]


# --- the command ------------------------------------------------------------------------------------


def test_a_folder_that_is_in_use_is_refused_and_left_alone(tmp_path, capsys):
    (tmp_path / "cases.db").write_text("somebody's")
    assert rehearsal.run(5, tmp_path) == rehearsal.REFUSED
    assert (tmp_path / "cases.db").read_text() == "somebody's"
    assert [each.name for each in tmp_path.iterdir()] == ["cases.db"]
    assert "empty or new" in capsys.readouterr().out


def test_no_cases_are_not_a_rehearsal(tmp_path):
    assert rehearsal.run(0, tmp_path) == rehearsal.REFUSED
    assert list(tmp_path.iterdir()) == []
