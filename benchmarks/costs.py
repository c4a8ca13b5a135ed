"""`python -m benchmarks.costs`: what one whole case life costs, in figures that a busy machine hardly moves.

CPU seconds of server, worker and database, transactions in either database and, with `--requests`, requests to
Prefect by route. Rates swing with whatever else runs; these do not, so two of them may be compared.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pg8000.native
import psutil

from benchmarks.callers import Callers
from benchmarks.cpu import cpu_seconds
from benchmarks.machine import describe_machine, versions
from benchmarks.postgres import CASES, PREFECT, USER, Postgres, PostgresMissingError
from benchmarks.stage import Stage, end_on_signals, private_stage, start

WARM_UP = 6
SECONDS_A_LIFE = 60.0
RECORDER_DELAY_S = 5.0
ASKED = re.compile(r'"(?P<method>[A-Z]+) /api(?P<path>\S*) HTTP')
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass(frozen=True)
class Spent:
    """Everything counted so far, by name."""

    cpu_s: dict[str, float]
    transactions: dict[str, int]
    requests: Counter[str]

    def since(self, earlier: "Spent", cases: int) -> dict[str, dict[str, float]]:
        """What was spent after `earlier`, for each case."""
        return {
            "cpu_s": {
                name: round((now - earlier.cpu_s[name]) / cases, 4) for name, now in self.cpu_s.items()
            },
            "transactions": {
                name: round((now - earlier.transactions[name]) / cases, 1)
                for name, now in self.transactions.items()
            },
            "requests": {
                route: round(count / cases, 2)
                for route, count in (self.requests - earlier.requests).most_common()
            },
        }


def main() -> int:
    """Measure, print, and write the JSON file."""
    wanted = _arguments()
    end_on_signals()
    settings = dict(each.split("=", 1) for each in wanted.server_setting)
    if wanted.requests:
        # Makes uvicorn log every request, which costs something: such a run counts requests only.
        settings["PREFECT_SERVER_LOGGING_LEVEL"] = "INFO"
    try:
        with private_stage(wanted.backend, threads=wanted.threads, server_env=settings) as stage:
            told = measure(stage, wanted.cases)
    except PostgresMissingError as error:
        print(error, file=sys.stderr)
        return 2
    told |= {
        "command": "python -m benchmarks.costs " + " ".join(sys.argv[1:]),
        "machine": describe_machine(),
        "versions": versions(),
        "load_after": [round(each, 1) for each in psutil.getloadavg()],
    }
    print(json.dumps(told, indent=2), flush=True)
    if wanted.json:
        wanted.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(stage: Stage, cases: int) -> dict[str, object]:
    """Some lives to warm up, then those that are counted."""
    start(stage.worker)
    _live(stage, "warm-up", WARM_UP)
    before, own, began = spent(stage), time.process_time(), time.monotonic()
    _live(stage, "counted", cases)
    own, seconds = time.process_time() - own, time.monotonic() - began - RECORDER_DELAY_S
    costs = spent(stage).since(before, cases)
    return {
        "cases": cases,
        "seconds": round(seconds, 1),
        **costs,
        "all_cpu_s": round(sum(costs["cpu_s"].values()), 4),
        "all_requests": round(sum(costs["requests"].values()), 1),
        "callers_cpu_s": round(own / cases, 4),
    }


def spent(stage: Stage) -> Spent:
    """What the stage's processes and databases have counted until now."""
    pids = {"server": stage.server.pid(), "worker": stage.worker.pid()}
    if stage.postgres:
        pids["database"] = stage.postgres.process.pid
    return Spent(
        {name: cpu_seconds(pid) for name, pid in pids.items()},
        _transactions(stage.postgres) if stage.postgres else {},
        Counter(_routes(stage.server.log)),
    )


def _live(stage: Stage, source: str, cases: int) -> None:
    callers = Callers(stage.place, source)
    for _ in range(cases):
        callers.call()
    callers.live_on(SECONDS_A_LIFE * cases)
    # The server writes task runs and events a moment later.
    time.sleep(RECORDER_DELAY_S)


def _transactions(postgres: Postgres) -> dict[str, int]:
    with pg8000.native.Connection(USER, "127.0.0.1", CASES, postgres.port, postgres.password) as connection:
        rows = connection.run(
            "SELECT datname, xact_commit + xact_rollback FROM pg_stat_database WHERE datname = ANY(:names)",
            names=[CASES, PREFECT],
        )
    return {str(name): int(count) for name, count in rows}


def _routes(log: Path) -> list[str]:
    told = log.read_text(encoding="utf-8", errors="replace")
    return [
        f"{found['method']} {IDS.sub('…', found['path'].split('?')[0])}" for found in ASKED.finditer(told)
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument(
        "--requests", action="store_true", help="list requests to Prefect; makes the server dearer"
    )
    parser.add_argument(
        "--server-setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable of the Prefect server, to try",
    )
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
