"""Canaries in what people type: no refusal, header, redirect, export, backup or log of a real process sings them."""

import logging
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select
from typer.testing import CliRunner

from desk.cli.app import app as whistle
from desk.people.keys import make_key
from models.accounts import Account
from models.case import Case
from models.database import Database
from models.keeping import unlock
from models.settings import DeskSettings
from models.vault import MasterKeyError, Vault
from models.vocabulary import PersonRole, Purpose, Role, Status
from tasks.casebook import editing
from tasks.news.inbox import Speaker
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.words.reading import read_words
from tasks.workplace import Workplace
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.harness.front_door import front_door
from tests.small_desk import small_desk
from tests.test_permissions import routes

CANARY = "金丝雀Quokka13912345678"
PIECES = ("金丝雀", "Quokka", "13912345678", quote("金丝雀"), quote(quote("金丝雀")))
TYPED = {"name": CANARY, "contact": CANARY, "identity": CANARY, "address": CANARY, "note": CANARY}
SUMMARY = "孔雀摘要Xylem"
SUPERVISOR = Speaker("su", Role.SUPERVISOR)
GIVEN_BACK = {"/intake", "/cases/{number}/say/{kind}", "/o/{token}/{kind}", "/o/{token}/evidence"}
"""A form that is refused comes back to whoever typed it, with what they typed."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def sings(text: str) -> list[str]:
    return [each for each in PIECES if each.casefold() in text.casefold()]


def heard_in_headers(answer: httpx.Response) -> list[str]:
    return sings(" ".join(f"{name}: {value}" for name, value in answer.headers.multi_items()))


# Refusals, headers, redirects.


FIELDS = {
    **{name: CANARY for name in ("text", "code", "name", "password", "next", "reason", "number", "last", "old", "new", "again", "once", "purpose", "holder")},
    **{f"{person}.{field}": CANARY for person in ("reporter", "child", "suspect") for field in TYPED},
}  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "operator", "supervisor", "administrator", "EDU"])
def test_no_refusal_of_a_page_repeats_what_was_typed_into_form_path_or_query(desk: ApiDesk, who: str) -> None:
    number = desk.take_in(text=CANARY, child=TYPED)
    token = desk.assign(number, "EDU")
    headers = {} if who == "nobody" else desk.headers(who)
    refused = set()
    for method, path in sorted(routes(desk)):
        if path.startswith("/api/") or method == "HEAD":
            continue
        for real in (path.replace("{number}", number).replace("{token}", token), path):
            for name in ("number", "token", "kind", "evidence", "access", "person", "path:path"):
                real = real.replace(f"{{{name}}}", quote(CANARY))
            data = FIELDS if method == "POST" else None
            desk.client.cookies.clear()
            answer = desk.client.request(method, f"{real}?before={CANARY}&lang={CANARY}&case={CANARY}&next=/{CANARY}", data=data, headers=headers, follow_redirects=False)
            assert answer.status_code != 500, real
            assert heard_in_headers(answer) == [], (method, real)
            if answer.status_code >= 400 and path not in GIVEN_BACK and path != "/sign-in" and not (method == "GET" and answer.status_code == 401):
                refused.add(answer.status_code)
                assert sings(answer.text) == [], (method, real, answer.status_code)
    assert {404, 422} & refused


def test_the_form_to_sign_in_gives_back_the_address_that_was_asked_for_and_no_more(desk: ApiDesk) -> None:
    """It has to: one goes on there afterwards. Name, password and code do not come back."""
    desk.client.cookies.clear()
    refused = desk.client.post("/sign-in", data={"name": CANARY, "password": CANARY, "code": CANARY}, headers={"Sec-Fetch-Site": "same-origin"})
    assert refused.status_code == 401 and sings(refused.text) == []


def test_what_is_taken_in_leads_on_without_its_words(desk: ApiDesk) -> None:
    headers, once = desk.headers("operator"), {"once": "a" * 20}
    taken = desk.client.post("/intake", data={"danger_now": "false", **FIELDS, **once}, headers=headers, follow_redirects=False)
    assert (taken.status_code, heard_in_headers(taken)) == (303, []), taken.text
    number = desk.take_in(text="x")
    desk.change(number, status=Status.ACCEPTED)
    token = desk.assign(number, "EDU")
    said = desk.client.post(f"/o/{token}/replied", data={"text": CANARY, "resolved": "true", "insists": "true", **once}, follow_redirects=False)
    assert said.status_code in {200, 303} and heard_in_headers(said) == []
    told = desk.client.post(f"/cases/{number}/say/safety_recorded", data={"safety": "safe", "source": "school", "text": CANARY, "once": "b" * 20}, headers=headers, follow_redirects=False)
    assert told.status_code in {200, 303} and heard_in_headers(told) == []


@pytest.mark.parametrize(("path", "broken"), [("/intake", "desk.pages.intake.take_in"), ("/progress", "desk.pages.progress.how_far"), ("/sign-in", "desk.pages.signing_in.find_account")])
def test_a_fault_behind_a_page_is_an_id_and_nothing_else(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(broken, fail)
    caplog.set_level(logging.DEBUG)
    headers = {"Sec-Fetch-Site": "same-origin"} | (desk.headers("operator") if path == "/intake" else {})
    fields = {"danger_now": "false", "once": "a" * 20, "text": CANARY, "number": "W-000001", "code": "A" * 10, "name": "liu", "password": CANARY}
    with front_door(desk.place, lambda: NOW, raise_server_exceptions=False) as client:
        answer = client.post(path, data=fields, headers=headers, follow_redirects=False)
    assert answer.status_code == 500 and answer.json()["error_id"]
    assert sings(answer.text) == [] and heard_in_headers(answer) == [] and sings(caplog.text) == []


# Exports.


def planted(home: Path) -> tuple[Workplace, str]:
    """A desk in a folder, with one case that is full of canaries."""
    place = small_desk(home)
    people = {each: PersonForm(**TYPED) for each in ("reporter", "child", "suspect")}
    taken = take_in(place, IntakeForm(text=CANARY, answer=CANARY, summary=SUMMARY, source="hotline", source_ref="17", **people), NOW, actor="client:t")
    with editing(place, taken.case_id) as (_, case):
        case.status = Status.ACCEPTED
    return place, taken.label


EXPORTS = [
    ["case", "show", "{label}"], ["case", "show", "{label}", "--why"], ["case", "list"], ["notices", "dead"], ["key", "list"],
    ["account", "list"], ["doctor"], ["units", "show"],
]  # fmt: skip


@pytest.mark.parametrize("command", EXPORTS, ids=" ".join)
def test_no_listing_of_the_command_line_holds_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    place, label = planted(tmp_path)
    place.database.close()
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path))
    result = CliRunner().invoke(whistle, [each.format(label=label) for each in command])
    assert sings(result.output) == [] and SUMMARY not in result.output
    assert result.exit_code == 0 or command == ["doctor"], result.output
    assert label in result.output or command[0] != "case"


def test_a_bulk_file_that_is_refused_leaves_no_word_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = planted(tmp_path)
    place.database.close()
    monkeypatch.setenv("WHISTLE_HOME", str(tmp_path))
    file = tmp_path / "calls.csv"
    file.write_text(f"text,source_ref,kind,received_at\n{CANARY},1,{CANARY},{CANARY}\n{CANARY},2,S01,never\n", encoding="utf-8")
    result = CliRunner().invoke(whistle, ["intake", str(file), "--source", "bulk"])
    assert sings(result.output) == []
    [refusals] = tmp_path.glob("calls.csv.errors*")
    assert refusals.read_text().count("\n") >= 3 and sings(refusals.read_text()) == []


# A backup.


def backed_up(place: Workplace, path: Path) -> None:
    """As docs/operating.md says: `sqlite3 cases.db ".backup …"`, while the desk runs."""
    with sqlite3.connect(place.settings.home / "cases.db") as here, sqlite3.connect(path) as there:
        here.backup(there)
    here.close()
    there.close()


def restored(folder: Path, backup: Path, key: bytes | None) -> DeskSettings:
    folder.mkdir()
    (folder / "cases.db").write_bytes(backup.read_bytes())
    if key is not None:
        (folder / "master.key").write_bytes(key)
        (folder / "master.key").chmod(0o600)
    return DeskSettings(home=folder, database_url="", master_key="")


def test_a_backup_holds_no_word_and_opens_with_the_master_key_alone(tmp_path: Path) -> None:
    """The restore test of hazard 16: a thief of the backup has nothing, the desk has everything."""
    place, label = planted(tmp_path / "desk")
    with place.database.writing() as session:
        session.add(Account(id="p", name="liu", role=Role.OPERATOR, password_hash="", totp_ct=place.vault.seal_for_desk("account.totp:p", CANARY), created_at=NOW))
    backup, key = tmp_path / "backup.db", (tmp_path / "desk" / "master.key").read_bytes()
    backed_up(place, backup)
    content = backup.read_bytes()
    for each in (*PIECES[:3], SUMMARY, key.decode().strip()):
        assert each.encode() not in content and each.encode("utf-16-le") not in content, each

    other_key = small_desk(tmp_path / "another desk").settings.home / "master.key"
    for name, wrong in (("without", None), ("with another key", other_key.read_bytes())):
        settings = restored(tmp_path / name, backup, wrong)
        database = Database(settings.case_database_url)
        with pytest.raises(MasterKeyError):
            unlock(database, settings)
        assert wrong is not None or not (settings.home / "master.key").exists(), "no new key is made for an old database"
        _nothing_opens(database, Vault(os.urandom(32)))
        database.close()

    restored(tmp_path / "with the key", backup, key)
    again = small_desk(tmp_path / "with the key")
    words = read_words(again, label, SUPERVISOR, Purpose.HANDLING, NOW, in_full=True)
    assert (words.text, words.answer, words.summary) == (CANARY, CANARY, SUMMARY)
    assert words.people == {each: TYPED for each in PersonRole}
    with again.database.reading() as session:
        account = session.get_one(Account, "p")
    assert account.totp_ct and again.vault.open_for_desk("account.totp:p", account.totp_ct) == CANARY
    again.database.close()
    place.database.close()


def _nothing_opens(database: Database, vault: Vault) -> None:
    with database.reading() as session:
        case, account = session.exec(select(Case)).one(), session.get_one(Account, "p")
    sealed = [(f"case.{name}", getattr(case, f"{name}_ct")) for name in ("text", "answer", "summary")]
    for where, content in sealed:
        with pytest.raises(MasterKeyError):
            vault.open(case.id, case.wrapped_key, where, content)
    assert account.totp_ct
    with pytest.raises(MasterKeyError):
        vault.open_for_desk("account.totp:p", account.totp_ct)


# A real process.


def test_what_a_real_desk_process_prints_and_leaves_behind_holds_no_word(tmp_path: Path) -> None:
    place, label = planted(tmp_path)
    with place.database.writing() as session:
        key = make_key(session, "probe", Role.SUPERVISOR, None, datetime.now(UTC))
    place.database.close()
    port, printed = free_port(), tmp_path.parent / f"{tmp_path.name}.printed"
    environment = {**os.environ, "WHISTLE_HOME": str(tmp_path), "WHISTLE_PORT": str(port), "WHISTLE_OIDC_ISSUER": "http://127.0.0.1:9", "WHISTLE_OIDC_CLIENT_ID": "x", "WHISTLE_OIDC_CLIENT_SECRET": CANARY}
    with printed.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "desk.server"], env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            statuses = _talk(f"http://127.0.0.1:{port}", key, label, process)
        finally:
            process.terminate()
            process.wait(20)
    assert {200, 201, 401, 404, 422} <= statuses
    said = printed.read_text(errors="replace")
    assert "oidc refused" in said, "the log was listened to"
    assert sings(said) == [] and key not in said
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [each for each in PIECES[:3] if each.encode() in content], file


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _talk(base: str, key: str, label: str, process: "subprocess.Popen[bytes]") -> set[int]:
    own = {"Authorization": f"Bearer {key}", "Idempotency-Key": "canary-key-1"}
    with httpx.Client(base_url=base, timeout=30) as client:
        _wait_until_it_answers(client, process)
        return {
            client.post("/api/v1/cases", json={"text": CANARY, "child": TYPED}, headers=own).status_code,
            client.post("/api/v1/cases", json={"text": [CANARY]}, headers=own).status_code,
            client.get(f"/api/v1/cases/{label}/words?purpose=handling&full=true", headers=own).status_code,
            client.get(f"/api/v1/cases/{CANARY}", headers={"Authorization": f"Bearer {CANARY.encode().hex()}"}).status_code,
            client.get(f"/{CANARY}?q={CANARY}").status_code,
            client.get(f"/sign-in/oidc/back?code={CANARY}&state={CANARY}").status_code,
            client.get("/sign-in/oidc").status_code,
            client.post("/sign-in", data={"name": CANARY, "password": CANARY}).status_code,
            client.post(f"/cases/{label}/suggestion", headers=own).status_code,
        }


def _wait_until_it_answers(client: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, "the desk ended by itself"
        try:
            client.get("/health/live")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the desk did not answer within a minute")


def test_a_canary_would_be_heard() -> None:
    for text in (CANARY, f"x{quote(CANARY)}y", quote(quote(CANARY)), CANARY.upper()):
        assert sings(text), text
