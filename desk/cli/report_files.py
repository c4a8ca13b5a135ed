"""`whistle report make` and `rebuild`: reports for decision-makers as files."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.report.facts import Cadence, facts_from_json
from analysis.report.files import Format, file_name
from analysis.report.footer import FooterError, read_footer
from analysis.report.period import last_over
from analysis.windows import ZONE
from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import Language, show_line
from models.reports import Report
from tasks.reporting.checking import Recount, ReportNotKnownError, recount, report_of_footer, what_differs
from tasks.reporting.making import ReportNotPossibleError, make_report, rules_of
from tasks.reporting.writing import file_of, write_file
from tasks.workplace import Workplace

DIFFERENT = REFUSED
"""The exit code of a file that is not the same when it is made again."""


class Which(StrEnum):
    """The formats of one run."""

    HTML = "html"
    DOCX = "docx"
    BOTH = "html,docx"


@one_line_errors()
def make(
    cadence: Annotated[Cadence, typer.Option(help="How often reports of its sort appear")],
    out: Annotated[Path, typer.Option(help="The folder for the files")],
    day: Annotated[
        str | None,
        typer.Option(help="A day of the period, such as 2026-10-31; left out, the last one that is over"),
    ] = None,
    month: Annotated[str | None, typer.Option(help="A month, such as 2026-10")] = None,
    department: Annotated[str, typer.Option(help="A unit's code; left out, the whole city")] = "",
    language: Annotated[Language, typer.Option(help="zh or en")] = Language.ZH,
    format_: Annotated[Which, typer.Option("--format", help="What to write")] = Which.BOTH,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="A new revision, if issues, warnings or orders have changed; numbers stay"
        ),
    ] = False,
) -> None:
    """Issue a report, or find the one issued, and write it. Numbers once told are told the same ever after."""
    now = datetime.now(UTC)
    with local_desk() as place:
        asked = _day(place, cadence, day, month, now)
        try:
            report = make_report(place, cadence, asked, department, now, anew=anew)
        except ReportNotPossibleError as error:
            raise CommandError(str(error)) from None
        out.mkdir(parents=True, exist_ok=True)
        for form in format_.value.split(","):
            path = out / file_name(facts_from_json(report.facts), language.value, Format(form))
            write_file(path, file_of(place, report, language.value, Format(form)))
            show_line(
                f"{path}: report {report.id}, revision {report.revision}, data {report.digest[:12]}, {len(report.blanks)} numbers blank"
            )


@one_line_errors()
def rebuild(
    file: Annotated[Path, typer.Argument(help="A report that this desk has written, HTML or DOCX")],
) -> None:
    """Make a report again from its own footer: is it the same to the byte, and are its numbers still the same?

    Exit code 0: the same bytes and the same numbers. 1: something differs, which is named.
    """
    content = file.read_bytes()
    try:
        footer = read_footer(content)
    except FooterError as error:
        raise CommandError(f"{file.name}: {error}") from None
    with local_desk() as place:
        report = _found(place, footer)
        form = Format.DOCX if content.startswith(b"PK") else Format.HTML
        is_same = file_of(place, report, footer["language"], form) == content
        differs = what_differs(place, report)
        counted = recount(place, report, datetime.now(UTC))
    _tell(file.name, is_same, differs, counted)
    if not is_same or not counted.is_same:
        raise SystemExit(DIFFERENT)


def _tell(name: str, is_same: bool, differs: list[str], counted: Recount) -> None:
    if is_same:
        show_line(f"{name}: made again from its facts, the same to the byte")
    else:
        why = (
            f"; not as then: {', '.join(differs)}"
            if differs
            else "; code and rules are as then, so the file was changed"
        )
        show_line(f"{name}: made again from its facts, NOT the same{why}")
    if counted.is_same:
        show_line(f"counted again: the same data snapshot, {counted.digest[:12]}")
    else:
        show_line(
            f"counted again: {counted.moved} of {counted.numbers} told numbers are others now (data snapshot {counted.digest[:12]})"
        )


def _found(place: Workplace, footer: dict[str, Any]) -> Report:
    try:
        with place.database.reading() as session:
            return report_of_footer(session, footer)
    except (KeyError, ValueError):
        raise CommandError(
            "the report's footer is damaged: its time or its data snapshot cannot be read"
        ) from None
    except ReportNotKnownError as error:
        raise CommandError(str(error)) from None


def _day(place: Workplace, cadence: Cadence, day: str | None, month: str | None, now: datetime) -> date:
    if day and month:
        raise CommandError("name a day or a month, not both")
    try:
        if month:
            return datetime.strptime(month, "%Y-%m").replace(tzinfo=ZONE).date()
        if day:
            return date.fromisoformat(day)
    except ValueError:
        raise CommandError(f"{day or month}: write a day as 2026-10-31 and a month as 2026-10") from None
    return last_over(cadence, now, rules_of(place).rates.windows).last
