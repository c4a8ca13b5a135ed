"""Copies of Prefect's database: taken while it works, put back when its server is stopped."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from benchmarks.faults.house import House
from benchmarks.postgres import PREFECT, USER, Postgres


def copy_prefect(house: House) -> None:
    """Take tonight's copy; the one before is written over."""
    if house.postgres is None:
        with (
            closing(sqlite3.connect(house.prefect_file)) as now,
            closing(sqlite3.connect(_copy(house))) as copy,
        ):
            now.backup(copy)
    else:
        _run(house.postgres, "pg_dump", "--format=custom", f"--file={_copy(house)}", PREFECT)
    house.has_prefect_copy = True


def restore_prefect(house: House) -> None:
    """Put the copy in the place of Prefect's database, whose server must have ended."""
    if house.postgres is not None:
        _run(house.postgres, "dropdb", "--force", PREFECT)
        _run(house.postgres, "createdb", PREFECT)
        _run(house.postgres, "pg_restore", "--no-owner", f"--dbname={PREFECT}", str(_copy(house)))
        return
    for part in ("", "-wal", "-shm"):
        Path(f"{house.prefect_file}{part}").unlink(missing_ok=True)
    with closing(sqlite3.connect(_copy(house))) as copy, closing(sqlite3.connect(house.prefect_file)) as anew:
        copy.backup(anew)


def start_reconciliation(house: House) -> None:
    """What an administrator does after a restore: the nightly comparison, now.

    Raises:
        httpx.HTTPError: Prefect is away.
    """
    with house.prefect() as client:
        deployment = client.read_deployment_by_name("reconcile/nightly")
        client.create_flow_run_from_deployment(deployment.id)


def _copy(house: House) -> Path:
    return house.folder / "prefect.copy"


def _run(postgres: Postgres, tool: str, *arguments: str) -> None:
    address = ["--host=127.0.0.1", f"--port={postgres.port}", f"--username={USER}"]
    subprocess.run(
        [postgres.tool(tool), *address, *arguments], env={**os.environ, "PGPASSWORD": postgres.password},
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
