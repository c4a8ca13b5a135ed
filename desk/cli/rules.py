"""`whistle rules check`, and the place that the other commands about rules hang on."""

import json
import os
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from catalogue.loader import load_catalogue
from desk.cli.errors import SET_UP, one_line_errors
from desk.cli.live_catalogue import live_catalogue
from desk.cli.rules_explain import add_to as add_explaining
from desk.cli.rules_promote import add_to as add_promotion
from desk.cli.rules_whatif import add_to as add_whatif
from desk.cli.tables import show_line
from models.rule_files import RuleFileError
from models.rule_problems import Finding
from models.settings import DeskSettings
from notifications.channels import load_channels
from sla_rules.examples import ExampleResult, run_examples
from sla_rules.findings import findings_of
from sla_rules.known import Known
from sla_rules.loader import rule_book_of
from sla_rules.snapshot import EXAMPLES, HERE, Snapshot, snapshot_of
from tasks.house.known_codes import known_of
from tasks.house.rule_folder import working_folder

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check the catalogue, the rules and the channels.",
)

add_explaining(app)
add_promotion(app)
add_whatif(app)

_PROBLEM = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<field>[^:]+): (?P<reason>.*)", re.DOTALL)


@app.callback()
def _rules() -> None:
    """Check the catalogue, the rules and the channels."""


@app.command()
@one_line_errors()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A rule folder; without it the desk's own files, with catalogue and channels")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs")] = False,
) -> None:
    """Read every rule file and print everything to mend as file:line:column: field: why; hint.

    Ends with 0 if the rules may be used (warnings are printed), with 2 if not.
    """
    found = check_folder(folder, DeskSettings().home, datetime.now(UTC))
    errors = [each for each in found if each.severity == "error"]
    if as_json:
        show_line(_as_json(found, len(errors)))
    else:
        _show(found, len(errors))
    if errors:
        raise typer.Exit(SET_UP)


def check_folder(folder: Path | None, home: Path, now: datetime) -> list[Finding]:
    """Everything there is to say of a rule folder, errors first.

    Args:
        folder: Has `rules/` and `calendars/`; None for the desk's own, whose catalogue and
            channels are then checked as well. Another folder is only compared with them.
        home: The desk's data folder, which channels may name.
        now: Aware.
    """
    around: list[Finding] = []
    known = _known(home, around)
    found = _rule_findings(folder or _own_folder(home), known, now)
    # What channels.yaml lacks is met twice, when it is loaded and when its names are asked for.
    told = dict.fromkeys([*(around if folder is None else ()), *found])
    return sorted(told, key=lambda each: each.severity)


def _own_folder(home: Path) -> Path:
    """Where supervisors of this desk edit; before its first start, what is delivered with it."""
    working = working_folder(home)
    return working if working.is_dir() else HERE


def _known(home: Path, problems: list[Finding]) -> Known | None:
    """The codes of catalogue and channels, with what is wrong with these; None if they are broken."""
    try:
        load_channels(None, os.environ, home)
    except RuleFileError as error:
        problems += map(finding_from, error.problems)
    try:
        return known_of(live_catalogue(DeskSettings()) or load_catalogue())
    except RuleFileError as error:
        problems += map(finding_from, error.problems)
        return None


def _rule_findings(folder: Path, known: Known | None, now: datetime) -> list[Finding]:
    if not folder.is_dir():
        return [finding_from(f"{folder}: is no folder; name the one that has rules/ and calendars/ in it")]
    try:
        snapshot = snapshot_of(folder)
    except RuleFileError as error:
        return [finding_from(problem) for problem in error.problems]
    found = list(findings_of(snapshot, known, now.date()))
    # Rules that cannot be used have nothing to say about an example.
    if not any(each.severity == "error" for each in found):
        results = run_examples(snapshot, rule_book_of(snapshot), known.names if known else None)
        found += [_failed(snapshot, each) for each in results if not each.passed]
    return found


def _failed(snapshot: Snapshot, example: ExampleResult) -> Finding:
    reason = f"{example.say}: expected {example.expected}, found {example.found}"
    return Finding(f"{snapshot.name}/{EXAMPLES}", example.line, 1, "examples", reason, example.why, "error")


def finding_from(problem: str) -> Finding:
    """A problem that was told as one line, as far as it says where it is."""
    found = _PROBLEM.fullmatch(problem)
    if found:
        line, column = int(found["line"]), int(found["column"])
        return Finding(found["file"], line, column, found["field"], found["reason"], "", "error")
    file, _, reason = problem.partition(": ")
    return Finding(file, 1, 1, "file", reason, "", "error")


def _show(found: list[Finding], errors: int) -> None:
    for each in found:
        show_line(f"{each}" if each.severity == "error" else f"{each} (warning)")
    warnings = len(found) - errors
    if errors:
        show_line(f"{errors} to mend, {warnings} to weigh; nothing is used until the {errors} are mended")
    elif warnings:
        show_line(f"in order, with {warnings} to weigh")
    else:
        show_line("everything is in order")


def _as_json(found: list[Finding], errors: int) -> str:
    counted = {"in_order": not errors, "errors": errors, "warnings": len(found) - errors}
    return json.dumps({**counted, "findings": [asdict(each) for each in found]}, ensure_ascii=False, indent=2)
