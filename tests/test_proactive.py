"""Proactive orders: opened by what rises, for a unit free of conflict, with a clock, answers, checks and one telling each."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from analysis.early_warning.reading import published_warnings
from analysis.proactive.reading import published_orders
from analysis.proactive.rules import SHIPPED, Check, ProactiveRules, Step, load_proactive
from models.early_warnings import EarlyWarning, WarningCase, WarningSort
from models.exchange import Notice
from models.proactive import OrderAct, ProactiveOrder, ProactiveText, broken_orders, chain_problem, entries_of
from models.proactive_moves import (
    IS_AT_WORK,
    IS_WITH_UNIT,
    NEXT_STATES,
    OrderMoveError,
    OrderState,
    check_may_move,
    mermaid,
)
from models.vocabulary import Ask, NoticeState, Recipient, Role
from tasks.news.inbox import Speaker
from tasks.proactive.answering import OF_SUPERVISOR, OF_UNIT, OrderRefusedError, Said, fits_now, say
from tasks.proactive.clock import STEP_OF
from tasks.proactive.opening import order_for
from tasks.proactive.owner import Concern, decide_owner
from tasks.proactive.standing import told_of
from tasks.proactive.ticking import Told, due_orders, tick
from tasks.warnings import storing
from tasks.warnings.storing import WarningsNotStoredError, judge_night
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.times import moment
from tests.small_desk import shipped_catalogue

SUPERVISOR = Speaker("lead", Role.SUPERVISOR)
SCHOOL = "青禾第三小学的老师体罚学生"
RULES = load_proactive()


def unit(code: str) -> Speaker:
    return Speaker(f"link:{code}", Role.DEPARTMENT, code)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a desk at which three people have reported one school: made once, taking in costs most."""
    home = tmp_path_factory.mktemp("reported")
    with clock_desk(home) as desk:
        desk.now = moment("Mon 2026-03-02 10:00")
        three_reporters(desk)
    return {name: (home / name).read_bytes() for name in ("cases.db", "master.key")}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    """Nothing has come in."""
    with clock_desk(tmp_path / "desk") as desk:
        desk.now = moment("Mon 2026-03-02 10:00")
        yield desk


@pytest.fixture
def night(tmp_path: Path, reported: dict[str, bytes]) -> Iterator[ClockDesk]:
    """Three people have reported one school the day before."""
    home = tmp_path / "desk"
    home.mkdir()
    for name, content in reported.items():
        (home / name).write_bytes(content)
    (home / "master.key").chmod(0o600)
    with clock_desk(home) as desk:
        desk.now = moment("Tue 2026-03-03 04:31")
        yield desk


def three_reporters(desk: ClockDesk, **form: Any) -> None:
    """Three people report one school today; it is night when this returns."""
    for number in range(3):
        fields = {"kind": "S01", "district": "D1", "complained_of": "SCHOOL", "text": f"{SCHOOL}，第{number}次"}
        desk.take_in(reporter={"contact": f"1391234567{number}"}, **{**fields, **form})
        desk.run_due()
    desk.jump(moment("Tue 2026-03-03 04:31"))


def orders(desk: ClockDesk) -> list[ProactiveOrder]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(ProactiveOrder).order_by(ProactiveOrder.id)))  # type: ignore[arg-type]


def the_order(desk: ClockDesk) -> ProactiveOrder:
    (found,) = orders(desk)
    return found


def told(desk: ClockDesk) -> list[tuple[str, Ask]]:
    """Who was asked what; that a supervisor is to say which place is meant has a test of its own."""
    with desk.place.database.reading() as session:
        wanted = select(Notice).where(Notice.case_id == None).order_by(Notice.id)  # type: ignore[arg-type]
        return [(each.recipient, each.ask) for each in session.exec(wanted) if each.ask is not Ask.WRITE_BRIEF]


def acts(desk: ClockDesk) -> list[OrderAct]:
    with desk.place.database.reading() as session:
        return [each.act for each in entries_of(session, the_order(desk).id or 0)]


def opened(desk: ClockDesk) -> ProactiveOrder:
    judge_night(desk.place, desk.now)
    return the_order(desk)


_once = iter(range(10_000))


