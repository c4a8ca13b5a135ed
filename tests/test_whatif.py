"""What another rule set would have made of past cases: every count against a case worked out by hand."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from models.vocabulary import Grade, Nature, Target
from sla_rules.calendar import instant_of, moment_of
from sla_rules.due import due_time
from sla_rules.intervals import Interval
from sla_rules.ladder import moments
from sla_rules.loader import load_rule_book
from sla_rules.whatif import WhatIf, compare
from sla_rules.whatif_chunk import RUNNING, UNKNOWN, CaseChunk, Coded, Leads
from sla_rules.whatif_due import Judge
from sla_rules.whatif_groups import MOST_WORDS
from sla_rules.whatif_moments import rung_moments
from tests.whatif_rows import NOW, edited_rules

SHIPPED = load_rule_book()
DAY = timedelta(days=1)


def chunk_of(
    *cases: tuple[datetime, datetime | None],
    grade: Grade = Grade.U3,
    target: Target = Target.CLOSURE,
    kinds: tuple[str, ...] | None = None,
    first_number: int = 1,
    **more: object,
) -> CaseChunk:
    """Cases as (received, closed or None); received times carry their zone."""
    rows = len(cases)
    received = np.array([moment_of(start) for start, _ in cases], np.int64)
    more.setdefault("department", Coded.same("", rows))
    return CaseChunk(
        numbers=np.arange(first_number, first_number + rows),
        received=received,
        started=received,
        ended=np.array([moment_of(end) if end else RUNNING for _, end in cases], np.int64),
        grade=Coded.same(grade, rows),
        target=Coded.same(target, rows),
        kind=Coded.of(kinds or ("S01",) * rows),
        nature=Coded.same(Nature.HELP, rows),
        **more,  # type: ignore[arg-type]
    )


def _moments(times) -> np.ndarray:
    return np.array([moment_of(each) for each in times], np.int64)


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+08:00")


def over(old, new, *chunks, now=NOW, **more) -> dict:
    return compare(old, new, chunks, now, **more).to_json()


@pytest.fixture
def shorter(tmp_path):
    """Closure of U3 and UC within 20 calendar days instead of 30."""
    return edited_rules(tmp_path / "shorter", ("limit: 30 d", "limit: 20 d"))


def test_the_same_rules_change_nothing():
    whatif = compare(SHIPPED, SHIPPED, [chunk_of((at("2026-05-01 10:00"), None))], NOW)
    assert whatif.changes_nothing
    assert whatif.to_json()["identical"]
    assert whatif.to_json()["due"]["same"] == 1


def test_no_history_at_all_is_a_report_of_zeros():
    whatif = compare(SHIPPED, SHIPPED, [], NOW)
    assert (whatif.to_json()["cases"], whatif.changes_nothing) == (0, True)


def test_a_shorter_limit_makes_due_times_earlier_by_ten_days(shorter):
    found = over(SHIPPED, shorter, chunk_of((at("2026-05-20 10:00"), None)))
    assert (found["due"]["earlier"], found["due"]["later"]) == (1, 0)
    assert found["due"]["most_earlier_seconds"] == 10 * 86400
    bars = [(bar["from_hours"], bar["to_hours"]) for bar in found["due"]["histogram"] if bar["clocks"]]
    assert bars == [(-30 * 24, -7 * 24)]


@pytest.mark.parametrize(
    ("limit", "bar"),
    [("31 d", (4, 24)), ("33 d", (24, 72)), ("29 d", (-24, -4)), ("27 d", (-72, -24)), ("34 d", (72, 168))],
)
def test_a_change_of_exactly_one_step_stands_in_the_nearer_bar(tmp_path, limit, bar):
    other = edited_rules(tmp_path, ("limit: 30 d", f"limit: {limit}"))
    found = over(SHIPPED, other, chunk_of((at("2026-05-20 10:00"), None)))
    counted = [(each["from_hours"], each["to_hours"]) for each in found["due"]["histogram"] if each["clocks"]]
    assert counted == [bar]


def test_what_would_be_late_at_once_is_told_apart_from_what_closed_too_late(shorter):
    # Received on 5 May: due on 4 June under the old rules, on 25 May at 24:00 under the new.
    chunk = chunk_of(
        (at("2026-05-05 10:00"), None),
        (at("2026-05-05 10:00"), at("2026-05-25 23:59")),
        (at("2026-05-05 10:00"), at("2026-05-26 00:00:01")),
        (at("2026-03-01 10:00"), None),
    )
    late = over(SHIPPED, shorter, chunk)["late"]
    assert (late["late_at_once"], late["no_longer_late"]) == (1, 0)
    assert (late["running_late_before"], late["running_late_after"]) == (1, 2)
    assert (late["stopped_late_before"], late["stopped_late_after"]) == (0, 1)
    back = over(shorter, SHIPPED, chunk)["late"]
    assert (back["late_at_once"], back["no_longer_late"]) == (0, 1)


def test_closing_at_the_very_due_time_is_in_time(shorter):
    chunk = chunk_of((at("2026-05-05 10:00"), at("2026-05-26 00:00")))
    assert over(SHIPPED, shorter, chunk)["late"]["stopped_late_after"] == 0


def test_cases_are_listed_by_number_up_to_the_limit(shorter):
    chunk = chunk_of(*[(at("2026-05-05 10:00"), None)] * 300)
    found = over(SHIPPED, shorter, chunk)["listed"]
    assert found["late_at_once"] == list(range(1, 41))
    assert sum(map(len, found.values())) <= 200
    assert not any(over(SHIPPED, shorter, chunk, most_listed=0)["listed"].values())


def test_a_case_with_two_clocks_counts_and_is_listed_once(shorter):
    chunk = chunk_of((at("2026-05-05 10:00"), None), (at("2026-05-05 10:00"), None))
    object.__setattr__(chunk, "numbers", np.array([7, 7]))
    found = over(SHIPPED, shorter, chunk)
    assert (found["cases"], found["cases_changed"], found["clocks"]) == (1, 1, 2)
    assert found["listed"]["late_at_once"] == [7]


def test_counts_by_kind_stop_growing_at_a_bound(shorter):
    kinds = tuple(f"kind {number}" for number in range(MOST_WORDS + 50))
    found = over(SHIPPED, shorter, chunk_of(*[(at("2026-05-05 10:00"), None)] * len(kinds), kinds=kinds))
    assert len(found["by"]["kind"]) == MOST_WORDS + 1
    assert found["by"]["kind"]["…"]["clocks"] == 50
    assert found["by"]["grade"]["U3"] == {
        "clocks": MOST_WORDS + 50, "earlier": MOST_WORDS + 50, "later": 0, "late_before": 0,
        "late_after": MOST_WORDS + 50, "late_at_once": MOST_WORDS + 50, "no_longer_late": 0,
        "other_level": MOST_WORDS + 50,
    }  # fmt: skip


def test_a_rule_for_one_kind_touches_no_other(tmp_path):
    special = """      - id: u3-closure-s01
        target: closure
        kinds: [S01]
        time: calendar_days
        limit: 10 d
        pausable: true
        source: test rule
      - id: u3-closure
