"""`python -m benchmarks.forecast`: forecasts of real counts against two naive ones, and alarms on made-up outbreaks.

Every origin is judged by what was known then. Naive: the last value; seasonal naive: the value of a week
(daily) or a year (weekly, where there is one) before. Their intervals are the quantiles of their own earlier
errors. MASE divides by the mean error of the one-step naive forecast over the learning span; below 1 is better.
"""

import argparse
import csv
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.early_warning.forecast import SHARES, Forecaster
from analysis.early_warning.settings import WarningSettings, delivered_school_year, delivered_settings
from benchmarks.machine import describe_machine, versions
from benchmarks.outbreaks import delays, false_alarms

Numbers = npt.NDArray[np.float64]
AHEAD = 4
SEED = 20260101
_FEWEST_ERRORS = 8


def main() -> int:
    """Measure, print, and write the JSON file."""
    wanted = _arguments()
    year = delivered_school_year()
    started = time.perf_counter()
    figures = {
        "backtests": [
            backtest(name, *of, step)
            for name, of in _sources(wanted.data)
            for step in ((1, 7) if len(of[1][0]) >= 60 * 7 else (1,))
        ],
        "alarms": {
            f"one day in {round(1 / share)}": {
                "made-up years without outbreaks": false_alarms(60, wanted.years, year, _at(share), SEED),
                "made-up outbreaks": delays(120, (2, 5), 14, year, _at(share), SEED),
            }
            for share in (0.01, 0.05)
        },
        "seconds": round(time.perf_counter() - started, 1),
        "honest": (
            "Boston has 123 days of one summer, so nothing of a year can be learned there; the school year is "
            "Beijing's and means nothing in Boston or Baltimore; made-up years follow the model's own shape"
        ),
        "machine": describe_machine(),
        "versions": versions(),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _at(false_discovery: float) -> WarningSettings:
    settings = delivered_settings()
    rule = settings.sudden_rise.model_copy(update={"false_discovery": false_discovery})
    return settings.model_copy(update={"sudden_rise": rule})


def backtest(name: str, first: date, rows: list[list[int]], step: int) -> dict[str, Any]:
    """Of each method MASE, pinball loss and coverage over all series, origins and steps ahead."""
    counts = _stepped(np.array(rows, dtype=np.float64), step)
    learned = counts.shape[1] // 2
    season = 7 if step == 1 else 52
    ours = _ours(first, counts, step)
    methods = {"ours": ours, "naive": _naive(counts, 1), "seasonal naive": _naive(counts, season)}
    scale = np.abs(np.diff(counts[:, :learned])).mean(axis=1)
    usable = {who: given for who, given in methods.items() if given}
    shared = sorted(set.intersection(*(set(given) for given in usable.values())))
    origins = [each for each in shared if each >= learned]
    scores = {who: _scores(given, counts, origins, scale) for who, given in usable.items()}
    return {"data": name, "step_days": step, "series": len(counts), "steps": counts.shape[1], "origins": len(origins), **scores}


def _ours(first: date, counts: Numbers, step: int) -> dict[int, list[Numbers]]:
    teller = Forecaster(len(counts), delivered_school_year(), delivered_settings().usual, AHEAD, step)
    found = {}
    for at in range(counts.shape[1]):
        day = first + timedelta(days=step * at)
        teller.see(day, counts[:, at])
        found[at] = [each.quantiles for each in teller.forecast(day)]
    return found


def _naive(counts: Numbers, season: int) -> dict[int, list[Numbers]]:
    """Quantiles for each origin and step: the value a season ago, and its own earlier errors around it."""
    found = {}
    errors = [
        counts[:, ahead + (back := _back(ahead, season)) :] - counts[:, : counts.shape[1] - ahead - back]
        for ahead in range(1, AHEAD + 1)
    ]
    for at in range(season + _FEWEST_ERRORS + AHEAD, counts.shape[1]):
        given = []
        for ahead in range(1, AHEAD + 1):
            back = _back(ahead, season)
            known = errors[ahead - 1][:, : at + 1 - ahead - back]
            around = np.quantile(known, SHARES, axis=1)
            around[len(SHARES) // 2] = 0
            given.append(np.maximum(counts[:, at - back] + around, 0))
        found[at] = given
    return found


def _back(ahead: int, season: int) -> int:
    """How far behind the origin the value lies that a season before the target."""
    return (-ahead) % season


def _scores(given: dict[int, list[Numbers]], counts: Numbers, origins: list[int], scale: Numbers) -> dict[str, float]:
    errors, pinball, in_80, in_95 = [], [], [], []
    for at in origins:
        for ahead, quantiles in enumerate(given[at], start=1):
            if at + ahead >= counts.shape[1]:
                continue
            actual = counts[:, at + ahead]
            errors.append(np.abs(actual - quantiles[2]) / np.maximum(scale, 1e-9))
            missed = actual - quantiles
            shares = np.array(SHARES)[:, None]
            pinball.append(np.maximum(shares * missed, (shares - 1) * missed).mean(axis=0) / np.maximum(scale, 1e-9))
            in_80.append((quantiles[1] <= actual) & (actual <= quantiles[3]))
            in_95.append((quantiles[0] <= actual) & (actual <= quantiles[4]))
    return {
        "mase": round(float(np.mean(errors)), 3),
        "pinball": round(float(np.mean(pinball)), 3),
        "coverage_80": round(float(np.mean(in_80)), 3),
        "coverage_95": round(float(np.mean(in_95)), 3),
    }


def _stepped(counts: Numbers, step: int) -> Numbers:
    whole = counts.shape[1] // step
    summed: Numbers = counts[:, : whole * step].reshape(len(counts), whole, step).sum(axis=2)
    return summed


def _sources(data: Path) -> Iterable[tuple[str, tuple[date, list[list[int]]]]]:
    """Name, first day, and daily counts of the total and of the ten most frequent types."""
    boston = [(each["open_dt"][:10], each["type"]) for each in _rows(data / "boston_311_2011.csv.gz")]
    yield "Boston 2011", _daily(boston)
    baltimore = [
        (datetime.strptime(each["CreatedDate"][:10], "%m/%d/%Y").date().isoformat(), each["SRType"])  # noqa: DTZ007  only the day is read
        for each in _rows(data / "baltimore_311.csv.gz")
    ]
    yield "Baltimore 2014-2019", _daily(baltimore)
    messages = [(each["received_at"][:10], each["label"]) for each in _rows(data / "citizen_messages_zh.csv.gz")]
    yield "messages 2019", _daily([each for each in messages if "2019-01-01" <= each[0] < "2020-01-01"])


def _daily(found: list[tuple[str, str]]) -> tuple[date, list[list[int]]]:
    days = sorted({day for day, _ in found})
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    usual = [name for name, _ in Counter(name for _, name in found if name).most_common(10)]
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * ((last - first).days + 1))
    for day, name in found:
        at = (date.fromisoformat(day) - first).days
        counts["all"][at] += 1
        if name in usual:
            counts[name][at] += 1
    return first, [counts[name] for name in ("all", *usual)]


def _rows(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--years", type=int, default=10, help="made-up years without outbreaks")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
