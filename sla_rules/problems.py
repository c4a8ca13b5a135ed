"""What is wrong with a rule file, before its line is known."""

from dataclasses import dataclass
from typing import Literal

Location = tuple[str | int, ...]
"""The keys and list positions that lead to an entry, from the top of its file."""

Severity = Literal["error", "warning"]
"""An error keeps a rule set from being used; a warning is for its author to weigh."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, at which entry, and what to do about it."""

    location: Location
    reason: str
    hint: str = ""
    severity: Severity = "error"
    line_column: tuple[int, int] | None = None
    """Where it is, from 1, if that is no entry."""
