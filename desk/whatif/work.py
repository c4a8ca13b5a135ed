"""Doing what `rules whatif` was asked for: the desk's own cases, or a file of past ones."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalogue.loader import Catalogue, load_catalogue
from desk.cli.errors import CommandError
from desk.cli.live_rules import live_rules
from desk.cli.local_desk import local_desk
from desk.whatif.asked import WhatIfAsked
from desk.whatif.columns import Columns, columns_in, header_of
from desk.whatif.history import History, Reading
from models.vocabulary import Grade, Target
from sla_rules.loader import load_rule_book
from sla_rules.rule_book import RuleBook
from sla_rules.whatif import WhatIf, compare
from sla_rules.whatif_chunk import Leads
from tasks.house.whatif_cases import whatif_over_cases

USUAL_TARGETS = (Target.CLOSURE, Target.FEEDBACK)


def look(asked: WhatIfAsked, now: datetime) -> dict[str, Any]:
    """The whole outcome as plain data.

    Returns:
        What `WhatIf.to_json` says, `whatif_hash`, and `source`: "cases" or "file"; for a file also
        how many rows were read or could not be, and where the first of those stand.

    Raises:
        BulkFileError: The file cannot be read, or lacks a column.
        CommandError: The options do not go together.
        RuleFileError: One of the rule sets cannot be used.
    """
    new = load_rule_book(asked.rules)
    return _over_file(asked, new, now) if asked.history else _over_cases(asked, new, now)


def _over_cases(asked: WhatIfAsked, new: RuleBook, now: datetime) -> dict[str, Any]:
    if any(asked.columns.values()) or asked.zone or asked.target:
        raise CommandError("columns, --target and --zone belong to a file: name it with --history")
    with local_desk() as place:
        old = load_rule_book(asked.against) if asked.against else place.live_rules()
        leads = _leads(place.catalogue, asked)
        whatif = whatif_over_cases(place, old, new, now, leads=leads, most_listed=asked.most_listed)
    return {"source": "cases", "old_is": "rules", **_told(whatif)}


def _over_file(asked: WhatIfAsked, new: RuleBook, now: datetime) -> dict[str, Any]:
    history = _history(asked, new)
    old = _old(asked, history.columns)
    leads = _leads(load_catalogue(), asked) if _tries_catalogue(asked) else None
    reading = Reading()
    whatif = compare(old, new, history.chunks(reading), now, leads=leads, most_listed=asked.most_listed)
    return {
        "source": "file",
        "old_is": "rules" if old else "file",
        **_told(whatif),
        "target": history.target,
        "columns": {name: getattr(history.columns, name) for name in asked.columns},
        "rows": reading.rows,
        "bad_rows": reading.bad_rows,
        "bad_cells": reading.bad_cells,
        "problems": history.problems(reading),
    }


def _history(asked: WhatIfAsked, new: RuleBook) -> History:
    assert asked.history is not None
    header = header_of(asked.history)
    if not asked.columns.get("received"):
        raise CommandError(f"say with --received when a case came in; the columns are {', '.join(header)}")
    named = {name: column for name, column in asked.columns.items() if column}
    grade = _grade(named.get("grade"), header)
    if grade:
        del named["grade"]
    columns = columns_in(header, Columns(**named), asked.history)
    return History(
        path=asked.history,
        columns=columns,
        target=asked.target or _usual_target(new),
        zone=_zone(asked.zone) or new.calendar.zone,
        grade=grade or _usual_grade(new),
        leads={} if columns.department or not columns.kind else leads_by_kind(load_catalogue()),
    )


def _old(asked: WhatIfAsked, columns: Columns) -> RuleBook | None:
    """What to compare with; None for the due times that the file itself says."""
    if asked.against:
        return load_rule_book(asked.against)
    if columns.due:
        return None
    return live_rules()


def leads_by_kind(catalogue: Catalogue) -> dict[str, str]:
    """The department that leads each kind which is dispatched."""
    return {kind.code: kind.lead for kind in catalogue.kinds.values() if kind.lead}


def _tries_catalogue(asked: WhatIfAsked) -> bool:
    return any(folder and (folder / "catalogue").is_dir() for folder in (asked.rules, asked.against))


def _leads(live: Catalogue, asked: WhatIfAsked) -> Leads | None:
    if not _tries_catalogue(asked):
        return None
    return Leads(
        old=leads_by_kind(_catalogue_in(asked.against) or live), new=leads_by_kind(_catalogue_in(asked.rules) or live)
    )


def _catalogue_in(folder: Path | None) -> Catalogue | None:
    there = folder / "catalogue" if folder else None
    return load_catalogue(there) if there and there.is_dir() else None


def _grade(said: str | None, header: tuple[str, ...]) -> Grade | None:
    """The grade that is said for all rows; None if a column is named."""
    if said is None or said in header or said.upper() not in Grade.__members__:
        return None
    return Grade(said.upper())


def _usual_grade(book: RuleBook) -> Grade:
    """The only grade that the rules have, or the general one."""
    return next(iter(book.grades)) if len(book.grades) == 1 else Grade.U3


def _usual_target(book: RuleBook) -> Target:
    measured = [rule.target for grade in book.grades.values() for rule in grade.rules]
    return next((target for target in USUAL_TARGETS if target in measured), measured[0])


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise CommandError(f"no time zone is called {name!r}; write for example Asia/Shanghai") from None


def _told(whatif: WhatIf) -> dict[str, Any]:
    return {"whatif_hash": whatif.whatif_hash, "changes_nothing": whatif.changes_nothing, **whatif.to_json()}
