"""What is wrong with a file that people edit: before its line is known, and as it is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Location = tuple[str | int, ...]
"""The keys and list positions that lead to an entry, from the top of its file."""

Severity = Literal["error", "warning"]
"""An error keeps a set of files from being used; a warning is for its author to weigh."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, at which entry, and what to do about it."""

    location: Location
    reason: str
    hint: str = ""
    severity: Severity = "error"
    line_column: tuple[int, int] | None = None
    """Where it is, from 1, if that is no entry."""


@dataclass(frozen=True)
class Finding:
    """One thing to mend (or, as a warning, to weigh), with line and column from 1."""

    file: str
    line: int
    column: int
    field: str
    reason: str
    hint: str
    severity: Severity

    def __str__(self) -> str:
        """One line: `file:line:column: field: reason; hint`."""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.field}: {self.reason}{hint}"


def lines_of(findings: Iterable[Finding], severity: Severity) -> tuple[str, ...]:
    """One line for each finding of that severity."""
    return tuple(str(each) for each in findings if each.severity == severity)
