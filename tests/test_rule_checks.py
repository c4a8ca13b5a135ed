"""What `whistle rules check` finds in the files of a supervisor in a hurry."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalogue.loader import load_catalogue
from desk.cli import app as cli
from desk.cli import rules as cli_rules
from models import folder_texts
from models.rule_files import RuleFileError
from models.rule_notes import MAX_FINDINGS
from models.rule_problems import Finding
from models.vocabulary import Grade, Target
from sla_rules.findings import findings_of
from sla_rules.known import Known
from sla_rules.loader import load_rule_book, rule_book_of
from sla_rules.snapshot import ESCALATION, GRADES, HERE, PAUSES, PROCEDURE, Snapshot, snapshot_of
from tasks.house.known_codes import known_of

SHIPPED = snapshot_of(HERE)
CALENDAR = "calendars/china.yaml"
CATALOGUE = load_catalogue()
KNOWN = known_of(CATALOGUE)
TODAY = date(2026, 6, 1)
FEEDBACK = "      - id: u3-feedback\n"


def changed(path: str, text: str) -> Snapshot:
    """The shipped rules with another text of one file; the others are not parsed again."""
    found = Snapshot("set", {**SHIPPED.files, path: text})
    found._parsed.update({each: SHIPPED.parsed(each) for each in SHIPPED.files if each != path})
    return found


def spoilt(path: str, old: str, new: str) -> Snapshot:
    """The shipped rules with the first `old`, which must be there, replaced."""
    text = SHIPPED.files[path]
    assert old in text
    return changed(path, text.replace(old, new, 1))


def with_feedback_rules(*rules: str) -> Snapshot:
    """The shipped rules with these above U3's default for feedback, 7 calendar days."""
    written = "".join(
        f"      - {{id: own-{number}, target: feedback, time: calendar_days, limit: 9 d, source: agreed, {rule}}}\n"
        for number, rule in enumerate(rules)
    )
    return spoilt(GRADES, FEEDBACK, written + FEEDBACK)


def errors_of(snapshot: Snapshot, known: Known | None = KNOWN) -> list[Finding]:
    return [each for each in findings_of(snapshot, known, TODAY) if each.severity == "error"]


def warnings_of(snapshot: Snapshot, today: date = TODAY) -> list[Finding]:
    return [each for each in findings_of(snapshot, KNOWN, today) if each.severity == "warning"]


