"""`python -m benchmarks.faults --rounds N --seed S --json FILE`: a living desk is harmed at random, and audited.

Each round lets a few cases flow through real processes while one to three faults strike (`mischief.py`), waits
until all is at rest, and holds the desk to what it promised (`auditor.py`). What is drawn depends on seed and
round alone: `--first R --rounds 1` plays one round again.
"""

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.faults.auditor import Broken
from benchmarks.faults.house import House, fault_house
from benchmarks.faults.mischief import MISCHIEFS
from benchmarks.faults.rounds import Round, Rounds
from benchmarks.machine import describe_machine, versions
from benchmarks.postgres import PostgresMissingError
from benchmarks.stage import end_on_signals


def main() -> int:
    """Play the rounds, write the figures; 0 if every promise was kept, 1 if not, 2 if nothing could be played."""
    wanted = _arguments()
    end_on_signals()
    played: list[Round] = []
    began = time.monotonic()
    try:
        with fault_house(wanted.backend) as house:
            _tell_house(house, wanted)
            _play(house, wanted, played)
            absent = _not_played(house)
    except PostgresMissingError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing is left running", file=sys.stderr)
        return 130
    figures = summary(played, wanted, absent, time.monotonic() - began)
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({name: figures[name] for name in ("rounds", *FIGURES.values())}))
    return 1 if any(each.findings for each in played) else 0


FIGURES = {
    Broken.LOST: "lost",
    Broken.STUCK: "stuck",
    Broken.DOUBLED: "doubled_cases",
    Broken.DUPLICATE_ALERT: "duplicate_alerts",
    Broken.UNTOLD: "untold_alerts",
    Broken.DUPLICATE_ESCALATION: "duplicate_escalations",
    Broken.WRONG_CLOCK: "wrong_clocks",
    Broken.BROKEN_CHAIN: "broken_chains",
    Broken.REFUSED: "refused",
}
"""The name in the JSON file of each way to break a promise. Every one is a key."""


def summary(
    played: list[Round], wanted: argparse.Namespace, absent: dict[str, str], seconds: float
) -> dict[str, object]:
    """All rounds in one table of figures."""
    broken = Counter(finding.broken for each in played for finding in each.findings)
    faults = Counter(
        fault.rpartition(" at ")[0] for each in played for fault in each.faults if " at " in fault
    )
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe_machine(),
        "versions": versions(),
        "backend": wanted.backend,
        "seed": wanted.seed,
        "first": wanted.first,
        "rounds": len(played),
        "cases": sum(len(each.lives) for each in played),
        "promises": sum(each.promised for each in played),
        **{name: broken[kind] for kind, name in FIGURES.items()},
        "failed_rounds": [each.as_json() for each in played if each.findings],
        "faults": dict(sorted(faults.items())),
        "not_played": absent,
        "ended_by_themselves": Counter(death for each in played for death in each.deaths),
        "longest_unrest_s": max((each.waited_s for each in played), default=0.0),
        "seconds": round(seconds),
    }


def _play(house: House, wanted: argparse.Namespace, played: list[Round]) -> None:
    chosen = [
        each
        for each in MISCHIEFS
        if not wanted.only or any(each.name.startswith(only) for only in wanted.only)
    ]
    rounds = Rounds(house, wanted.seed, chosen)
    try:
        for number in range(wanted.first, wanted.first + wanted.rounds):
            each = rounds.play(number)
            played.append(each)
            _tell(each, wanted)
            if each.findings and wanted.logs:
                _keep_logs(house, wanted.logs / f"{wanted.backend}-{wanted.seed}-{number}")
    finally:
        rounds.close()


def _tell(each: Round, wanted: argparse.Namespace) -> None:
    verdict = "FAILED" if each.findings else "kept"
    print(
        f"{each.number:4d} {verdict:6} {each.seconds:5.1f} s, waited {each.waited_s:6.0f} s: {'; '.join(each.faults)}",
        flush=True,
    )
    for finding in each.findings:
        print(f"       {finding}", flush=True)
    if wanted.lines:
        with wanted.lines.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"backend": wanted.backend, **each.as_json()}, ensure_ascii=False) + "\n")


def _tell_house(house: House, wanted: argparse.Namespace) -> None:
    print(
        f"{describe_machine()}; {wanted.backend}, seed {wanted.seed}, {wanted.rounds} rounds from {wanted.first}",
        flush=True,
    )
    for name, why in _not_played(house).items():
        print(f"  not played: {name} ({why})", flush=True)


def _not_played(house: House) -> dict[str, str]:
    reasons = {each.name: each.missing(house) for each in MISCHIEFS if each.name != "prefect restored"}
    return {name: why for name, why in reasons.items() if why is not None}


def _keep_logs(house: House, folder: Path) -> None:
    shutil.copytree(house.place.settings.home / "logs", folder, dirs_exist_ok=True)
    if house.postgres is None:
        shutil.copy(house.place.settings.home / "cases.db", folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument(
        "--only", action="append", help="faults to play, by the beginning of their name; again for more"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--lines", type=Path, help="append one line a round to this file, at once")
    parser.add_argument("--logs", type=Path, help="keep the logs of rounds that failed in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