def hears(desk: ClockDesk, act: OrderAct, who: Speaker, once: str = "", **form: Any) -> bool:
    return say(desk.place, the_order(desk).id or 0, Said(act=act, **form), who, once or f"once-{next(_once)}", desk.now)


def tend(desk: ClockDesk) -> Told:
    """What the flow does every quarter of an hour."""
    with desk.place.database.reading() as session:
        due = due_orders(session, desk.now)
    return sum((tick(desk.place, each, desk.now) for each, _ in due), Told())


# The table of moves.


@pytest.mark.parametrize(("old", "new"), list(product(OrderState, OrderState)), ids="{}".format)
def test_a_move_is_made_exactly_if_the_table_has_it(old: OrderState, new: OrderState) -> None:
    if new in NEXT_STATES[old]:
        check_may_move(old, new)
        return
    with pytest.raises(OrderMoveError, match=f"{old} cannot become {new}"):
        check_may_move(old, new)


def test_every_state_is_a_key_of_every_table_and_can_be_reached_and_left() -> None:
    for table in (NEXT_STATES, IS_AT_WORK, IS_WITH_UNIT, STEP_OF):
        assert set(table) == set(OrderState)
    reached, new = set[OrderState](), {OrderState.OPENED}
    while new:
        reached |= new
        new = {after for each in reached for after in NEXT_STATES[each]} - reached
    assert reached == set(OrderState)
    assert {each for each in OrderState if not NEXT_STATES[each]} == {OrderState.WITHDRAWN}
    assert {each for each in OrderState if STEP_OF[each] is None} == {each for each in OrderState if not IS_AT_WORK[each]}


@pytest.mark.parametrize("state", list(OrderState), ids="{}".format)
def test_what_is_offered_in_a_state_is_what_the_table_allows(state: OrderState) -> None:
    order = ProactiveOrder(about_sort="warning", about="A-1", series="x", sort="rise", state=state, owner="EDU", opened_at=moment("Mon 2026-03-02 10:00"), begun_at=moment("Mon 2026-03-02 10:00"))  # type: ignore[arg-type]
    offered = set(fits_now(order, (*OF_UNIT, *OF_SUPERVISOR)))
    leads_to = {OrderAct.ACCEPTED: OrderState.ACCEPTED, OrderAct.PLANNED: OrderState.PLANNED, OrderAct.RESULT_GIVEN: OrderState.RESULT_GIVEN, OrderAct.OBJECTED: OrderState.OBJECTED, OrderAct.SENT_BACK: OrderState.SENT_BACK, OrderAct.CLOSED: OrderState.CLOSED, OrderAct.WITHDRAWN: OrderState.WITHDRAWN}  # fmt: skip
    for act, wanted in leads_to.items():
        came_back = act is OrderAct.ACCEPTED and state is OrderState.OBJECTED
        assert (act in offered) == (wanted in NEXT_STATES[state]) or came_back, act
    assert (OrderAct.OBJECTION_DECIDED in offered) == (state is OrderState.OBJECTED)
    assert (OrderAct.PROGRESS in offered) == IS_WITH_UNIT[state]


def test_the_database_refuses_to_change_the_journal(night: ClockDesk) -> None:
    opened(night)
    for statement in ("UPDATE proactive_event SET actor = 'x'", "DELETE FROM proactive_event"):
        with pytest.raises(DBAPIError, match="append-only"), night.place.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with night.place.database.reading() as session:
        order = the_order(night)
        entries = entries_of(session, order.id or 0)
        assert list(broken_orders(session)) == []
    assert chain_problem(order, entries) is None
    with night.place.database.writing() as session:
        session.get_one(ProactiveOrder, order.id).journal_head = "0" * 64
    with night.place.database.reading() as session:
        assert list(broken_orders(session)) == ["P-000001: the head of the journal was altered"]
    entries[0].actor = "client:forger"
    assert chain_problem(order, entries) == "entry 1 was altered"
    assert chain_problem(order, []) == "1 entries expected, 0 found"


