"""A prepared desk behind its real app, with a key for every role, for the tests of the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from sqlmodel import select

from desk.people.keys import make_key
from models.case import Case
from models.database import Database
from models.exchange import Assignment
from models.house import Department
from models.keeping import unlock
from models.migrations.running import migrate
from models.settings import DeskSettings
from models.vocabulary import Role
from tasks.workplace import Workplace
from tests.harness.front_door import front_door
from tests.small_desk import migrated, shipped_catalogue, shipped_channels, shipped_rules

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DEPARTMENTS = ("EDU", "POLICE", "CIVIL")


class Wall:
    """A clock that a test sets."""

    at = NOW


@dataclass
class ApiDesk:
    """The desk, a client of its app, and the keys by name: the roles and the departments."""

    place: Workplace
    client: TestClient
    keys: dict[str, str]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def headers(self, who: str, key: str | None = None) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.keys[who]}",
            "Idempotency-Key": key or f"test-key-{next(self._numbers)}",
        }

    def get(self, path: str, who: str = "operator", **more: Any) -> httpx.Response:
        answer: httpx.Response = self.client.get(path, headers=self.headers(who), **more)
        return answer

    def post(self, path: str, body: Any, who: str = "operator", key: str | None = None) -> httpx.Response:
        answer: httpx.Response = self.client.post(path, json=body, headers=self.headers(who, key))
        return answer

    def take_in(self, **fields: Any) -> str:
        answer = self.post("/api/v1/cases", {"text": "滑梯坏了", **fields})
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        return number

    def assign(self, number: str, department: str, *, leads: bool = True, **fields: Any) -> str:
        """Give a department its part, and return the token of its link."""
        with self.place.database.writing() as session:
            case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
            part = Assignment(case_id=case.id, department=department, leads=leads, assigned_at=NOW, **fields)
            session.add(part)
            return part.token

    def change(self, number: str, **fields: Any) -> None:
        with self.place.database.writing() as session:
            case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
            for name, value in fields.items():
                setattr(case, name, value)


@contextmanager
def api_desk(home: Path, url: str = "", now: Callable[[], datetime] = lambda: NOW) -> Iterator[ApiDesk]:
    """A desk in `home`, on SQLite unless another database is named."""
    settings = DeskSettings(home=home, database_url=url, master_key="", public_url="https://desk.example")
    home.mkdir(parents=True, exist_ok=True)
    if not url and not (home / "cases.db").exists():
        (home / "cases.db").write_bytes(migrated())
    database = Database(settings.case_database_url)
    if url:
        migrate(database)
    place = Workplace(
        settings=settings,
        database=database,
        vault=unlock(database, settings),
        catalogue=shipped_catalogue(),
        rules=shipped_rules(),
        channels=shipped_channels(home),
        code_version="test",
    )
    with place.database.writing() as session:
        for code in DEPARTMENTS:
            session.add(Department(code=code, name_zh=code, name_en=code))
        session.flush()
        keys = {
            role.value: make_key(session, role, role, None, NOW) for role in Role if role is not Role.DEPARTMENT
        }
        keys |= {code: make_key(session, code, Role.DEPARTMENT, code, NOW) for code in DEPARTMENTS}
    with front_door(place, now) as client:
        yield ApiDesk(place, client, keys)
    database.close()
