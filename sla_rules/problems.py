"""What is wrong with a rule file, before its line is known."""

from dataclasses import dataclass

Location = tuple[str | int, ...]
"""The keys and list positions that lead to an entry, from the top of its file."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and at which entry."""

    location: Location
    reason: str