"""
    other = edited_rules(tmp_path, ("      - id: u3-closure\n", special))
    chunk = chunk_of(*[(at("2026-05-20 10:00"), None)] * 3, kinds=("S01", "S02", "S01"))
    found = over(SHIPPED, other, chunk)
    assert {kind: counts["earlier"] for kind, counts in found["by"]["kind"].items()} == {"S01": 2, "S02": 0}
    assert {rule: counts["clocks"] for rule, counts in found["by"]["rule"].items()} == {
        "u3-closure": 1, "u3-closure-s01": 2,
    }  # fmt: skip


def test_a_case_is_judged_by_the_rule_of_the_day_it_came_in(tmp_path):
    change = """        limit: 30 d
        pausable: true
        effective_to: 2026-04-30
        source: "[P]"
      - id: u3-closure-since-may
        target: closure
        time: calendar_days
        limit: 20 d
        pausable: true
        effective_from: 2026-05-01
        source: "[P]"
"""
    other = edited_rules(
        tmp_path, ('        limit: 30 d\n        pausable: true\n        source: "[P]"\n', change)
    )
    # 23:59 on 30 April in Shanghai is still the old rule, midnight is the new one.
    chunk = chunk_of((at("2026-04-30 23:59"), None), (at("2026-05-01 00:00"), None))
    found = over(SHIPPED, other, chunk)
    assert (found["due"]["same"], found["due"]["earlier"]) == (1, 1)


def test_another_lead_department_is_counted_by_kind():
    leads = Leads(old={"S01": "EDU", "S02": "EDU"}, new={"S01": "POLICE", "S02": "EDU"})
    chunk = chunk_of(
        *[(at("2026-05-20 10:00"), None)] * 4,
        kinds=("S01", "S02", "S01", "S01"),
        department=Coded.of(["EDU", "EDU", "CIVIL", ""]),
    )
    found = over(SHIPPED, SHIPPED, chunk, leads=leads)
    # A case that another department than the usual one holds stays with it.
    assert found["departments_moved"] == [
        {"kind": "S01", "from": "", "to": "POLICE", "cases": 1},
        {"kind": "S01", "from": "EDU", "to": "POLICE", "cases": 1},
    ]
    assert not found["identical"]
    assert found["listed"]["other_department"] == [1, 4]


def test_due_times_past_the_published_calendar_are_counted_as_provisional():
    chunk = chunk_of((at("2026-12-30 10:00"), None), grade=Grade.U3, target=Target.CO_HANDLER)
    found = over(SHIPPED, SHIPPED, chunk, now=datetime(2027, 1, 20, tzinfo=UTC))
    assert found["provisional"] == {"before": 1, "after": 1}


def test_a_pause_moves_a_due_time_as_it_does_for_one_clock():
    start = at("2026-04-01 10:00")
    pause = Interval(at("2026-04-10 10:00"), at("2026-04-20 10:00"))
    chunk = chunk_of((start, None), (start, None), paused={1: (pause,)})
    judged = Judge(SHIPPED).judge(chunk, chunk.department, chunk.paused)
    rule = SHIPPED.rule("u3-closure")
    expected = [moment_of(due_time(start, rule, SHIPPED.calendar, paused)[0]) for paused in ((), (pause,))]
    assert judged.dues.tolist() == expected
    assert expected[1] - expected[0] == 10 * 86400 * 10**6


def test_granted_time_counts_up_to_what_the_grade_allows():
    start = at("2026-05-01 10:00")
    granted = np.array([3, 400], np.int64) * 86400 * 10**6
    chunk = chunk_of((start, None), (start, None), granted=granted)
    dues = Judge(SHIPPED).judge(chunk, chunk.department, {}).dues
    allowed = SHIPPED.extension_for(Grade.U3)
    plain = moment_of(at("2026-06-01 00:00"))
    most = allowed.limit.microseconds * allowed.how_many
    assert (dues - plain).tolist() == [3 * 86400 * 10**6, most]


def test_a_clock_never_outlasts_its_joint_clock():
    start, later = at("2026-05-01 10:00"), at("2026-05-08 12:00")
    chunk = chunk_of((start, None), (later, None), inside=np.array([-1, 0], np.intp))
    object.__setattr__(chunk, "target", Coded.of([Target.FEEDBACK, Target.CO_HANDLER]))
    dues = Judge(SHIPPED).judge(chunk, chunk.department, {}).dues
    assert dues[1] == dues[0] == moment_of(at("2026-05-09 00:00"))


def test_alerts_count_once_for_each_addressee_until_the_clock_stops():
    # A 30-day clock from 1 April ends on 1 May at 24:00; a quarter before is 24 April 12:00.
    warned = chunk_of((at("2026-04-01 10:00"), at("2026-04-24 13:00")))
    alerts = over(SHIPPED, SHIPPED, warned)["alerts"]["after"]
    assert (alerts["total"], alerts["to"]) == (1, {"HANDLER": 1})
    assert alerts["by_hour"][12] == 1
    assert alerts["peak_of_the_week"] == {"weekday": 4, "hour": 12, "alerts": 1}
    assert alerts["busiest_hour"] == {"hour": "2026-04-24 12:00", "alerts": 1}
    before = chunk_of((at("2026-04-01 10:00"), at("2026-04-24 11:59")))
    assert over(SHIPPED, SHIPPED, before)["alerts"]["after"]["total"] == 0


def test_running_clocks_move_to_the_level_they_would_have_reached(shorter):
    found = over(SHIPPED, shorter, chunk_of((at("2026-05-05 10:00"), None)))
    levels = found["levels"]
    # On 1 June the old clock is in its last quarter, the new one six days over a limit of twenty.
    assert (levels["before"], levels["after"], levels["higher"]) == ({"1": 1}, {"3": 1}, 1)
    assert found["alerts"]["before"]["running_clocks_told"] == {"HANDLER": 1}


@pytest.mark.parametrize("target", list(Target))
def test_every_rung_fires_when_the_ladder_of_one_clock_says_so(target):
    dice = random.Random(str(target))
    checked = 0
    for grade, of_grade in SHIPPED.grades.items():
        for rule in of_grade.rules:
            if rule.target is not target:
                continue
            # Also before, across and long after the published years.
            starts = [
                at("2016-01-01 00:00") + timedelta(seconds=dice.randrange(12 * 365 * 86400)) for _ in range(25)
            ]
            dues = [due_time(start, rule, SHIPPED.calendar)[0] for start in starts]
            for rung in SHIPPED.ladder_for(grade, target):
                expected = [
                    moments(start, due, rule, [rung], SHIPPED.calendar)[0].at
                    for start, due in zip(starts, dues, strict=True)
                ]
                found = rung_moments(_moments(starts), _moments(dues), rule, rung, SHIPPED.calendar)
                assert [instant_of(moment) for moment in found.tolist()] == expected, (rule.id, rung.level)
                checked += len(expected)
    assert checked


def test_the_files_own_due_times_are_the_old_rules_where_none_are_named():
    start = at("2026-04-01 10:00")
    ours = at("2026-05-02 00:00")  # 30 days after the first, at its end
    official = [ours, ours + timedelta(seconds=90), ours + timedelta(seconds=91), None]
    chunk = chunk_of(
        *[(start, ours)] * 4,
        official_due=np.array([moment_of(due) if due else UNKNOWN for due in official]),
        official_on_time=np.array([1, 0, -1, 1], np.int8),
    )
    found = over(None, SHIPPED, chunk)
    assert (found["due"]["same"], found["due"]["earlier"], found["due"]["neither"]) == (2, 1, 1)
    assert (found["compared_all"], found["agree_all_within_90s"]) == (3, 2)
    # These days are no working days.
    assert (found["compared"], found["agree_within_90s"]) == (0, 0)
    assert (found["flag_compared"], found["flag_agree"]) == (3, 2)
    assert found["agreement_by_kind"] == {"S01": {"compared": 3, "agree": 2}}
    assert found["cases_changed"] == 1


def test_working_day_rules_are_compared_on_their_own():
    start = at("2026-04-01 10:00")
    chunk = chunk_of(
        (start, None),
        target=Target.CO_HANDLER,
        # Three working days after Wednesday 1 April: 2, 3 and 7 April, since 4 to 6 April are off.
        official_due=np.array([moment_of(at("2026-04-08 00:00"))]),
    )
    found = over(None, SHIPPED, chunk)
    assert (found["compared"], found["agree_within_90s"]) == (1, 1)


def test_the_hash_names_the_content_and_nothing_else(shorter):
    chunk = chunk_of((at("2026-05-05 10:00"), None))
    one, two = compare(SHIPPED, shorter, [chunk], NOW), compare(SHIPPED, shorter, [chunk], NOW)
    assert one.whatif_hash == two.whatif_hash
    assert WhatIf({**one.to_json(), "cases": 2}).whatif_hash != one.whatif_hash


def test_pieces_count_the_same_as_the_whole(shorter):
    dice = random.Random(5)
    cases = [
        (start := at("2026-01-01 08:00") + timedelta(hours=dice.randrange(3600)), dice.choice([None, start + 25 * DAY]))
        for _ in range(60)
    ]
    whole = over(SHIPPED, shorter, chunk_of(*cases))
    pieces = over(SHIPPED, shorter, *(chunk_of(*cases[a : a + 7], first_number=a + 1) for a in range(0, 60, 7)))
    assert pieces == whole


def test_every_row_gets_the_rule_that_one_case_alone_would_get(tmp_path):
    special = """      - id: u3-closure-narrow
        target: closure
        kinds: [S01, S02]
        departments: [EDU]
        natures: [COMPLAINT]
        time: calendar_days
        limit: 25 d
        source: test rule
      - id: u3-closure-edu
        target: closure
        departments: [EDU]
        effective_from: 2026-01-01
        time: calendar_days
        limit: 26 d
        source: test rule
      - id: u3-closure
