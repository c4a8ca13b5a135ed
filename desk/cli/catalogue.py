"""`whistle catalogue check` and `show`, and the place that the other commands about it hang on."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from catalogue.loader import load_catalogue
from catalogue.schema import Department, Kind, Signal
from catalogue.snapshot import HERE, CatalogueSnapshot, snapshot_of
from desk.cli.catalogue_promote import add_to as add_promotion
from desk.cli.catalogue_whatif import add_to as add_whatif
from desk.cli.errors import REFUSED, SET_UP, CommandError, one_line_errors
from desk.cli.live_catalogue import live_catalogue, live_catalogue_version
from desk.cli.tables import show_line, show_table
from models.settings import DeskSettings
from notifications.channels import load_channels
from tasks.house.catalogue_check import Checked, check_catalogue, ordinary_texts
from tasks.house.catalogue_folder import catalogue_folder

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check, try and promote kinds, cues, departments and who leads.",
)

add_promotion(app)
add_whatif(app)

Folder = Annotated[Path | None, typer.Argument(help="A catalogue folder; the desk's own without it")]


@app.callback()
def _catalogue() -> None:
    """Check, try and promote kinds, cues, departments and who leads."""


@app.command()
@one_line_errors()
def check(
    folder: Folder = None,
    everything: Annotated[bool, typer.Option("--all", help="Also weigh the cues of the live version again")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs")] = False,
) -> None:
    """Read every file and print everything to mend or weigh as file:line:column: field: why; hint.

    Ends with 0 if all is in order, 1 if there is something to weigh, 2 if something is to be mended.
    """
    found = check_folder(folder, DeskSettings(), everything=everything)
    if as_json:
        show_line(_as_json(found))
    else:
        _show(found)
    if found.errors or found.warnings:
        raise typer.Exit(SET_UP if found.errors else REFUSED)


def check_folder(folder: Path | None, settings: DeskSettings, *, everything: bool = False) -> Checked:
    """Everything there is to say of a catalogue folder.

    Args:
        folder: None for the one that supervisors of this desk edit; before its first start, what is
            delivered.
        settings: Which desk; its live version says which cues were weighed before.
        everything: Tell of those again.

    Raises:
        CommandError: There is no such folder.
        RuleFileError: A file is being saved right now, or the channels cannot be read.
    """
    own = catalogue_folder(settings.home)
    chosen = folder or (own if own.is_dir() else HERE)
    if not chosen.is_dir():
        raise CommandError(f"{chosen} is no folder; make one with `whistle catalogue draft {chosen}`")
    live = None if everything else live_catalogue_version(settings)
    shipped = None if everything or live else snapshot_of(HERE)
    known = CatalogueSnapshot("live", live.files) if live else shipped
    reached = load_channels(None, {}, settings.home).recipients
    return check_catalogue(snapshot_of(chosen), reached=reached, ordinary=ordinary_texts(), known=known)


@app.command()
@one_line_errors()
def show(code: Annotated[str, typer.Argument(help="Of a kind, a department or a signal")] = "") -> None:
    """What the live catalogue says: all kinds with their leads, or one entry whole."""
    live = live_catalogue(DeskSettings()) or load_catalogue()
    if not code:
        rows = [
            (kind.code, kind.name_zh, kind.grade, kind.route, kind.lead, " ".join(kind.with_departments))
            for kind in live.kinds.values()
        ]
        show_table(f"Catalogue {live.digest[:12]}", ("kind", "name", "grade", "route", "lead", "with"), rows)
        return
    signals = {each.id: each for each in live.signals}
    entry = live.kinds.get(code.upper()) or live.departments.get(code.upper()) or signals.get(code.lower())
    if entry is None:
        raise CommandError(f"the catalogue has no {code}; `whistle catalogue show` lists the kinds")
    _show_entry(entry)


def _show_entry(entry: Kind | Department | Signal) -> None:
    said = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    cues = said.pop("cues", {})
    show_table(entry.name_zh if not isinstance(entry, Signal) else entry.meaning, ("field", "says"), said.items())
    for language, phrases in cues.items():
        shown = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in phrases]
        show_line(f"{language}: {', '.join(shown)}")


def _show(found: Checked) -> None:
    for each in found.findings:
        show_line(f"{each}" if each.severity == "error" else f"{each} (warning)")
    errors, warnings = len(found.errors), len(found.warnings)
    if errors:
        show_line(f"{errors} to mend, {warnings} to weigh; nothing goes live until the {errors} are mended")
    else:
        show_line(f"no errors, {warnings} to weigh" if warnings else "everything is in order")


def _as_json(found: Checked) -> str:
    counted = {"in_order": not found.errors, "errors": len(found.errors), "warnings": len(found.warnings)}
    return json.dumps({**counted, "findings": [asdict(each) for each in found.findings]}, ensure_ascii=False, indent=2)
