"""`whistle doctor`: each trouble is found, named, and comes with something to do."""

import base64
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from prefect.settings import get_current_settings
from sqlalchemy import text
from sqlmodel import Session
from typer.testing import CliRunner

from desk.automations.names import AUTOMATIONS
from desk.cli.doctor import app as doctor_command
from desk.doctor import examination
from desk.doctor import house as doctor_house
from desk.doctor.archive import _ARCHIVED, look_at_archive
from desk.doctor.channel_test import send_tests
from desk.doctor.examination import examine, look_at_database
from desk.doctor.findings import Finding, Level
from desk.doctor.house import (
    look_at_addresses,
    look_at_calendar,
    look_at_channels,
    look_at_disk,
    look_at_modes,
)
from desk.doctor.prefect import _HURTING, GIVEN_BACK, LEASE, PINNED, look_at_prefect
from desk.doctor.rules import look_at_live_rules
from desk.watching.prefect import NO_LEASE
from models.case import Case
from models.database import Database
from models.exchange import Inbox, Notice
from models.rule_files import read_yaml
from models.settings import DeskSettings
from models.vocabulary import Ask, Flag, Grade, NewsKind, NoticeState, Status
from notifications.channels import load_channels
from tasks.house.rule_folder import draft_live
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.harness.catalogues import install_catalogue
from tests.harness.rule_sets import GRADES, book_once, install, with_limits
from tests.small_desk import shipped_catalogue, shipped_rules, small_desk

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NOWHERE = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A prepared desk with one open case that wakes in an hour."""
    monkeypatch.setattr("desk.doctor.rules.rule_book_of", book_once)
    desk = small_desk(tmp_path / "home")
    install(desk)
    install_catalogue(desk, NOW)
    take_in(desk, IntakeForm(text="t"), NOW - timedelta(hours=3), actor="client:t")
    with desk.database.writing() as session:
        the_case(session).wake_at = NOW + timedelta(hours=1)
    yield desk
    desk.database.close()


def the_case(session: Session) -> Case:
    return session.get_one(Case, 1)


def found(settings: DeskSettings, name: str) -> Finding:
    (finding,) = [each for each in examine(settings, NOWHERE, NOW) if each.name == name]
    return finding


def found_in_database(settings: DeskSettings, name: str) -> Finding:
    (finding,) = [each for each in look_at_database(settings, NOW) if each.name == name]
    return finding


def test_a_healthy_desk_has_nothing_bad_but_the_prefect_it_asked_for(place: Workplace):
    findings = list(examine(place.settings, NOWHERE, NOW))
    assert [each.name for each in findings if each.level is Level.BAD] == ["Prefect"]
    assert all(each.advice for each in findings if each.level is not Level.OK)


def test_a_desk_that_never_was_is_not_made_by_looking(tmp_path: Path):
    settings = DeskSettings(home=tmp_path / "nothing", database_url="", master_key="")
    assert found(settings, "case database").level is Level.BAD
    assert not settings.home.exists()


def test_a_database_that_cannot_be_read_is_bad_and_stops_no_other_check(tmp_path: Path):
    (tmp_path / "cases.db").mkdir()
    settings = DeskSettings(home=tmp_path, database_url="", master_key="")
    assert found(settings, "case database").level is Level.BAD
    assert found(settings, "catalogue").level is Level.OK


def test_an_unprepared_database_needs_preparing(tmp_path: Path):
    (tmp_path / "cases.db").touch()
    settings = DeskSettings(home=tmp_path, database_url="", master_key="")
    finding = found_in_database(settings, "database schema")
    assert finding.level is Level.BAD
    assert "whistle prepare" in finding.advice


def test_a_column_removed_by_hand_is_noticed(place: Workplace):
    with place.database.engine.connect() as connection:
        connection.execute(text("ALTER TABLE desk_fact RENAME COLUMN value TO worth"))
        connection.commit()
    assert found_in_database(place.settings, "database schema").level is Level.BAD


def other_key(settings: DeskSettings) -> None:
    (settings.home / "master.key").write_text(base64.b64encode(os.urandom(32)).decode(), encoding="ascii")


KEYS: dict[str, tuple[Callable[[DeskSettings], object], str]] = {
    "missing": (lambda settings: (settings.home / "master.key").unlink(), "missing"),
    "no key at all": (lambda settings: (settings.home / "master.key").write_text("x"), "base64"),
    "another desk's": (other_key, "not the key this database was made with"),
}


@pytest.mark.parametrize(("spoil", "words"), KEYS.values(), ids=KEYS)
def test_a_wrong_master_key_is_bad(
    spoil: Callable[[DeskSettings], object], words: str, place: Workplace
):
    assert found_in_database(place.settings, "master key").level is Level.OK
    spoil(place.settings)
    finding = found_in_database(place.settings, "master key")
    assert finding.level is Level.BAD
    assert words in finding.words


def cut_journal(session: Session) -> None:
    the_case(session).journal_length = 2


def sleep_for_ever(session: Session) -> None:
    the_case(session).wake_at = None


def due_since(minutes: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        the_case(session).wake_at = NOW - timedelta(minutes=minutes)

    return change


def unread_since(minutes: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        at = NOW - timedelta(minutes=minutes)
        case_id = the_case(session).id
        session.add(
            Inbox(case_id=case_id, news_key="k", kind=NewsKind.CONTACTED, actor="client:t", received_at=at)
        )

    return change


def flagged(session: Session) -> None:
    the_case(session).flag = Flag.RUN_CANCELLED


def notice(state: NoticeState, minutes: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        at = NOW - timedelta(minutes=minutes)
        session.add(
            Notice(
                case_label="W-000001", dedupe_key=str(uuid4()), recipient="EDU", ask=Ask.ACCEPT_ORDER,
                grade=Grade.U1, link="http://desk", state=state, created_at=at, next_try_at=at,
            )
        )  # fmt: skip

    return change


def left_behind(minutes: float) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        the_case(session).lease_until = NOW - timedelta(minutes=minutes)

    return change


TROUBLE: dict[str, tuple[Callable[[Session], None], str, Level]] = {
    "a journal cut short": (cut_journal, "journals", Level.BAD),
    "an open case nothing wakes": (sleep_for_ever, "open cases wake", Level.BAD),
    "a case due for half a minute": (due_since(0.5), "due cases", Level.OK),
    "a case due for two minutes": (due_since(2), "due cases", Level.WARN),
    "a case due for an hour": (due_since(60), "due cases", Level.BAD),
    "a lease that just ran out": (left_behind(0.5), "leases", Level.OK),
    "a lease that nobody takes over": (left_behind(5), "leases", Level.BAD),
    "news unread for half a minute": (unread_since(0.5), "news", Level.OK),
    "news unread for two minutes": (unread_since(2), "news", Level.WARN),
    "news unread for hours": (unread_since(180), "news", Level.BAD),
    "a flagged case": (flagged, "flagged cases", Level.WARN),
    "a dead letter": (notice(NoticeState.DEAD, 1), "dead letters", Level.BAD),
    "an alert unsent for an hour": (notice(NoticeState.WAITING, 60), "outbox", Level.BAD),
    "an alert held back until later": (notice(NoticeState.WAITING, -60), "outbox", Level.OK),
    "an alert that was sent": (notice(NoticeState.SENT, 60), "outbox", Level.OK),
}


@pytest.mark.parametrize(("change", "name", "level"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_with_cases_is_found(
    change: Callable[[Session], None], name: str, level: Level, place: Workplace
):
    assert found_in_database(place.settings, name).level is Level.OK
    with place.database.writing() as session:
        change(session)
    assert found_in_database(place.settings, name).level is level


def test_a_closed_case_need_not_wake(place: Workplace):
    with place.database.writing() as session:
        case = the_case(session)
        case.wake_at, case.status = None, Status.CLOSED
    assert found_in_database(place.settings, "open cases wake").level is Level.OK


def test_a_case_that_a_worker_holds_is_not_overdue(place: Workplace):
    with place.database.writing() as session:
        case = the_case(session)
        case.wake_at, case.lease_until = NOW - timedelta(hours=1), NOW + timedelta(seconds=30)
    assert found_in_database(place.settings, "due cases").level is Level.OK


LAST = date(2026, 12, 31)
AHEAD = {
    "Thu 61 days before": (datetime(2026, 10, 31, 4, tzinfo=UTC), Level.OK),
    "60 days before": (datetime(2026, 11, 1, 4, tzinfo=UTC), Level.WARN),
    "today": (NOW, Level.WARN),
    "on the last day, by Beijing's clock": (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), Level.WARN),
    "a minute past it": (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), Level.BAD),
}


@pytest.mark.parametrize(("now", "level"), AHEAD.values(), ids=AHEAD)
def test_the_calendar_warns_before_it_ends(now: datetime, level: Level):
    calendar = shipped_rules().calendar
    assert calendar.published_to == LAST
    finding = look_at_calendar(calendar, now)
    assert finding.level is level
    assert level is Level.OK or "2027" in finding.advice


def test_recipients_without_a_channel_are_counted(tmp_path: Path):
    bare = look_at_channels(load_channels(None, {}, tmp_path))
    assert bare.level is Level.WARN
    assert "WHISTLE_CHANNEL_" in bare.advice
    names = {name for each in load_channels(None, {}, tmp_path).unset_variables().values() for name in each}
    assert look_at_channels(load_channels(None, dict.fromkeys(names, "json://localhost"), tmp_path)).level is Level.OK


class Usage(NamedTuple):
    free: int


@pytest.mark.parametrize(
    ("free", "level"), [(6 << 30, Level.OK), (2 << 30, Level.WARN), (1 << 29, Level.BAD)]
)
def test_a_full_disk_is_bad(free: int, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free))
    assert look_at_disk(tmp_path).level is level


def test_broken_rule_files_are_named(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    broken = tmp_path / "channels.yaml"
    broken.write_text("default: nowhere\n", encoding="utf-8")
    load = doctor_house.load_channels
    monkeypatch.setattr(doctor_house, "load_channels", lambda _, env, home: load(broken, env, home))
    finding = found(place.settings, "channels")
    assert finding.level is Level.BAD
    assert str(broken) in finding.words


SAFE = {
    "server": {
        "services": {
            "pause_expirations": {"enabled": False}, "task_run_recorder": {"enabled": True}, "triggers": {"enabled": True},
            "foreman": {"enabled": True},
        },
        "analytics_enabled": False,
        "api": {"cors_allowed_origins": "http://127.0.0.1:4200"},
    }
}


POOL = {
    "/work_pools/cases": {"is_paused": False},
    "/work_pools/cases/workers/filter": [{"status": "ONLINE"}, {"status": "OFFLINE"}],
}
TOLD = [
    {"name": each["name"], "enabled": True, "actions": [{"type": "call-webhook"}]}
    for each in read_yaml(AUTOMATIONS)["automations"]
]
PLANNED = {"id": "run-1", "deployment_id": "d-1", "auto_scheduled": True, "expected_start_time": (NOW + timedelta(hours=1)).isoformat()}
NIGHTLY = {"id": "d-1", "name": "nightly", "paused": False, "schedules": [{"active": True}]}
RUNS = {"/flow_runs/filter": [PLANNED], "/events/filter": {"total": 3}, "/deployments/filter": [NIGHTLY]}
WELL = {"/admin/version": PINNED, "/admin/settings": SAFE, **POOL, "/automations/filter": TOLD, **RUNS}
SPREAD = {"server": {**SAFE["server"], "concurrency": {"lease_storage": "prefect_redis.lease_storage"}}}


def answer_of(code: int) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://x/api")
    return httpx.HTTPStatusError("no", request=request, response=httpx.Response(code, request=request))


def prefect_found(answers: dict[str, Any], alarm_url: str = "http://alarm") -> list[Finding]:
    def get(path: str, _body: object = None) -> Any:
        if isinstance(answers[path], Exception):
            raise answers[path]
        return answers[path]

    return list(look_at_prefect("http://x/api", NOW, asked_for=True, alarm_url=alarm_url, get=get))


def test_a_well_set_prefect_is_fine():
    findings = prefect_found(WELL)
    assert [each.level for each in findings] == [Level.OK] * 6
    assert "1 workers were heard of" in findings[4].words


def altered(changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**TOLD[0], **changes}, *TOLD[1:]]


PREFECT_TROUBLE: dict[str, tuple[dict[str, Any], str, Level, str]] = {
    "a paused pool": ({"/work_pools/cases": {"is_paused": True}}, "work pool", Level.BAD, "prefect work-pool resume cases"),
    "no worker": ({"/work_pools/cases/workers/filter": [{"status": "OFFLINE"}]}, "work pool", Level.BAD, "whistle up"),
    "a Redis that is gone": ({"/admin/settings": SPREAD, NO_LEASE: answer_of(500)}, "Prefect's Redis", Level.BAD, "start it"),
    "a Redis that hangs": ({"/admin/settings": SPREAD, NO_LEASE: httpx.ReadTimeout("")}, "Prefect's Redis", Level.BAD, "start it"),
    "a Redis that is full": (
        {"/admin/settings": SPREAD, NO_LEASE: answer_of(410), LEASE: answer_of(500)}, "Prefect's Redis", Level.BAD, "raise `maxmemory`",
    ),
    "services that are away": ({"/events/filter": {"total": 0}}, "Prefect services", Level.WARN, "whistle-prefect-services"),
    "schedules without a run": ({"/flow_runs/filter": [{**PLANNED, "deployment_id": "d-2"}]}, "schedules", Level.BAD, "schedule_deployments"),
    "runs by hand only": ({"/flow_runs/filter": [{**PLANNED, "auto_scheduled": False}]}, "schedules", Level.BAD, "schedule_deployments"),
    "house flows that are late": (
        {"/flow_runs/filter": [{**PLANNED, "expected_start_time": (NOW - timedelta(minutes=16)).isoformat()}]}, "schedules", Level.WARN, "worker's log",
    ),
    "a pool that was never made": ({"/work_pools/cases": answer_of(404)}, "work pool", Level.BAD, "whistle deploy"),
    "a Prefect without its database": ({"/work_pools/cases": answer_of(500)}, "work pool", Level.BAD, "see that its database runs"),
    "an automation that is missing": ({"/automations/filter": TOLD[1:]}, "automations", Level.WARN, "whistle automations install"),
    "one that is off": ({"/automations/filter": altered({"enabled": False})}, "automations", Level.WARN, "switch it on"),
    "one that tells nobody": (
        {"/automations/filter": altered({"actions": [{"type": "do-nothing"}]})}, "automations", Level.WARN, "WHISTLE_ALARM_URL",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "name", "level", "advice"), PREFECT_TROUBLE.values(), ids=PREFECT_TROUBLE)
def test_trouble_with_prefect_is_found(changes: dict[str, Any], name: str, level: Level, advice: str):
    (finding,) = [each for each in prefect_found({**WELL, **changes}) if each.name == name]
    assert finding.level is level
    assert advice in finding.advice


def test_a_redis_that_answers_and_a_house_where_nothing_ran_are_fine():
    findings = prefect_found({**WELL, "/admin/settings": SPREAD, NO_LEASE: answer_of(410), LEASE: {"lease_id": "1"}, GIVEN_BACK: ValueError(), "/flow_runs/filter": [], "/deployments/filter": []})
    assert {each.level for each in findings} == {Level.OK}
    assert [each.name for each in findings][2:5] == ["Prefect's Redis", "Prefect services", "schedules"]


@pytest.mark.parametrize("changes", [{"paused": True}, {"schedules": []}, {"schedules": [{"active": False}]}])
def test_what_somebody_has_switched_off_needs_no_planned_run(changes: dict[str, Any]):
    findings = prefect_found({**WELL, "/flow_runs/filter": [], "/deployments/filter": [{**NIGHTLY, **changes}]})
    assert {each.level for each in findings} == {Level.OK}


def test_the_log_of_postgresql_that_is_not_copied_away_is_bad(postgres_url: str, monkeypatch: pytest.MonkeyPatch):
    database = Database(postgres_url)
    assert look_at_archive(database).level is Level.OK
    # The view as a server shows it whose archive is full; the statement is the same.
    failing = "(SELECT now() - interval '1 hour' AS last_archived_time, 7 AS failed_count, now() AS last_failed_time) AS seen"
    said = _ARCHIVED.text.replace("current_setting('archive_mode')", "'on'").replace("pg_stat_archiver", failing)
    monkeypatch.setattr("desk.doctor.archive._ARCHIVED", text(said))
    finding = look_at_archive(database)
    database.close()
    assert finding.level is Level.BAD
    assert "7 failures" in finding.words


def test_without_an_alarm_address_nobody_is_told():
    assert prefect_found(WELL, alarm_url="")[-1].level is Level.WARN


def test_another_version_and_prefects_own_defaults_are_warned_of():
    defaults = get_current_settings().model_dump(mode="json")
    findings = prefect_found({**WELL, "/admin/version": "3.0.0", "/admin/settings": defaults})[:-4]
    advice = " ".join(each.advice for each in findings)
    assert {each.level for each in findings} == {Level.WARN}
    assert "PAUSE_EXPIRATIONS_ENABLED=false" in advice
    assert "pinned version" in advice


@pytest.mark.parametrize("path", [each[0] for each in _HURTING], ids=".".join)
def test_every_setting_looked_at_exists_in_the_prefect_we_run(path: tuple[str, ...]):
    settings: Any = get_current_settings().model_dump(mode="json")
    for part in path:
        assert part in settings
        settings = settings[part]


def test_a_prefect_that_is_away_is_bad_only_if_somebody_named_it():
    def away(*_: object) -> Any:
        raise httpx.ConnectError("refused")

    (named,) = look_at_prefect("http://x/api", NOW, asked_for=True, get=away)
    (guessed,) = look_at_prefect("http://x/api", NOW, asked_for=False, get=away)
    assert (named.level, guessed.level) == (Level.BAD, Level.WARN)
    assert "whistle up" in named.advice


@pytest.mark.parametrize(
    ("limits", "typo", "found"),
    [
        ({}, "", "differs from what is live"),
        ({"u4_callback": "2 d"}, "", "sound, but not live"),
        ({}, "limt: 1 h", "2 problems keep them from going live, first: rules/rules/grades.yaml:36:9: grades.U0"),
    ],
    ids=["as live", "edited", "broken"],
)
def test_the_edited_rules_are_looked_at(place: Workplace, limits: dict[str, str], typo: str, found: str):
    folder = place.settings.home / "rules"
    with place.database.reading() as session:
        draft_live(session, folder)
        text = with_limits(**limits)[GRADES]
        (folder / GRADES).write_text(text.replace("limit: 1 h", typo or "limit: 1 h", 1), encoding="utf-8")
        findings = {each.name: each for each in look_at_live_rules(session, place.settings, NOW)}
    assert found in findings["edited rules"].words
    assert findings["edited rules"].level is (Level.WARN if limits or typo else Level.OK)
    assert findings["live rules"].words.startswith("version 1 since ")


def test_a_desk_without_live_rules_is_bad(tmp_path: Path):
    desk = small_desk(tmp_path / "unprepared")
    with desk.database.reading() as session:
        (finding,) = look_at_live_rules(session, desk.settings, NOW)
    assert (finding.name, finding.level) == ("live rules", Level.BAD)
    assert "whistle prepare" in finding.words


def test_keys_that_others_may_read_fail(place: Workplace):
    key = place.settings.home / "master.key"
    assert look_at_modes(place.settings.home).level is Level.OK
    key.chmod(0o644)
    finding = look_at_modes(place.settings.home)
    assert (finding.level, finding.advice) == (Level.BAD, f"chmod 600 {key}")


def test_an_address_that_cannot_be_sent_to_is_found_without_sending(tmp_path: Path):
    finding = look_at_addresses(load_channels(None, {"WHISTLE_CHANNEL_EDU": "nonsense-without-a-service"}, tmp_path))
    assert finding.level is Level.BAD
    assert "EDU" in finding.words and "nonsense" not in finding.words


def test_a_database_that_hangs_is_told_in_time(place: Workplace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examination, "PATIENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+pg8000://u:secret@127.0.0.1:{silent.getsockname()[1]}/cases"
        settings = place.settings.model_copy(update={"database_url": url})
        [finding] = look_at_database(settings, NOW)
    assert finding.level is Level.BAD
    assert "does not answer within" in finding.words and "secret" not in repr(finding)


def test_a_test_is_really_sent_and_says_that_it_is_one(tmp_path: Path):
    settings = DeskSettings(home=tmp_path, database_url="", master_key="")
    environment = {"WHISTLE_HOME": str(tmp_path), "WHISTLE_CHANNEL_EDU": "json://127.0.0.1:9/closed"}
    asked = send_tests(settings, environment, ["DUTY_SUPERVISOR", "EDU", "NOBODY"], NOW)
    by_name = {each.name: each for each in asked}
    assert by_name["test to DUTY_SUPERVISOR"].level is Level.OK
    assert by_name["test to EDU"].level is Level.BAD and "CHANNEL_REFUSED" in by_name["test to EDU"].words
    assert "RECIPIENT_UNKNOWN" in by_name["test to NOBODY"].words
    [line] = (tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["id"].startswith("test:") and "Nothing need be done" in line


def test_everybody_is_tried_once_per_address(tmp_path: Path):
    settings = DeskSettings(home=tmp_path, database_url="", master_key="")
    found = list(send_tests(settings, {"WHISTLE_HOME": str(tmp_path)}, ["all"], NOW))
    assert [each.level for each in found] == [Level.OK]
    assert list(send_tests(settings, {}, [], NOW)) == []


def test_for_programs_the_findings_are_one_object(place: Workplace, monkeypatch: pytest.MonkeyPatch):
    place.database.close()
    monkeypatch.setattr(doctor_house, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(doctor_house, "load_rule_book", shipped_rules)
    monkeypatch.setenv("WHISTLE_HOME", str(place.settings.home))
    monkeypatch.setenv("PREFECT_API_URL", NOWHERE["PREFECT_API_URL"])
    result = CliRunner().invoke(doctor_command, ["--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert {"name", "level", "words", "advice"} == set(told["findings"][0])
    assert {each["name"]: each["level"] for each in told["findings"]}["Prefect"] == "bad"
