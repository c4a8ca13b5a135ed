"""Canaries in every field of words: after a whole life no store and no outlet but the sealed one holds them."""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.case import Case, Person
from models.exchange import Inbox
from models.vocabulary import PersonRole, Role, Status
from tasks.closing import closure
from tasks.news.inbox import Speaker
from tasks.receiving.drafts import keep_draft
from tests.harness.living_desk import LivingDesk
from tests.harness.prefect_server import PrefectServer
from tests.harness.snapshots import snapshot

FLUSHED_SECONDS = 4
"""Prefect writes task runs and events this much later, at most."""

PLANTED: list[str] = []
SUMMARY = "孔雀摘要三号 Peacock-Summary-Xylem"
"""Of other words than the reporter's canaries: a summary that shares any with them is not taken."""


def canary(where: str) -> str:
    """A Chinese and an English word that occur nowhere else, for one field."""
    words = f"金丝雀{where}号麒麟 Canary-{where}-Quokka"
    PLANTED.append(words)
    return words


def person(role: str) -> dict[str, object]:
    """One person, a canary in every field."""
    fields = ("name", "contact", "identity", "address", "note")
    return {**{each: canary(f"{role}{each}") for each in fields}, "may_call_back": True}


def said(where: str) -> str:
    """Words long enough to count as a reply."""
    return f"{canary(where)} 已经办理并告知"


def spellings() -> Iterator[bytes]:
    """Each planted word as a file could hold it: plain, escaped as in JSON, and as UTF-16."""
    for each in (word for planted in PLANTED for word in planted.split()):
        yield each.encode()
        yield json.dumps(each)[1:-1].encode()
        yield each.encode("utf-16-le")


def leaks(contents: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where a canary sings."""
    words = set(spellings())
    return [f"{name}: {word!r}" for name, content in contents for word in words if word in content]


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        yield from ((str(each), each.read_bytes()) for each in folder.rglob("*") if each.is_file())


def live(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> str:
    """A whole life in which everybody talks, and one task fails with the caller's words in its error."""
    PLANTED.append(SUMMARY)
    label = desk.take_in(
        text=canary("text"), answer=canary("answer"), summary=SUMMARY, kind="S09", nature="COMPLAINT",
        reporter=person("reporter"), child=person("child"), suspect=person("suspect"),
    )  # fmt: skip
    desk.run_due()
    desk.say(label, "acknowledged", "EDU", text=canary("acknowledged"))
    desk.say(label, "objected", "EDU", reason="facts_wrong", evidence="DUTIES-7", text=canary("objected"))
    desk.run_due()
    desk.say(label, "objection_decided", "supervisor", upheld=False, text=canary("ruling"))
    desk.run_due()
    desk.say(label, "contacted", "EDU", text=canary("contacted"))
    desk.say(label, "help_asked", "EDU", department="HEALTH", text=canary("help"))
    desk.say(
        label, "extension_asked", "EDU", reason="needs_inspection", days=3, caller_told=True, text=canary("asked")
    )
    desk.run_due()
    desk.say(label, "extension_decided", "supervisor", granted=True, days=3, text=canary("granted"))
    desk.say(label, "safety_recorded", "operator", safety="safe", source="school", text=canary("safety"))
    desk.say(label, "grade_decided", "supervisor", grade="U2", reason="time_critical", text=canary("grade"))
    desk.run_due()
    desk.say(label, "co_replied", "HEALTH", text=said("coreplied"))
    desk.say(label, "replied", "EDU", resolved=True, text=said("replied"))
    _fail_once(desk, label, monkeypatch)
    desk.say(label, "called_back", "operator", reached=True, resolved=True, text=canary("calledback"))
    desk.run_due()
    return label


def leave_beside(desk: LivingDesk) -> None:
    """A silent call with its number and a note, and a form that nobody finished."""
    caller = {"name": canary("silentname"), "contact": canary("silentnumber")}
    desk.take_in(text=canary("silentnote"), call_type="silent", reporter=caller)
    keep_draft(desk.place, "d" * 20, {"text": canary("draft")}, Speaker("test", Role.OPERATOR), desk.now)
    desk.run_due()


def _fail_once(desk: LivingDesk, label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise ValueError(f"cannot judge: {canary('error')}, {PLANTED[0]}")

    with monkeypatch.context() as broken:
        broken.setattr(closure, "what_is_missing", fail)
        desk.run_due()
    assert desk.state(label).type == "FAILED"
    assert str(desk.state(label).message).startswith("Flow run encountered an exception: CaseTaskError: ValueError@")
    assert desk.case(label).failures == 1
    desk.advance(desk.now + timedelta(seconds=10))
    assert desk.case(label).failures == 0


def test_no_word_anybody_said_leaves_the_sealed_columns(
    desk: LivingDesk,
    prefect_server: PrefectServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Prefect's files and log, artifacts, alerts, our database, every logger at DEBUG, standard error."""
    PLANTED.clear()
    caplog.set_level(logging.DEBUG)
    label = live(desk, monkeypatch)
    leave_beside(desk)
    assert desk.case(label).status is Status.CLOSED
    time.sleep(FLUSHED_SECONDS)
    printed = capfd.readouterr()
    stored = snapshot(desk.place.database)
    outlets = [
        *files(prefect_server.home, desk.place.settings.home),
        ("artifacts", json.dumps(desk.artifacts(label), ensure_ascii=False).encode()),
        ("flow run", desk.run(label).model_dump_json().encode()),
        ("alerts", json.dumps(desk.alerts(), ensure_ascii=False).encode()),
        ("rows", repr(stored).encode()),
        ("log", caplog.text.encode()),
        ("printed", (printed.out + printed.err).encode()),
    ]
    assert len(PLANTED) >= 30
    assert any(name.endswith("prefect.db") for name, _ in outlets), "Prefect's database was looked at"
    assert any("cases.db" in name for name, _ in outlets), "and ours"
    assert len(caplog.records) > 500, "every logger was listened to"
    assert leaks(outlets) == []


def test_a_canary_would_be_heard() -> None:
    """The search finds what it looks for, in every spelling."""
    PLANTED.clear()
    words = canary("x")
    for content in (words.encode(), json.dumps({"a": words}).encode(), words.encode("utf-16-le")):
        assert leaks([("here", b"..." + content + b"...")])


def test_everything_planted_is_still_readable_with_the_key(
    desk: LivingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed, not lost: the same words come back from every column."""
    PLANTED.clear()
    label = live(desk, monkeypatch)
    case, vault = desk.case(label), desk.place.vault
    read = {_open(desk, case, "case.text", case.text_ct), _open(desk, case, "case.answer", case.answer_ct), _open(desk, case, "case.summary", case.summary_ct)}
    for each in desk.rows(Person, label):
        for field in ("name", "contact", "identity", "address", "note"):
            read.add(_open(desk, case, f"person.{PersonRole(each.role)}.{field}", getattr(each, f"{field}_ct")))
    for row in desk.rows(Inbox, label):
        read.add(vault.open(case.id, case.wrapped_key, "inbox.text", row.text_ct))
    unread = [each for each in PLANTED if "error" not in each and not any(each in words for words in read)]
    assert unread == []


def _open(desk: LivingDesk, case: Case, place: str, sealed: bytes | None) -> str:
    assert sealed is not None
    return desk.place.vault.open(case.id, case.wrapped_key, place, sealed)
