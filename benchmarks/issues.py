"""`python -m benchmarks.issues`: are the four hot issues found, how pure, how high, and how fast; against two others.

K-means and HDBSCAN get the same documents and the same rows (brought down to 100 dimensions, which both
need) and their groups are ranked by the same heat. K-means is told how many groups to make: three numbers, each
from several starts of which the best counts, and the number we made. What belongs to an issue is written in `benchmarks.hot_issues`.
"""

import argparse
import json
import random
import resource
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
from scipy.sparse import csr_matrix
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from analysis.issues.describing import Known
from analysis.issues.finding import Grouping, clusters_of, find_issues
from analysis.issues.heat import heats_of
from analysis.issues.issue import Cluster, matters_in
from analysis.issues.pieces import Integers
from analysis.issues.publishing import publish
from analysis.issues.reports import Report
from analysis.issues.settings import IssueSettings, delivered_settings
from benchmarks.hot_issues import Message, hot_messages, truth_of
from benchmarks.machine import describe_machine, versions
from tasks.words.scrubbing import scrub

SEED = 20260101
DIMENSIONS = 100
THRESHOLDS = (0.10, 0.11, 0.12, 0.13, 0.14, 0.16, 0.20)
Answer = TypeVar("Answer")


def main() -> int:
    """Measure what was asked for, print, and write the JSON file."""
    wanted = _arguments()
    settings = delivered_settings()
    dated, undated = hot_messages(wanted.messages)
    everything = [*dated, *undated]
    figures = {
        "messages": {"dated": len(dated), "undated": len(undated)},
        "all": compared(everything, settings, wanted.seeds),
        "dated only": {"ours": _found(dated, settings, None)[0]},
        "thresholds": {str(each): _at(everything, settings, each) for each in THRESHOLDS},
        "scaling": [scaled(everything, settings, size) for size in wanted.sizes],
        "others on more": others_on_more(everything, settings, wanted.others_on),
        "honest": (
            "what belongs to an issue was fixed before any grouping was run; runs of characters were chosen by how "
            "well titles find their own messages in the other two sets; the opening's weight and the threshold were "
            "chosen with these messages in sight, and the thresholds beside it show how much hangs on that"
        ),
        "machine": describe_machine(),
        "versions": versions(),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def compared(
    messages: Sequence[Message], settings: IssueSettings, seeds: int, others: bool = True
) -> dict[str, Any]:
    """Ours, and with `others` k-means with several numbers of groups and HDBSCAN with several least sizes."""
    ours, groups = _found(messages, settings, None)
    found: dict[str, Any] = {"ours": ours}
    if not others:
        return found
    for count in sorted({50, 150, 400, groups}):
        starts = range(1 if count == groups else seeds)
        runs = [_found(messages, settings, _k_means(count, seed))[0] for seed in starts]
        found[f"k-means, {count} groups"] = max(runs, key=lambda run: (run["recall_mean"], run["purity_mean"]))
    for least in (3, 5, 10):
        found[f"HDBSCAN, at least {least}"] = _found(messages, settings, _hdbscan(least))[0]
    return found


def _found(messages: Sequence[Message], settings: IssueSettings, grouping: Grouping | None) -> tuple[dict[str, Any], int]:
    reports = _reports(messages)
    clusters, cost = measured(lambda: clusters_of(reports, settings, grouping))
    issues = [each for each in clusters if matters_in(each.reports) > 1]
    as_of = max(each.received_at for each in messages) + timedelta(days=1)
    return {**_quality(issues, messages, settings, as_of), **cost, "issues": len(issues)}, len(clusters)


def _quality(
    clusters: Sequence[Cluster], messages: Sequence[Message], settings: IssueSettings, as_of: datetime
) -> dict[str, Any]:
    """Of each hot issue the group that holds most of it: recall, purity, and place in the list of heat."""
    heats = heats_of(clusters, settings.heat, as_of)
    ranked = [clusters[at] for at in sorted(range(len(clusters)), key=lambda at: -heats[at].total)]
    large = [each for each in ranked if matters_in(each.reports) >= settings.publishing.fewest_matters]
    found: dict[str, Any] = {}
    for code, keys in truth_of(list(messages)).items():
        held = [len(keys & {report.case_id for report in each.reports}) for each in ranked]
        best = int(np.argmax(held))
        size = len(ranked[best].reports)
        found[code] = {
            "messages": len(keys),
            "recall": round(held[best] / len(keys), 3),
            "purity": round(held[best] / size, 3),
            "rank": best + 1,
            "rank_published": large.index(ranked[best]) + 1 if ranked[best] in large else None,
        }
    return {
        "recall_mean": round(float(np.mean([each["recall"] for each in found.values()])), 3),
        "purity_mean": round(float(np.mean([each["purity"] for each in found.values()])), 3),
        "hot_issues": found,
    }


def _at(messages: Sequence[Message], settings: IssueSettings, alike_from: float) -> dict[str, Any]:
    grouping = settings.grouping.model_copy(update={"alike_from": alike_from})
    found = _found(messages, settings.model_copy(update={"grouping": grouping}), None)[0]
    kept = ("recall", "purity", "rank")
    return {
        "recall_mean": found["recall_mean"],
        "purity_mean": found["purity_mean"],
        **{code: [each[name] for name in kept] for code, each in found["hot_issues"].items()},
    }


def scaled(messages: Sequence[Message], settings: IssueSettings, size: int) -> dict[str, Any]:
    """The whole way, words and sentences included, over so many texts made of real ones."""
    reports = resampled(messages, size)
    known = Known(scrubber=lambda text: scrub(text, {}).text)
    as_of = max(each.received_at for each in reports) + timedelta(days=1)
    issues, cost = measured(lambda: find_issues(reports, settings, known, as_of))
    published = publish(issues, settings.publishing)
    return {
        "texts": size,
        **cost,
        "issues": len(issues),
        "published": len(published),
        "with_a_sentence": sum(each.sentence is not None for each in published),
        "distinct_texts_in_issues": sum(each.distinct_texts for each in issues),
    }


def others_on_more(messages: Sequence[Message], settings: IssueSettings, size: int) -> dict[str, dict[str, float]]:
    """What grouping alone takes on so many texts, by us and by the two others."""
    reports = resampled(messages, size)
    ways = {"ours": None, "k-means, 400 groups": _k_means(400, SEED), "HDBSCAN, at least 5": _hdbscan(5)}
    return {who: {"texts": size, **measured(partial(clusters_of, reports, settings, way))[1]} for who, way in ways.items()}


def resampled(messages: Sequence[Message], size: int) -> list[Report]:
    """Each is a real message with its clauses drawn anew, some from another, and characters changed."""
    draw = random.Random(SEED)
    letters = sorted({letter for each in messages for letter in each.text if "\u4e00" <= letter <= "\u9fff"})
    first = min(each.received_at for each in messages)
    made = []
    for at in range(size):
        one, other = draw.choice(messages), draw.choice(messages)
        opening, *rest = one.text.replace("。", "，").split("，")
        strange = other.text.replace("。", "，").split("，")
        kept = draw.sample(rest, k=len(rest) * 2 // 3) + draw.sample(strange, k=len(strange) // 3)
        draw.shuffle(kept)
        text = "".join(draw.choice(letters) if draw.random() < 0.05 else each for each in "，".join([opening, *kept]))
        received_at = first + timedelta(hours=draw.random() * 24 * 365)
        made.append(Report(f"r{at}", received_at, text, likes=one.likes))
    return made


def measured(work: Callable[[], Answer]) -> tuple[Answer, dict[str, float]]:
    """What work gives, and what it took: by the clock, by all processors, and memory above the start."""
    process, peak, done = psutil.Process(), [0], threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, cpu = time.perf_counter(), _cpu_seconds()
    try:
        answer = work()
    finally:
        done.set()
        watcher.join()
    return answer, {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(_cpu_seconds() - cpu, 2),
        "peak_mib": round(max(0, peak[0] - before) / 2**20, 1),
    }


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _k_means(count: int, seed: int) -> Grouping:
    def grouping(features: csr_matrix) -> Integers:
        labels = KMeans(count, n_init=1, random_state=seed).fit_predict(_reduced(features))
        return np.asarray(labels, dtype=np.int64)

    return grouping


def _hdbscan(least: int) -> Grouping:
    def grouping(features: csr_matrix) -> Integers:
        labels = np.asarray(HDBSCAN(min_cluster_size=least, copy=True).fit_predict(_reduced(features)), dtype=np.int64)
        alone = labels < 0
        labels[alone] = labels.max() + 1 + np.arange(alone.sum())
        return labels

    return grouping


def _reduced(features: csr_matrix) -> Any:
    return normalize(TruncatedSVD(DIMENSIONS, random_state=SEED).fit_transform(features))


def _reports(messages: Sequence[Message]) -> list[Report]:
    return [Report(each.key, each.received_at, each.text, likes=each.likes) for each in messages]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, default=Path("../shared/data/citizen_messages_zh.csv.gz"))
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000], help="texts of the scaling runs")
    parser.add_argument("--others-on", type=int, default=10_000, help="texts on which the others are timed as well")
    parser.add_argument("--seeds", type=int, default=3, help="starts of k-means; the best counts")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
