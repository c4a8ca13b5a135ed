"""What commands print: tables for a person at a terminal, tab-separated lines for everything else."""

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Cells = Sequence[object]


class Language(StrEnum):
    """The two languages the desk speaks."""

    ZH = "zh"
    EN = "en"


def show_table(title: str, heads: Sequence[str], rows: Iterable[Cells]) -> None:
    """Print a table; an empty one is left out where a program reads along."""
    lines = [[_text(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        table = Table(*heads, title=title, title_justify="left", expand=False)
        for line in lines:
            table.add_row(*map(escape, line))
        Console().print(table)
    elif lines:
        typer.echo(f"# {title}")
        for line in [list(heads), *lines]:
            typer.echo("\t".join(line))


def show_line(text: str) -> None:
    """Print one line of words."""
    typer.echo(text)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\t", " ").replace("\n", " ")
