"""`python -m benchmarks.lives`: whole case lives through our worker, and through Prefect's stock one.

A private Prefect server, database and worker are started on scratch folders with the settings of
`whistle up`. One round measures the rate with all cases at hand, a second one the time from news
to alert at half that rate, a third one, in the same run, the yardsticks that were asked for: the stock process worker
with the same flow, and DBOS with a workflow of the same shape.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType

from benchmarks.alert_times import AlertWatch, percentile
from benchmarks.callers import Callers
from benchmarks.cpu import cpu_seconds
from benchmarks.machine import describe_machine, versions
from benchmarks.postgres import PostgresMissingError
from benchmarks.stage import Stage, end_on_signals, private_stage, start
from benchmarks.stock import StockFigures, stock_lives
from flows.case import handle_case

WARM_UP = 4
SECONDS_A_LIFE = 30.0
HALF_LOAD_SECONDS = 20.0
RECORDER_DELAY_S = 4.0


@dataclass(frozen=True)
class FullLoad:
    """A round of lives with every case at hand from the start.

    `callers_cpu_s_per_case` is what the benchmark itself took from the machine meanwhile, to play
    callers, department and seat.
    """

    cases: int
    seconds: float
    cpu_s_per_case: dict[str, float]
    callers_cpu_s_per_case: float

    @property
    def cases_per_s(self) -> float:
        """Whole lives a second, from the first claim to the last closing."""
        return self.cases / self.seconds


@dataclass(frozen=True)
class HalfLoad:
    """Seconds from durable news to its alert at Apprise, with cases arriving at half the full rate."""

    paced_per_s: float
    alerts: int
    p50_s: float | None
    p95_s: float | None


@dataclass(frozen=True)
class DbosFigures:
    """Lives of the same shape as DBOS workflows, and what its one process took from the machine for each."""

    cases: int
    seconds: float
    cpu_s_per_case: float
    version: str

    @property
    def cases_per_s(self) -> float:
        """Whole lives a second."""
        return self.cases / self.seconds


class RunsNotCompletedError(RuntimeError):
    """Cases closed, but Prefect does not show their runs Completed."""


class YardstickError(RuntimeError):
    """What we compare with cannot be run here."""


def main() -> int:
    """Measure, print, and write the JSON file; 0 if all lives ended as they should."""
    wanted = _arguments()
    end_on_signals()
    try:
        with private_stage(wanted.backend, threads=wanted.threads) as stage:
            figures = measure(stage, wanted)
    except (PostgresMissingError, YardstickError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing is left running", file=sys.stderr)
        return 130
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(stage: Stage, wanted: argparse.Namespace) -> dict[str, object]:
    """All rounds, one after the other, each printed when it is done."""
    print(f"{describe_machine()}; {wanted.backend}, {wanted.threads} threads, {wanted.cases} cases")
    start(stage.worker)
    _round(stage, "warm-up", WARM_UP)
    full = full_load(stage, wanted.cases)
    task_runs = check_runs(stage, WARM_UP + wanted.cases)
    _print_full(full, task_runs)
    half = half_load(stage, full.cases_per_s / 2)
    print(f"half load   {half.paced_per_s:.2f} cases/s: news to alert p50 {_s(half.p50_s)},"
          f" p95 {_s(half.p95_s)} over {half.alerts} alerts")  # fmt: skip
    stage.worker.stop()
    stock = dbos = None
    if "stock" in wanted.against:
        stock = stock_lives(stage, wanted.stock_cases, wanted.stock_seconds, wanted.threads)
        _print_stock(stock, full)
    if "dbos" in wanted.against:
        dbos = dbos_lives(stage, wanted.cases, wanted.dbos_python)
        print(f"dbos {dbos.version}  {dbos.cases_per_s:.2f} cases/s ({dbos.cases} in {dbos.seconds:.1f} s),"
              f" {dbos.cpu_s_per_case:.3f} CPU seconds a case without the database")  # fmt: skip
    return _figures(wanted, full, half, stock, task_runs) | {"dbos": dbos and asdict(dbos)}


def full_load(stage: Stage, cases: int) -> FullLoad:
    """Take all cases in, then let the worker have them: the clock runs until the last is closed.

    The worker works while cases are taken in, so that the time counts from the first of them.
    """
    pids = {"server": stage.server.pid(), "worker": stage.worker.pid()}
    if stage.postgres:
        pids["database"] = stage.postgres.process.pid
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    started, own_cpu = time.monotonic(), time.process_time()
    _round(stage, "full", cases)
    seconds, own_cpu = time.monotonic() - started, time.process_time() - own_cpu
    # Prefect's server writes task runs and events a moment later; that belongs to the price.
    time.sleep(RECORDER_DELAY_S)
    spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    return FullLoad(cases, seconds, {name: total / cases for name, total in spent.items()}, own_cpu / cases)


def half_load(stage: Stage, cases_per_s: float) -> HalfLoad:
    """Let cases arrive evenly for a while, answer each as soon as it is parked, watch the alerts."""
    callers = Callers(stage.place, "half")
    with AlertWatch(stage.alerts) as watch:
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < HALF_LOAD_SECONDS:
            if len(callers.labels) <= elapsed * cases_per_s:
                callers.call()
            callers.answer_parked()
            time.sleep(0.02)
        callers.live_on(SECONDS_A_LIFE * len(callers.labels))
        waits = watch.waits(callers.said_at)
    if len(waits) < len(callers.said_at):
        raise RunsNotCompletedError(f"{len(callers.said_at) - len(waits)} alerts never left")
    return HalfLoad(cases_per_s, len(waits), percentile(waits, 0.5), percentile(waits, 0.95))


def dbos_lives(stage: Stage, cases: int, python: str) -> DbosFigures:
    """The same number of lives as DBOS workflows on the same PostgreSQL server, in a process of their own.

    Raises:
        YardstickError: It could not be run; the message holds the end of what it said.
    """
    if stage.postgres is None:
        raise YardstickError("DBOS is measured on PostgreSQL: --backend postgres")
    program = Path(__file__).with_name("dbos_lives.py")
    url = stage.postgres.plain_url("dbos")
    done = subprocess.run(
        [python, str(program), "--url", url, "--cases", str(cases)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise YardstickError(f"{program.name} with {python}:\n{done.stderr[-2000:]}")
    return DbosFigures(**json.loads(done.stdout.splitlines()[-1]))


def check_runs(stage: Stage, cases: int) -> float:
    """That Prefect shows one Completed run for each case; returns task runs a case.

    Raises:
        RunsNotCompletedError: It does not.
    """
    with SyncPrefectClient(stage.api_url) as client:
        # The worker also has runs of its own, which send alerts that had to wait.
        of_cases = FlowFilter(name=FlowFilterName(any_=[handle_case.name]))
        runs = client.count_flow_runs(flow_filter=of_cases)
        completed = client.count_flow_runs(
            flow_filter=of_cases,
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED]))
            ),
        )
        # The client has no method for this count.
        answer = client._client.post(
            "/task_runs/count", json={"flows": of_cases.model_dump(mode="json", exclude_unset=True)}
        )
    if (runs, completed) != (cases, cases):
        raise RunsNotCompletedError(f"{cases} cases, {runs} runs, {completed} of them completed")
    return float(answer.json()) / cases


def _round(stage: Stage, source: str, cases: int) -> Callers:
    callers = Callers(stage.place, source)
    for _ in range(cases):
        callers.call()
    callers.live_on(SECONDS_A_LIFE * cases)
    return callers


def _figures(
    wanted: argparse.Namespace, full: FullLoad, half: HalfLoad, stock: StockFigures | None, task_runs: float
) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "python -m benchmarks.lives " + " ".join(sys.argv[1:]),
        "machine": describe_machine(),
        "versions": versions(),
        "backend": wanted.backend,
        "threads": wanted.threads,
        "cases": full.cases,
        "seconds": round(full.seconds, 2),
        "activations_per_case": 3,
        "task_runs_per_case": round(task_runs, 2),
        "cases_per_s": round(full.cases_per_s, 3),
        "cpu_s_per_case": {name: round(each, 4) for name, each in full.cpu_s_per_case.items()},
        "callers_cpu_s_per_case": round(full.callers_cpu_s_per_case, 4),
        "half_load_cases_per_s": round(half.paced_per_s, 3),
        "alerts": half.alerts,
        "alert_p50_s": half.p50_s and round(half.p50_s, 3),
        "alert_p95_s": half.p95_s and round(half.p95_s, 3),
        "stock_cases": stock and stock.cases,
        "stock_finished": stock and stock.finished,
        "stock_activations": stock and stock.activations,
        "stock_seconds": stock and round(stock.seconds, 1),
        "stock_cases_per_s": stock and round(stock.cases_per_s, 4),
        "stock_is_upper_bound": stock and stock.is_upper_bound,
        "ratio": stock and stock.cases_per_s and round(full.cases_per_s / stock.cases_per_s, 1),
    }


def _print_full(full: FullLoad, task_runs: float) -> None:
    spent = ", ".join(f"{name} {each:.3f}" for name, each in full.cpu_s_per_case.items())
    print(f"our worker  {full.cases_per_s:.2f} cases/s ({full.cases} in {full.seconds:.1f} s),"
          f" {task_runs:.1f} task runs a case; CPU seconds a case: {spent}; callers {full.callers_cpu_s_per_case:.3f}")  # fmt: skip


def _print_stock(stock: StockFigures, full: FullLoad) -> None:
    bound = " (upper bound: no life was finished)" if stock.is_upper_bound else ""
    print(f"stock       {stock.cases_per_s:.4f} cases/s{bound}: {stock.finished} of {stock.cases} lives,"
          f" {stock.activations} activations in {stock.seconds:.0f} s")  # fmt: skip
    if stock.cases_per_s:
        print(f"ratio       {'at least ' if stock.is_upper_bound else ''}{full.cases_per_s / stock.cases_per_s:.1f}")


def _s(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.2f} s"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lives", description=__doc__)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument(
        "--against", choices=("stock", "dbos"), action="append", default=[],
        help="also measure Prefect's stock process worker, or DBOS workflows of the same shape; may be given twice",
    )
    parser.add_argument("--dbos-python", default=sys.executable, help="an interpreter that has `dbos`")
    parser.add_argument("--threads", type=int, default=4, help="activations at once, in either worker")
    parser.add_argument("--stock-cases", type=int, default=6)
    parser.add_argument("--stock-seconds", type=float, default=150.0)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