@pytest.fixture(autouse=True)
def _one_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once for all tests instead of once per command."""
    monkeypatch.setattr(cli_rules, "load_catalogue", lambda: CATALOGUE)


def check(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["rules", "check", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    for part in ("rules", "calendars"):
        shutil.copytree(HERE / part, tmp_path / part)
    return tmp_path


# One moment of a folder


def test_a_snapshot_has_the_digests_of_the_book_made_from_it():
    book = load_rule_book()
    assert (SHIPPED.digest, SHIPPED.calendar_digest) == (book.digest, book.calendar_digest)


def test_examples_belong_to_the_snapshot_and_not_to_the_digest(folder):
    before = snapshot_of(folder)
    (folder / "examples.yaml").write_text("examples: []\n...\n", encoding="utf-8")
    after = snapshot_of(folder)
    assert after.files["examples.yaml"] == "examples: []\n...\n"
    assert after.digest == before.digest


def test_a_file_that_changes_between_two_looks_is_being_saved(folder, monkeypatch):
    look, path = folder_texts._look, folder / PAUSES

    def slow_look(asked: Path) -> object:
        seen = look(asked)
        if asked == path:
            path.write_bytes(path.read_bytes() + b"#")
        return seen

    monkeypatch.setattr(folder_texts, "_look", slow_look)
    with pytest.raises(RuleFileError, match=r"pauses\.yaml: is being saved right now; try again"):
        snapshot_of(folder)


def test_a_file_that_comes_in_while_others_are_read_is_being_saved(folder, monkeypatch):
    look = folder_texts._look

    def look_and_drop(asked: Path) -> object:
        (folder / "rules/grades2.yaml").write_text("", encoding="utf-8")
        return look(asked)

    monkeypatch.setattr(folder_texts, "_look", look_and_drop)
    with pytest.raises(RuleFileError, match="being saved right now"):
        snapshot_of(folder)


# The shipped rules


def test_the_shipped_rules_have_no_error_and_name_every_kind_and_department_rightly():
    assert errors_of(SHIPPED) == []


def test_the_shipped_co_handlers_are_warned_of_before_a_long_holiday():
    found = [each for each in warnings_of(SHIPPED, date(2026, 9, 1)) if "co-handler" in each.reason]
    assert [each.field for each in found] == ["grades.U3.rules.4.limit", "grades.UC.rules.4.limit"]
    # Wed 30 Sep 2026: National Day to 7 Oct, workdays 8, 9 and Sat 10; feedback ends on 7 Oct.
    # Tue 29 Sep would end on Fri 9 Oct, feedback on 6 Oct; Mon 28 on 8 Oct, feedback on 5 Oct.
    # Thu 24 Sep: Mid-Autumn 25-27, then 28, 29 and 30 Sep, inside feedback's 1 Oct.
    assert "begun on 2026-09-28 (National Day)" in found[0].reason


# Order of rules


def test_a_rule_below_the_default_is_never_reached():
    snapshot = spoilt(
        GRADES,
        "      - id: u3-co-handler\n",
        "      - {id: late, target: feedback, departments: [EDU], time: calendar_days, limit: 5 d, source: agreed}\n"
        "      - id: u3-co-handler\n",
    )
    (found,) = errors_of(snapshot)
    assert found.field == "grades.U3.rules.4"
    assert "late is never reached: whatever it is meant for, u3-feedback above it takes first" in found.reason
    assert found.hint == "move it above u3-feedback, or remove it"


def test_a_rule_that_two_others_cover_between_them_is_never_reached():
    snapshot = with_feedback_rules(
        "kinds: [S01], effective_to: 2026-12-31",
        "kinds: [S01, S02], effective_from: 2027-01-01",
        "kinds: [S01], departments: [EDU]",
    )
    (found,) = errors_of(snapshot)
    assert "own-2 is never reached: whatever it is meant for, own-0, own-1 above it takes first" in found.reason


@pytest.mark.parametrize(
    ("first", "second", "example"),
    [
        ("kinds: [S01]", "departments: [EDU]", "kind S01 with EDU"),
        ("departments: [EDU]", "natures: [COMPLAINT]", "a request with EDU of nature COMPLAINT"),
        ("kinds: [S01, S02]", "kinds: [S02, S03]", "kind S02"),
        (
            "kinds: [S01, S02], effective_from: 2027-01-01",
            "kinds: [S02, S03]",
            "kind S02 received on 2027-01-01",
        ),
    ],
)
def test_two_rules_that_contend_are_warned_of_with_an_example(first, second, example):
    found = [each for each in warnings_of(with_feedback_rules(first, second)) if "both fit" in each.reason]
    assert [each.reason for each in found] == [f"own-1 and own-0 both fit {example}; the first, own-0, wins"]
    assert errors_of(with_feedback_rules(first, second)) == []


@pytest.mark.parametrize(
    "rules",
    [
        ("kinds: [S01], departments: [EDU]", "kinds: [S01]"),
        ("kinds: [S01]", "kinds: [S02]"),
        ("kinds: [S01], effective_to: 2026-12-31", "kinds: [S01], effective_from: 2027-01-01"),
        ("departments: [EDU]", "departments: [HEALTH]", "natures: [COMPLAINT], departments: [POLICE]"),
    ],
)
def test_special_above_general_and_rules_apart_are_nobodys_worry(rules):
    snapshot = with_feedback_rules(*rules)
    assert errors_of(snapshot) == []
    assert not [each for each in warnings_of(snapshot) if "both fit" in each.reason]


def test_without_a_default_the_kinds_left_over_are_named():
    text = SHIPPED.files[GRADES].replace(
        "        target: feedback\n        time: calendar_days\n        limit: 7 d\n",
        "        target: feedback\n        kinds: [S01]\n        time: calendar_days\n        limit: 7 d\n",
        1,
    )
    (found,) = errors_of(changed(GRADES, text))
    assert "U3 has no general rule for feedback, so kinds " in found.reason
    shown = found.reason.split("so kinds ")[1].split(" and ")[0].split(", ")
    assert set(shown) < KNOWN.kinds - {"S01"}
    assert f"and {len(KNOWN.kinds) - 1 - len(shown)} more" in found.reason


# Words that nobody knows


@pytest.mark.parametrize(
    ("rule", "field", "hint"),
    [
        ("kinds: [S99]", "kinds.0", 'did you mean "S'),
        ("kinds: [学生欺凌]", "kinds.0", 'did you mean "S01"?'),
        ("departments: [EDUC]", "departments.0", 'did you mean "EDU"?'),
        ("departments: [市教育局]", "departments.0", 'did you mean "EDU"?'),
        ("natures: [投诉]", "natures.0", 'did you mean "COMPLAINT"?'),
        ("department: EDU", "department", 'did you mean "departments"?'),
        ("kinds: S01", "kinds", "write [S01]"),
        ("effective_from: 2027/1/1", "effective_from", "write 2027-01-01"),
        ('effective_from: "2027-01-01"', "effective_from", "write 2027-01-01"),
        ("pausable: 是", "pausable", "write true"),
    ],
)
def test_a_condition_nobody_understands_gets_a_guess(rule, field, hint):
    (found,) = errors_of(with_feedback_rules(rule))
    assert found.field == f"grades.U3.rules.3.{field}"
    assert found.hint.startswith(hint)


@pytest.mark.parametrize(
    ("path", "old", "new", "hint"),
    [
        (GRADES, "        limit: 15 min", "        limt: 15 min", 'did you mean "limit"?'),
        (GRADES, "limit: 15 min", "limit: 15分钟", 'did you mean "15 min"?'),
        (GRADES, "limit: 24 h", "limit: 2 hours", 'did you mean "2 h"?'),
        (GRADES, "limit: 24 h", "limit: 1.5 h", 'did you mean "90 min"?'),
        (GRADES, "limit: 24 h", "limit: 1 d", "write 24 h, or time: calendar_days or working_days"),
        (GRADES, "limit: 7 d", "limit: 7 days", 'did you mean "7 d"?'),
        (GRADES, "limit: 7 d", "limit: 1 week", 'did you mean "7 d"?'),
        (GRADES, "limit: 7 d", "limit: 168 h", "write 7 d, or time: natural or working_hours"),
        (GRADES, "time: working_days", "time: business_days", 'did you mean "working_days"?'),
        (GRADES, "time: working_days", "time: 工作日", 'did you mean "working_days"?'),
        (GRADES, "target: acceptance", "target: aceptance", 'did you mean "acceptance"?'),
        (GRADES, "target: acceptance", "target: 签收", 'did you mean "acceptance"?'),
        (GRADES, "id: u3-feedback", "id: U3 Feedback", "write u3-feedback"),
        (PAUSES, "statuses: [HUNG_UP]", "statuses: [挂账]", 'did you mean "HUNG_UP"?'),
        (ESCALATION, "tell: [DUTY_SUPERVISOR]", "tell: [值班长]", 'did you mean "DUTY_SUPERVISOR"?'),
        (ESCALATION, "ask: supervise", "ask: supervize", 'did you mean "supervise"?'),
        (ESCALATION, "at: 15 min after start", "at: 15 minutes after the start", 'mean "15 min after start"?'),
        (ESCALATION, "at: 10 % after due", "at: 10 percent after due", 'did you mean "10 % after due"?'),
        (PROCEDURE, "hours: 09:00-20:00", "hours: 9:00 to 20:00", 'did you mean "09:00-20:00"?'),
        (CALENDAR, "  friday:", "  Fri:", 'did you mean "friday" by Fri?'),
        (CALENDAR, "  friday:", "  周五:", 'did you mean "friday" by 周五?'),
        (CALENDAR, "zone: Asia/Shanghai", "zone: Beijing", 'did you mean "Asia/Shanghai"?'),
    ],
)
def test_a_word_or_unit_nobody_knows_gets_a_guess(path, old, new, hint):
    assert any(hint in each.hint for each in errors_of(spoilt(path, old, new)))


# Children in danger


@pytest.mark.parametrize("target", ["dispatch", "acceptance", "safety_known", "mandatory_report", "supervision"])
def test_a_safety_clock_can_only_run_by_the_clock(target):
    for time, limit in (("working_hours", "1 h"), ("calendar_days", "1 d")):
        text = SHIPPED.files[GRADES]
        start = text.index(f"        target: {target}\n", text.index("  U1:\n"))
        end = text.index("        source:", start)
        rule = f"        target: {target}\n        time: {time}\n        limit: {limit}\n"
        found = errors_of(changed(GRADES, text[:start] + rule + text[end:]))
        reasons = [each.reason for each in found if each.field.endswith(".time")]
        assert reasons == [f"{target} of U1 is counted by the clock, nights and holidays included"]


# Clocks inside clocks


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        # 8 working days from a Friday: Monday to Friday, and to Wednesday after; 12 days on.
        ("time: working_days\n        limit: 3 d\n        pausable", "time: working_days\n        limit: 8 d\n        pausable", "u3-co-handler"),
        # 24 hours by the clock against 23 of the clock.
        ("limit: 24 h\n        source: DRAFT (timely", "limit: 23 h\n        source: DRAFT (timely", "u2-first-contact"),
    ],
)  # fmt: skip
def test_a_clock_that_cannot_fit_inside_feedback_is_an_error(old, new, named):
    (found,) = errors_of(spoilt(GRADES, old, new))
    assert found.reason.startswith(named)
    assert "does not fit inside" in found.reason


def test_only_rules_that_one_request_can_have_together_must_fit():
    # Feedback in 2 days for EDU alone, and its co-handlers have their own shorter rule above.
    fast = (
        "      - {id: fast, target: feedback, kinds: [S01], time: calendar_days, limit: 2 d, source: agreed}\n"
    )
    helper = "      - {id: own, target: co_handler, kinds: [S01], time: natural, limit: 24 h, source: agreed}\n"
    found = errors_of(spoilt(GRADES, FEEDBACK, fast + FEEDBACK))
    assert [each.reason.split(" does")[0] for each in found] == ["u3-co-handler (3 d, working_days)"]
    assert errors_of(spoilt(GRADES, FEEDBACK, fast + helper + FEEDBACK)) == []


# The calendar's end


@pytest.mark.parametrize(
    ("today", "words"),
    [(date(2026, 10, 1), None), (date(2026, 10, 2), "ends on"), (date(2027, 1, 1), "ended on")],
)
def test_the_calendars_end_is_announced_a_quarter_ahead(today, words):
    found = [each for each in warnings_of(SHIPPED, today) if each.field == "published_to"]
    assert [words in each.reason for each in found] == ([True] if words else [])
    assert all("add years.2027" in each.hint and "move published_to to 2027-12-31" in each.hint for each in found)


# Damaged files


@pytest.mark.parametrize("path", [GRADES, PAUSES, ESCALATION, PROCEDURE, CALENDAR])
def test_a_file_cut_off_anywhere_is_never_taken_for_whole(path):
    text = SHIPPED.files[path]
    last_entry = text.rindex("\n  ") + 1
    cuts = {*range(0, len(text) - 5, len(text) // 12), last_entry, text.rindex("...")}
    sound = [cut for cut in cuts if not errors_of(changed(path, text[:cut]), None)]
    assert sound == []


def test_a_list_cut_off_between_two_entries_is_told_by_its_missing_end_line():
    text = SHIPPED.files[PAUSES]
    cut = text.index("  - code: caller_asked_to_wait")
    (found,) = errors_of(changed(PAUSES, text[:cut]))
    assert found.line == text[:cut].rstrip().count("\n") + 1
    assert "saved half-way" in found.reason


DAMAGE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "entries of the form"),
    "a comment alone": (b"# later\n", "entries of the form"),
    "a list": (b"- 1\n- 2\n...\n", "must have entries of the form `key: value`, not a list"),
    "a word": (b"later\n...\n", "not the single value 'later'"),
    "a NUL byte": (b"total_cap: 180 d\x00\n...\n", "2:1"),
    "a tab": (b"total_cap:\n\t180 d\n...\n", "indent with spaces"),
    "another encoding": ("total_cap: 180 天\n".encode("gb18030"), "not UTF-8"),
    "a key twice": (b"total_cap: 1 d\ntotal_cap: 2 d\n...\n", "keep one of the two"),
    "two versions side by side": (b"<<<<<<< mine\ntotal_cap: 1 d\n=======\n", "not valid YAML"),
    "a day that does not exist": (b"a: 1\ntotal_cap: 2026-02-30\n...\n", ":2:12: file: not valid YAML: day is out of range"),
    "an alias to itself": (b"reasons: &a [*a]\ntotal_cap: 9 d\n...\n", "reasons.0"),
    "an alias merged into itself": (b"a: &a\n  <<: *a\n...\n", "alias"),
    "an alias of nothing": (b"total_cap: *cap\n...\n", "undefined alias"),
    "ten thousand brackets": (b"[" * 10_000, "nested too deeply"),
    "ten million bytes": (b"total_cap: 180 d\n" * 600_000, "is above 300,000 bytes"),
    "a line below the end": (b"total_cap: 9 d\n...\nreasons: []\n", "nothing may stand below the end line"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_ends_with_clear_words_and_no_traceback(folder, damage):
    content, words = damage
    (folder / PAUSES).write_bytes(content)
    if b"\0" in content:
        words = f"{folder / PAUSES}:1:17: file: not valid YAML: character U+0000 may not stand here"
    code, output = check(str(folder))
    assert code == 2
    mine = [line for line in output.splitlines() if str(folder / PAUSES) in line]
    assert any(words in line for line in mine), output
    assert all(len(line) < 1200 for line in mine)


def test_a_mark_of_byte_order_changes_nothing_but_the_digest(folder):
    (folder / PAUSES).write_bytes(b"\xef\xbb\xbf" + (folder / PAUSES).read_bytes())
    assert check(str(folder))[0] == 0


def test_a_folder_in_place_of_a_file_is_named(folder):
    (folder / PAUSES).unlink()
    (folder / PAUSES).mkdir()
    code, output = check(str(folder))
    assert code == 2
    assert f"{folder / PAUSES}:1:1: file: is a folder; a file is expected" in output


def test_a_file_of_a_wrong_name_is_suggested_and_not_just_missed(folder):
    (folder / PAUSES).rename(folder / "rules/pause.yaml")
    code, output = check(str(folder))
    assert code == 2
    assert "file not found; rename rules/pause.yaml if that is the file" in output
    assert f"{folder}/rules/pause.yaml:1:1: file: nothing reads this file" in output


def test_a_thousand_mistakes_are_counted_and_not_all_printed():
    rules = "".join(f"  - {{code: c{number}, cap: 1 x}}\n" for number in range(400))
    text = f"total_cap: 9 d\nreasons:\n{rules}...\n"
    found = findings_of(changed(PAUSES, text), None, None)
    assert len(found) == MAX_FINDINGS + 1
    assert "more findings are not listed" in found[-1].reason


# Partial sets

PARTIAL = """
calendar: china
only: {grades: [U3], targets: [closure], why: five working days of another city}
grades:
  U3:
    name: {zh: 一般, en: general}
    rules:
      - {id: city, target: closure, time: working_days, limit: 5 d, source: its charter}
