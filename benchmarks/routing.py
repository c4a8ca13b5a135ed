"""How well our way of reading sends ordinary requests to the right desk, on other cities' data.

`python -m benchmarks.routing [--messages FILE] [--boston FILE] [--json [FILE]]` learns with the same
runs and the same regression as the desk's classifier. Five folds, drawn
by a hash; Boston's titles repeat, so it is also tested on titles never learned from (`unseen`).
Elsewhere: macro-F1 0.87 to 0.93 on the seven first-level classes of the messages, from about nine
times as many labelled texts as `label` has here, and 0.78 on Boston's case_title to department.
"""

import argparse
import csv
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.messages import MessagesError, first_level
from benchmarks.scores import kind_scores
from catalogue.normalise import normalise
from classifier.choosing import learn_choice

FOLDS = 5
RAREST = 10
Pair = tuple[str, str]


def figures_of(pairs: Sequence[Pair], *, by_text: bool = False) -> dict[str, Any]:
    """Scores of (text, class) pairs; a class with fewer than ten texts is left out and counted.

    Args:
        pairs: Text and class.
        by_text: Keep equal texts on one side, so that every tested one is new to the model.
    """
    counts = Counter(label for _, label in pairs)
    kept = [(normalise(text), label) for text, label in pairs if counts[label] >= RAREST]
    folds = [_fold(text if by_text else f"{number} {text}") for number, (text, _) in enumerate(kept)]
    truth, said, learned, took = [], [], 0.0, 0.0
    for fold in range(FOLDS):
        started = time.perf_counter()
        chooser = learn_choice([each for each, at in zip(kept, folds, strict=True) if at != fold])
        learned += time.perf_counter() - started
        test = [each for each, at in zip(kept, folds, strict=True) if at == fold]
        started = time.perf_counter()
        said += [chooser.choose(text) for text, _ in test]
        took += time.perf_counter() - started
        truth += [label for _, label in test]
    macro, weighted = kind_scores(truth, said)
    return {
        "texts": len(kept), "classes": len(set(truth)), "left_out": len(pairs) - len(kept),
        "accuracy": sum(map(str.__eq__, truth, said)) / len(truth),
        "macro_f1": macro, "weighted_f1": weighted,
        "learn_s": learned / FOLDS, "texts_per_s": len(truth) / took,
    }  # fmt: skip


def _fold(text: str) -> int:
    return sha256(text.encode()).digest()[0] % FOLDS


def boston_pairs(path: Path) -> list[Pair]:
    """Title and department of Boston's requests.

    Raises:
        MessagesError: The file or a column is missing.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            return [(row["case_title"], row["department"]) for row in csv.DictReader(lines)]
    except (OSError, KeyError) as error:
        raise MessagesError(f"{path}: cannot be used ({error}); it needs case_title and department") from None


def main() -> int:
    """Measure what was asked for and print it."""
    wanted = _arguments()
    figures: dict[str, Any] = {"machine": describe_machine()}
    try:
        if wanted.messages:
            figures["first_level"] = figures_of(first_level(wanted.messages))
        if wanted.boston:
            pairs = boston_pairs(wanted.boston)
            figures["boston"] = figures_of(pairs)
            figures["boston_unseen"] = figures_of(pairs, by_text=True)
    except MessagesError as error:
        print(error, file=sys.stderr)
        return 2
    if wanted.json == "-":
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return 0
    if wanted.json:
        Path(wanted.json).write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(figures["machine"])
    for name in ("first_level", "boston", "boston_unseen"):
        shown = (f"{key} {value:,.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.get(name, {}).items())
        print(f"{name}: {'; '.join(shown) or 'not measured'}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--messages", type=Path, help="CSV of messages with key, title, text and label")
    parser.add_argument("--boston", type=Path, help="CSV (.gz) of requests with case_title and department")
    parser.add_argument("--json", nargs="?", const="-", help="print JSON, or write it to this file")
    wanted = parser.parse_args()
    if not (wanted.messages or wanted.boston):
        parser.error("nothing to measure: pass --messages, --boston or both")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
