"""Alerts through real Apprise: a real HTTP receiver, a real mail server, a real file."""

import json
import logging
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from models.case import Case
from models.database import Database
from models.exchange import Notice
from models.tables import METADATA
from models.vocabulary import Ask, Grade, NoticeState
from notifications.channels import Channels, load_channels
from notifications.json_lines import append_line
from notifications.messages import Alert, Language, message_of
from notifications.outbox import (
    LEASE,
    NoticeNotDeadError,
    Sent,
    anything_due,
    claim_due,
    dead_letters,
    oldest_waiting,
    put_back,
    record,
    resend,
)
from notifications.sending import NOTIFY_TYPES, send_due, unusable_channels

NOON = datetime(2024, 5, 10, 4, 0, tzinfo=UTC)  # Friday, 12:00 in Beijing
LINK = "https://desk.example.org/o/Zk3"

FILE = """\
default: file
channels:
  file:
    url: jsonl://localhost${WHISTLE_HOME}/alerts.jsonl
    language: en
    max_attempts: 2
  main:
    url: ${MAIN}
    language: en
    fallback: file
    max_attempts: 2
    back_off: {base_seconds: 10, factor: 3, cap_seconds: 900}
    timeout_seconds: 0.4
  slow:
    url: ${SLOW}
    language: en
    quiet_hours: {from: "21:00", to: "07:00", zone: Asia/Shanghai}
    digest_minutes: 15
    max_attempts: 2
  mail:
    url: ${MAIL}
    language: zh
  full:
    url: jsonl://localhost/dev/full
    max_attempts: 1
  folder:
    url: jsonl://localhost${WHISTLE_HOME}
    max_attempts: 2
  nonsense:
    url: nonsense://there
    max_attempts: 1
recipients:
  EDU: main
  CIVIL: slow
  HEALTH: mail
  FIRE: full
  SPORT: folder
  PRESS: nonsense
  POLICE: file
  ADMINISTRATOR: file
"""


@dataclass
class Receiver:
    """An HTTP service that remembers what it was told; `answer` is its status code."""

    url: str
    answer: int = 200
    told: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    hold: Event | None = None

    @property
    def ids(self) -> list[str]:
        return [headers["X-Whistle-Notice"] for headers, _ in self.told]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if receiver.hold:
                receiver.hold.wait(5)
            receiver.told.append((dict(self.headers), said))
            self.send_response(receiver.answer)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"json://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield receiver
    if receiver.hold:
        receiver.hold.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        yield one


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    METADATA.create_all(database.engine)
    yield database
    database.close()


def channels_of(home: Path, **environment: str) -> Channels:
    path = home / "channels.yaml"
    path.write_text(FILE, encoding="utf-8")
    return load_channels(path, environment, home)


def put(
    database: Database,
    recipient: str,
    key: str,
    grade: Grade = Grade.U1,
    *,
    ask: Ask = Ask.ACCEPT_ORDER,
    ready: datetime = NOON,
    case_id: UUID | None = None,
) -> int:
    with database.writing() as session:
        notice = Notice(
            case_id=case_id,
            case_label="W-000123",
            dedupe_key=key,
            recipient=recipient,
            ask=ask,
            grade=grade,
            due_at=NOON + timedelta(hours=1),
            link=LINK,
            created_at=ready,
            next_try_at=ready,
        )
        session.add(notice)
        session.flush()
        assert notice.id is not None
        return notice.id


def put_case(database: Database) -> UUID:
    with database.writing() as session:
        case = Case(source="test", received_at=NOON)
        session.add(case)
        return case.id


def row(database: Database, notice_id: int) -> Notice:
    with database.reading() as session:
        notice = session.get(Notice, notice_id)
    assert notice is not None
    return notice


def notices(database: Database) -> list[Notice]:
    with database.reading() as session:
        return list(session.execute(select(Notice)).scalars())


def lines(home: Path) -> list[dict[str, Any]]:
    path = home / "alerts.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def body(grade: Grade = Grade.U1, language: Language = Language.EN, ask: Ask = Ask.ACCEPT_ORDER) -> str:
    due = NOON + timedelta(hours=1) if ask is not Ask.DEAD_LETTER else None
    return message_of(Alert("W-000123", grade, ask, due, LINK), language).body


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


