"""Whether the files that intake goes by can be read, and whether answers are due to be looked at again."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from catalogue.call_rules import load_calls
from catalogue.knowledge_base import load_knowledge
from catalogue.loader import load_catalogue
from desk.doctor.findings import Finding, Level, fine, worse
from models.rule_files import RuleFileError
from notifications.messages import DESK_ZONE

CALLS, KNOWLEDGE = "calls", "knowledge base"


def look_at_intake(home: Path, now: datetime) -> Iterator[Finding]:
    """`calls.yaml` and the knowledge base, the desk's own or the delivered ones."""
    yield _of_calls(home)
    yield _of_knowledge(home, now)


def _of_calls(home: Path) -> Finding:
    try:
        signal = load_calls(home).signal
    except RuleFileError as error:
        return worse(CALLS, Level.BAD, error.problems[0], "correct the file: silent calls cannot be taken in")
    return fine(CALLS, f"{signal.calls} silent calls from one number within {signal.within_days} days go to a person")


def _of_knowledge(home: Path, now: datetime) -> Finding:
    try:
        entries = load_knowledge(home, load_catalogue().kinds).entries.values()
    except RuleFileError as error:
        return worse(KNOWLEDGE, Level.WARN, error.problems[0], "correct the file; until then operators may find nothing")
    stale = [each.id for each in entries if each.is_stale(now.astimezone(DESK_ZONE).date())]
    if stale:
        words = f"{len(stale)} of {len(entries)} entries are due for review, such as {stale[0]}"
        return worse(KNOWLEDGE, Level.WARN, words, "look at their sources again and set reviewed_on and review_by")
    return fine(KNOWLEDGE, f"{len(entries)} entries, none due for review")
