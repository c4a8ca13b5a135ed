"""A report as a document, before any file format: headings, paragraphs, tables and charts made of runs.

A number is never plain text: it is a `Num` that names the figure it tells, so that each can be traced to its query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analysis.charts.drawing import Drawing


@dataclass(frozen=True)
class Text:
    """Our own words; holds no number but those of laws and headings."""

    text: str


@dataclass(frozen=True)
class Num:
    """A number, a day or the sign that it is held back; `figure` is its path (`analysis/report/paths.py`)."""

    text: str
    figure: str


@dataclass(frozen=True)
class Word:
    """Words that come from the data, such as a topic; `figure` is their path."""

    text: str
    figure: str


Run = Text | Num | Word
Runs = tuple[Run, ...]


class Tone(StrEnum):
    """How a paragraph is set."""

    BODY = "body"
    LEAD = "lead"
    NOTE = "note"
    SIGNED = "signed"


@dataclass(frozen=True)
class Heading:
    """`level` 1 or 2; `mark` is its number as written, such as 一、"""

    level: int
    mark: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    runs: Runs
    tone: Tone = Tone.BODY


@dataclass(frozen=True)
class Listing:
    """Items in an order; each has a first paragraph in heavy type and what belongs to it."""

    items: tuple[tuple[Runs, tuple[Runs, ...]], ...]
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One cell; `is_number` sets it to the right, `is_code` keeps it on one line, `drawing` stands in place of runs."""

    runs: Runs
    is_number: bool = False
    is_code: bool = False
    drawing: Drawing | None = None


@dataclass(frozen=True)
class Grid:
    """A table with its caption above; the first `row_heads` cells of each row name it."""

    mark: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_heads: int = 1
    note: Runs = ()
    widths: tuple[int, ...] = ()
    """Shares of the page's width, one a column; even ones when empty."""


@dataclass(frozen=True)
class Picture:
    """A chart with its caption below."""

    mark: str
    caption: str
    drawing: Drawing


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Listing | Grid | Picture | NewPage


@dataclass(frozen=True)
class Paper:
    """The whole document; `footer` is what it was made from, also in words (`small_print`)."""

    language: str
    masthead: str
    issuer: str
    dated: Runs
    title: Runs
    period: Runs
    blocks: tuple[Block, ...]
    small_print: tuple[Runs, ...]
    footer: Mapping[str, Any]