# --- what arrives -------------------------------------------------------------------------------


def test_a_file_gets_one_line_with_the_allowed_facts_and_nothing_else(
    database: Database, tmp_path: Path
) -> None:
    notice = put(database, "POLICE", "order:1")
    assert send_due(database, channels_of(tmp_path), NOON) == Sent(sent=1)
    assert lines(tmp_path) == [
        {
            "id": "order:1",
            "recipient": "POLICE",
            "at": "2024-05-10T04:00:00+00:00",
            "title": "W-000123 U1 Accept the order",
            "body": "Case: W-000123\nGrade: U1\nAsked: Accept the order\n"
            "Due: Fri 2024-05-10 13:00 (Beijing time)\nLink: https://desk.example.org/o/Zk3",
        }
    ]
    after = row(database, notice)
    assert (after.state, after.attempts, after.channel) == (NoticeState.SENT, 1, "file")
    assert (after.sent_at, after.error_code, after.sending_until) == (NOON, None, None)
    assert (tmp_path / "alerts.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_http_receiver_gets_the_id_and_the_allowed_facts(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    put(database, "EDU", "order:2", Grade.U0)
    assert send_due(database, channels_of(tmp_path, MAIN=receiver.url), NOON) == Sent(sent=1)
    [(headers, said)] = receiver.told
    assert headers["X-Whistle-Notice"] == "order:2"
    assert said == {
        "version": "1.0",
        "title": "W-000123 U0 Accept the order",
        "message": body(Grade.U0),
        "attachments": [],
        "type": "failure",
        "id": "order:2",
    }


@contextmanager
def mail_server() -> Iterator[tuple[str, list[Mail]]]:
    mails: list[Mail] = []

    class Keep:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            mails.append(message_from_bytes(envelope.content))
            return "250 kept"

    controller = Controller(Keep(), hostname="127.0.0.1", port=unused_port())
    controller.start()
    yield f"mailto://127.0.0.1:{controller.port}?from=desk@example.org&to=duty@example.org", mails
    controller.stop()


def test_a_mail_is_plain_text_with_the_id_in_a_header(database: Database, tmp_path: Path) -> None:
    put(database, "HEALTH", "order:3", Grade.U2)
    with mail_server() as (url, mails):
        assert send_due(database, channels_of(tmp_path, MAIL=url), NOON) == Sent(sent=1)
    [mail] = mails
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n").rstrip("\n") == body(Grade.U2, Language.ZH)
    assert str(make_header(decode_header(mail["Subject"]))) == "W-000123 U2 请签收承办单"
    assert mail.get_content_type() == "text/plain"
    assert mail["X-Whistle-Notice"] == "order:3"
    assert mail["To"] == "duty@example.org"


def test_every_grade_has_a_loudness() -> None:
    assert set(NOTIFY_TYPES) == set(Grade)


def test_an_unknown_recipient_is_told_by_the_default_and_the_notice_says_so(
    database: Database, tmp_path: Path
) -> None:
    notice = put(database, "NOBODY", "order:4")
    assert send_due(database, channels_of(tmp_path), NOON) == Sent(sent=1)
    assert [line["id"] for line in lines(tmp_path)] == ["order:4"]
    assert row(database, notice).error_code == "RECIPIENT_UNKNOWN"


def test_nothing_is_sent_twice_or_before_its_time(database: Database, tmp_path: Path) -> None:
    channels = channels_of(tmp_path)
    put(database, "POLICE", "order:5", ready=NOON + timedelta(seconds=1))
    assert send_due(database, channels, NOON) == Sent()
    assert send_due(database, channels, NOON + timedelta(seconds=1)) == Sent(sent=1)
    assert send_due(database, channels, NOON + timedelta(days=1)) == Sent()
    assert len(lines(tmp_path)) == 1


def test_only_the_wanted_cases_alerts_go_out_and_never_more_than_the_limit(
    database: Database, tmp_path: Path
) -> None:
    channels = channels_of(tmp_path)
    mine, other = put_case(database), put_case(database)
    put(database, "POLICE", "mine", case_id=mine)
    put(database, "POLICE", "routine", Grade.UC, case_id=other)
    put(database, "POLICE", "general", Grade.U3, case_id=other)
    put(database, "POLICE", "several", Grade.U4, case_id=other)
    put(database, "POLICE", "grave", Grade.U0, case_id=other)
    send_due(database, channels, NOON, only_case=mine)
    send_due(database, channels, NOON, limit=2)
    assert [line["id"] for line in lines(tmp_path)] == ["mine", "grave", "several"]


# --- what fails ---------------------------------------------------------------------------------


def test_a_channel_that_is_down_is_tried_again_until_it_is_up(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    channels = channels_of(tmp_path, MAIN=receiver.url)
    notice = put(database, "EDU", "order:6")
    receiver.answer = 503
    assert send_due(database, channels, NOON) == Sent(waiting=1)
    waiting = row(database, notice)
    assert (waiting.state, waiting.attempts, waiting.error_code) == (
        NoticeState.WAITING,
        1,
        "CHANNEL_REFUSED",
    )
    assert waiting.next_try_at == NOON + timedelta(seconds=10)

    receiver.answer = 200
    assert send_due(database, channels, NOON + timedelta(seconds=9)) == Sent()
    assert send_due(database, channels, NOON + timedelta(seconds=10)) == Sent(sent=1)
    assert receiver.ids == ["order:6", "order:6"]
    assert row(database, notice).error_code is None
    assert lines(tmp_path) == []


def test_after_its_attempts_the_fallback_is_tried_at_once_and_the_notice_says_why(
    database: Database, tmp_path: Path
) -> None:
    channels = channels_of(tmp_path, MAIN=f"json://127.0.0.1:{unused_port()}")
    notice = put(database, "EDU", "order:7")
    now = NOON
    assert send_due(database, channels, now) == Sent(waiting=1)
    now += timedelta(seconds=10)
    assert send_due(database, channels, now) == Sent(waiting=1)
    assert row(database, notice).next_try_at == now
    assert send_due(database, channels, now) == Sent(sent=1)
    assert [line["id"] for line in lines(tmp_path)] == ["order:7"]
    after = row(database, notice)
    assert (after.channel, after.attempts, after.error_code) == ("file", 3, "CHANNEL_REFUSED")


def test_a_silent_channel_is_a_timeout_and_the_rest_of_its_queue_does_not_wait_for_it(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.hold = Event()
    silent = [put(database, "EDU", f"silent:{n}") for n in range(8)]
    put(database, "POLICE", "loud")
    started = time.monotonic()
    outcome = send_due(database, channels_of(tmp_path, MAIN=receiver.url), NOON)
    assert outcome == Sent(sent=1, waiting=8)
    assert time.monotonic() - started < 2.5  # one time-out of 0.4 s, not eight
    assert {row(database, notice).error_code for notice in silent} == {"CHANNEL_TIMEOUT"}
    assert [line["id"] for line in lines(tmp_path)] == ["loud"]


@pytest.mark.parametrize(
    ("recipient", "code"),
    [("FIRE", "DISK_FULL"), ("PRESS", "CHANNEL_URL_NOT_VALID")],
)
def test_a_dead_letter_tells_the_administrator_exactly_once(
    database: Database, tmp_path: Path, recipient: str, code: str
) -> None:
    channels = channels_of(tmp_path)
    notice = put(database, recipient, "order:8", Grade.U2)
    assert send_due(database, channels, NOON) == Sent(dead=1)
    dead = row(database, notice)
    assert (dead.state, dead.error_code, dead.attempts) == (NoticeState.DEAD, code, 1)
    assert send_due(database, channels, NOON) == Sent(sent=1)
    [line] = lines(tmp_path)
    assert (line["id"], line["recipient"]) == (f"dead:{notice}", "ADMINISTRATOR")
    assert line["body"] == body(Grade.U2, ask=Ask.DEAD_LETTER)

    resend(database, notice, NOON)
    assert send_due(database, channels, NOON) == Sent(dead=1)
    assert send_due(database, channels, NOON) == Sent()
    assert len(notices(database)) == 2


def test_a_dead_letter_about_a_dead_letter_is_never_made(database: Database, tmp_path: Path) -> None:
    put(database, "FIRE", "dead:99", ask=Ask.DEAD_LETTER)
    assert send_due(database, channels_of(tmp_path), NOON) == Sent(dead=1)
    assert len(notices(database)) == 1


def test_a_dead_letter_can_be_seen_and_sent_again_when_the_way_is_free(
    database: Database, tmp_path: Path
) -> None:
    channels = channels_of(tmp_path)
    notice = put(database, "SPORT", "order:9")
    now = NOON
    for _ in range(2):
        send_due(database, channels, now)
        now += timedelta(hours=1)
    with database.reading() as session:
        assert [each.id for each in dead_letters(session)] == [notice]
    assert row(database, notice).error_code == "CHANNEL_REFUSED"

    mended = FILE.replace("${WHISTLE_HOME}\n", "${WHISTLE_HOME}/s.jsonl\n")
    path = tmp_path / "mended.yaml"
    path.write_text(mended, encoding="utf-8")
    resend(database, notice, now)
    send_due(database, load_channels(path, {}, tmp_path), now)
    assert json.loads((tmp_path / "s.jsonl").read_text("utf-8"))["id"] == "order:9"
    assert (row(database, notice).state, row(database, notice).error_code) == (NoticeState.SENT, None)
    with pytest.raises(NoticeNotDeadError, match=f"notice {notice} is not a dead letter"):
        resend(database, notice, now)


def test_the_oldest_waiting_alert_can_be_asked_for(database: Database, tmp_path: Path) -> None:
    with database.reading() as session:
        assert oldest_waiting(session) is None
    put(database, "POLICE", "second", ready=NOON + timedelta(seconds=5))
    put(database, "POLICE", "first")
    with database.reading() as session:
        first = oldest_waiting(session)
    assert first is not None
    assert first.dedupe_key == "first"
    send_due(database, channels_of(tmp_path), NOON + timedelta(hours=1))
    with database.reading() as session:
        assert oldest_waiting(session) is None


def test_an_alert_that_somebody_holds_is_not_due_before_the_claim_runs_out(database: Database) -> None:
    notice = put(database, "POLICE", "held")
    with database.writing() as session:
        held = session.get(Notice, notice)
        assert held is not None
        held.state, held.sending_until = NoticeState.SENDING, NOON + timedelta(minutes=2)
    with database.reading() as session:
        assert not anything_due(session, NOON + timedelta(hours=1), NOON)
        assert anything_due(session, NOON, NOON + timedelta(minutes=2))


def test_a_full_disk_is_a_failure_and_the_alert_goes_out_when_there_is_room(tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    append_line(file, b'{"id": 1}\n')
    with pytest.raises(OSError, match="No space left"):
        append_line(Path("/dev/full"), b'{"id": 2}\n')
    append_line(file, b'{"id": 2}\n')
    assert file.read_bytes() == b'{"id": 1}\n{"id": 2}\n'


def test_a_line_that_a_crash_cut_short_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    file.write_bytes(b'{"id": 1}\n{"id":')
    append_line(file, b'{"id": 3}\n')
    assert file.read_bytes() == b'{"id": 1}\n{"id":\n{"id": 3}\n'


def test_a_line_that_the_disk_takes_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "alerts.jsonl"
    append_line(file, b'{"id": 1}\n')
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: whole_write(handle, line[:4]))
    with pytest.raises(OSError, match="written in part"):
        append_line(file, b'{"id": 2}\n')
    assert file.read_bytes() == b'{"id": 1}\n'


def test_addresses_apprise_cannot_read_are_listed_for_the_doctor(tmp_path: Path) -> None:
    assert unusable_channels(channels_of(tmp_path)) == ["PRESS: nonsense"]


def test_an_address_cannot_switch_failures_off(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answer = 500
    put(database, "EDU", "order:10")
    channels = channels_of(tmp_path, MAIN=f"{receiver.url}?optional=yes&retry=5")
    assert send_due(database, channels, NOON) == Sent(waiting=1)
    assert len(receiver.told) == 1


def test_neither_logs_nor_the_database_hold_a_channels_secrets(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = unused_port()
    put(database, "EDU", "order:11")
    put(database, "POLICE", "order:12")
    send_due(database, channels_of(tmp_path, MAIN=f"json://me:hunter2@127.0.0.1:{port}/s3cret"), NOON)
    said = [record.getMessage() for record in caplog.records if record.name == "whistle.alerts"]
    assert sorted(said) == [
        "W-000123 U1 accept_order not told to EDU by main: CHANNEL_REFUSED",
        "W-000123 U1 accept_order told to POLICE by file",
    ]
    everything = caplog.text + "".join(each.model_dump_json() for each in notices(database))
    assert re.search("hunter2|s3cret|" + str(port), everything) is None
    assert LINK not in caplog.text


# --- quiet hours and digests --------------------------------------------------------------------


def test_routine_alerts_of_one_recipient_travel_as_one_digest(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    channels = channels_of(tmp_path, SLOW=receiver.url)
    ready = NOON + timedelta(minutes=1)
    grades = (Grade.UC, Grade.U3, Grade.U4)
    ids = [put(database, "CIVIL", f"d:{grade}", grade, ready=ready) for grade in grades]
    assert send_due(database, channels, ready) == Sent(waiting=3)
    assert row(database, ids[0]).next_try_at == NOON + timedelta(minutes=15)
    assert (row(database, ids[0]).attempts, row(database, ids[0]).state) == (0, NoticeState.WAITING)
    assert send_due(database, channels, NOON + timedelta(minutes=15) - timedelta(seconds=1)) == Sent()

    assert send_due(database, channels, NOON + timedelta(minutes=15, seconds=2)) == Sent(sent=3)
    [(headers, said)] = receiver.told
    assert re.fullmatch("digest:[0-9a-f]{32}", headers["X-Whistle-Notice"])
    assert said["title"] == "3 alerts"
    assert said["message"] == "\n\n".join(body(grade) for grade in (Grade.U4, Grade.U3, Grade.UC))
    assert said["type"] == "info"


def test_a_grave_alert_never_joins_a_digest_nor_waits_for_the_morning(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    channels = channels_of(tmp_path, SLOW=receiver.url)
    night = datetime(2024, 5, 10, 18, 1, tzinfo=UTC)  # Saturday, 02:01 in Beijing
    for grade in Grade:
        put(database, "CIVIL", f"n:{grade}", grade, ready=night)
    assert send_due(database, channels, night) == Sent(sent=3, waiting=3)
    assert receiver.ids == ["n:U0", "n:U1", "n:U2"]
    morning = datetime(2024, 5, 10, 23, 0, tzinfo=UTC)
    assert send_due(database, channels, morning - timedelta(seconds=1)) == Sent()
    assert send_due(database, channels, morning) == Sent(sent=3)
    assert len(receiver.told) == 4


def test_a_pass_that_comes_late_does_not_wake_anybody(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    evening = datetime(2024, 5, 10, 12, 45, tzinfo=UTC)  # Friday, 20:45 in Beijing: a digest is due
    notice = put(database, "CIVIL", "late", Grade.U3, ready=evening)
    channels = channels_of(tmp_path, SLOW=receiver.url)
    assert send_due(database, channels, evening + timedelta(minutes=15)) == Sent(waiting=1)
    assert row(database, notice).next_try_at == datetime(2024, 5, 10, 23, 0, tzinfo=UTC)
    assert receiver.told == []


def test_a_digest_that_failed_is_repeated_whole_under_the_same_id(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    channels = channels_of(tmp_path, SLOW=receiver.url)
    receiver.answer = 500
    for n in range(3):
        put(database, "CIVIL", f"d:{n}", Grade.U3)
    assert send_due(database, channels, NOON) == Sent(waiting=3)
    put(database, "CIVIL", "newcomer", Grade.U3, ready=NOON + timedelta(minutes=1))
    receiver.answer = 200
    quarter = NOON + timedelta(minutes=15)
    # The limit would cut the digest in three; it travels whole all the same.
    assert send_due(database, channels, quarter, limit=1) == Sent(sent=3)
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.told[0][1]["message"] == receiver.told[1][1]["message"]
    assert send_due(database, channels, quarter) == Sent(sent=1)
    assert receiver.ids[2] == "newcomer"


def test_a_long_digest_is_cut_into_several(database: Database, tmp_path: Path, receiver: Receiver) -> None:
    for n in range(120):
        put(database, "CIVIL", f"d:{n}", Grade.U3)
    assert send_due(database, channels_of(tmp_path, SLOW=receiver.url), NOON) == Sent(sent=120)
    assert [said["title"] for _, said in receiver.told] == ["50 alerts", "50 alerts", "20 alerts"]


# --- crashes and races --------------------------------------------------------------------------


def test_a_crash_between_delivery_and_storing_sends_again_with_the_same_id(
    database: Database, tmp_path: Path, receiver: Receiver
) -> None:
    channels = channels_of(tmp_path, SLOW=receiver.url)
    for n in range(2):
        put(database, "CIVIL", f"d:{n}", Grade.U3)
    [crashed], held = claim_due(database, channels, NOON, limit=10)
    assert held == 0
    assert send_due(database, channels, NOON + LEASE - timedelta(seconds=1)) == Sent()
    put(database, "CIVIL", "d:2", Grade.U3)
    after = NOON + LEASE
    assert send_due(database, channels, after) == Sent(sent=3)
    assert receiver.ids[0] == crashed.key
    assert receiver.ids[1] == "d:2"


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    channels = channels_of(tmp_path)
    notice = put(database, "POLICE", "order:13")
    [slow], _ = claim_due(database, channels, NOON, limit=10)
    assert send_due(database, channels, NOON + LEASE) == Sent(sent=1)
    before = row(database, notice).model_dump()
    assert record(database, channels, slow, None, NOON + LEASE) == Sent()
    assert put_back(database, slow) == Sent()
    assert row(database, notice).model_dump() == before


def test_an_alert_superseded_while_being_sent_stays_superseded(database: Database, tmp_path: Path) -> None:
    channels = channels_of(tmp_path)
    notice = put(database, "POLICE", "order:14")
    [parcel], _ = claim_due(database, channels, NOON, limit=10)
    with database.writing() as session:
        session.get_one(Notice, notice).state = NoticeState.SUPERSEDED
    assert record(database, channels, parcel, None, NOON) == Sent()
    assert row(database, notice).state is NoticeState.SUPERSEDED


def test_a_parcel_put_back_can_be_claimed_at_once(database: Database, tmp_path: Path) -> None:
    channels = channels_of(tmp_path)
    notice = put(database, "POLICE", "order:15")
    [parcel], _ = claim_due(database, channels, NOON, limit=10)
    assert put_back(database, parcel) == Sent(waiting=1)
    assert row(database, notice).attempts == 0
    assert send_due(database, channels, NOON) == Sent(sent=1)


def test_a_rehearsals_fast_clock_does_not_run_leases_out(database: Database, tmp_path: Path) -> None:
    channels = channels_of(tmp_path)
    put(database, "POLICE", "order:16")
    wall = datetime(2030, 1, 1, tzinfo=UTC)
    claim_due(database, channels, NOON, limit=10, wall_now=wall)
    month_later = NOON + timedelta(days=30)
    assert send_due(database, channels, month_later, wall_now=wall + timedelta(seconds=1)) == Sent()
    assert send_due(database, channels, month_later, wall_now=wall + LEASE) == Sent(sent=1)


def test_racing_workers_send_each_alert_once(database: Database, tmp_path: Path) -> None:
    channels = channels_of(tmp_path)
    for n in range(60):
        put(database, "POLICE", f"race:{n}")

    def work(_: int) -> int:
        sent = 0
        while found := send_due(database, channels, NOON, limit=5).sent:
            sent += found
        return sent

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(work, range(4)))
    assert sum(sent) == 60
    assert sorted(line["id"] for line in lines(tmp_path)) == sorted(f"race:{n}" for n in range(60))


def test_many_writers_may_share_one_file(tmp_path: Path) -> None:
    file = tmp_path / "alerts.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append_line(file, json.dumps({"id": n}).encode() + b"\n"), range(80)))
    assert sorted(json.loads(line)["id"] for line in file.read_text().splitlines()) == list(range(80))
