"""The rule files of the desk, and what a supervisor is told about a mistake in them."""

import shutil
from datetime import date
from pathlib import Path

import pytest

import sla_rules
from models.grades import NEVER_PAUSED
from models.rule_files import RuleFileError
from models.vocabulary import Ask, Grade, KindOfTime, Status, Target
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import UnknownPauseReasonError

SHIPPED = Path(sla_rules.__file__).parent
BOOK = load_rule_book()
TODAY = date(2026, 11, 23)
SAFETY_TARGETS = {Target.SAFETY_KNOWN, Target.MANDATORY_REPORT, Target.SUPERVISION}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    for part in ("rules", "calendars"):
        shutil.copytree(SHIPPED / part, tmp_path / part)
    return tmp_path


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replaces the first `old`, which must be there; the line it stands on."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(RuleFileError) as refusal:
        load_rule_book(folder)
    return refusal.value.problems


def written(grade: Grade, target: Target) -> tuple[str, KindOfTime] | None:
    rule = BOOK.target_rule(grade, target, on=TODAY)
    return (str(rule.limit), rule.time) if rule else None


@pytest.mark.parametrize(
    ("target", "limits"),
    [
        (Target.DISPATCH, "1 h, 1 h, 2 h, 24 h, 24 h, 24 h"),
        (Target.FEEDBACK, "2 h, 2 h, 24 h, 7 d, 15 d, 7 d"),
        (Target.SAFETY_KNOWN, "24 h, 24 h, -, -, -, -"),
        (Target.MANDATORY_REPORT, "15 min, 1 h, -, -, -, -"),
        (Target.SUPERVISION, "60 min, 60 min, -, -, -, -"),
    ],
)
def test_the_limits_are_those_of_the_grades_table(target, limits):
    found = [written(grade, target) for grade in Grade]
    assert [each[0] if each else "-" for each in found] == limits.split(", ")


def test_general_feedback_is_counted_in_calendar_days_and_urgent_feedback_by_the_clock():
    for grade in (Grade.U3, Grade.U4, Grade.UC):
        assert BOOK.target_rule(grade, Target.FEEDBACK, on=TODAY).time is KindOfTime.CALENDAR_DAYS
    for grade in NEVER_PAUSED:
        assert BOOK.target_rule(grade, Target.FEEDBACK, on=TODAY).time is KindOfTime.NATURAL


@pytest.mark.parametrize("grade", list(Grade))
def test_every_grade_measures_everything_but_the_safety_of_a_child_not_in_danger(grade):
    safety = SAFETY_TARGETS if grade in (Grade.U0, Grade.U1) else set()
    assert set(BOOK.targets_for(grade, TODAY)) == (set(Target) - SAFETY_TARGETS) | safety


@pytest.mark.parametrize("grade", list(Grade))
def test_every_clock_has_a_ladder_a_source_and_an_id(grade):
    for target in BOOK.targets_for(grade, TODAY):
        rule = BOOK.target_rule(grade, target, on=TODAY)
        assert rule.id == f"{grade.lower()}-{target.replace('_', '-')}"
        assert rule.source
        assert BOOK.ladder_for(grade, target)


def test_a_target_that_is_not_measured_has_no_rule_and_no_ladder():
    assert BOOK.target_rule(Grade.U3, Target.SUPERVISION, on=TODAY) is None
    assert BOOK.ladder_for(Grade.U3, Target.SUPERVISION) == ()


def test_no_urgent_clock_and_no_safety_clock_pauses_or_rolls_over():
    for grade, rules in BOOK.grades.items():
        for rule in rules.rules:
            if grade in NEVER_PAUSED or rule.target in SAFETY_TARGETS:
                assert not rule.pausable
                assert not rule.roll_over


def test_a_message_of_any_year_has_a_rule():
    assert BOOK.target_rule(Grade.U3, Target.FEEDBACK, on=date(2010, 5, 1)) is not None


