"""Figures counted inside the case database, on SQLite and PostgreSQL alike; expected from the rule of each."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analysis.callbacks import callbacks, callbacks_by
from analysis.compliance import ClockKey, Compliance, compliance
from analysis.durations import Durations, first_contact_times, times_to_safe
from analysis.grouping import Dimension, Periods
from analysis.rate_rules import AnswersCounted, load_rate_rules
from analysis.rates import Tally, rates_of
from analysis.returns import Returns, returns
from analysis.windows import Natural, Window, daily, naturals
from models.database import Database
from models.vocabulary import CallbackClass, Grade, NewsKind, Safety, Target
from tests.figure_desk import DAY, HOUR, START, FigureDesk, empty_database, figure_desk

RULES = load_rate_rules()
MARCH = Window(START - 3 * DAY, START + 28 * DAY)
CALLED = START + 5 * DAY
NOW = START + 20 * DAY
DEPARTMENT = (Dimension.DEPARTMENT,)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind for the whole module: migrating takes longer than all its tests."""
    is_sqlite = request.param == "sqlite"
    file = tmp_path_factory.mktemp("figures") / "cases.db"
    found = empty_database(f"sqlite:///{file}" if is_sqlite else request.getfixturevalue("postgres_url"))
    yield found
    found.close()


@pytest.fixture
def desk(database: Database) -> Iterator[FigureDesk]:
    """No case yet, and none is left."""
    with figure_desk(database) as fresh:
        yield fresh


def test_callbacks_are_counted_by_what_they_found(desk: FigureDesk) -> None:
    """Four answers of EDU: satisfied, basically, unsatisfied and unresolved, and one without a word on satisfaction."""
    for found in ("yes", "basically", "no", "silent"):
        desk.called(desk.case(), CALLED, found)
    desk.called(desk.case("CIVIL"), CALLED, "yes")
    found_by = callbacks(desk.session, MARCH, RULES, DEPARTMENT)
    assert found_by.tallies == {("EDU",): Tally(4, 4, 4, 3, 1, 1, 1), ("CIVIL",): Tally(1, 1, 1, 1, 1, 0, 0)}
    assert found_by.excluded == {}
    # 10 + 50 × 3/4 + 40 × 1.9/4
    assert rates_of(found_by.tallies[("EDU",)], RULES.formula).composite == Decimal("66.5")


def test_only_news_that_was_digested_and_not_refused_counts(desk: FigureDesk) -> None:
    case = desk.case()
    desk.called(case, CALLED, "yes", refused="wrong_status")
    desk.called(case, CALLED + HOUR, "yes", read_at=None)
    found = callbacks(desk.session, MARCH, RULES)
    assert found.tallies == {}
    assert found.all_excluded == {"refused": 1, "not_digested": 1}


def test_who_is_left_out_is_counted_by_code_and_department(desk: FigureDesk) -> None:
    """A guardian suspect stays in the response rate only; CB-X in nothing; in vain and not to be called are no answers."""
    desk.called(desk.case(), CALLED, "yes")
    desk.called(desk.case(guardian_suspect=True), CALLED, "silent")
    desk.called(desk.case(callback_class=CallbackClass.NONE), CALLED, "yes")
    desk.called(desk.case(), CALLED, "missed")
    desk.not_called(desk.case(), CALLED, "class-forbids")
    desk.not_called(desk.case("CIVIL"), CALLED, "not-agreed")
    found = callbacks(desk.session, MARCH, RULES, DEPARTMENT)
    assert found.tallies == {("EDU",): Tally(valid=2, contacted=2, full=1, resolved=1, satisfied=1)}
    assert found.excluded == {
        ("EDU",): {"guardian_suspect": 1, "no_outbound_contact": 1, "not_reached": 1, "class_forbids": 1},
        ("CIVIL",): {"not_agreed": 1},
    }
    assert rates_of(found.tallies.get(("CIVIL",), Tally()), RULES.formula).composite is None


def test_an_order_whose_unit_was_not_told_who_called_counts_for_no_response_rate(desk: FigureDesk) -> None:
    """Nobody asks its caller whether the unit was in touch; the other rates know no difference."""
    desk.called(desk.case(), CALLED, "yes")
    desk.called(desk.case(), CALLED, "yes", contacted=False)
    desk.called(desk.case(), CALLED, "no", contacted=None)
    desk.called(desk.case(guardian_suspect=True), CALLED, "silent", contacted=None)
    found = callbacks(desk.session, MARCH, RULES).tallies[()]
    assert found == Tally(valid=4, contacted=1, full=3, resolved=2, satisfied=2, contact_not_asked=2)
    assert rates_of(found, RULES.formula).response == 50