# The rules file.


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"closings": [{"code": "x", "name": {"zh": "x", "en": "x"}, "checks": ["rise_over"]}]}, "measures_named, result_given"),
        ({"paces": [{"code": "x", "sorts": [], "grade": "U3", "source": "[P]", "steps": {}}]}, "accept"),
        ({"evaluate_after": "7 d"}, "no fewer than calm_days"),
        ({"redo": {"time": "working_days", "limit": "2 d", "remind": "2 d"}}, "must be less than 2 d"),
        ({"redo": {"time": "working_days", "limit": "2 d", "remind": "20 h"}}, "in the same unit"),
        ({"calm_days": 1}, "greater than or equal to 7"),
    ],
)
def test_a_rules_file_that_would_loosen_the_flow_is_refused(change: dict[str, Any], message: str) -> None:
    written = _written() | change
    with pytest.raises(ValidationError, match=message):
        ProactiveRules.model_validate(written)


def _written() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(SHIPPED.read_text(encoding="utf-8"))
    return found


def test_the_last_pace_takes_everything_and_a_misspelt_sort_is_told() -> None:
    written = _written()
    ProactiveRules.model_validate(written)
    with pytest.raises(ValidationError, match="the last pace"):
        ProactiveRules.model_validate(written | {"paces": written["paces"][:1]})
    wrong = [{**written["paces"][0], "sorts": ["silnt"]}, written["paces"][1]]
    with pytest.raises(ValidationError, match="silnt is none of"):
        ProactiveRules.model_validate(written | {"paces": wrong})


# Who gets it.


@pytest.mark.parametrize(
    ("concern", "owner", "reason"),
    [
        (Concern("S01", complained_of=("SCHOOL",)), "EDU", "supervises"),
        (Concern("S01"), "EDU", "catalogue_lead"),
        (Concern("S01", complained_of=("NURSERY", "SCHOOL")), "EDU", "supervises"),
        # The superior itself is complained of: the catalogue's next unit.
        (Concern("S01", complained_of=("SCHOOL", "EDU")), "PROC", "catalogue_lead"),
        (Concern("S01", complained_of=("SCHOOL",), kept_from=("EDU",)), "PROC", "catalogue_lead"),
        (Concern("S01", complained_of=("EDU", "PROC", "JUSTICE")), "", "nobody_left"),
        (Concern("X05"), "", "no_lead"),
        (Concern(""), "", "no_kind"),
    ],
)
def test_the_unit_above_whoever_is_complained_of_gets_it_and_nobody_concerned_does(concern: Concern, owner: str, reason: str) -> None:
    found = decide_owner(concern, shipped_catalogue())
    assert (found.unit, found.reason) == (owner, reason)
    assert set(concern.complained_of) <= set(found.kept_from)
    assert found.unit not in found.kept_from


def test_the_units_below_a_unit_complained_of_are_kept_away_too() -> None:
    assert set(decide_owner(Concern("S01", complained_of=("EDU",)), shipped_catalogue()).kept_from) == {"EDU", "SCHOOL", "NURSERY"}


def test_one_fact_of_one_request_is_enough_for_a_conflict_and_not_for_a_lead() -> None:
    found = decide_owner(Concern("F05", all_facts=("street_tied",)), shipped_catalogue())
    assert {"STREET", "COMMUNITY"} <= set(found.kept_from)


# From what came in to the alert.


def test_three_reporters_of_one_school_are_a_warning_an_order_and_one_alert_without_a_name(night: ClockDesk) -> None:
    order = opened(night)
    with night.place.database.reading() as session:
        warning = session.exec(select(EarlyWarning)).one()
        cases = session.exec(select(WarningCase)).all()
        notice, brief = session.exec(select(Notice).where(Notice.case_label == order.label).order_by(Notice.id)).all()  # type: ignore[arg-type]
    assert (warning.sort, warning.came, warning.reporters, warning.order_id) == (WarningSort.VENUE_REPORTERS, 3, 3, order.id)
    assert (len(cases), warning.sort_of_place, warning.kind, warning.district) == (3, "school", "S01", "D1")
    assert "青禾" not in repr(warning) and len(warning.venue) == 32
    assert (order.owner, order.owner_reason, order.kept_from, order.state) == ("EDU", "supervises", ["SCHOOL"], OrderState.OPENED)
    assert (notice.recipient, notice.ask, notice.grade, notice.due_at) == ("EDU", Ask.ACCEPT_ORDER, order.grade, order.due_at)
    assert notice.link.endswith(f"/p/{order.token}")
    assert (brief.recipient, brief.ask) == (Recipient.DUTY_SUPERVISOR, Ask.WRITE_BRIEF)
    assert brief.link.endswith("/proactive/P-000001")


