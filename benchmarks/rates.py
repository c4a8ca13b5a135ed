"""`python -m benchmarks.rates`: rates, compliance, times, returns, repeats and open data over many cases.

Made-up cases of a year from `benchmarks.many_cases`; filling the database is not measured. `seconds` is the sum over all figures, `cpu_seconds` what they took of the processors (a database server
included), `peak_mib` the memory of this process at its most.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from sqlmodel import Session

from analysis.callbacks import callbacks_by
from analysis.compliance import compliance
from analysis.durations import first_contact_times, times_to_safe
from analysis.grouping import Dimension, Periods
from analysis.open_data import ASKED, open_data
from analysis.public_rates import public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import summary_of
from analysis.repeat_rate import repeat_rate
from analysis.report.asking import Asking
from analysis.report.collecting.whole import parts_of
from analysis.report.facts import Cadence
from analysis.report.period import period
from analysis.report.remembering import Memory
from analysis.report.rules import report_rules
from analysis.report.settings import load_report_settings
from analysis.returns import returns
from analysis.suppression_rules import load_suppression
from analysis.windows import ZONE, Natural, naturals
from benchmarks.cpu import cpu_seconds
from benchmarks.machine import describe_machine, versions
from benchmarks.many_cases import AFTERWARDS, FIRST, LAST, SEED, fill_apart
from benchmarks.postgres import scratch_postgres
from catalogue.loader import load_catalogue
from models.database import Database
from models.migrations.running import migrate


def main() -> int:
    """Fill a database, count everything, print, and write the JSON file."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        if wanted.backend == "sqlite":
            figures = measure(f"sqlite:///{Path(folder) / 'cases.db'}", wanted.cases)
        else:
            with scratch_postgres(Path(folder)) as server:
                figures = measure(server.case_url, wanted.cases)
    told = {"backend": wanted.backend, **figures}
    print(json.dumps(told, indent=2))
    if wanted.json:
        wanted.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(url: str, cases: int) -> dict[str, Any]:
    """Seconds of each figure and of all, and the most memory used."""
    database = Database(url)
    migrate(database)
    fill_apart(url, cases)
    load = psutil.getloadavg()
    filled = _peak_mib()
    busy = cpu_seconds(os.getpid())
    each = {name: _timed(count) for name, count in _figures(database).items()}
    database.close()
    return {
        "cases": cases,
        "seconds": round(sum(seconds for seconds, _ in each.values()), 2),
        "cpu_seconds": round(cpu_seconds(os.getpid()) - busy, 2),
        "peak_mib": _peak_mib(),
        "peak_mib_after_filling": filled,
        "each_seconds": {name: round(seconds, 2) for name, (seconds, _) in each.items()},
        "each_cpu_seconds": {name: round(busy, 2) for name, (_, busy) in each.items()},
        "load_before": [round(one, 2) for one in load],
        "load_after": [round(one, 2) for one in psutil.getloadavg()],
        "seed": SEED,
        "machine": describe_machine(),
        "versions": versions(),
    }


def _figures(database: Database) -> dict[str, Callable[[], object]]:
    rules, small = load_rate_rules(), load_suppression()
    months = Periods(tuple(naturals(FIRST, LAST, Natural.MONTH)))
    year = months.whole

    def counted(count: Callable[..., object], *more: Any) -> Callable[[], object]:
        def run() -> object:
            with database.reading() as session:
                return count(session, *more)

        return run

    def open_data_of_a_year(session: Session) -> object:
        """Nothing is kept: what is measured is the first counting."""
        told = report_rules(load_report_settings(), rules, small, load_catalogue().kinds, load_catalogue().departments)
        asked = [period(Cadence.MONTHLY, each.start.astimezone(ZONE).date(), rules.windows) for each in naturals(FIRST, LAST, Natural.MONTH)]
        memory = Memory(session)
        return open_data(
            {each: {query: parts_of(Asking(session, memory, told, each, AFTERWARDS), query) for query in ASKED} for each in asked}, small
        )

    def rates_told_apart() -> object:
        groupings = ((Dimension.DEPARTMENT,), (months, Dimension.DISTRICT), (Dimension.KIND, Dimension.GRADE))
        with database.reading() as session:
            found = callbacks_by(session, year, rules, groupings)
        units = {unit: tally for (unit,), tally in found[0].tallies.items()}
        return found, summary_of(units.values(), rules), public_rates(units, rules, small)

    return {
        "rates_by_department_month_district_kind_grade": rates_told_apart,
        "compliance": counted(compliance, year, AFTERWARDS),
        "times_to_safe": counted(times_to_safe, year, (Dimension.DISTRICT,)),
        "first_contact": counted(first_contact_times, year, (Dimension.DEPARTMENT,)),
        "returns": counted(returns, year, (Dimension.DEPARTMENT,)),
        "repeats": counted(repeat_rate, year.start, year.end, 90),
        "open_data_of_a_year": counted(open_data_of_a_year),
    }


def _timed(count: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock on the wall, and of the processors."""
    began, busy = time.perf_counter(), cpu_seconds(os.getpid())
    count()
    return time.perf_counter() - began, cpu_seconds(os.getpid()) - busy


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--backend", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