def test_an_order_called_in_vain_three_times_is_one_order(desk: FigureDesk) -> None:
    case = desk.case()
    for hours in range(3):
        desk.called(case, CALLED + hours * HOUR, "missed")
    assert callbacks(desk.session, MARCH, RULES).all_excluded == {"not_reached": 1}
    desk.called(case, CALLED + 4 * HOUR, "yes")
    found = callbacks(desk.session, MARCH, RULES)
    assert found.all_excluded == {}
    assert found.tallies[()].valid == 1


def test_an_order_counts_by_its_last_answer_or_by_every_one(desk: FigureDesk) -> None:
    """Unresolved, reworked, resolved: 1 of 1 by the last answer, 1 of 2 by every one."""
    case = desk.case()
    desk.called(case, CALLED, "no")
    desk.called(case, CALLED + 5 * DAY, "yes")
    every = RULES.model_copy(update={"answers_counted": AnswersCounted.EVERY})
    assert callbacks(desk.session, MARCH, RULES).tallies[()] == Tally(1, 1, 1, 1, 1)
    assert callbacks(desk.session, MARCH, every).tallies[()] == Tally(2, 2, 2, 1, 1)


def test_a_call_belongs_to_the_department_that_led_then(desk: FigureDesk) -> None:
    """EDU led when the first call was made, CIVIL when the second was; the moment of the change is the new lead's."""
    case = desk.case(lead=None)
    moved = CALLED + DAY
    desk.lead(case, "EDU", START, withdrawn_at=moved)
    desk.lead(case, "CIVIL", moved)
    desk.called(case, moved - HOUR, "no")
    desk.called(case, moved, "yes")
    every = RULES.model_copy(update={"answers_counted": AnswersCounted.EVERY})
    found = callbacks(desk.session, MARCH, every, DEPARTMENT).tallies
    assert {key: each.resolved for key, each in found.items()} == {("EDU",): 0, ("CIVIL",): 1}


def test_the_daily_window_ends_at_noon_to_the_second(desk: FigureDesk) -> None:
    """2026-03-05 12:00 in Beijing is 04:00 UTC: the second before is of the 5th, the moment itself of the 6th."""
    noon = START.replace(day=5, hour=4)
    desk.called(desk.case(), noon - timedelta(seconds=1), "yes")
    desk.called(desk.case(), noon, "no")
    fifth, sixth = (callbacks(desk.session, daily(date(2026, 3, day), RULES.windows), RULES).tallies[()] for day in (5, 6))
    assert (fifth.valid, fifth.resolved, sixth.valid, sixth.resolved) == (1, 1, 1, 0)


def test_periods_are_counted_in_one_look_and_an_order_once_in_each(desk: FigureDesk) -> None:
    """Weeks begin on Monday 00:00 in Beijing, which is Sunday 16:00 UTC."""
    weeks = Periods(tuple(naturals(date(2026, 3, 2), date(2026, 3, 22), Natural.WEEK)))
    monday = START.replace(day=8, hour=16)
    case = desk.case()
    desk.called(case, monday - timedelta(seconds=1), "no")
    desk.called(case, monday, "yes")
    desk.called(case, monday + HOUR, "no")
    found = callbacks(desk.session, weeks.whole, RULES, (weeks, Dimension.FAMILY)).tallies
    assert {key: (each.valid, each.resolved) for key, each in found.items()} == {("2026-03-02", "S"): (1, 0), ("2026-03-09", "S"): (1, 0)}