def test_the_night_repeated_stores_and_tells_nothing_twice(night: ClockDesk) -> None:
    opened(night)
    before = told(night)
    assert judge_night(night.place, night.now).stored == ()
    with night.place.database.writing() as session:
        # As if the night had been killed before it could note that the day was judged.
        session.delete(session.get_one(storing.DeskFact, storing.JUDGED))
    judged = judge_night(night.place, night.now)
    assert (judged.found, judged.stored) == (1, ())
    assert (len(orders(night)), told(night)) == (1, before)


def test_killed_between_warning_and_order_nothing_is_stored_and_the_repeat_stores_both(
    night: ClockDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise RuntimeError(SCHOOL)

    with monkeypatch.context() as patched:
        patched.setattr(storing, "order_for", killed)
        with pytest.raises(WarningsNotStoredError, match="1 warnings not stored: RuntimeError") as error:
            judge_night(night.place, night.now)
    assert "青禾" not in str(error.value)
    with night.place.database.reading() as session:
        assert session.exec(select(EarlyWarning)).all() == []
    assert len(judge_night(night.place, night.now).stored) == 1
    assert told(night) == [("EDU", Ask.ACCEPT_ORDER)]


def test_two_reports_of_one_person_or_reports_nobody_knows_of_warn_of_nothing(desk: ClockDesk) -> None:
    for _ in range(3):
        desk.take_in(text=SCHOOL, kind="S01", reporter={"contact": "13912345670"})
        desk.take_in(text=SCHOOL, kind="S01", reporter={"anonymous": True})
        desk.run_due()
    desk.jump(moment("Tue 2026-03-03 04:31"))
    judge_night(desk.place, desk.now)
    assert orders(desk) == []


def test_what_was_told_of_a_venue_is_quiet_while_it_stands_and_one_more_kind_is_another_warning_of_the_same_order(night: ClockDesk) -> None:
    order = opened(night)
    for number in range(2):
        night.take_in(text=f"青禾第三小学食堂饭菜变质{number}", kind="S05", district="D1", reporter={"contact": f"1380000000{number}"})
        night.run_due()
    night.jump(moment("Wed 2026-03-04 04:31"))
    judged = judge_night(night.place, night.now)
    with night.place.database.reading() as session:
        sorts = [each.sort for each in session.exec(select(EarlyWarning).order_by(EarlyWarning.id))]  # type: ignore[arg-type]
    assert (len(judged.stored), sorts) == (1, [WarningSort.VENUE_REPORTERS, WarningSort.VENUE_KINDS])
    assert the_order(night).id == order.id
    assert acts(night) == [OrderAct.OPENED, OrderAct.WARNED_AGAIN]


def test_after_a_standstill_the_days_in_between_are_judged_too(desk: ClockDesk) -> None:
    judge_night(desk.place, desk.now)
    three_reporters(desk)
    desk.jump(moment("Fri 2026-03-06 04:31"))
    judge_night(desk.place, desk.now)
    assert the_order(desk).owner == "EDU"


def test_silent_calls_that_rise_wait_for_a_supervisor_who_names_the_unit(desk: ClockDesk) -> None:
    start = moment("Mon 2026-03-02 10:00") - timedelta(days=70)
    desk.now = start
    desk.take_in(text="无人说话", call_type="silent")
    desk.run_due()
    desk.jump(moment("Mon 2026-03-02 10:00"))
    for number in range(9):
        desk.take_in(text="无人说话", call_type="silent", reporter={"contact": f"1370000000{number}"})
        desk.run_due()
    desk.jump(moment("Tue 2026-03-03 04:31"))
    judge_night(desk.place, desk.now)
    order = the_order(desk)
    assert (order.sort, order.owner, order.owner_reason) == ("silent", "", "no_kind")
    assert told(desk)[-1] == (Recipient.DUTY_SUPERVISOR, Ask.NAME_UNIT)
    assert hears(desk, OrderAct.OWNER_NAMED, SUPERVISOR, owner="WOMEN")
    assert (the_order(desk).owner, told(desk)[-1]) == ("WOMEN", ("WOMEN", Ask.ACCEPT_ORDER))


def test_an_owner_that_later_requests_are_about_is_out_from_that_night_on(night: ClockDesk) -> None:
    order = opened(night)
    hears(night, OrderAct.ACCEPTED, unit("EDU"))
    for number in range(2):
        night.take_in(text=f"青禾第三小学食堂{number}，教委包庇", kind="S05", complained_of="EDU", reporter={"contact": f"1380000000{number}"})
        night.run_due()
    night.jump(moment("Wed 2026-03-04 04:31"))
    judge_night(night.place, night.now)
    now = the_order(night)
    assert (now.owner, now.state, now.cycle) == ("PROC", OrderState.OPENED, 2)
    assert now.token != order.token, "the old link leads nowhere"
    assert {"EDU", "SCHOOL"} <= set(now.kept_from)
    with pytest.raises(OrderRefusedError, match="not_yours"):
        hears(night, OrderAct.PLANNED, unit("EDU"), text="x")
    with pytest.raises(OrderRefusedError, match="conflict_of_interest"):
        hears(night, OrderAct.OWNER_NAMED, SUPERVISOR, owner="EDU")


def test_one_series_has_one_order_at_work_whoever_is_faster(night: ClockDesk) -> None:
    order = opened(night)
    with pytest.raises(IntegrityError), night.place.database.writing() as session:
        session.add(
            ProactiveOrder(
                about_sort=order.about_sort, about="A-9", series=order.series, sort="rise", opened_at=night.now, begun_at=night.now
            )
        )


# The clock.


def at(desk: ClockDesk, written: str) -> datetime:
    desk.now = moment(written)
    return desk.now


def test_the_steps_are_counted_in_working_time_from_the_beginning(night: ClockDesk) -> None:
    """Opened Tue 2026-03-03 04:31. Urgent: 4 h of work from 09:00, noon break 12-13; then 2 and 10 working days."""
    order = opened(night)
    calendar = night.place.rules.calendar
    opens = calendar.add_working_hours(moment("Tue 2026-03-03 04:31"), timedelta(hours=4))
    assert order.due_at == opens
    at(night, "Tue 2026-03-03 09:30")
    hears(night, OrderAct.ACCEPTED, unit("EDU"))
    assert the_order(night).due_at == moment("Fri 2026-03-06 00:00"), "two working days, to the end of Thursday"
    at(night, "Wed 2026-03-04 10:00")
    hears(night, OrderAct.PLANNED, unit("EDU"), text="逐班排查，约谈校方")
    assert the_order(night).due_at == moment("Wed 2026-03-18 00:00"), "ten working days, to the end of Tuesday"


def test_each_step_is_reminded_of_and_escalated_once(night: ClockDesk) -> None:
    order = opened(night)
    assert order.remind_at and order.due_at
    night.now = order.remind_at - timedelta(seconds=1)
    assert tend(night) == Told()
    night.now = order.remind_at
    assert tend(night) == Told(reminded=1)
    assert tend(night) == Told()
    night.now = order.due_at
    assert tend(night) == Told(), "what is due at a moment is in time at that moment"
    night.now = order.due_at + timedelta(seconds=1)
    assert tend(night) == Told(escalated=1)
    assert tend(night) == Told()
    assert told(night)[1:] == [("EDU", Ask.REMINDER), ("EDU", Ask.OVERDUE), (Recipient.DUTY_SUPERVISOR, Ask.SUPERVISE)]


def test_a_desk_that_was_down_tells_that_it_is_over_and_not_that_it_is_near(night: ClockDesk) -> None:
    opened(night)
    at(night, "Fri 2026-03-06 10:00")
    assert tend(night) == Told(escalated=1)
    assert ("EDU", Ask.REMINDER) not in told(night)


def test_a_rejected_objection_does_not_start_the_clock_anew(night: ClockDesk) -> None:
    order = opened(night)
    at(night, "Tue 2026-03-03 09:30")
    hears(night, OrderAct.OBJECTED, unit("EDU"), reason="not_our_duty", text="不属我委职责")
    assert told(night)[-1] == (Recipient.DUTY_SUPERVISOR, Ask.DECIDE_OBJECTION)
    at(night, "Fri 2026-03-06 10:00")
    assert tend(night) == Told(escalated=1), "the decision is late: the supervisor hears of it, the unit does not"
    assert ("EDU", Ask.OVERDUE) not in told(night)
    hears(night, OrderAct.OBJECTION_DECIDED, SUPERVISOR, upheld=False)
    now = the_order(night)
    assert (now.state, now.due_at, now.cycle) == (OrderState.OPENED, order.due_at, 1)
    assert told(night)[-1] == ("EDU", Ask.OBJECTION_DECIDED)


def test_an_upheld_objection_gives_it_to_another_unit_with_its_full_time(night: ClockDesk) -> None:
    opened(night)
    at(night, "Tue 2026-03-03 14:00")
    hears(night, OrderAct.OBJECTED, unit("EDU"), reason="own_interest", text="涉及本委")
    for wrong, code in (("EDU", "same_unit"), ("SCHOOL", "unknown_unit"), ("COMMUNITY", "unknown_unit"), ("", "unknown_unit")):
        with pytest.raises(OrderRefusedError, match=code):
            hears(night, OrderAct.OBJECTION_DECIDED, SUPERVISOR, upheld=True, owner=wrong)
    hears(night, OrderAct.OBJECTION_DECIDED, SUPERVISOR, upheld=True, owner="PROC")
    now = the_order(night)
    assert (now.owner, now.state, now.cycle, now.begun_at) == ("PROC", OrderState.OPENED, 2, night.now)
    assert told(night)[-1] == ("PROC", Ask.ACCEPT_ORDER)


# Answers and closing.


@pytest.mark.parametrize("text", ["青禾第三小学，请联系13912345671", "请核查，反映人电话 139 1234 5672"])
def test_what_tells_a_reporter_is_not_passed_on(night: ClockDesk, text: str) -> None:
    opened(night)
    with pytest.raises(OrderRefusedError, match="tells_reporter"):
        hears(night, OrderAct.BRIEFED, SUPERVISOR, text=text)
    assert hears(night, OrderAct.BRIEFED, SUPERVISOR, text="青禾第三小学，请核查体罚情况")
    assert told(night)[-1] == ("EDU", Ask.READ_BRIEF)


def test_what_is_sent_twice_is_written_once(night: ClockDesk) -> None:
    opened(night)
    assert hears(night, OrderAct.ACCEPTED, unit("EDU"), "double-click")
    assert not hears(night, OrderAct.ACCEPTED, unit("EDU"), "double-click")
    assert acts(night) == [OrderAct.OPENED, OrderAct.ACCEPTED]


@pytest.mark.parametrize(
    ("act", "who", "form", "code"),
    [
        (OrderAct.ACCEPTED, "CIVIL", {}, "not_yours"),
        (OrderAct.CLOSED, "EDU", {"reason": "solved"}, "supervisors_only"),
        (OrderAct.OBJECTED, "EDU", {"reason": "invented", "text": "x"}, "unknown_code"),
        (OrderAct.OBJECTED, "EDU", {"reason": "no_rise"}, "text_missing"),
        (OrderAct.RESULT_GIVEN, "EDU", {"text": "x"}, "measures_missing"),
        (OrderAct.RESULT_GIVEN, "EDU", {"text": "x", "measures": ("prayer",)}, "unknown_code"),
        (OrderAct.PLANNED, "EDU", {"text": "x"}, "does_not_fit"),
        (OrderAct.CLOSED, "supervisor", {"reason": "solved"}, "does_not_fit"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code_and_changes_nothing(
    night: ClockDesk, act: OrderAct, who: str, form: dict[str, Any], code: str
) -> None:
    opened(night)
    with pytest.raises(OrderRefusedError) as error:
        hears(night, act, SUPERVISOR if who == "supervisor" else unit(who), **form)
    assert error.value.code == code
    assert (acts(night), the_order(night).state) == ([OrderAct.OPENED], OrderState.OPENED)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.DEPARTMENT])
def test_only_a_supervisor_decides(night: ClockDesk, role: Role) -> None:
    opened(night)
    for act in OF_SUPERVISOR:
        with pytest.raises(OrderRefusedError, match="supervisors_only"):
            hears(night, act, Speaker("x", role, "EDU" if role is Role.DEPARTMENT else None))


def with_result(desk: ClockDesk) -> None:
    opened(desk)
    at(desk, "Tue 2026-03-03 09:30")
    hears(desk, OrderAct.ACCEPTED, unit("EDU"))
    hears(desk, OrderAct.PLANNED, unit("EDU"), text="逐班排查")
    hears(desk, OrderAct.PROGRESS, unit("EDU"), text="已约谈校方")
    hears(desk, OrderAct.RESULT_GIVEN, unit("EDU"), text="已责令整改并复查", measures=("inspection", "rectification"))


def test_an_order_is_closed_only_when_result_measures_evaluation_and_calm_hold(night: ClockDesk) -> None:
    with_result(night)
    with pytest.raises(OrderRefusedError, match="evaluated"):
        hears(night, OrderAct.CLOSED, SUPERVISOR, reason="solved")
    night.now = moment("Tue 2026-03-31 09:30") - timedelta(seconds=1)
    assert tend(night) == Told()
    night.now = moment("Tue 2026-03-31 09:30")
    assert tend(night) == Told(evaluated=1)
    assert tend(night) == Told()
    assert told(night)[-1] == (Recipient.DUTY_SUPERVISOR, Ask.DECIDE_CLOSING)
    hears(night, OrderAct.CLOSED, SUPERVISOR, reason="solved")
    order = the_order(night)
    assert (order.state, order.close_reason, order.due_at, order.closed_at) == (OrderState.CLOSED, "solved", None, night.now)


def test_while_the_series_still_warns_it_is_not_solved_but_may_be_explained(night: ClockDesk) -> None:
    with_result(night)
    at(night, "Tue 2026-03-31 09:30")
    with night.place.database.writing() as session:
        series = the_order(night).series
        day = night.now.date() - timedelta(days=RULES.calm_days)
        session.add(EarlyWarning(key="again", sort=WarningSort.RISE, series=series, on_day=day, days=7, came=5, at=night.now))
    with pytest.raises(OrderRefusedError, match="rise_over"):
        hears(night, OrderAct.CLOSED, SUPERVISOR, reason="solved")
    assert hears(night, OrderAct.CLOSED, SUPERVISOR, reason="explained", text="采样口径变化")


def test_a_result_sent_back_is_done_again_by_its_own_clock(night: ClockDesk) -> None:
    with_result(night)
    at(night, "Wed 2026-03-04 10:00")
    hears(night, OrderAct.SENT_BACK, SUPERVISOR, reason="not_checked")
    order = the_order(night)
    assert (order.state, order.result_at, order.evaluate_at) == (OrderState.SENT_BACK, None, None)
    assert order.due_at == moment("Thu 2026-03-19 00:00"), "ten working days, to the end of Wednesday"
    assert told(night)[-1] == ("EDU", Ask.REWORK)
    hears(night, OrderAct.RESULT_GIVEN, unit("EDU"), text="已逐人核实", measures=("inspection",))
    hears(night, OrderAct.SENT_BACK, SUPERVISOR, reason="rise_goes_on")
    assert told(night).count(("EDU", Ask.REWORK)) == 2, "sent back twice is told twice"


def closed(desk: ClockDesk) -> ProactiveOrder:
    with_result(desk)
    at(desk, "Tue 2026-03-31 09:30")
    hears(desk, OrderAct.CLOSED, SUPERVISOR, reason="solved")
    return the_order(desk)


@pytest.mark.parametrize(("days", "reopens"), [(RULES.same_trouble_days, True), (RULES.same_trouble_days + 1, False)])
def test_the_same_trouble_within_its_days_reopens_the_order_and_later_opens_another(night: ClockDesk, days: int, reopens: bool) -> None:
    order = closed(night)
    night.now += timedelta(days=days)
    warning = EarlyWarning(key="again", sort=WarningSort.RISE, series=order.series, on_day=night.now.date(), days=7, came=5, kind="S01", at=night.now)
    for _ in range(2):
        with night.place.database.writing() as session:
            session.add(warning)
            session.flush()
            found = order_for(night.place, session, storing.trouble_of(warning), (), night.now)
        assert (found.id == order.id) is reopens
    assert len(orders(night)) == (1 if reopens else 2)
    now = orders(night)[-1]
    assert (now.state, now.cycle, now.closed_at) == ((OrderState.REOPENED, 2, None) if reopens else (OrderState.OPENED, 1, None))
    assert (now.measures, now.evaluate_at) == ([], None), "what was done last time closes nothing this time"
    assert told(night)[-1] == ("EDU", Ask.ACCEPT_ORDER)


def test_a_withdrawn_order_is_over_and_a_new_rise_opens_a_new_one(night: ClockDesk) -> None:
    order = opened(night)
    hears(night, OrderAct.WITHDRAWN, SUPERVISOR, reason="opened_in_error")
    assert told(night)[-1] == ("EDU", Ask.ORDER_WITHDRAWN)
    warning = EarlyWarning(key="again", sort=WarningSort.RISE, series=order.series, on_day=night.now.date(), days=7, came=5, kind="S01", at=night.now)
    with night.place.database.writing() as session:
        session.add(warning)
        session.flush()
        order_for(night.place, session, storing.trouble_of(warning), (), night.now)
    assert [each.state for each in orders(night)] == [OrderState.WITHDRAWN, OrderState.OPENED]


# Privacy.


def test_words_are_sealed_and_a_unit_reads_its_own_only(night: ClockDesk) -> None:
    opened(night)
    at(night, "Tue 2026-03-03 09:30")
    hears(night, OrderAct.OBJECTED, unit("EDU"), reason="own_interest", text="金丝雀甲")
    hears(night, OrderAct.OBJECTION_DECIDED, SUPERVISOR, upheld=True, owner="PROC", text="金丝雀乙")
    hears(night, OrderAct.ACCEPTED, unit("PROC"), text="金丝雀丙")
    with night.place.database.reading() as session:
        assert len(session.exec(select(ProactiveText)).all()) == 3
        order = the_order(night)
        every = [each.text for each in told_of(night.place, session, order) if each.text]
        own = [each.text for each in told_of(night.place, session, order, only_by="department:PROC") if each.text]
    assert (every, own) == (["金丝雀甲", "金丝雀乙", "金丝雀丙"], ["金丝雀丙"])
    for file in night.place.settings.home.rglob("*"):
        if file.is_file():
            assert "金丝雀".encode() not in file.read_bytes(), file


def test_what_is_published_of_a_small_warning_names_nothing_and_of_a_withdrawn_order_nothing_at_all(night: ClockDesk) -> None:
    order = opened(night)
    day = moment("Mon 2026-03-02 10:00").date()
    with night.place.database.reading() as session:
        (warning,) = published_warnings(session, day, day)
        (shown,) = published_orders(session, day, day + timedelta(days=1), night.now)
        assert published_warnings(session, day - timedelta(days=9), day - timedelta(days=1)) == ()
    assert warning == {
        "number": "A-000001", "sort": "venue_reporters", "kind": "", "district": "", "sort_of_place": "", "on": "2026-03-02",
        "days": 14, "size": None, "order": "P-000001",
    }  # fmt: skip
    assert shown == {
        "number": "P-000001", "about": "A-000001", "owner": "EDU", "state": "opened", "opened": "2026-03-03",
        "due": order.due_at.isoformat() if order.due_at else None, "closed": None, "late": False,
    }  # fmt: skip
    hears(night, OrderAct.WITHDRAWN, SUPERVISOR, reason="opened_in_error")
    with night.place.database.reading() as session:
        assert published_orders(session, day, day + timedelta(days=1), night.now) == ()


def test_an_alert_that_waits_for_a_unit_that_is_out_is_not_sent(night: ClockDesk) -> None:
    opened(night)
    with night.place.database.writing() as session:
        order = session.exec(select(ProactiveOrder)).one()
        order.kept_from = [*order.kept_from, "EDU"]
    hears(night, OrderAct.OWNER_NAMED, SUPERVISOR, owner="PROC")
    with night.place.database.reading() as session:
        states = {each.recipient: each.state for each in session.exec(select(Notice).where(Notice.case_label == order.label, Notice.ask == Ask.ACCEPT_ORDER))}
    assert states == {"EDU": NoticeState.SUPERSEDED, "PROC": NoticeState.WAITING}


def test_every_check_has_a_value_and_every_step_a_rule() -> None:
    assert {each for closing in RULES.closings for each in closing.checks} == set(Check)
    assert {step for step in STEP_OF.values() if step} == set(Step)


def test_the_diagram_in_the_docs_is_drawn_from_the_table() -> None:
    docs = Path(__file__).parents[1] / "docs" / "common_issues.md"
    assert mermaid() in docs.read_text(encoding="utf-8")
