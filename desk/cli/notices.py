"""`whistle notices …`: alerts that could not be delivered."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from notifications.outbox import dead_letters
from notifications.outbox import resend as resend_notice
from tasks.story.timeline import shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="List alerts that could not be delivered, and send them again.",
)


@app.command()
@one_line_errors()
def dead() -> None:
    """Alerts that were given up, oldest first."""
    with local_desk() as place, place.database.reading() as session:
        letters = dead_letters(session)
    show_table(
        "Dead letters",
        ("id", "case", "grade", "ask", "recipient", "tries", "channel", "trouble", "created"),
        [
            (
                each.id,
                each.case_label,
                each.grade,
                each.ask,
                each.recipient,
                each.attempts,
                each.channel,
                each.error_code,
                shown_time(each.created_at),
            )
            for each in letters
        ],
    )
    show_line(f"{len(letters)} dead letters")


@app.command()
@one_line_errors()
def resend(
    ids: Annotated[list[int] | None, typer.Argument(help="Ids from `whistle notices dead`")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter")] = False,
) -> None:
    """Put dead letters back into the outbox, with all their tries."""
    if bool(ids) == everything:
        raise CommandError("name ids, or --all")
    with local_desk() as place:
        if everything:
            with place.database.reading() as session:
                ids = [each.id for each in dead_letters(session) if each.id is not None]
        for notice_id in ids or []:
            resend_notice(place.database, notice_id, datetime.now(UTC))
    show_line(f"{len(ids or [])} alerts will be tried again")
