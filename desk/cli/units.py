"""`whistle units …`: what each unit has on its table, who is away and who stands in."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from desk.boards.unit_pages import unit_lines
from desk.bulk.times import moment_of
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk, local_speaker
from desk.cli.tables import Language, show_line, show_table
from models.vocabulary import Role
from tasks.dispatch.units import absences_from, note_absence, note_back
from tasks.story.timeline import ZONE, shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What each unit has on its table, who is away and who stands in.",
)
Unit = Annotated[str, typer.Argument(help="A department's code, such as EDU")]
Moment = Annotated[str | None, typer.Option(help="Such as 2026-11-23 09:00, in Beijing's time unless it names a zone")]


@app.command()
@one_line_errors()
def show(lang: Annotated[Language, typer.Option(envvar="WHISTLE_LANG")] = Language.ZH) -> None:
    """Open orders, clocks that have run out, and deputies; then the absences of now and of later.

    Load chooses between units that the catalogue calls equally fit. It never takes an order from the
    unit it belongs to.
    """
    now = datetime.now(UTC)
    with local_desk() as place, place.database.reading() as session:
        lines = unit_lines(session, place.catalogue, now)
        absences = absences_from(session, now)
    show_table(
        "Units",
        ("unit", "name", "leads", "open", "overdue", "deputy now"),
        [
            (
                each.code, each.name_zh if lang is Language.ZH else each.name_en, "yes" if each.may_lead else "no",
                each.load.open_orders, each.load.overdue, each.deputy,
            )
            for each in lines
        ],
    )  # fmt: skip
    show_table(
        "Absences",
        ("unit", "deputy", "from", "until", "said by"),
        [
            (each.unit, each.deputy, shown_time(each.starts_at), shown_time(each.ends_at), each.said_by)
            for each in absences
        ],
    )


@app.command()
@one_line_errors()
def absent(
    unit: Unit,
    deputy: Annotated[str, typer.Option(help="Who stands in")],
    starts: Annotated[str | None, typer.Option("--from", help="Left out: now")] = None,
    until: Moment = None,
) -> None:
    """Say that a unit is away: its deputy gets its new orders and hears of its open ones."""
    now = datetime.now(UTC)
    with local_desk() as place, place.database.writing() as session:
        noted = note_absence(
            place, session, unit, deputy, _moment("--from", starts) or now, _moment("--until", until),
            local_speaker(Role.SUPERVISOR, None).actor, now,
        )  # fmt: skip
        ends = shown_time(noted.ends_at) or "it is back"
        told = f"{unit} is away from {shown_time(noted.starts_at)} until {ends}; {deputy} stands in"
    show_line(told)


@app.command()
@one_line_errors()
def back(unit: Unit) -> None:
    """Say that a unit is back; orders that its deputy took stay where they are."""
    with local_desk() as place, place.database.writing() as session:
        ended = len(note_back(place, session, unit, local_speaker(Role.SUPERVISOR, None).actor, datetime.now(UTC)))
    show_line(f"{unit} is back; absences ended: {ended}")


def _moment(option: str, written: str | None) -> datetime | None:
    if written is None:
        return None
    moment = moment_of(written, ZONE)
    if moment is None:
        raise CommandError(f"{option}: write it as 2026-11-23 09:00")
    return moment
