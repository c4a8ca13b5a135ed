"""`whistle rules whatif`."""

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.tables import Language, show_line
from desk.whatif.asked import WhatIfAsked
from desk.whatif.tables import show_outcome
from models.vocabulary import Target

RulesFolder = Annotated[
    Path, typer.Option("--rules", help="Folder of the rules to try: rules/, calendars/, perhaps catalogue/")
]
Against = Annotated[
    Path | None, typer.Option(help="Folder of the rules to compare with; without it, the live ones")
]
HistoryFile = Annotated[
    Path | None, typer.Option("--history", help="Past cases as .csv or .csv.gz; without it, this desk's own")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(whatif)


@one_line_errors()
def whatif(
    rules: RulesFolder,
    against: Against = None,
    history: HistoryFile = None,
    received: Annotated[str | None, typer.Option(help="Column: when a case came in")] = None,
    due: Annotated[str | None, typer.Option(help="Column: when it was due; the old due time, if no --against")] = None,
    kind: Annotated[str | None, typer.Option(help="Column: what kind of request it is")] = None,
    closed: Annotated[str | None, typer.Option(help="Column: when it was closed; usually found by itself")] = None,
    flag: Annotated[str | None, typer.Option(help="Column: on time or overdue; usually found by itself")] = None,
    grade: Annotated[str | None, typer.Option(help="Column of the grade, or one grade for all, such as U3")] = None,
    department: Annotated[str | None, typer.Option(help="Column: the department that leads")] = None,
    target: Annotated[Target | None, typer.Option(help="Which clock the file is about; closure, if measured")] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of times without an offset; else the calendar's")] = None,
    now: Annotated[datetime | None, typer.Option(help="Look at the file as of this time (UTC)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON")] = False,
    html: Annotated[Path | None, typer.Option(help="Also write a page with charts here")] = None,
    limit_list: Annotated[int, typer.Option(min=0, max=200, help="How many case numbers to name")] = 200,
    lang: Annotated[Language, typer.Option(help="Language of names", envvar="WHISTLE_LANG")] = Language.ZH,
) -> None:
    """What other rules would have made of past cases: due times, lateness, levels, alerts."""
    if html and not html.parent.is_dir():
        raise CommandError(f"{html}: there is no such folder; make it, or name another")
    # pandas and numpy take a second to load, for which no other command of `rules` should wait.
    work = importlib.import_module("desk.whatif.work")
    columns = {
        "received": received, "due": due, "kind": kind, "closed": closed, "flag": flag,
        "grade": grade, "department": department,
    }  # fmt: skip
    asked = WhatIfAsked(rules, against, history, columns, target, zone, limit_list)
    outcome = work.look(asked, now.replace(tzinfo=UTC) if now else datetime.now(UTC))
    if html:
        importlib.import_module("desk.whatif.page").write_page(html, outcome, lang)
    if as_json:
        show_line(json.dumps(outcome, ensure_ascii=False, indent=2))
    else:
        show_outcome(outcome, lang)
        if html:
            show_line(f"page: {html}")
    if outcome.get("bad_rows") and not outcome["cases"]:
        # Most likely another column was meant.
        raise typer.Exit(REFUSED)
