"""Real messages and people's labels of them, from files that stay where they are."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

csv.field_size_limit(10_000_000)
NEEDED = ("key", "in_scope", "kind", "also", "grade", "lead", "harm")


class MessagesError(ValueError):
    """A file of messages or labels cannot be used; the message names file, line, field and what to do."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message with what people made of it; `lead` is the department's short Chinese name."""

    key: str
    text: str
    in_scope: bool
    kind: str
    also: frozenset[str]
    grade: str
    lead: str
    harm: bool

    @property
    def kinds(self) -> frozenset[str]:
        """Every acceptable kind."""
        return self.also | {self.kind}


def labelled_messages(messages: Path, labels: Path) -> list[Labelled]:
    """The labelled messages, in the order of the labels.

    Raises:
        MessagesError: A file, a column or a message is missing.
    """
    rows = list(_rows(labels))
    _require(labels, rows, NEEDED)
    texts = texts_by_key(messages)
    missing = [row["key"] for row in rows if row["key"] not in texts]
    if missing:
        raise MessagesError(f"{messages}: no message with key {missing[0]}, which {labels} labels; use files that belong together")
    return [_labelled(row, texts[row["key"]]) for row in rows]


def texts_by_key(messages: Path) -> dict[str, str]:
    """Title and text of every message, by its key.

    Raises:
        MessagesError: The file or a column is missing.
    """
    rows = list(_rows(messages))
    _require(messages, rows, ("key", "title", "text"))
    return {row["key"]: f"{row['title']}\n{row['text']}" for row in rows}


def first_level(messages: Path) -> list[tuple[str, str]]:
    """Text and first-level class of the messages that have one, each text once."""
    rows = list(_rows(messages))
    _require(messages, rows, ("key", "title", "text", "label"))
    found = {row["key"]: (f"{row['title']}\n{row['text']}", row["label"]) for row in rows if row["label"]}
    return list(found.values())


def _labelled(row: dict[str, str], text: str) -> Labelled:
    return Labelled(
        key=row["key"],
        text=text,
        in_scope=row["in_scope"] == "true",
        kind=row["kind"],
        also=frozenset(filter(None, row["also"].split(";"))),
        grade=row["grade"],
        lead=row["lead"],
        harm=row["harm"] == "true",
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(
            encoding="utf-8", newline=""
        ) as lines:
            yield from csv.DictReader(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise MessagesError(f"{path}: cannot be read ({error}); pass a CSV file, plain or .gz") from None


def _require(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...]) -> None:
    if not rows:
        raise MessagesError(f"{path}: has no rows")
    for column in columns:
        if column not in rows[0]:
            raise MessagesError(f"{path}:1: {column}: the column is missing; its columns are {', '.join(rows[0])}")
