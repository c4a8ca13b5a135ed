"""What a look at the desk finds: one line with how bad it is and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Fine, to be seen to soon, or wrong now."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice` is empty if nothing need be done."""

    name: str
    level: Level
    words: str
    advice: str = ""


def fine(name: str, words: str) -> Finding:
    """Nothing to do."""
    return Finding(name, Level.OK, words)


def worse(name: str, level: Level, words: str, advice: str) -> Finding:
    """Something to do."""
    return Finding(name, level, words, advice)
