"""`python -m benchmarks.whatif`: another rule set over a made-up history, in a process of its own.

The history is a plain CSV with kinds, departments and grades as the catalogue has them, five
years of receipts, closings, and the due times of the rules in force; it is made before the clock
runs. Old and new rules differ in two limits, so that every tally has something to count.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine, versions
from catalogue.loader import load_catalogue
from desk.whatif.asked import WhatIfAsked
from desk.whatif.work import look
from models.vocabulary import Grade
from sla_rules.snapshot import HERE

SEED = 20260101
FIRST, LAST = np.datetime64("2021-06-01", "s"), np.datetime64("2026-06-01", "s")
ROWS_AT_ONCE = 100_000
EDITS = (("limit: 30 d", "limit: 20 d"), ("limit: 15 d", "limit: 18 d"))
OPEN_SHARE = 0.05
WRITTEN = "%Y-%m-%d %H:%M:%S"


def main() -> int:
    """Make the history and the rules, run, print, and write the JSON file."""
    wanted = _arguments()
    if wanted.child:
        return _look(wanted.child)
    print(f"{describe_machine()}; {wanted.cases} cases")
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), wanted.cases)
    print(
        f"{figures['seconds']:.1f} s, {figures['rows_per_s']:,.0f} rows/s,"
        f" peak {figures['peak_memory_mib']:.0f} MiB; {figures['cases_changed']:,} cases change"
    )
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(folder: Path, cases: int) -> dict[str, Any]:
    """Seconds from the start of the process to its whole answer, and the most memory it had."""
    make_history(folder / "history.csv", cases)
    make_rules(folder / "old", edits=())
    make_rules(folder / "new", edits=EDITS)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.whatif", "--child", str(folder)], check=True, capture_output=True, text=True
    )
    seconds = time.monotonic() - started
    answer = json.loads(done.stdout)
    assert answer["rows"] == cases and not answer["bad_rows"], "the benchmark's own history cannot be read"
    return {
        "cases": cases,
        "seconds": round(seconds, 2),
        "rows_per_s": round(cases / seconds),
        "peak_memory_mib": round(answer["peak_kib"] / 1024),
        "file_mib": round((folder / "history.csv").stat().st_size / 2**20),
        "cases_changed": answer["cases_changed"],
        "seed": SEED,
        "machine": describe_machine(),
        "versions": {**versions(), "numpy": np.__version__, "pandas": pd.__version__},
    }


def make_history(path: Path, cases: int) -> None:
    """Write a CSV of made-up cases; the same for the same number of cases."""
    dice = np.random.default_rng(SEED)
    kinds = [kind for kind in load_catalogue().kinds.values() if kind.lead]
    for first in range(0, cases, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, cases - first)
        picked = dice.integers(0, len(kinds), rows)
        received = FIRST + dice.integers(0, (LAST - FIRST).astype(int), rows)
        taken = (dice.gamma(2.0, 12 * 86_400, rows)).astype("timedelta64[s]")
        closed = pd.Series(received + taken).dt.strftime(WRITTEN)
        grades = dice.choice([each.value for each in Grade], rows, p=[0.02, 0.08, 0.15, 0.55, 0.12, 0.08])
        pd.DataFrame(
            {
                "received_at": pd.Series(received).dt.strftime(WRITTEN),
                "closed_at": closed.where(dice.random(rows) >= OPEN_SHARE, ""),
                "due_at": pd.Series(received + np.timedelta64(30, "D")).dt.strftime(WRITTEN),
                "kind": [kinds[place].code for place in picked],
                "department": [kinds[place].lead for place in picked],
                "grade": grades,
            }
        ).to_csv(path, mode="a" if first else "w", header=not first, index=False)


def make_rules(folder: Path, edits: tuple[tuple[str, str], ...]) -> None:
    """The shipped rules, edited."""
    for part in ("rules", "calendars"):
        shutil.copytree(HERE / part, folder / part)
    grades = folder / "rules" / "grades.yaml"
    text = grades.read_text(encoding="utf-8")
    for before, after in edits:
        assert before in text, f"the rules have no {before!r} to edit"
        text = text.replace(before, after)
    grades.write_text(text, encoding="utf-8")


def _look(folder: Path) -> int:
    """The child: what the command line does, without its words."""
    columns = {
        "received": "received_at", "closed": "closed_at", "due": "due_at", "kind": "kind",
        "department": "department", "grade": "grade",
    }  # fmt: skip
    asked = WhatIfAsked(folder / "new", folder / "old", folder / "history.csv", columns)
    outcome = look(asked, datetime(2026, 6, 1, tzinfo=UTC))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**outcome, "peak_kib": peak}))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
