"""What other people's packages make of an office and a budget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

MONDAY_TO_FRIDAY = [0, 1, 2, 3, 4]


@dataclass(frozen=True)
class Task:
    """An office open from Monday to Friday (UTC), and how many open hours are to be added.

    `lunch` closes it in between; no budget may end at a closing, where readings differ.
    """

    opens: time
    closes: time
    lunch: tuple[time, time] | None
    holidays: frozenset[date]
    budget_hours: int

    @property
    def budget(self) -> timedelta:
        """As a length."""
        return timedelta(hours=self.budget_hours)


@dataclass(frozen=True)
class Other:
    """A package's way of doing a task: `prepare` makes its own inputs, `run` is what is timed.

    `run` returns due times, or open minutes from start to due time for a package that can only
    measure. `task` is easier than the one asked for where the package can do no better.
    """

    name: str
    task: Task
    prepare: Callable[[Sequence[datetime], Sequence[datetime]], Any]
    run: Callable[[Any], list[Any]]


def others(task: Task) -> list[Other]:
    """Those that are installed."""
    ways = {
        "pandas": _custom_business_hour,
        "businesstimedelta": _business_time_delta,
        "business-duration": _business_duration,
    }
    return [way(task) for package, way in ways.items() if installed(package)]


def installed(package: str) -> str | None:
    """The package's version; None if it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _custom_business_hour(task: Task) -> Other:
    pandas = import_module("pandas")
    edges = [task.opens, *(task.lunch or ()), task.closes]
    offset = pandas.offsets.CustomBusinessHour(
        n=task.budget_hours,
        start=[f"{each:%H:%M}" for each in edges[::2]],
        end=[f"{each:%H:%M}" for each in edges[1::2]],
        holidays=sorted(task.holidays),
    )

    def prepare(starts: Sequence[datetime], dues: Sequence[datetime]) -> list[Any]:
        return [pandas.Timestamp(start) for start in starts]

    def run(stamps: list[Any]) -> list[Any]:
        return [stamp + offset for stamp in stamps]

    return Other("pandas CustomBusinessHour", task, prepare, run)


def _business_time_delta(task: Task) -> Other:
    module = import_module("businesstimedelta")
    rules = [module.WorkDayRule(task.opens, task.closes, MONDAY_TO_FRIDAY)]
    if task.lunch:
        rules.append(module.LunchTimeRule(*task.lunch, MONDAY_TO_FRIDAY))
    if task.holidays:
        rules.append(module.HolidayRule(task.holidays))
    delta = module.BusinessTimeDelta(module.Rules(rules), timedelta=task.budget)

    def prepare(starts: Sequence[datetime], dues: Sequence[datetime]) -> list[datetime]:
        return list(starts)

    def run(starts: list[datetime]) -> list[Any]:
        return [start + delta for start in starts]

    return Other("businesstimedelta", task, prepare, run)


def _business_duration(task: Task) -> Other:
    """It knows one stretch a day and only measures: it is asked how far each start is from its due time."""
    measure = import_module("business_duration").businessDuration
    holidays = sorted(task.holidays)

    def prepare(starts: Sequence[datetime], dues: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
        return list(zip(starts, dues, strict=True))

    def run(pairs: list[tuple[datetime, datetime]]) -> list[Any]:
        return [
            measure(start, due, starttime=task.opens, endtime=task.closes, holidaylist=holidays, unit="min")
            for start, due in pairs
        ]

    return Other("business-duration, measuring", replace(task, lunch=None), prepare, run)
