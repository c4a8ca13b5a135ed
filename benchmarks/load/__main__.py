"""`python -m benchmarks.load --part intake|burst|day|growth|slope|keeping|all`: the desk under load.

A private server, worker and desk with the settings of `whistle up`; before anything is measured the standing stock is put
in (`--closed`, `--parked`). Every figure is printed when it is known and written to the JSON file with sizes, machine and the
load before each part. `standing` measures a few lives and the pages beside the stock, and nothing else.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.load.floods import burst, day, intake
from benchmarks.load.growth import growth, slope, standing
from benchmarks.load.keeping import OFTEN, keeping
from benchmarks.load.place import Figures, LoadedDesk, load_now, loaded_desk
from benchmarks.load.standing import fill_stock
from benchmarks.machine import describe_machine, versions
from benchmarks.postgres import PostgresMissingError
from benchmarks.stage import end_on_signals

PARTS = ("intake", "burst", "day", "standing", "growth", "slope", "keeping")
Numbers = tuple[int, ...]


def _parts(said: str) -> tuple[str, ...]:
    parts = tuple(said.split(","))
    if unknown := set(parts) - {*PARTS, "all"}:
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)} and all")
    return parts


def parts_of(wanted: argparse.Namespace) -> dict[str, Callable[[LoadedDesk], Figures]]:
    """Each part with its sizes, in the order in which they disturb each other least: what leaves orders waiting comes late."""
    every: dict[str, Callable[[LoadedDesk], Figures]] = {
        "standing": lambda desk: standing(desk, wanted.lives),
        "growth": lambda desk: growth(desk, wanted.lives),
        "slope": lambda desk: slope(desk, wanted.slope, wanted.lives, wanted.parked),
        "burst": lambda desk: burst(
            desk, wanted.orders_a_day, wanted.times, wanted.burst_seconds, wanted.patience
        ),
        "day": lambda desk: day(desk, wanted.orders_a_day, max(wanted.connections), wanted.work_seconds),
        "intake": lambda desk: intake(desk, wanted.intake_seconds, wanted.connections),
        "keeping": lambda desk: keeping(desk, wanted.steps, wanted.cases_a_step),
    }
    return {name: act for name, act in every.items() if name in wanted.part or "all" in wanted.part}


def measure(wanted: argparse.Namespace) -> Figures:
    """Every part asked for: all on one desk, but for `keeping`, whose desk is empty and cleans up more often."""
    figures: Figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "command": "python -m benchmarks.load " + " ".join(sys.argv[1:]),
        "machine": describe_machine(), "versions": versions(), "backend": wanted.backend, "threads": wanted.threads,
        "load_before": load_now(), "closed": wanted.closed, "parked": wanted.parked,
    }  # fmt: skip
    parts = parts_of(wanted)
    if set(parts) - {"keeping"}:
        stock = partial(fill_stock, closed=wanted.closed, parked=wanted.parked)
        with loaded_desk(
            wanted.backend, wanted.threads, stock if wanted.closed or wanted.parked else None
        ) as desk:
            figures["cases_at_start"], figures["bytes_at_start"] = desk.cases(), desk.sizes()
            for name, part in parts.items():
                if name != "keeping":
                    _run(name, part, desk, figures, wanted.json)
    if "keeping" in parts:
        with loaded_desk(wanted.backend, wanted.threads, server_env=OFTEN) as desk:
            _run("keeping", parts["keeping"], desk, figures, wanted.json)
    return figures


def _run(
    name: str, part: Callable[[LoadedDesk], Figures], desk: LoadedDesk, figures: Figures, file: Path | None
) -> None:
    figures[name] = {"load_before": load_now(), **part(desk)}
    print(f"{name}: {json.dumps(figures[name], ensure_ascii=False)}", flush=True)
    if file:
        file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Measure, print, and write the JSON file after every part; 0 if all of it ran."""
    wanted = arguments().parse_args()
    end_on_signals()
    try:
        measure(wanted)
    except PostgresMissingError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing is left running", file=sys.stderr)
        return 130
    return 0


def arguments() -> argparse.ArgumentParser:
    """Every size has an option; the defaults are those of the full measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--part", type=_parts, default=("all",), help="such as standing,intake; all of them by default")
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--threads", type=int, default=4, help="activations at once")
    parser.add_argument("--closed", type=int, default=1_000_000, help="closed cases in the database before")
    parser.add_argument(
        "--parked", type=int, default=50_000, help="parked cases with their flow runs in the databases before"
    )
    parser.add_argument("--connections", type=_numbers, default=(1, 16, 64), help="such as 1,16,64")
    parser.add_argument("--intake-seconds", type=float, default=30.0, help="for each number of connections")
    parser.add_argument("--orders-a-day", type=int, default=70_000)
    parser.add_argument("--times", type=float, default=20.0, help="the burst, in days' means")
    parser.add_argument("--burst-seconds", type=float, default=600.0)
    parser.add_argument(
        "--patience", type=float, default=3600.0, help="seconds to wait for the burst's recovery"
    )
    parser.add_argument(
        "--work-seconds", type=float, default=300.0, help="the worker alone after the day's orders"
    )
    parser.add_argument(
        "--lives", type=int, default=60, help="whole lives for growth, standing and each size of the slope"
    )
    parser.add_argument(
        "--slope", type=_numbers, default=(50_000, 100_000, 200_000), help="parked cases, rising"
    )
    parser.add_argument(
        "--steps", type=int, default=42, help="of thirty days, for keeping; words of the cases are kept 37"
    )
    parser.add_argument("--cases-a-step", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


def _numbers(text: str) -> Numbers:
    return tuple(int(each) for each in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
