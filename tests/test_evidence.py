"""Files from departments: what is taken, what is refused, that they are sealed, and who opens them."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from desk.api.guard import FILE_LIMIT_BYTES
from desk.pages.evidence import FILE_PROBLEMS
from desk.pages.translation import say
from models import journal
from models.exchange import Evidence
from models.house import AccessLog
from models.vocabulary import EventKind, Status
from notifications.messages import Language
from tasks.casebook import editing
from tasks.words.keeping_evidence import (
    LARGEST_BYTES,
    MOST_FILES,
    FileRefusedError,
    clean_name,
    media_type_of,
)
from tests.api_desk import NOW, ApiDesk, api_desk

JPEG = b"\xff\xd8\xff\xe0" + b"CANARY-photo" * 40
PDF = b"%PDF-1.7\nCANARY-report"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def number(desk: ApiDesk) -> str:
    found = desk.take_in(text="x")
    desk.change(found, status=Status.ACCEPTED)
    return found


def send(desk: ApiDesk, token: str, name: str, content: bytes, once: str = "a" * 20) -> httpx.Response:
    files = {"file": (name, content, "text/html")}
    return desk.client.post(f"/o/{token}/evidence?lang=en", data={"once": once}, files=files, follow_redirects=False)


def kept(desk: ApiDesk) -> list[Evidence]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Evidence)))


def test_a_photo_is_hashed_sealed_journaled_and_comes_back_byte_for_byte(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    assert send(desk, token, "现场 CANARY-name.jpg", JPEG).status_code == 303
    [file] = kept(desk)
    digest = hashlib.sha256(JPEG).hexdigest()
    assert (file.sha256, file.media_type, file.size_bytes, file.department) == (digest, "image/jpeg", len(JPEG), "EDU")
    stored = b"".join(each.read_bytes() for each in desk.place.settings.home.glob("cases.db*"))
    assert b"CANARY-photo" not in stored and b"CANARY-name" not in stored
    with editing(desk.place, file.case_id) as (session, case):
        entry = [each for each in journal.entries_of(session, case.id) if each.kind is EventKind.EVIDENCE_KEPT]
    assert entry[0].facts["sha256"] == digest and entry[0].actor == "department:EDU"
    page = desk.client.get(f"/o/{token}?lang=en").text
    assert digest[:12] in page and "CANARY-name" not in page, "a name is somebody's words"
    assert "CANARY-name.jpg" in desk.client.post(f"/o/{token}/words?lang=en").text
    back = desk.client.post(f"/cases/{number}/evidence/{file.id}", headers=desk.headers("operator"))
    assert back.content == JPEG
    assert back.headers["content-type"] == "application/octet-stream"
    assert back.headers["content-disposition"].startswith("attachment") and "sandbox" in back.headers["content-security-policy"]
    assert back.headers["x-content-type-options"] == "nosniff"
    with desk.place.database.reading() as session:
        [read] = session.exec(select(AccessLog).where(AccessLog.what == "evidence")).all()
    assert read.allowed


def test_a_double_click_keeps_one(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    for _ in range(2):
        assert send(desk, token, "a.pdf", PDF).status_code == 303
    assert len(kept(desk)) == 1


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 5_000_000)
    return packed.getvalue()


REFUSED = [
    ("virus.exe", b"MZ\x90\0" + b"x" * 50, "form"),
    ("page.html", b"<script>alert(1)</script>", "form"),
    ("drawing.svg", b"<svg onload='x'/>", "form"),
    ("bomb.zip", zip_bomb(), "form"),
    ("bomb.jpg", zip_bomb(), "form"),
    ("letter.docx", b"PK\x03\x04" + b"x" * 50, "form"),
    ("photo.jpg.exe", JPEG, "name_and_content"),
    ("photo.png", JPEG, "name_and_content"),
    ("script.pdf", PDF + b"/OpenAction << /JavaScript (x) >>", "active"),
    ("empty.jpg", b"", "empty"),
]


@pytest.mark.parametrize(("name", "content", "code"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_could_do_harm_is_refused_and_nothing_is_kept(desk: ApiDesk, number: str, name: str, content: bytes, code: str) -> None:
    answer = send(desk, desk.assign(number, "EDU"), name, content)
    assert answer.status_code == 422 and say(FILE_PROBLEMS[code], Language.EN) in answer.text
    assert kept(desk) == []


def test_size_and_number_are_bounded(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    assert send(desk, token, "a.jpg", JPEG[:4] + b"\0" * LARGEST_BYTES).status_code == 422
    assert send(desk, token, "a.jpg", JPEG[:4] + b"\0" * FILE_LIMIT_BYTES).status_code == 413
    for each in range(MOST_FILES):
        assert send(desk, token, "a.pdf", PDF, f"{each:020}").status_code == 303
    assert send(desk, token, "a.pdf", PDF, "z" * 20).status_code == 422
    assert len(kept(desk)) == MOST_FILES


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"), ("C:\\temp\\a.jpg", "a.jpg"), ("a\r\nX: y.jpg", "aX: y.jpg"),
        ("exe\u202egpj.jpg", "exegpj.jpg"), ("...", "file"), ("", "file"), ("x" * 300 + ".jpg", "x" * 70 + ".jpg"),
    ],
)  # fmt: skip
def test_names_lose_folders_and_tricks(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=200))
def test_any_name_is_safe(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= 80 and clean.isprintable()
    assert not set(clean) & set("/\\\r\n\0")


@given(st.binary(max_size=64))
def test_any_bytes_are_taken_or_refused_with_a_reason(content: bytes) -> None:
    try:
        media_type_of("a.jpg", content)
    except FileRefusedError as refused:
        assert refused.code in FILE_PROBLEMS


def test_files_are_for_the_seat_of_that_very_case(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    send(desk, token, "a.pdf", PDF)
    [file] = kept(desk)
    other = desk.take_in(text="y")
    path = f"/cases/{number}/evidence/{file.id}"
    assert desk.client.post(path, headers=desk.headers("administrator")).status_code == 403
    assert desk.client.post(path, headers=desk.headers("EDU")).status_code == 403
    assert desk.client.post(path).status_code == 401
    wrong = desk.client.post(f"/cases/{other}/evidence/{file.id}", headers=desk.headers("operator"))
    assert wrong.status_code == 404 and b"CANARY" not in wrong.content
    co_handler = desk.client.get(f"/o/{desk.assign(number, 'POLICE', leads=False)}").text
    assert "a.pdf" not in co_handler, "another unit's file"


def test_a_link_that_ended_takes_no_file(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    assert send(desk, "x" * 22, "a.pdf", PDF).status_code == 404
    desk.change(number, status=Status.CLOSED, closed_at=NOW)
    assert send(desk, token, "a.pdf", PDF).status_code == 409
    assert kept(desk) == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nz\r\n--x--'])
def test_a_broken_form_is_refused_without_a_fault(desk: ApiDesk, number: str, body: bytes) -> None:
    token = desk.assign(number, "EDU")
    answer = desk.client.post(f"/o/{token}/evidence", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422
