"""What a supervisor is told about a mistake in `escalation.yaml`: file, line, column, field and why."""

import shutil
from pathlib import Path

import pytest

import sla_rules
from catalogue.loader import load_catalogue
from models.grades import raised_by_machine
from models.rule_files import RuleFileError, read_rule_file
from models.vocabulary import Grade
from sla_rules.findings import findings_of
from sla_rules.grade_rules import GradesFile
from sla_rules.ladder_checks import check_channels, check_escalation
from sla_rules.ladder_rules import EscalationFile
from sla_rules.loader import load_rule_book
from sla_rules.snapshot import snapshot_of
from tasks.house.known_codes import known_of

SHIPPED = Path(sla_rules.__file__).parent
ESCALATION = "rules/escalation.yaml"
CLOSURE_WARNING = "      - level: 1\n        at: warning\n        tell: [HANDLER]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    for part in ("rules", "calendars"):
        shutil.copytree(SHIPPED / part, tmp_path / part)
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / ESCALATION
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


REPEAT = "repeat: {every: 15 min, back_off: 1.5, longest: 1 h, at_most: 12}"
MISTAKES = {
    "a repeat in days": (
        REPEAT, "repeat: {every: 1 d, at_most: 12}", "ladders.0.rungs.2.repeat.every", "in min or h, not in d",
    ),
    "a repeat without an end": (REPEAT, "repeat: {every: 15 min}", "ladders.0.rungs.2.repeat.at_most", "required"),
    "a longest wait below the first": (
        REPEAT, "repeat: {every: 15 min, longest: 5 min, at_most: 12}",
        "ladders.0.rungs.2.repeat.longest", "5 min is shorter than every (15 min)",
    ),
    "a back-off that gets shorter": (
        REPEAT, "repeat: {every: 15 min, back_off: 0.5, at_most: 12}",
        "ladders.0.rungs.2.repeat.back_off", "greater than or equal to 1",
    ),
    "a word nobody knows in a repeat": (
        REPEAT, "repeat: {each: 15 min, at_most: 12}", "ladders.0.rungs.2.repeat.each", "unknown key",
    ),
    "a safety level that sleeps at night": (
        REPEAT, "repeat: {every: 15 min, at_most: 12, time: working_hours}",
        "ladders.0.rungs.2.repeat.time", "supervision is repeated by the clock",
    ),
    "a raise where there is nothing to raise": (
        REPEAT, "raise_grade: true", "ladders.0.rungs.2.raise_grade", "raises nobody",
    ),
    "a warning longer than the shortest limit": (
        CLOSURE_WARNING, CLOSURE_WARNING.replace("at: warning", "at: 2 h before due"),
        "ladders.4.rungs.0.at", "not after the start of u0-acceptance, which has 15 min in all",
    ),
    "days before a clock of minutes": (
        CLOSURE_WARNING, CLOSURE_WARNING.replace("at: warning", "at: 1 d before due"),
        "ladders.4.rungs.0.at", "u0-acceptance is counted in natural",
    ),
    "minutes after due that some limit's share overtakes": (
        "at: 50 % after due\n        tell: [DISTRICT_LEADER,", "at: 30 min after due\n        tell: [DISTRICT_LEADER,",
        "ladders.4.rungs.3.at", "must come later than the rung below, also for",
    ),
    "a warning after the due time": (
        "at: 50 % after due\n        tell: [DISTRICT_LEADER,", "at: 1 min before due\n        tell: [DISTRICT_LEADER,",
        "ladders.4.rungs.3.at", "must come later than the rung below",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_place_field_and_reason(
    folder: Path, mistake: tuple[str, str, str, str]
) -> None:
    """One that a supervisor may make while editing."""
    old, new, field, reason = mistake
    edit(folder, old, new)
    with pytest.raises(RuleFileError) as refusal:
        load_rule_book(folder)
    found = [each for each in refusal.value.problems if f": {field}: " in each]
    assert len(found) == 1, refusal.value.problems
    assert reason in found[0]
    _, line, column, _ = found[0].removeprefix(str(folder / ESCALATION)).split(":", 3)
    written = (folder / ESCALATION).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    last = field.rsplit(".", 1)[-1]
    assert last in written[int(column) - 1 :] or "repeat" in written


def test_several_warnings_are_several_levels(folder: Path) -> None:
    """Also as shares; closure has fifteen days at least, so that days and hours before it are fine."""
    edit(
        folder,
        "targets: [acceptance, first_contact, feedback, co_handler, closure]",
        "targets: [acceptance, first_contact, feedback, co_handler]",
    )
    path = folder / ESCALATION
    own = """
  - id: closing
    targets: [closure]
    source: test
    rungs:
      - {level: 1, at: 50 % before due, tell: [HANDLER], ask: reminder, name: {zh: 一, en: one}}
      - {level: 2, at: 2 d before due, tell: [HANDLER], ask: reminder, name: {zh: 二, en: two}}
      - {level: 3, at: 4 h before due, tell: [HANDLER], ask: reminder, name: {zh: 三, en: three}}
      - {level: 4, at: due, tell: [DESK], ask: overdue, channel: on_duty, name: {zh: 四, en: four}}
      - {level: 5, at: 12 h after due, tell: [DESK], ask: supervise, raise_grade: true, name: {zh: 五, en: five}}
"""
    text = path.read_text(encoding="utf-8").rstrip().removesuffix("...")
    path.write_text(text.rstrip() + "\n" + own + "...\n", encoding="utf-8")
    book = load_rule_book(folder)
    assert [each.level for each in book.ladder_for(Grade.U3, "closure")] == [1, 2, 3, 4, 5]


def shipped() -> EscalationFile:
    return read_rule_file(SHIPPED / ESCALATION, EscalationFile)


def test_the_shipped_ladders_hold_together() -> None:
    """The checks say nothing of them, and no channel is named that the desk does not have."""
    grades = read_rule_file(SHIPPED / "rules/grades.yaml", GradesFile)
    assert list(check_escalation(shipped(), grades)) == []
    assert list(check_channels(shipped(), {"desk_file"})) == []


def test_a_channel_nobody_knows_is_named_with_those_there_are() -> None:
    """The known ones are the desk's, from channels.yaml."""
    content = shipped()
    rung = content.ladders[1].rungs[2].model_copy(update={"channel": "pigeon"})
    ladder = content.ladders[1].model_copy(update={"rungs": (*content.ladders[1].rungs[:2], rung)})
    spoilt = content.model_copy(update={"ladders": (content.ladders[0], ladder)})
    (problem,) = check_channels(spoilt, {"on_duty", "desk_file"})
    assert problem.location == ("ladders", 1, "rungs", 2, "channel")
    assert problem.reason == "there is no channel named pigeon; known are desk_file, on_duty"


def test_the_check_of_a_folder_names_the_place_of_an_unknown_channel(folder: Path) -> None:
    """As `whistle rules check` does; a channel of the desk's own is fine."""
    edit(folder, REPEAT, "channel: on_dutty")
    known = known_of(load_catalogue())
    (finding,) = findings_of(snapshot_of(folder), known, None)
    assert (finding.file, finding.field) == (f"{folder}/{ESCALATION}", "ladders.0.rungs.2.channel")
    assert finding.reason.startswith("there is no channel named on_dutty; known are department, desk_file, on_duty")
    edit(folder, "channel: on_dutty", "channel: on_duty")
    assert findings_of(snapshot_of(folder), known, None) == ()


def test_every_safety_level_that_nobody_has_a_higher_one_for_is_told_again() -> None:
    """By the clock, day and night; of the routine ones only those of the desk are, and never at night."""
    last = {ladder.id: ladder.rungs[-1].repeat for ladder in shipped().ladders}
    assert {each for each, repeat in last.items() if repeat and repeat.time == "natural"} == {
        "safety", "police-report", "child-safety",
    }  # fmt: skip
    assert last["desk-duty"] is not None
    assert last["desk-duty"].time == "working_hours"
    assert last["department-duty"] is None


def test_lateness_raises_to_u2_at_most_and_never_into_longer_limits() -> None:
    """U4 would give more time than U3; U0 and U1 say that a child is harmed, which lateness does not show."""
    assert {grade: raised_by_machine(grade) for grade in Grade} == {
        Grade.U0: Grade.U0, Grade.U1: Grade.U1, Grade.U2: Grade.U2,
        Grade.U3: Grade.U2, Grade.U4: Grade.U2, Grade.UC: Grade.U3,
    }  # fmt: skip
    book = load_rule_book()
    for grade in Grade:
        for slow in book.grades[grade].rules:
            for fast in book.grades[raised_by_machine(grade)].rules:
                if slow.target is fast.target:
                    assert fast.limit.length <= slow.limit.length