def test_pause_reasons_are_known_by_code():
    court = BOOK.pause_reason("waiting_for_court")
    assert court.statuses == (Status.HUNG_UP,)
    assert court.approval_above.length < court.cap.length <= BOOK.pauses.total_cap.length
    with pytest.raises(UnknownPauseReasonError, match="waiting_for_court"):
        BOOK.pause_reason("tired")


def test_danger_is_never_extended_and_every_other_grade_may_be():
    assert [grade for grade in Grade if BOOK.extension_for(grade) is None] == [Grade.U0, Grade.U1]


def test_objections_come_to_an_arbiter():
    assert BOOK.objections.max_before_arbiter >= 1
    assert BOOK.objections.decide_within.length < BOOK.objections.limit.length


def test_each_digest_changes_with_its_own_files_only(folder):
    assert load_rule_book(folder).digest == BOOK.digest
    edit(folder, "rules/pauses.yaml", "total_cap: 180 d", "total_cap: 181 d")
    changed = load_rule_book(folder)
    assert changed.digest != BOOK.digest
    assert changed.calendar_digest == BOOK.calendar_digest
    edit(folder, "calendars/china.yaml", "[09:00-12:00", "[08:30-12:00")
    again = load_rule_book(folder)
    assert again.digest == changed.digest
    assert again.calendar_digest != BOOK.calendar_digest


def test_a_departments_own_rule_goes_before_the_general_one(folder):
    edit(
        folder,
        "rules/grades.yaml",
        "      - id: u3-feedback\n",
        "      - {id: u3-feedback-edu, target: feedback, departments: [EDU], time: working_days,"
        " limit: 5 d, source: agreed}\n      - id: u3-feedback\n",
    )
    book = load_rule_book(folder)
    assert book.target_rule(Grade.U3, Target.FEEDBACK, on=TODAY, department="EDU").id == "u3-feedback-edu"
    assert book.target_rule(Grade.U3, Target.FEEDBACK, on=TODAY, department="HEALTH").id == "u3-feedback"
    assert book.target_rule(Grade.U3, Target.FEEDBACK, on=TODAY).id == "u3-feedback"


def change_feedback_in_2027(folder: Path, last: str, first: str) -> int:
    """Gives U3 feedback two rules, the older one to `last` and the newer one from `first`."""
    return edit(
        folder,
        "rules/grades.yaml",
        "      - id: u3-feedback\n",
        f"      - {{id: u3-feedback-new, target: feedback, time: calendar_days, limit: 5 d,"
        f" effective_from: {first}, source: new}}\n"
        f"      - id: u3-feedback\n        effective_to: {last}\n",
    )


def test_a_case_is_judged_by_the_rule_of_the_day_it_came_in(folder):
    change_feedback_in_2027(folder, last="2026-12-31", first="2027-01-01")
    book = load_rule_book(folder)
    assert book.target_rule(Grade.U3, Target.FEEDBACK, on=date(2026, 12, 31)).id == "u3-feedback"
    assert book.target_rule(Grade.U3, Target.FEEDBACK, on=date(2027, 1, 1)).id == "u3-feedback-new"


@pytest.mark.parametrize(
    ("last", "first", "reason"),
    [
        ("2026-12-30", "2027-01-01", "no rule for feedback between 2026-12-30 and 2027-01-01"),
        ("2027-01-01", "2027-01-01", "in force on the same days"),
    ],
)
def test_a_hole_or_an_overlap_between_two_rules_is_refused(folder, last, first, reason):
    line = change_feedback_in_2027(folder, last, first)
    (problem,) = problems_of(folder)
    assert f"grades.yaml:{line}:" in problem
    assert reason in problem


