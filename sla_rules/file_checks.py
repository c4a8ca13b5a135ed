"""Whether the files of a rule set are all there, whole, and called what is read."""

from collections.abc import Iterator
from difflib import get_close_matches

from models.rule_problems import Problem
from sla_rules.snapshot import ESCALATION, GRADES, PAUSES, PROCEDURE, Snapshot

END = "..."
"""YAML's own end of a document. Without it a list cut off between two entries, as a half-finished
save leaves it, could not be told from a short one."""


def check_end(text: str, partial: bool) -> Iterator[Problem]:
    """The last line of a whole set's file says that it is the last."""
    lines = text.rstrip().splitlines()
    if not lines or lines[-1] == END:
        return
    yield Problem(
        (),
        f"no end line {END}, so nobody can tell whether the file was saved half-way",
        f"look whether anything is missing below, then end the file with a line {END}",
        "warning" if partial else "error",
        (len(lines), 1),
    )


def missing_file(snapshot: Snapshot, path: str) -> tuple[str, str]:
    """Why a file that must be there has no text, and what to do."""
    if path in snapshot.unreadable:
        return snapshot.unreadable[path], ""
    similar = get_close_matches(path, [each for each in snapshot.files if each not in _read(snapshot)], 1)
    if similar:
        return "file not found", f"rename {similar[0]} if that is the file"
    return "file not found", "copy it from the desk's own rules and change the copy"


def stray_files(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Path, reason and hint for every file of rules that nothing reads; calendars may lie ready."""
    for path in (*snapshot.files, *snapshot.unreadable):
        if path.startswith("rules/") and path not in _read(snapshot):
            names = ", ".join(_read(snapshot)[:4])
            yield path, "nothing reads this file", f"the files of a rule set are {names}"


def _read(snapshot: Snapshot) -> tuple[str, ...]:
    return (GRADES, PAUSES, ESCALATION, PROCEDURE, snapshot.calendar_path)
