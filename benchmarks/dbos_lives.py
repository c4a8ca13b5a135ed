"""Lives of the same shape as DBOS workflows: three activations, eight steps, PostgreSQL; what durable execution can cost.

A yardstick, not a rival: its steps do nothing, there is no page to look at, and a waiting workflow holds a thread. Run by
`benchmarks.lives --against dbos` with an interpreter that has `dbos` (MIT, but it brings psycopg, LGPL: so it is no
dependency of ours); it imports nothing of this project, which that interpreter does not know.
"""

import argparse
import json
import os
import queue
import sys
import time
from importlib.metadata import version

from dbos import DBOS, DBOSConfig, SetWorkflowID

STEPS_OF_ACTIVATIONS = (4, 2, 2)
PATIENCE_S = 600
parked: "queue.Queue[tuple[str, int]]" = queue.Queue()


@DBOS.step()
def step(case_id: str, number: int) -> str:
    """One durable step that has nothing to do."""
    return f"{case_id}:{number}"


@DBOS.workflow()
def life(case_id: str) -> int:
    """Three activations, with a wait for news between them; how many steps were taken."""
    done = 0
    for activation, steps in enumerate(STEPS_OF_ACTIVATIONS):
        for _ in range(steps):
            step(case_id, done)
            done += 1
        if activation < len(STEPS_OF_ACTIVATIONS) - 1:
            parked.put((case_id, activation))
            DBOS.recv(f"news-{activation}", timeout_seconds=PATIENCE_S)
    return done


def main() -> int:
    """Live some lives and print the figures as one line of JSON."""
    wanted = _arguments()
    config: DBOSConfig = {
        "name": "lives",
        "system_database_url": wanted.url,
        "log_level": "ERROR",
        "run_admin_server": False,
    }
    DBOS(config=config)
    DBOS.launch()
    _lives("warm-up", 4)
    cpu, began = _cpu(), time.monotonic()
    _lives("counted", wanted.cases)
    seconds, cpu = time.monotonic() - began, _cpu() - cpu
    sys.stdout.write(
        json.dumps(
            {
                "cases": wanted.cases,
                "seconds": seconds,
                "cpu_s_per_case": cpu / wanted.cases,
                "version": version("dbos"),
            }
        )
        + "\n"
    )
    sys.stdout.flush()
    DBOS.destroy()
    return 0


def _lives(source: str, cases: int) -> None:
    handles = []
    for number in range(cases):
        name = f"{source}-{number}"
        with SetWorkflowID(name):
            handles.append(DBOS.start_workflow(life, name))
    for _ in range(cases * (len(STEPS_OF_ACTIVATIONS) - 1)):
        name, activation = parked.get(timeout=PATIENCE_S)
        DBOS.send(name, "news", f"news-{activation}")
    for handle in handles:
        if handle.get_result() != sum(STEPS_OF_ACTIVATIONS):
            raise RuntimeError("a life is missing steps")


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="such as postgresql://user:password@127.0.0.1:5432/dbos")
    parser.add_argument("--cases", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
