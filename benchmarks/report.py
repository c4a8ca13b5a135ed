"""`python -m benchmarks.report`: a month's report over many cases, as HTML and DOCX in both languages.

Made-up cases of a year (`benchmarks.many_cases`); filling the database is not measured. The report is of the month named, the first
that this desk ever makes: every number is counted, none is remembered. `seconds` and `peak_mib` are those of the process
that makes it, without the time it takes to start Python; the page and the Word file are part of both.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from analysis.report.facts import Cadence, State, facts_from_json
from analysis.report.files import Format
from benchmarks.cpu import cpu_seconds
from benchmarks.machine import describe_machine, versions
from benchmarks.many_cases import AFTERWARDS, SEED, fill_apart
from benchmarks.postgres import scratch_postgres
from models.database import Database
from models.migrations.running import migrate
from models.settings import DeskSettings
from tasks.reporting.making import make_report
from tasks.reporting.writing import file_of
from tasks.workplace import open_workplace

LANGUAGES = ("zh", "en")


def main() -> int:
    """Fill a database, make the report, print, and write the JSON file."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        if wanted.backend == "sqlite":
            figures = measure(
                Path(folder), f"sqlite:///{Path(folder) / 'cases.db'}", wanted.cases, wanted.month
            )
        else:
            with scratch_postgres(Path(folder)) as server:
                figures = measure(Path(folder), server.case_url, wanted.cases, wanted.month)
    told = {"backend": wanted.backend, **figures, "machine": describe_machine(), "versions": versions()}
    print(json.dumps(told, indent=2))
    if wanted.json:
        wanted.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(home: Path, url: str, cases: int, month: date) -> dict[str, Any]:
    """What making the report took, in a process of its own."""
    database = Database(url)
    migrate(database)
    database.close()
    # A master key is made only while there are no cases.
    open_workplace(DeskSettings(home=home, database_url=url)).database.close()
    fill_apart(url, cases)
    load = psutil.getloadavg()
    with multiprocessing.get_context("spawn").Pool(1) as apart:
        made: dict[str, Any] = apart.apply(_make, (home, url, month))
    return {
        "cases": cases,
        "month": f"{month:%Y-%m}",
        **made,
        "load_before": [round(each, 2) for each in load],
        "seed": SEED,
    }


def _make(home: Path, url: str, month: date) -> dict[str, Any]:
    settings = DeskSettings(home=home, database_url=url)
    began, busy = time.perf_counter(), cpu_seconds(os.getpid())
    place = open_workplace(settings)
    opened = time.perf_counter()
    report = make_report(place, Cadence.MONTHLY, month, "", AFTERWARDS)
    counted = time.perf_counter()
    sizes = {
        f"{form.value}_{language}": len(file_of(place, report, language, form))
        for language in LANGUAGES
        for form in Format
    }
    ended = time.perf_counter()
    place.database.close()
    facts = facts_from_json(report.facts)
    figures = [
        *facts.figures.values(),
        *(each for table in facts.tables.values() for row in table.rows for each in row.figures),
    ]
    return {
        "seconds": round(ended - began, 2),
        "cpu_seconds": round(cpu_seconds(os.getpid()) - busy, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "seconds_opening": round(opened - began, 2),
        "seconds_counting": round(counted - opened, 2),
        "seconds_writing": round(ended - counted, 2),
        "numbers": len(figures),
        "blank": sum(each.state is State.BLANK for each in figures),
        "bytes": sizes,
    }


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--month", type=_month, default=date(2026, 10, 1), help="such as 2026-10")
    parser.add_argument("--backend", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
