"""How well the reply gate tells a reply from a form letter: `python -m benchmarks.replies [--data FOLDER]`.

Real replies of `citizen_messages_zh.csv.gz` (README of the shared data), labelled by one reader in
`reply_labels.csv`: `seen` while the gate was written, `held_out` drawn afterwards. Exit code 1 where an aim is missed.
"""

import argparse
import csv
import gzip
import sys
import time
from collections import Counter
from pathlib import Path

from tasks.closing.reply_quality import judge_reply, language_of_reply

LABELS = Path(__file__).with_name("reply_labels.csv")
DATA = Path(__file__).parents[1].parent / "shared" / "data"
MOST_WRONGLY_SENT_BACK, FEWEST_CAUGHT = 0.03, 0.7


def main() -> int:
    """Print what the gate says of the labelled replies, and of all of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=DATA)
    file = asked.parse_args().data / "citizen_messages_zh.csv.gz"
    if not file.exists():
        print(f"not measured: {file.name} is not there (give its folder with --data)")
        return 0
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        replies = {row["key"]: row for row in csv.DictReader(lines) if row["reply"].strip()}
    began = time.perf_counter()
    said = {key: judge_reply(row["reply"], row["text"], (), language_of_reply(row["reply"])) for key, row in replies.items()}
    seconds = time.perf_counter() - began
    fine = True
    with LABELS.open(encoding="utf-8") as lines:
        labels = list(csv.DictReader(lines))
    for part in ("seen", "held_out"):
        real = [each["key"] for each in labels if each["set"] == part and each["says_something"] == "true"]
        hollow = [each["key"] for each in labels if each["set"] == part and each["says_something"] == "false"]
        caught = sum(said[key] is not None for key in hollow) / len(hollow)
        wrong = sum(said[key] is not None for key in real) / len(real)
        fine = fine and wrong <= MOST_WRONGLY_SENT_BACK and caught >= FEWEST_CAUGHT
        print(f"{part:9} hollow caught {caught:.2f} of {len(hollow)}, real sent back {wrong:.2f} of {len(real)}")
    found = Counter(each.value if each else "says something" for each in said.values())
    print(f"all {len(said)} replies: {dict(found.most_common())}; {len(said) / seconds:,.0f} replies/s")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
