"""Which of the real messages belong to the four hot issues: written down before any grouping was run.

A message belongs if its title and text name the topic and, where the issue has one, the place. The words
were chosen by reading titles; no output of a method was looked at, and they are not changed to suit one.
What a rule cannot see, such as a message about the site that names neither, counts against nobody.
"""

import csv
import gzip
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

csv.field_size_limit(10_000_000)
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class HotIssue:
    """One issue that several teams of the contest found, by what its messages must name."""

    code: str
    says: str
    topic: re.Pattern[str]
    place: re.Pattern[str]

    def holds(self, text: str) -> bool:
        """Whether a message is about it."""
        return bool(self.topic.search(text) and self.place.search(text))


HOT_ISSUES = (
    HotIssue(
        "mixing_plant",
        "noise and dust of a concrete mixing plant beside one residential quarter",
        re.compile("搅拌|噪音|噪声|粉尘|烟尘|太吵"),
        re.compile("丽发"),
    ),
    HotIssue(
        "parking_bundle",
        "flats for one employer's staff sold only together with a parking space",
        re.compile("车位|捆绑|绑定"),
        re.compile("伊景园|滨河苑|滨河院|广铁"),
    ),
    HotIssue(
        "talent_subsidy",
        "the city's subsidy for skilled people who buy a flat",
        re.compile("人才"),
        re.compile("(?:购房|租房|住房|新政).{0,12}(?:补贴|补助)"),
    ),
    HotIssue(
        "car_loan_fraud",
        "a fraud case over car loans that victims say does not move",
        re.compile("58车[贷货]|展星投资"),
        re.compile(""),
    ),
)


@dataclass(frozen=True)
class Message:
    """One message; `received_at` is aware."""

    key: str
    text: str
    received_at: datetime
    likes: int


def hot_messages(path: Path) -> tuple[list[Message], list[Message]]:
    """The dated messages of the set in the order they came, and the undated ones (most are of two hot issues).

    An undated message is given a day all the same: they are spread evenly over the span of the others, so
    that none of them can make a week look busy.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["set"] == "att3"]
    dated = sorted((_message(row) for row in rows if row["received_at"]), key=lambda each: (each.received_at, each.key))
    first, span = dated[0].received_at, dated[-1].received_at - dated[0].received_at
    bare = [row for row in rows if not row["received_at"]]
    undated = [_message(row, first + span * (at + 1) / (len(bare) + 1)) for at, row in enumerate(bare)]
    return dated, undated


def truth_of(messages: list[Message]) -> dict[str, frozenset[str]]:
    """The keys of each hot issue's messages."""
    return {
        issue.code: frozenset(each.key for each in messages if issue.holds(each.text)) for issue in HOT_ISSUES
    }


def _message(row: dict[str, str], otherwise: datetime | None = None) -> Message:
    received_at = otherwise or datetime.fromisoformat(row["received_at"]).replace(tzinfo=BEIJING)
    return Message(row["key"], f"{row['title']}\n{row['text']}", received_at, int(float(row["likes"] or 0)))
