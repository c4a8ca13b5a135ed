"""`whistle doctor`."""

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from desk.cli.errors import REFUSED
from desk.cli.tables import show_line, show_table
from desk.doctor.channel_test import EVERYBODY, send_tests
from desk.doctor.examination import examine
from desk.doctor.findings import Finding, Level
from models.settings import DeskSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

SAID = {Level.OK: "OK", Level.WARN: "warns", Level.BAD: "FAILS"}


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
    send_test: Annotated[
        list[str] | None,
        typer.Option(help=f"Really send a test to this recipient, such as EDU; as often as needed, or `{EVERYBODY}`."),
    ] = None,
) -> None:
    """Look for everything that is wrong, and say what to do; exit code 1 if anything fails."""
    now, settings = datetime.now(UTC), DeskSettings()
    findings = list(examine(settings, os.environ, now))
    findings += send_tests(settings, os.environ, send_test or (), now)
    is_bad = any(each.level is Level.BAD for each in findings)
    if as_json:
        show_line(_as_json(findings, now, is_bad))
    else:
        rows = [(each.name, SAID[each.level], each.words, each.advice) for each in findings]
        show_table("Whistle doctor", ("check", "is", "found", "what to do"), rows)
    if is_bad:
        raise typer.Exit(REFUSED)


def _as_json(findings: list[Finding], now: datetime, is_bad: bool) -> str:
    told = {"at": now.isoformat(), "ok": not is_bad, "findings": [asdict(each) for each in findings]}
    return json.dumps(told, ensure_ascii=False, indent=2)
