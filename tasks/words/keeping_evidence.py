"""Files that departments send: looked at, hashed, sealed with the case's key, never opened by the desk itself.

What a file is, is told by its first bytes, not by its name or by what the sender says of it. There are no
programs, archives, office documents, SVG or HTML: nothing that does something when it is opened.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models import journal
from models.case import Case
from models.exchange import Evidence
from models.house import AccessLog
from models.vocabulary import EventKind, Purpose, ReadOf
from tasks.casebook import edit_beside_worker
from tasks.news.inbox import NewsNotAllowedError, Speaker, find_case, part_of
from tasks.words.entitlement import Piece
from tasks.words.reading import ReadingNotAllowedError, readable_to
from tasks.workplace import Workplace

LARGEST_BYTES = 10 * 1024 * 1024
MOST_FILES = 20
"""Of one unit on one case."""
_FORMS: tuple[tuple[str, tuple[str, ...], int, bytes], ...] = (
    ("image/jpeg", (".jpg", ".jpeg"), 0, b"\xff\xd8\xff"),
    ("image/png", (".png",), 0, b"\x89PNG\r\n\x1a\n"),
    ("application/pdf", (".pdf",), 0, b"%PDF-"),
    ("audio/mpeg", (".mp3",), 0, b"ID3"),
    ("audio/mpeg", (".mp3",), 0, b"\xff\xfb"),
    ("audio/wav", (".wav",), 8, b"WAVE"),
    ("video/mp4", (".mp4", ".m4a", ".mov"), 4, b"ftyp"),
)
ACCEPTED = ".jpg,.jpeg,.png,.pdf,.mp3,.wav,.mp4,.m4a,.mov"
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|RichMedia|XFA)\b")


class FileRefusedError(ValueError):
    """A file is not kept; `code` says why, nothing of its name or content is repeated."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Kept:
    """One file as a list shows it; `name` is what its sender called it."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    at: datetime
    department: str | None


def media_type_of(name: str, content: bytes) -> str:
    """What a file is by its first bytes.

    Raises:
        FileRefusedError: Empty, too large, of a form that is not taken, or not what its name says.
    """
    if not content:
        raise FileRefusedError("empty")
    if len(content) > LARGEST_BYTES:
        raise FileRefusedError("too_large")
    fitting = [(kind, endings) for kind, endings, at, magic in _FORMS if content[at : at + len(magic)] == magic]
    if not fitting:
        raise FileRefusedError("form")
    kind, endings = fitting[0]
    if not name.casefold().endswith(endings):
        raise FileRefusedError("name_and_content")
    if kind == "application/pdf" and _ACTIVE_PDF.search(content):
        raise FileRefusedError("active")
    return kind


def clean_name(name: str) -> str:
    """A file's own name without folders, control characters and tricks of direction; at most 80 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFKC", name))[-1]
    shown = "".join(each for each in last if each.isprintable() and unicodedata.category(each) != "Cf").strip(" .")
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[:70]}{dot}{ending[:9]}" if stem else "file"


def keep_evidence(
    place: Workplace, label: str, speaker: Speaker, name: str, content: bytes, upload_key: str, now: datetime
) -> str:
    """Keep one file; sent again with the same key it is kept once.

    Returns:
        Its SHA-256 in hex, which the journal has too.

    Raises:
        FileRefusedError: The file is not taken, or there are too many.
        CaseNotFoundError: No such case, or the speaker's department has no part in it.
        NewsNotAllowedError: The speaker is no department.
    """
    shown = clean_name(name)
    media_type, digest = media_type_of(shown, content), hashlib.sha256(content).hexdigest()
    with place.database.reading() as session:
        case = find_case(session, label, speaker)
        part = part_of(session, case, speaker)
        if part is None:
            raise NewsNotAllowedError("evidence comes from departments")
        case_id, unit = case.id, part.department

    def store(session: Session, case: Case) -> None:
        key = f"{case.id}:{upload_key}"
        if session.exec(select(Evidence.id).where(Evidence.upload_key == key)).first() is not None:
            return
        count = select(func.count()).select_from(Evidence).where(Evidence.case_id == case.id, Evidence.department == unit)
        if session.exec(count).one() >= MOST_FILES:
            raise FileRefusedError("too_many")
        session.add(
            Evidence(
                case_id=case.id, media_type=media_type, size_bytes=len(content), sha256=digest, at=now, by=speaker.actor,
                department=unit, upload_key=key,
                content_ct=place.vault.seal_bytes(case.id, case.wrapped_key, f"evidence.{digest}", content),
                name_ct=place.vault.seal(case.id, case.wrapped_key, f"evidence.{digest}.name", shown),
            )
        )  # fmt: skip
        journal.write(
            session, case, EventKind.EVIDENCE_KEPT, now, speaker.actor, sha256=digest, size=len(content), form=media_type
        )

    edit_beside_worker(place, case_id, store)
    return digest


def list_evidence(place: Workplace, session: Session, case: Case, department: str | None = None) -> tuple[Kept, ...]:
    """The files of a case, or of one department's part of it, oldest first; the content stays sealed."""
    wanted = select(Evidence).where(Evidence.case_id == case.id).order_by(col(Evidence.id))
    if department is not None:
        wanted = wanted.where(Evidence.department == department)
    return tuple(
        Kept(
            each.id or 0,
            place.vault.open(case.id, case.wrapped_key, f"evidence.{each.sha256}.name", each.name_ct) if each.name_ct else "",
            each.media_type, each.size_bytes, each.sha256, each.at, each.department,
        )
        for each in session.exec(wanted)
    )  # fmt: skip


def open_evidence(place: Workplace, label: str, evidence: int, speaker: Speaker, now: datetime) -> tuple[str, bytes]:
    """The name and the content of one file, for the seat; on record before it is given, compared with its hash.

    Raises:
        CaseNotFoundError: No such case for this speaker.
        ReadingNotAllowedError: The speaker may not read evidence, or the case has no such file.
        SealedForeverError: The case has been sealed.
    """
    with place.database.writing() as session:
        case = find_case(session, label, speaker)
        kept = session.get(Evidence, evidence)
        allowed = Piece.EVIDENCE in readable_to(session, case, speaker, now)
        session.add(
            AccessLog(
                at=now, client=speaker.client, case_id=case.id, what=ReadOf.EVIDENCE, purpose=Purpose.HANDLING, allowed=allowed,
                subject=str(evidence),
            )
        )  # fmt: skip
    if not allowed or kept is None or kept.case_id != case.id:
        raise ReadingNotAllowedError("there is no such file for you")
    with place.database.reading() as session:
        content = place.vault.open_bytes(case.id, case.wrapped_key, f"evidence.{kept.sha256}", kept.content_ct)
        name = place.vault.open(case.id, case.wrapped_key, f"evidence.{kept.sha256}.name", kept.name_ct or b"")
    if hashlib.sha256(content).hexdigest() != kept.sha256:
        raise ReadingNotAllowedError("the file is not the one that was kept")
    return name, content