def test_several_groupings_in_one_look_say_what_each_says_alone(desk: FigureDesk) -> None:
    """An order that was called in two weeks counts once in the whole and once in each; of either answer its own."""
    weeks = Periods(tuple(naturals(date(2026, 3, 2), date(2026, 3, 22), Natural.WEEK)))
    for lead, kind in (("EDU", "S09"), ("CIVIL", "F01")):
        case = desk.case(lead, kind=kind)
        for after, found in ((2, "no"), (3, "missed"), (9, "yes"), (10, "missed")):
            desk.called(case, START + after * DAY, found)
        desk.called(desk.case(lead, kind=kind, guardian_suspect=True), START + DAY, "missed")
        desk.not_called(desk.case(lead, kind=kind), START + DAY, "not-agreed")
    groupings = (DEPARTMENT, (weeks, Dimension.FAMILY), (), (Dimension.KIND, Dimension.GRADE))
    for counted in (RULES, RULES.model_copy(update={"answers_counted": AnswersCounted.EVERY})):
        together = callbacks_by(desk.session, weeks.whole, counted, groupings)
        assert together == tuple(callbacks(desk.session, weeks.whole, counted, each) for each in groupings)
    whole, by_week = (callbacks_by(desk.session, weeks.whole, RULES, groupings)[place] for place in (2, 1))
    assert (whole.tallies[()].valid, whole.tallies[()].resolved, whole.excluded[()]) == (2, 2, {"not_reached": 2, "not_agreed": 2})
    assert {key: (each.valid, each.resolved) for key, each in by_week.tallies.items()} == {
        ("2026-03-02", "S"): (1, 0), ("2026-03-02", "F"): (1, 0), ("2026-03-09", "S"): (1, 1), ("2026-03-09", "F"): (1, 1),
    }  # fmt: skip


def test_overlapping_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="may not overlap"):
        Periods((MARCH, MARCH))


EDU_FEEDBACK = ClockKey("EDU", Target.FEEDBACK, Grade.U3)


def test_a_clock_is_met_at_its_due_time_and_missed_a_second_later(desk: FigureDesk) -> None:
    due = START + 7 * DAY
    for after in (0, 1):
        stopped = due + timedelta(seconds=after)
        desk.clock(desk.case(), Target.FEEDBACK, due, stopped, "replied", breached_at=due if after else None)
    found = compliance(desk.session, MARCH, NOW)
    assert found == {EDU_FEEDBACK: Compliance(met=1, missed=1)}
    assert found[EDU_FEEDBACK].share == 50


def test_running_clocks_are_late_once_their_time_is_over_unless_they_stand_still(desk: FigureDesk) -> None:
    due = START + 7 * DAY
    desk.clock(desk.case(), Target.FEEDBACK, due, None)
    desk.clock(desk.case(hung_up_until=NOW + DAY), Target.FEEDBACK, due, None)
    desk.clock(desk.case(), Target.FEEDBACK, due, None, provisional=True)
    assert compliance(desk.session, MARCH, due)[EDU_FEEDBACK] == Compliance(running=2, provisional=1)
    assert compliance(desk.session, MARCH, NOW)[EDU_FEEDBACK] == Compliance(late=1, running=1, provisional=1)


def test_a_clock_that_was_taken_away_is_neither_kept_nor_missed(desk: FigureDesk) -> None:
    """By another grade, another lead or another case; but a case that closed without the reply missed it."""
    due = START + 7 * DAY
    for reason in ("grade", "withdrawn", "linked"):
        desk.clock(desk.case(), Target.FEEDBACK, due, START + DAY, reason)
    desk.clock(desk.case(), Target.FEEDBACK, due, START + DAY, "closed")
    desk.clock(desk.case(), Target.CLOSURE, due, START + DAY, "closed")
    # Answered, or not the desk's: nobody is sent it.
    desk.clock(desk.case(), Target.DISPATCH, due, START + DAY, "closed")
    found = compliance(desk.session, MARCH, NOW)
    assert found == {
        EDU_FEEDBACK: Compliance(taken_away=3, missed=1), ClockKey("EDU", Target.CLOSURE, Grade.U3): Compliance(met=1),
        ClockKey("DESK", Target.DISPATCH, Grade.U3): Compliance(met=1),
    }  # fmt: skip
    assert Compliance(taken_away=3).share is None


def test_whose_time_it_was(desk: FigureDesk) -> None:
    """A department's own clock is its own, the desk's is the desk's, a joint one the lead's that held it when it stopped."""
    due = START + 7 * DAY
    case = desk.case(lead=None)
    desk.lead(case, "EDU", START, withdrawn_at=START + 3 * DAY)
    desk.lead(case, "CIVIL", START + 3 * DAY)
    desk.clock(case, Target.ACCEPTANCE, due, START + HOUR, "accepted", department="EDU")
    desk.clock(case, Target.CALLBACK, due, START + HOUR, "called_back")
    desk.clock(case, Target.FEEDBACK, due, START + 2 * DAY, "replied")
    desk.clock(case, Target.FEEDBACK, due, START + 4 * DAY, "replied")
    desk.clock(case, Target.CLOSURE, due, None)
    found = compliance(desk.session, MARCH, START + 5 * DAY)
    assert {(key.department, key.target): each for key, each in found.items()} == {
        ("EDU", Target.ACCEPTANCE): Compliance(met=1), ("DESK", Target.CALLBACK): Compliance(met=1),
        ("EDU", Target.FEEDBACK): Compliance(met=1), ("CIVIL", Target.FEEDBACK): Compliance(met=1),
        ("CIVIL", Target.CLOSURE): Compliance(running=1),
    }  # fmt: skip


