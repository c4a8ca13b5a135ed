"""`python -m benchmarks.sla`: due times a second, ours and those of three packages, in one run.

Two tasks, both with starts at any second of 2024 and 2025. *Desk*: ten open hours in an office
with a lunch break and China's holidays (but no make-up workdays, which none of the others knows).
*Bare*: six open hours, one stretch a day and no holidays, which is the least one can ask. Every
answer is compared with ours before anything is timed; all take turns, and the best turn of each
counts. What only we do is timed beside it: China's whole calendar, days, and whole columns.
"""

import argparse
import json
import platform
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.sla_others import Other, Task, installed, others
from sla_rules.batch import Moments, due_many
from sla_rules.calendar import OpenHours, WorkingCalendar, moment_of
from sla_rules.due import due_time
from sla_rules.loader import load_rule_book
from sla_rules.written import TimedRule

PACKAGES = ("numpy", "pandas", "businesstimedelta", "business-duration")
TURNS = 5
A_SECOND_IN_MINUTES = 1.01 / 60
OURS_ONE, OURS_BATCH = "whistle, one at a time", "whistle, batch"

KINDS: dict[str, dict[str, object]] = {
    "natural": {"time": "natural", "limit": "24 h"},
    "working_hours": {"time": "working_hours", "limit": "6 h"},
    "working_days": {"time": "working_days", "limit": "5 d"},
    "working_days, same clock": {"time": "working_days", "limit": "5 d", "ends": "same_clock"},
    "calendar_days": {"time": "calendar_days", "limit": "7 d"},
    "calendar_days, rolled over": {"time": "calendar_days", "limit": "7 d", "roll_over": True},
}


class AnswersDifferError(RuntimeError):
    """Another package's answer is not ours, so that their rates cannot be compared."""


def main() -> int:
    """Measures, prints, and writes the figures if asked to."""
    wanted = _arguments()
    chance = random.Random(3)
    starts = [_start(chance) for _ in range(wanted.single)]
    column = np.random.default_rng(3).integers(
        moment_of(datetime(2024, 1, 1, tzinfo=UTC)), moment_of(datetime(2026, 1, 1, tzinfo=UTC)), wanted.batch
    )
    before = perf_counter()
    china = load_rule_book().calendar
    load_ms = round(1000 * (perf_counter() - before))
    absent = [package for package in PACKAGES if installed(package) is None]

    tasks = {name: _compare(task, starts, column, wanted.others) for name, task in _tasks(china).items()}
    kinds = {name: _one_kind(written, starts, column, china) for name, written in KINDS.items()}
    figures = _figures(wanted, tasks, kinds, absent) | {"rule_book_load_ms": load_ms}
    _print(figures)
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _tasks(china: WorkingCalendar) -> dict[str, Task]:
    lunch = time(12), time(13)
    return {
        "desk": Task(time(9), time(18), lunch, frozenset(day for day in china.off if day.year > 2023), 10),
        "bare": Task(time(9), time(17), None, frozenset(), 6),
    }


def _compare(task: Task, starts: list[datetime], column: Moments, many: int) -> dict[str, Any]:
    """Rates by name, the fastest of the others, and how many times as fast we are."""
    office, rule = _office(task), _rule(task)
    turns: dict[str, tuple[int, Callable[[], object]]] = {
        OURS_ONE: (len(starts), partial(_one_at_a_time, starts, rule, office)),
        OURS_BATCH: (len(column), partial(due_many, column, rule, office)),
    }
    rivals = others(task)
    for rival in rivals:
        turns[rival.name] = many, partial(rival.run, _inputs(rival, starts[:many]))
    rates = _best_of_turns(turns)
    fastest = max((rival.name for rival in rivals), key=rates.__getitem__, default=None)
    return {
        "per_s": {name: round(rate) for name, rate in rates.items()},
        "fastest_other": fastest,
        "ratio_one_at_a_time": fastest and round(rates[OURS_ONE] / rates[fastest], 1),
        "ratio_batch": fastest and round(rates[OURS_BATCH] / rates[fastest], 1),
    }


def _inputs(rival: Other, starts: list[datetime]) -> Any:
    """The other package's inputs, after it has answered them all as we do."""
    office, rule = _office(rival.task), _rule(rival.task)
    naive = [start.replace(tzinfo=None) for start in starts]
    dues = [due_time(start, rule, office)[0].replace(tzinfo=None) for start in starts]
    inputs = rival.prepare(naive, dues)
    _check(rival, rival.run(inputs), dues)
    return inputs


