"""The keys a new desk begins with: one each for an operator, a supervisor and an administrator."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import select

from desk.people.keys import make_key
from models.house import ApiClient
from models.vocabulary import Role
from tasks.workplace import Workplace

FIRST_ROLES = (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)


def make_first_keys(place: Workplace, now: datetime) -> Iterator[str]:
    """Make the first keys unless the desk has ever had any; one line for each, telling its file.

    The files are written before the commit: killed in between, the next start finds no client and
    writes new files over the useless ones. Another process preparing the same database waits for
    this transaction, or its files would replace the good ones.
    """
    folder = place.settings.home / "keys"
    made = []
    with place.database.writing() as session:
        if not place.database.is_sqlite:
            session.execute(text("LOCK TABLE api_client IN EXCLUSIVE MODE"))
        if session.exec(select(ApiClient.id).limit(1)).first() is not None:
            return
        for role in FIRST_ROLES:
            key = make_key(session, f"first {role}", role, None, now)
            made.append((role, _write(folder, role, key)))
    for role, path in made:
        yield f"first {role} key: {path}"


def _write(folder: Path, role: Role, key: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{role}.key"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path