def test_clocks_count_in_the_window_they_are_due_in(desk: FigureDesk) -> None:
    desk.clock(desk.case(), Target.FEEDBACK, MARCH.end, START + DAY, "replied")
    assert compliance(desk.session, MARCH, NOW) == {}
    assert compliance(desk.session, Window(MARCH.end, MARCH.end + DAY), NOW) == {EDU_FEEDBACK: Compliance(met=1)}


def safe_after(desk: FigureDesk, hours: int, **fields: object) -> None:
    case = desk.case(harm=True, safety=Safety.SAFE, **fields)
    desk.news(case, NewsKind.SAFETY_RECORDED, START + hours * HOUR, {"safety": "safe", "source": "police"})


def test_times_to_safe_are_ones_that_happened(desk: FigureDesk) -> None:
    """Nearest rank of 1, 2, …, 10 hours: the fifth for the half, the ninth for ninety of a hundred."""
    for hours in range(10, 0, -1):
        safe_after(desk, hours)
    assert times_to_safe(desk.session, MARCH) == {(): Durations(10, 0, 5 * HOUR, 9 * HOUR)}


def test_children_not_safe_yet_are_counted_and_shorten_nothing(desk: FigureDesk) -> None:
    """One never recorded, one refused, one that is unsafe again; an ordinary case is not asked."""
    safe_after(desk, 3)
    desk.case(grade=Grade.U1)
    again = desk.case(harm=True, safety=Safety.UNSAFE)
    desk.news(again, NewsKind.SAFETY_RECORDED, START + HOUR, {"safety": "safe", "source": "desk"})
    refused = desk.case(harm=True)
    desk.news(refused, NewsKind.SAFETY_RECORDED, START + HOUR, {"safety": "safe", "source": "desk"}, refused="x")
    desk.case()
    assert times_to_safe(desk.session, MARCH) == {(): Durations(1, 3, 3 * HOUR, 3 * HOUR)}


def test_where_nothing_has_happened_yet_there_is_no_time(desk: FigureDesk) -> None:
    desk.case(harm=True, district="XI")
    assert times_to_safe(desk.session, MARCH, (Dimension.DISTRICT,)) == {("XI",): Durations(0, 1, None, None)}
    assert times_to_safe(desk.session, Window(MARCH.end, MARCH.end + DAY)) == {}


def test_the_first_record_counts_not_the_confirmation_after_it(desk: FigureDesk) -> None:
    case = desk.case(harm=True, safety=Safety.SAFE)
    for hours in (6, 30):
        desk.news(case, NewsKind.SAFETY_RECORDED, START + hours * HOUR, {"safety": "safe", "source": "police"})
    assert times_to_safe(desk.session, MARCH, DEPARTMENT) == {("EDU",): Durations(1, 0, 6 * HOUR, 6 * HOUR)}


def test_first_contact_is_counted_from_the_order_of_each_lead(desk: FigureDesk) -> None:
    """EDU after 2 and 4 hours and once not yet; CIVIL lost its only order before it spoke to anybody."""
    for hours in (2, 4):
        desk.lead(desk.case(lead=None), "EDU", START, contacted_at=START + hours * HOUR)
    desk.lead(desk.case(lead=None), "EDU", START)
    desk.lead(desk.case(lead=None), "CIVIL", START, withdrawn_at=START + DAY)
    assert first_contact_times(desk.session, MARCH, DEPARTMENT) == {("EDU",): Durations(2, 1, 2 * HOUR, 4 * HOUR)}


def test_rework_and_reopening_are_of_what_could_come_back(desk: FigureDesk) -> None:
    """Three answered, one of them sent back since; two settled, one of them open again; one only received."""
    desk.lead(desk.case(lead=None, closed_at=CALLED), "EDU", START, replied_at=CALLED)
    desk.lead(desk.case(lead=None, reopen_count=1), "EDU", START, replied_at=CALLED)
    desk.lead(desk.case(lead=None, rework_count=2), "EDU", START)
    desk.case()
    found = returns(desk.session, MARCH, DEPARTMENT)
    assert found == {("EDU",): Returns(answered=3, reworked=1, settled=2, reopened=1)}
    assert found[("EDU",)].reopening == 50
    assert Returns(0, 0, 0, 0).rework is None