# file, what stands there, what a hurried supervisor makes of it, line after it, field, reason
MISTAKES = {
    "a typo in a key": (
        "rules/grades.yaml", "        limit: 15 min", "        limt: 15 min", 0,
        "grades.U0.rules.1.limt", "unknown key",
    ),
    "a unit nobody knows": (
        "rules/grades.yaml", "limit: 15 min", "limit: 15 minutes", 0,
        "grades.U0.rules.1.limit", "write for example 15 min, 2 h or 7 d",
    ),
    "days by the clock": (
        "rules/grades.yaml", "limit: 15 min", "limit: 1 d", 0,
        "grades.U0.rules.1.limit", "natural is written in min or h, not in d",
    ),
    "hours in a count of days": (
        "rules/grades.yaml", "limit: 7 d", "limit: 168 h", 0,
        "grades.U3.rules.3.limit", "calendar_days is written in d, not in h",
    ),
    "a kind of time nobody knows": (
        "rules/grades.yaml", "time: working_days", "time: business_days", 0,
        "grades.U3.rules.4.time", "working_days",
    ),
    "a grade nobody knows": ("rules/grades.yaml", "  UC:\n", "  U9:\n", 0, "grades.U9", "U4, UC"),
    "a target nobody knows": (
        "rules/grades.yaml", "target: dispatch", "target: despatch", 0,
        "grades.U0.rules.0.target", "dispatch",
    ),
    "a pausable clock of U1": (
        "rules/grades.yaml", "        limit: 30 min\n", "        limit: 30 min\n        pausable: true\n", 1,
        "grades.U1.rules.1.pausable", "clocks of U1 are never paused",
    ),
    "a rolling clock of U2": (
        "rules/grades.yaml", "        limit: 15 d\n        source: \"[P]; DB11",
        "        limit: 15 d\n        roll_over: true\n        source: \"[P]; DB11", 1,
        "grades.U2.rules.7.roll_over", "clocks of U2 never roll over",
    ),
    "an hour that rolls over": (
        "rules/grades.yaml", "        limit: 15 min\n", "        limit: 15 min\n        roll_over: true\n", 1,
        "grades.U0.rules.1.roll_over", "only calendar_days can roll over",
    ),
    "an id used twice": (
        "rules/grades.yaml", "id: u0-acceptance", "id: u0-dispatch", 0,
        "grades.U0.rules.1.id", "ids are unique",
    ),
    "a pause while disputed": (
        "rules/pauses.yaml", "statuses: [HUNG_UP]", "statuses: [HUNG_UP, DISPUTED]", 0,
        "reasons.0.statuses", "the clock keeps running in DISPUTED",
    ),
    "a pause longer than all pauses": (
        "rules/pauses.yaml", "cap: 120 d", "cap: 200 d", 0,
        "reasons.1.cap", "200 d is above total_cap 180 d",
    ),
    "an extension for U1": (
        "rules/procedure.yaml", "  U2: {time", "  U1: {time", 0,
        "extensions.U1", "U1 is never extended",
    ),
    "a rung told to nobody known": (
        "rules/escalation.yaml", "tell: [DUTY_SUPERVISOR]", "tell: [THE_BOSS]", 0,
        "ladders.0.rungs.0.tell.0", "nobody is called 'THE_BOSS'",
    ),
    "a moment nobody understands": (
        "rules/escalation.yaml", "at: 10 % after due", "at: a bit after due", 0,
        "ladders.1.rungs.2.at", "10 % after due",
    ),
    "a ladder that goes down": (
        "rules/escalation.yaml", "at: 30 min after start", "at: 10 min after start", 0,
        "ladders.0.rungs.1.at", "must come later than the rung below",
    ),
    "danger that skips the duty supervisor": (
        "rules/escalation.yaml", "tell: [DUTY_SUPERVISOR]", "tell: [DESK]", 0,
        "ladders.0.rungs.0.tell", "supervision must reach the DUTY_SUPERVISOR",
    ),
    "two ladders for one clock": (
        "rules/escalation.yaml", "targets: [acceptance,", "targets: [dispatch, acceptance,", 0,
        "ladders.4.targets", "already climbs desk-duty",
    ),
    "a clock without a ladder": (
        "rules/escalation.yaml", "targets: [dispatch, review, callback]", "targets: [dispatch, review]", None,
        "ladders", "no ladder covers callback of U0",
    ),
    "a holiday that is also a make-up day": (
        "calendars/china.yaml", "work: [2026-01-04]", "work: [2026-01-03]", 0,
        "years.2026.holidays.0.work.0", "2026-01-03 is both off and a make-up workday",
    ),
    "a day under another year's notice": (
        "calendars/china.yaml", "work: [2026-01-04]", "work: [2025-01-04]", 0,
        "years.2026.holidays.0.work.0", "does not belong to the notice of 2026",
    ),
    "hours that close before they open": (
        "calendars/china.yaml", "13:00-18:00", "18:00-13:00", 0,
        "week.monday.1", "must close after it opens",
    ),
    "a year published without its days": (
        "calendars/china.yaml", "published_to: 2026-12-31", "published_to: 2027-12-31", None,
        "years", "2027 is published but has no entry",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_file_line_and_field(folder, mistake):
    name, old, new, below, field, reason = mistake
    line = edit(folder, name, old, new)
    where = f"{folder / name}:" if below is None else f"{folder / name}:{line + below}:"
    found = problems_of(folder)
    assert any(each.startswith(where) and f": {field}" in each and reason in each for each in found), found


def test_a_target_that_a_grade_forgot_is_named_at_that_grade(folder):
    path = folder / "rules/grades.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index("      - id: u3-feedback\n")
    end = lines.index("      - id: u3-co-handler\n")
    path.write_text("".join(lines[:start] + lines[end:]), encoding="utf-8")
    rules = lines.index("    rules:\n", lines.index("  U3:\n")) + 1
    (problem,) = problems_of(folder)
    assert problem.startswith(f"{path}:{rules}:5: grades.U3.rules: U3 has no general rule for feedback")


def test_a_safety_clock_cannot_be_left_unmeasured(folder):
    edit(folder, "rules/grades.yaml", "\n  U1:\n", "    not_measured: [supervision]\n\n  U1:\n")
    assert any("U0 must measure supervision" in each for each in problems_of(folder))


def test_problems_of_all_files_come_together(folder):
    edit(folder, "rules/grades.yaml", "limit: 15 min", "limit: soon")
    edit(folder, "rules/pauses.yaml", "total_cap: 180 d", "total_cap: 9 d")
    edit(folder, "rules/procedure.yaml", "attempts: 3", "attempts: 0")
    (folder / "rules/escalation.yaml").unlink()
    edit(folder, "calendars/china.yaml", "zone: Asia/Shanghai", "zone: Asia/Nowhere")
    text = "\n".join(problems_of(folder))
    for name in ("grades.yaml", "pauses.yaml", "procedure.yaml", "escalation.yaml", "china.yaml"):
        assert name in text


def test_a_span_of_nothing_but_days_off_is_refused(folder):
    edit(folder, "calendars/china.yaml", "published_from: 2018-01-01", "published_from: 2026-10-01")
    line = edit(folder, "calendars/china.yaml", "published_to: 2026-12-31", "published_to: 2026-10-07")
    (problem,) = problems_of(folder)
    assert f"china.yaml:{line}:1: published_to: calendar china has no open time" in problem


def test_a_file_saved_half_way_is_refused(folder):
    path = folder / "rules/escalation.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("tell: [DUTY") + 8], encoding="utf-8")
    (problem,) = problems_of(folder)
    assert "escalation.yaml" in problem
    assert "not valid YAML" in problem


def test_every_ask_of_a_ladder_is_a_word_the_notices_know():
    asks = {rung.ask for ladder in BOOK.ladders for rung in ladder.rungs}
    assert asks <= set(Ask)
    assert {Ask.REMINDER, Ask.OVERDUE, Ask.SUPERVISE, Ask.RAISE_LEVEL, Ask.CHILD_SAFETY} <= asks