def _one_kind(
    written: dict[str, object], starts: list[datetime], column: Moments, china: WorkingCalendar
) -> dict[str, int]:
    """Rates in China's calendar, which has holidays, make-up workdays and a lunch break."""
    rule = TimedRule.model_validate(written)
    rates = _best_of_turns(
        {
            OURS_ONE: (len(starts), partial(_one_at_a_time, starts, rule, china)),
            OURS_BATCH: (len(column), partial(due_many, column, rule, china)),
        }
    )
    return {name: round(rate) for name, rate in rates.items()}


def _one_at_a_time(starts: list[datetime], rule: TimedRule, calendar: WorkingCalendar) -> None:
    for start in starts:
        due_time(start, rule, calendar)


def _best_of_turns(turns: dict[str, tuple[int, Callable[[], object]]]) -> dict[str, float]:
    """A second, by name; taking turns spreads whatever else the machine does over all of them."""
    best: dict[str, float] = {}
    for _ in range(TURNS):
        for name, (many, run) in turns.items():
            begun = perf_counter()
            run()
            best[name] = max(best.get(name, 0.0), many / (perf_counter() - begun))
    return best


def _check(rival: Other, answers: list[Any], dues: list[datetime]) -> None:
    """That the other package agrees; one that only measures must find the budget up to our due time."""
    for answer, due in zip(answers, dues, strict=True):
        if isinstance(answer, datetime):
            agrees = answer.replace(tzinfo=None) == due
        else:
            agrees = abs(answer - rival.task.budget / timedelta(minutes=1)) < A_SECOND_IN_MINUTES
        if not agrees:
            raise AnswersDifferError(f"{rival.name} answers {answer} where we answer {due}")


def _start(chance: random.Random) -> datetime:
    """Any second; budgets that end exactly at closing, where readings differ, are next to none."""
    return datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(2 * 365 * 86_400))


def _rule(task: Task) -> TimedRule:
    return TimedRule.model_validate({"time": "working_hours", "limit": f"{task.budget_hours} h"})


def _office(task: Task) -> WorkingCalendar:
    edges = [each.hour * 60 + each.minute for each in (task.opens, *(task.lunch or ()), task.closes)]
    hours = tuple(OpenHours(opens, closes) for opens, closes in zip(edges[::2], edges[1::2], strict=True))
    return WorkingCalendar(
        id="office",
        zone=ZoneInfo("UTC"),
        week=dict.fromkeys(range(5), hours),
        make_up_hours=hours,
        off=task.holidays,
        make_up=frozenset(),
        published_from=date(2020, 1, 1),
        published_to=date(2029, 12, 31),
    )


def _figures(
    wanted: argparse.Namespace, tasks: dict[str, Any], kinds: dict[str, Any], absent: list[str]
) -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "python -m benchmarks.sla " + " ".join(sys.argv[1:]),
        "machine": describe_machine(),
        "versions": {"python": platform.python_version()} | {name: installed(name) for name in PACKAGES},
        "absent": absent,
        "counted": {"one_at_a_time": wanted.single, "batch": wanted.batch, "others": wanted.others},
        **tasks["desk"],
        "tasks": tasks,
        "china_per_s": kinds,
    }


def _print(figures: dict[str, Any]) -> None:
    print(figures["machine"])
    print(f"rule book read and checked in {figures['rule_book_load_ms']} ms")
    for package in figures["absent"]:
        print(f"NOT COMPARED: {package} is not installed")
    for name, task in figures["tasks"].items():
        print(f"task {name}")
        for who, rate in task["per_s"].items():
            print(f"  {who:<34}{rate:>14,} /s")
        if task["fastest_other"]:
            print(f"  against {task['fastest_other']}: {task['ratio_one_at_a_time']} × one at a time,"
                  f" {task['ratio_batch']} × in batch")  # fmt: skip
    print("China's calendar, by kind of time")
    for kind, each in figures["china_per_s"].items():
        print(f"  {kind:<34}{each[OURS_ONE]:>14,} /s one at a time {each[OURS_BATCH]:>14,} /s in batch")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sla", description=__doc__)
    parser.add_argument("--single", type=int, default=100_000, help="due times one at a time, a turn")
    parser.add_argument("--batch", type=int, default=1_000_000, help="due times at once, a turn")
    parser.add_argument("--others", type=int, default=5_000, help="for each of the other packages, a turn")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