...
"""


def test_a_partial_set_needs_only_what_it_is_about_and_borrows_the_rest():
    book = rule_book_of(Snapshot("city", {GRADES: PARTIAL}))
    shipped = load_rule_book()
    assert book.only is not None
    assert book.only.grades == (Grade.U3,)
    assert book.target_rule(Grade.U3, Target.CLOSURE, on=TODAY).id == "city"
    assert book.target_rule(Grade.U0, Target.DISPATCH, on=TODAY) is None
    assert book.pauses == shipped.pauses
    assert book.calendar_digest == shipped.calendar_digest
    assert shipped.only is None


def test_a_partial_set_is_complete_within_what_it_is_about():
    wider = PARTIAL.replace("[closure]", "[closure, dispatch]").replace("[U3]", "[U3, U4]")
    reasons = [each.reason for each in errors_of(Snapshot("city", {GRADES: wider}))]
    assert sorted(reasons) == ["U3 has no general rule for dispatch", "grade U4 is missing"]


def test_a_partial_set_may_have_kinds_of_its_own():
    own = PARTIAL.replace("source: its charter}", "source: its charter, kinds: [Pothole]}")
    (found,) = errors_of(Snapshot("city", {GRADES: own}))
    assert "no general rule" in found.reason
    assert "Pothole" not in found.reason


# The command


def test_a_sound_folder_ends_with_zero_and_prints_its_warnings(folder):
    code, output = check(str(folder))
    assert code == 0
    assert "(warning)" in output
    assert output.splitlines()[-1].startswith("in order")


def test_findings_are_also_given_to_programs(folder):
    path = folder / GRADES
    path.write_text(path.read_text(encoding="utf-8").replace("limit: 15 min", "limit: 15分钟", 1), encoding="utf-8")
    code, output = check(str(folder), "--json")
    told = json.loads(output)
    line = path.read_text(encoding="utf-8").splitlines().index("        limit: 15分钟") + 1
    assert code == 2
    assert (told["in_order"], told["errors"]) == (False, 1)
    assert told["findings"][0] == {
        "file": str(path),
        "line": line,
        "column": 9,
        "field": "grades.U0.rules.1.limit",
        "reason": "'15分钟' is not a limit; write for example 15 min, 2 h or 7 d",
        "hint": 'did you mean "15 min"?',
        "severity": "error",
    }


def test_an_example_that_comes_out_otherwise_is_an_error_at_its_line(folder):
    # Fri 18 Sep 2026 and seven days, the first not counted: Fri 25 Sep, 24:00.
    (folder / "examples.yaml").write_text(
        "examples:\n"
        "  - Fri 2026-09-18 17:30, U3, feedback → due Fri 2026-09-25 24:00\n"
        "  - Fri 2026-09-18 17:30, U3, feedback → due Sat 2026-09-26 24:00\n"
        "...\n",
        encoding="utf-8",
    )
    code, output = check(str(folder))
    assert code == 2
    assert f"{folder / 'examples.yaml'}:3:1: examples: " in output
    assert f"{folder / 'examples.yaml'}:2:" not in output


def test_no_folder_is_no_sound_folder(tmp_path):
    assert check(str(tmp_path / "nowhere"))[0] == 2
    assert check(str(tmp_path))[0] == 2