"""
    book = edited_rules(tmp_path, ("      - id: u3-closure\n", special))
    dice = random.Random(11)
    rows = 400
    said = {
        "grade": dice.choices([*Grade, "U9"], k=rows),
        "target": dice.choices([Target.CLOSURE, Target.SUPERVISION], [3, 1], k=rows),
        "kind": dice.choices(["S01", "S02", "S03", ""], k=rows),
        "department": dice.choices(["EDU", "POLICE", ""], k=rows),
        "nature": dice.choices(list(Nature), k=rows),
    }
    received = [at("2025-12-25 00:00") + timedelta(hours=dice.randrange(400)) for _ in range(rows)]
    chunk = CaseChunk(
        numbers=np.arange(rows), received=_moments(received), started=_moments(received),
        ended=np.full(rows, RUNNING), **{name: Coded.of(words) for name, words in said.items()},
    )  # fmt: skip
    judge = Judge(book)
    found = [
        judge.finder.rules[place].id if place >= 0 else None for place in judge.finder.find(chunk, chunk.department)
    ]
    expected = []
    for row in range(rows):
        rule = said["grade"][row] != "U9" and book.target_rule(
            said["grade"][row], said["target"][row], on=received[row].date(), kind=said["kind"][row] or None,
            department=said["department"][row] or None, nature=said["nature"][row],
        )  # fmt: skip
        expected.append(rule.id if rule else None)
    assert found == expected
    assert {"u3-closure-narrow", "u3-closure-edu", "u3-closure", None} <= set(found)
