"""`whistle catalogue draft`, `promote`, `rollback` and `history`: how a catalogue goes live."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from catalogue.snapshot import CatalogueSnapshot, snapshot_of
from desk.cli.catalogue_tables import progress_line, show_lost, whatif_words
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.promoting import By, Reason, Yes, name_of, reason_of, refused
from desk.cli.tables import show_line, show_table
from models.house import HouseVersion
from models.rule_files import RuleFileError
from models.vocabulary import Versioned
from tasks.house.catalogue_corpus import corpus_words
from tasks.house.catalogue_folder import catalogue_folder, draft_live_catalogue
from tasks.house.catalogue_promotion import HarmLostError, check_candidate, make_live, prepare_candidate
from tasks.house.rule_folder import RuleFolderError, based_on, mark_based_on
from tasks.house.versions import HouseCandidate, HouseWish, the_live_version, version, versions_of
from tasks.story.timeline import shown_time
from tasks.workplace import Workplace

SHORT = 12
Folder = Annotated[Path | None, typer.Argument(help="The catalogue folder; the desk's own without it")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands on `whistle catalogue`."""
    app.command()(draft)
    app.command()(promote)
    app.command()(rollback)
    app.command()(history)


@one_line_errors()
def draft(folder: Folder = None) -> None:
    """Write the live catalogue into a folder, to be edited there.

    An unedited draft of an earlier version is brought up to date; anything else is refused.
    """
    with local_desk() as place, refused(), place.database.reading() as session:
        chosen = folder or catalogue_folder(place.settings.home)
        live = draft_live_catalogue(session, chosen)
    show_line(f"version {live.number} is in {chosen}; edit it, then: whistle catalogue whatif {chosen}")


@one_line_errors()
def promote(
    reason: Reason,
    folder: Folder = None,
    by: By = "",
    onto: Annotated[int | None, typer.Option(help="The live version you have compared with")] = None,
    yes: Yes = False,
) -> None:
    """Check a catalogue, judge past cases by it, and make it live unless it loses harm.

    Workers and pages take it up within seconds, without restart. Nothing overrides a refusal for
    harm that would no longer be seen.
    """
    with local_desk() as place, refused():
        chosen = folder or catalogue_folder(place.settings.home)
        if not chosen.is_dir():
            raise CommandError(f"{chosen} is no folder; make one with `whistle catalogue draft {chosen}`")
        wish = HouseWish(onto or based_on(chosen), name_of(by), reason_of(reason))
        row = _go_live(place, snapshot_of(chosen), wish, yes)
        mark_based_on(chosen, row.number)
    _say_live(row)


@one_line_errors()
def rollback(
    number: Annotated[int, typer.Argument(help="The version to put back, from `whistle catalogue history`")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Make the files of an earlier version live again, under a new number.

    They are checked and compared like any others: harm that only the newer one hears keeps it live.
    """
    with local_desk() as place, refused():
        with place.database.reading() as session:
            earlier = version(session, Versioned.CATALOGUE, number)
            live = the_live_version(session, Versioned.CATALOGUE)
        wish = HouseWish(live.number, name_of(by), reason_of(reason), rolls_back_to=number)
        row = _go_live(place, CatalogueSnapshot(f"version {number}", earlier.files), wish, yes)
        _refresh_folder(place)
    _say_live(row)


@one_line_errors()
def history(as_json: Annotated[bool, typer.Option("--json", help="As JSON, with whole hashes")] = False) -> None:
    """Every catalogue that ever went live, newest first."""
    with local_desk() as place, place.database.reading() as session:
        rows = versions_of(session, Versioned.CATALOGUE)[::-1]
    if as_json:
        show_line(json.dumps([_as_json(row) for row in rows], ensure_ascii=False, indent=2))
        return
    show_table(
        "Catalogues, newest first",
        ("version", "live since", "by", "reason", "catalogue", "what-if", "puts back"),
        [
            (
                row.number, shown_time(row.at), row.promoted_by, row.reason, row.digest[:SHORT],
                whatif_words(row.reports["whatif"]), row.rolls_back_to,
            )
            for row in rows
        ],
    )  # fmt: skip


def _go_live(place: Workplace, snapshot: CatalogueSnapshot, wish: HouseWish, yes: bool) -> HouseVersion:
    """Check, compare, ask and promote; what was checked is what goes live, whatever is saved meanwhile."""
    with place.database.reading() as session:
        live = the_live_version(session, Versioned.CATALOGUE)
    checked = check_candidate(place, snapshot, live)
    for warning in checked.warnings:
        show_line(f"warning: {warning}")
    try:
        candidate = prepare_candidate(place, checked, wish, datetime.now(UTC), progress_line)
    except HarmLostError as error:
        show_lost(error.whatif.to_json())
        raise
    for line in _summary(candidate, live):
        show_line(line)
    if not yes and not typer.confirm("Make this catalogue live?"):
        raise CommandError("nothing was changed")
    return make_live(place, checked, candidate, wish, datetime.now(UTC))


def _summary(candidate: HouseCandidate, live: HouseVersion) -> Iterator[str]:
    names = sorted({*live.files, *candidate.files})
    changed = [name for name in names if live.files.get(name) != candidate.files.get(name)]
    yield f"version {live.number} is live since {shown_time(live.at)}, by {live.promoted_by}"
    yield f"changed files: {', '.join(changed)}"
    yield f"check: no errors, {len(candidate.reports['checked']['warnings'])} warnings"
    yield f"what-if: {whatif_words(candidate.reports['whatif']) or 'nothing to compare with'}"
    if corpus := corpus_words(candidate.reports["corpus"]):
        yield f"corpus: {corpus}"


def _refresh_folder(place: Workplace) -> None:
    """Bring the desk's own folder up to what is live, unless somebody has begun to edit it."""
    folder = catalogue_folder(place.settings.home)
    with place.database.reading() as session:
        try:
            draft_live_catalogue(session, folder)
        except (RuleFolderError, RuleFileError):
            show_line(f"{folder} holds an edit and was left as it is")


def _say_live(row: HouseVersion) -> None:
    show_line(f"version {row.number} of the catalogue is live ({row.digest[:SHORT]})")


def _as_json(row: HouseVersion) -> dict[str, Any]:
    return {**row.model_dump(mode="json", exclude={"files", "blob"}), "files": sorted(row.files)}
