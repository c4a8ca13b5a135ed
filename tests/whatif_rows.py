"""Small rule books, histories and oracles for the tests of `rules whatif`."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import HERE

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)


def edited_folder(folder: Path, *edits: tuple[str, str], file: str = "rules/grades.yaml") -> Path:
    """The shipped rules in `folder`, with words of one file replaced."""
    for part in ("rules", "calendars"):
        if not (folder / part).exists():
            shutil.copytree(HERE / part, folder / part)
    text = (folder / file).read_text(encoding="utf-8")
    for before, after in edits:
        assert before in text, f"{file} has no {before!r}"
        text = text.replace(before, after)
    (folder / file).write_text(text, encoding="utf-8")
    return folder


def edited_rules(folder: Path, *edits: tuple[str, str], file: str = "rules/grades.yaml") -> RuleBook:
    """The book of such a folder."""
    return load_rule_book(edited_folder(folder, *edits, file=file))


def written(path: Path, *lines: str) -> Path:
    """A text file of these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
