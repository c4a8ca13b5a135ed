"""The command line: what a person types, what comes back, and with which exit code."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from desk import samples
from desk.cli import app as cli
from desk.cli import demo as cli_demo
from desk.cli import rules as cli_rules
from desk.cli import up as cli_up
from desk.doctor import house as doctor_house
from desk.rehearsal.scenario import load_samples
from models.case import Case
from models.exchange import Assignment, Inbox, Notice
from models.record import Decision
from models.settings import DeskSettings
from models.vocabulary import Ask, DecisionKind, Flag, Grade, NewsKind, NoticeState, Status
from tasks import workplace
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.harness.rule_sets import install
from tests.small_desk import shipped_catalogue, shipped_rules, small_desk
from tests.test_story import START

ROOT = Path(__file__).parents[1]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """The desk that `WHISTLE_HOME` names, with one case that EDU leads."""
    home = tmp_path / "home"
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY", "PREFECT_API_URL", "WHISTLE_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(home))
    # The same files, read once for all tests instead of once per command.
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)
    desk = small_desk(home)
    install(desk)
    taken = take_in(desk, IntakeForm(text="秘密的话", kind="S02"), START, actor="client:t")
    with desk.database.writing() as session:
        case = session.get_one(Case, 1)
        case.status, case.grade, case.kind = Status.IN_PROGRESS, Grade.U2, "S02"
        session.add(Assignment(case_id=taken.case_id, department="EDU", leads=True, assigned_at=START))
    yield desk
    desk.database.close()


def whistle(*arguments: str, told: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, list(arguments), input=told)


def news_of(place: Workplace) -> list[Inbox]:
    with place.database.reading() as session:
        return list(session.exec(select(Inbox).order_by(Inbox.id)).all())


def test_help_names_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; from desk.cli.app import app; app(['--help'], standalone_mode=False);"
        "sys.exit(bool({'prefect', 'apprise', 'great_expectations', 'sqlmodel', 'catalogue'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str):
    result = whistle(name, "--help")
    assert result.exit_code == 0
    assert f"Usage: whistle {name}" in result.output or f"Usage: root {name}" in result.output


def test_a_case_is_shown_in_codes_and_the_desks_own_words(place: Workplace):
    result = whistle("case", "show", "1", "--lang", "en")
    assert result.exit_code == 0
    assert "W-000001" in result.output
    assert shipped_catalogue().kinds["S02"].name_en in result.output
    assert "EDU\tyes\t1\t2026-11-23 08:00" in result.output
    assert "秘密" not in result.output


@pytest.mark.parametrize(("lang", "reason"), [("zh", "因为一二三"), ("en", "because of one")])
def test_why_adds_the_reasons(lang: str, reason: str, place: Workplace):
    with place.database.writing() as session:
        session.add(
            Decision(
                case_id=session.get_one(Case, 1).id, key="classify", kind=DecisionKind.CLASSIFY, outcome="S02",
                rule_id="S02", rule_hash="a" * 64, calendar_hash="b" * 64, code_version="test", at=START,
                reason_zh="因为一二三", reason_en="because of one",
            )
        )  # fmt: skip
    assert reason in whistle("case", "show", "W-000001", "--why", "--lang", lang).stdout
    assert reason not in whistle("case", "show", "W-000001", "--lang", lang).stdout


def test_a_case_as_json_is_json(place: Workplace):
    told = json.loads(whistle("case", "show", "1", "--json").stdout)
    assert (told["number"], told["status"], told["grade"]) == ("W-000001", "IN_PROGRESS", "U2")


def test_a_department_sees_only_cases_it_has_a_part_in(place: Workplace):
    assert whistle("case", "show", "1", "--department", "EDU").exit_code == 0
    other = whistle("case", "show", "1", "--department", "CIVIL")
    assert other.exit_code == 1
    assert other.stderr == "whistle: there is no case 1 for you\n"


LISTED = {
    "": 1,
    "--status IN_PROGRESS": 1,
    "--status CLOSED": 0,
    "--grade U2 --open": 1,
    "--grade U3": 0,
    "--department EDU": 1,
    "--department CIVIL": 0,
    "--flagged": 0,
}


@pytest.mark.parametrize(("options", "count"), LISTED.items(), ids=LISTED)
def test_cases_are_listed_by_what_is_asked(options: str, count: int, place: Workplace):
    result = whistle("case", "list", *options.split())
    assert result.exit_code == 0
    assert result.stdout.count("W-000001") == count


def test_a_unit_complained_of_never_finds_the_case(place: Workplace):
    with place.database.writing() as session:
        session.get_one(Case, 1).complained_of = "EDU"
    assert "W-000001" not in whistle("case", "list", "--department", "EDU").stdout


def test_a_department_replies_with_words_from_standard_input(place: Workplace):
    fields = ("--resolved", "true", "--acts", "child_seen", "--acts=site_inspected")
    result = whistle(
        "case", "say", "1", "replied", "--department", "EDU", "--text-file", "-", *fields, told="已处理"
    )
    assert (result.exit_code, result.stdout) == (0, "W-000001: replied noted\n")
    (news,) = news_of(place)
    assert (news.kind, news.actor, news.department) == (NewsKind.REPLIED, "department:EDU", "EDU")
    assert news.codes == {"resolved": True, "acts": ["child_seen", "site_inspected"]}
    assert "已处理".encode() not in (news.text_ct or b"")


def test_words_may_come_from_a_file(place: Workplace, tmp_path: Path):
    words = tmp_path / "words.txt"
    words.write_text("已回访", encoding="utf-8")
    result = whistle("case", "say", "1", "called_back", "--reached", "yes", "--text-file", str(words))
    assert result.exit_code == 0
    assert news_of(place)[0].actor == "client:cli"
    missing = whistle("case", "say", "1", "called_back", "--reached", "yes", "--text-file", "gone.txt")
    assert (missing.exit_code, missing.stderr) == (2, "whistle: gone.txt: No such file or directory\n")


def test_the_same_key_says_it_once(place: Workplace):
    first = whistle("case", "say", "1", "acknowledged", "--department", "EDU", "--key", "k1")
    again = whistle("case", "say", "1", "acknowledged", "--department", "EDU", "--key", "k1")
    assert "noted" in first.stdout
    assert "nothing changed" in again.stdout
    assert len(news_of(place)) == 1


def test_a_person_of_the_desk_acknowledges_a_level(place: Workplace):
    result = whistle("case", "say", "1", "acknowledged", "--target", "acceptance", "--level", "2")
    assert (result.exit_code, result.stdout) == (0, "W-000001: acknowledged noted\n")
    (news,) = news_of(place)
    assert (news.actor, news.codes) == ("client:cli", {"target": "acceptance", "level": 2})


WRONG = {
    "a field the kind does not have": (["acknowledged", "--colour", "red"], "has no field --colour"),
    "a field without a value": (["called_back", "--reached"], "write the fields as --field value"),
    "a field that is missing": (["called_back"], "--reached: Field required"),
    "words that are missing": (["replied", "--resolved", "true"], "--text-file: Field required"),
    "words on the command line": (["contacted", "--text", "SECRET"], "has no field --text"),
    "a value that does not fit": (["safety_recorded", "--safety", "SECRET", "--source", "desk"], "--safety"),
    "a stray word": (["acknowledged", "SECRET"], "write the fields as --field value"),
    "a role that may not": (["objection_decided", "--upheld", "true"], "not for the role operator"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_news_is_refused_in_one_line_without_its_words(
    arguments: list[str], words: str, place: Workplace
):
    result = whistle("case", "say", "1", *arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert "SECRET" not in result.stderr
    assert news_of(place) == []


def test_a_supervisor_speaks_with_that_role(place: Workplace):
    fields = ("--grade", "U3", "--reason", "wrong_grade", "--role", "supervisor")
    assert whistle("case", "say", "1", "grade_decided", *fields).exit_code == 0


def test_a_flagged_case_is_listed_and_resumed(place: Workplace):
    with place.database.writing() as session:
        session.get_one(Case, 1).flag = Flag.RUN_CANCELLED
    assert "RUN_CANCELLED" in whistle("case", "list", "--flagged").stdout
    assert whistle("case", "resume", "1").exit_code == 0
    assert [each.kind for each in news_of(place)] == [NewsKind.RESUMED]


def test_intake_tells_counts_and_where_refusals_are(place: Workplace, tmp_path: Path):
    path = tmp_path / "letters.csv"
    path.write_text("no,words\n1,学校食堂\n2,\n", encoding="utf-8")
    result = whistle("intake", str(path), "--map", "source_ref=no", "--map", "text=words")
    assert result.exit_code == 0
    assert "rows\tmade\tknown\trefused\tseconds\n2\t1\t0\t1" in result.stdout
    assert f"{path}.errors.csv" in result.stdout
    with place.database.reading() as session:
        assert session.get_one(Case, 2).source == "letters"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.csv"], "gone.csv: No such file"),
        (["gone.csv", "--zone", "Mars"], "--zone Mars"),
        (["gone.csv", "--source", "Ä"], "--source"),
        (["gone.csv", "--map", "words"], "--map words"),
    ],
    ids=["no file", "no zone", "no source name", "no mapping"],
)
def test_a_wrong_intake_is_refused_in_one_line(arguments: list[str], words: str, place: Workplace):
    result = whistle("intake", *arguments)
    assert result.exit_code == 1
    assert words in result.stderr


def test_a_desk_that_was_never_prepared_says_so(place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "nothing"))
    result = whistle("case", "list")
    assert result.exit_code == 2
    assert "whistle prepare" in result.stderr


def test_a_wrong_master_key_is_a_set_up_error(place: Workplace):
    (place.settings.home / "master.key").write_text("x", encoding="ascii")
    result = whistle("case", "list")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "base64" in result.stderr


def test_prepare_makes_a_desk_that_commands_can_use_and_repeats_without_harm(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "new"))
    assert whistle("prepare").exit_code == 0
    assert whistle("prepare").exit_code == 0
    assert whistle("case", "list").exit_code == 0


def test_a_key_is_made_listed_and_revoked(place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path / "new"))
    whistle("prepare")
    made = whistle("key", "create", "edu-room", "--department", "EDU")
    assert made.exit_code == 0
    key = made.stdout.strip()
    assert key.startswith("whk_")
    listed = whistle("key", "list").stdout
    assert "edu-room\tdepartment\tEDU" in listed
    assert key.rpartition("_")[2] not in listed
    assert whistle("key", "revoke", "edu-room").stdout == "revoked: edu-room\n"
    assert whistle("key", "revoke", "nobody").exit_code == 1
    assert whistle("key", "create", "edu-room", "--role", "operator").exit_code == 1
    assert whistle("key", "create", "someone").stderr.startswith("whistle: say what the key may do")


def test_dead_letters_are_listed_and_sent_again(place: Workplace):
    letter = {
        "case_label": "W-000001", "recipient": "EDU", "ask": Ask.ACCEPT_ORDER, "grade": Grade.U2, "link": "http://d",
        "state": NoticeState.DEAD, "created_at": START, "next_try_at": START, "attempts": 9,
    }  # fmt: skip
    with place.database.writing() as session:
        session.add_all([Notice(**letter, dedupe_key=each) for each in "abc"])
    assert "3 dead letters" in whistle("notices", "dead").stdout
    assert whistle("notices", "resend", "1").exit_code == 0
    assert "2 dead letters" in whistle("notices", "dead").stdout
    assert whistle("notices", "resend", "1").exit_code == 1
    assert whistle("notices", "resend").exit_code == 1
    assert whistle("notices", "resend", "--all").exit_code == 0
    with place.database.reading() as session:
        assert {(each.state, each.attempts) for each in session.exec(select(Notice))} == {(NoticeState.WAITING, 0)}


def test_rules_check_passes_on_the_shipped_files_and_prints_every_problem_of_others(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert whistle("rules", "check").exit_code == 0
    (tmp_path / "channels.yaml").write_text("default: [\n", encoding="utf-8")
    load, load_catalogue = cli_rules.load_channels, cli_rules.load_catalogue
    monkeypatch.setattr(cli_rules, "load_channels", lambda _, env, home: load(tmp_path / "channels.yaml", env, home))
    monkeypatch.setattr(cli_rules, "load_catalogue", lambda: load_catalogue(tmp_path))
    result = whistle("rules", "check")
    assert result.exit_code == 2
    assert f"{tmp_path / 'channels.yaml'}:2:1" in result.stdout
    assert f"{tmp_path / 'departments.yaml'}:1:1: file: file not found" in result.stdout


def test_doctor_ends_with_1_if_anything_is_bad(place: Workplace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor_house, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(doctor_house, "load_rule_book", shipped_rules)
    healthy = whistle("doctor")
    assert "calendar\twarn" in healthy.stdout
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    ill = whistle("doctor")
    assert ill.exit_code == 1
    assert "Prefect\tFAILS" in ill.stdout


def test_up_and_demo_hand_on_what_they_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    told: list[object] = []
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path))
    monkeypatch.setattr(cli_up, "run_stack", lambda settings: told.append(settings) or 3)
    monkeypatch.setattr(cli_demo.rehearsal, "run", lambda *a, **k: told.append((a, k)) or 4)
    assert whistle("up").exit_code == 3
    assert whistle("demo", "--cases", "5", "--keep").exit_code == 4
    assert isinstance(told[0], DeskSettings)
    assert told[0].home == tmp_path
    assert told[1] == ((5, None), {"keep": True})


def test_samples_become_cases_once(place: Workplace):
    with place.database.reading() as session:
        before = len(session.exec(select(Case)).all())
    wanted = load_samples()
    first = samples.take_in_samples(place, wanted, START)
    again = samples.take_in_samples(place, wanted, START)
    assert all(each.is_new for each in first)
    assert not any(each.is_new for each in again)
    with place.database.reading() as session:
        cases = session.exec(select(Case)).all()
    assert len(cases) == before + len(wanted)
    assert {each.source for each in cases if each.number != 1} == {"sample"}
    assert sum(each.linked_to is not None for each in cases) == sum(
        each.same_matter_as is not None for each in wanted
    )


# Accounts and retention


def refused(result: Result) -> str:
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1, "one line, no traceback"
    return result.stderr


def test_accounts_are_made_listed_unlocked_and_ended(place: Workplace):
    first = whistle("account", "add", "liu", "--role", "operator")
    assert first.exit_code == 0 and len(first.stdout.strip()) == 23
    assert "another account has it" in refused(whistle("account", "add", "liu", "--role", "operator"))
    assert "department:" in refused(whistle("account", "add", "wang", "--role", "department"))
    assert "no such account" in refused(whistle("account", "unlock", "nobody"))
    assert whistle("account", "unlock", "liu").exit_code == 0
    again = whistle("account", "password", "liu")
    assert again.exit_code == 0 and again.stdout != first.stdout
    assert whistle("account", "end", "liu").stdout == "ended: liu\n"
    assert whistle("account", "add", "chen", "--role", "operator", "--oidc").stdout == "made: chen, who signs in at the provider\n"
    assert "has no password" in refused(whistle("account", "password", "chen"))
    assert whistle("account", "unbind", "chen").stdout == "unbound: chen\n"
    assert "has a password" in refused(whistle("account", "unbind", "liu"))
    assert whistle("account", "end-sessions", "chen").stdout == "signed out: chen (0)\n"
    assert "no such account" in refused(whistle("account", "end-sessions", "nobody"))
    listed = whistle("account", "list").stdout
    assert "chen" in listed and "provider" in listed
    assert "liu" in listed and first.stdout.strip() not in listed


def test_a_key_is_made_for_less_and_for_a_while_and_the_list_says_so(place: Workplace):
    made = whistle("key", "create", "probe", "--role", "operator", "--scope", "cases:read", "--scope", "news:write", "--expires", "2126-01-31")
    assert made.exit_code == 0 and made.stdout.startswith("whk_") and made.stdout.count("\n") == 1
    assert "does not have cases:write" in refused(whistle("key", "create", "x", "--role", "administrator", "--scope", "cases:write"))
    assert "lies in the past" in refused(whistle("key", "create", "x", "--role", "operator", "--expires", "2020-01-31"))
    assert whistle("key", "create", "x", "--role", "operator", "--scope", "everything").exit_code == 2
    listed = whistle("key", "list").stdout
    assert "cases:read news:write" in listed and "2126-02-01 00:00" in listed, "the whole last day, in Beijing"
    assert made.stdout.strip().split("_", 2)[2] not in listed


def test_nothing_is_sealed_by_a_slip_and_a_hold_is_told(place: Workplace):
    assert "say --yes" in refused(whistle("retention", "seal"))
    assert whistle("retention", "due").exit_code == 0
    assert whistle("retention", "hold", "W-000001", "--reason", "court").stdout == "held: W-000001\n"
    assert whistle("retention", "lift", "W-000001").stdout == "lifted: W-000001\n"
    assert whistle("retention", "lift", "W-000001").stdout == "W-000001 was not held\n"
    assert "no case" in refused(whistle("retention", "hold", "W-000404", "--reason", "court"))
    assert "not sealed" in refused(whistle("retention", "proof", "W-000001"))
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        case.status, case.closed_at = Status.CLOSED, START.replace(year=2000)
    assert "W-000001" in whistle("retention", "due").stdout
    assert whistle("retention", "seal", "--yes").stdout == "sealed: 1 of 1 due; orders: 0 of 0 due\n"
    assert "grave" in whistle("retention", "proof", "W-000001").stdout


def test_a_summary_that_tells_the_reporter_is_refused_in_one_line(place: Workplace):
    take_in(place, IntakeForm(text="x", reporter={"name": "王小明"}), START, actor="client:t")  # type: ignore[arg-type]
    told = whistle("case", "say", "2", "summary_written", "--text-file", "-", told="王小明说学校打人")
    assert "name" in refused(told) and "王" not in told.stderr
