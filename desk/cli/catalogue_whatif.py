"""`whistle catalogue whatif`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from catalogue.snapshot import snapshot_of
from desk.cli.catalogue_tables import progress_line, show_whatif
from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.promoting import By, name_of, refused
from desk.cli.tables import show_line
from models.vocabulary import Versioned
from tasks.house.catalogue_corpus import corpus_report, corpus_words
from tasks.house.catalogue_folder import catalogue_folder
from tasks.house.catalogue_promotion import check_candidate, check_sound
from tasks.house.catalogue_whatif import Reading, whatif_over_cases
from tasks.house.versions import live_version


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(whatif)


@one_line_errors()
def whatif(
    folder: Annotated[Path | None, typer.Argument(help="The catalogue to try; the desk's own folder without it")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back; all cases of harm are judged anyway")] = 365,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest so many, for a quick look")] = None,
    by: By = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON")] = False,
) -> None:
    """Which past cases another catalogue would have sent elsewhere; the live one is compared with.

    Ends with 1 if harm would be lost: such a catalogue cannot be promoted. The words of cases are
    opened here, shown to nobody, and the run is written down.
    """
    now = datetime.now(UTC)
    with local_desk() as place, refused():
        chosen = folder or catalogue_folder(place.settings.home)
        if not chosen.is_dir():
            raise CommandError(f"{chosen} is no folder; make one with `whistle catalogue draft {chosen}`")
        with place.database.reading() as session:
            live = live_version(session, Versioned.CATALOGUE)
        new = check_sound(check_candidate(place, snapshot_of(chosen), live))
        reading = Reading(now - timedelta(days=days), name_of(by), "catalogue-whatif", limit)
        report = whatif_over_cases(place, place.catalogue, new, reading, now, progress_line).to_json()
        report["corpus"] = corpus_report(place.catalogue, new)
    if as_json:
        show_line(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        show_whatif(report)
        if corpus := corpus_words(report["corpus"]):
            show_line(f"corpus: {corpus}")
    if report["harm_lost"]:
        raise typer.Exit(REFUSED)
