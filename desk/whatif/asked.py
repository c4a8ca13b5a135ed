"""What `rules whatif` was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.vocabulary import Target


@dataclass(frozen=True)
class WhatIfAsked:
    """Rules to try, rules to compare with, and the file of past cases, as named on the command line.

    `columns` are those of the file by what they say; `grade` may also be a grade for all rows.
    """

    rules: Path
    against: Path | None = None
    history: Path | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    target: Target | None = None
    zone: str | None = None
    most_listed: int = 200
