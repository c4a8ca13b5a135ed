"""`whistle retention …`: what is due to be sealed, legal holds, and the proof of a sealing."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel import col, select

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from models.case import Case
from models.proactive import ProactiveOrder
from models.sealing import SealProof
from models.vocabulary import HoldReason, Role
from tasks.news.inbox import Speaker, find_case
from tasks.proactive.sealing import orders_due_for_sealing, seal_order
from tasks.story.timeline import shown_time
from tasks.words.retention import due_for_sealing, hold, lift_hold, rules_of, seal_case

SPEAKER = Speaker("cli", Role.ADMINISTRATOR)
Number = Annotated[str, typer.Argument(help="The case, such as W-000123")]
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="How long words are kept.")


@app.command()
@one_line_errors()
def rules() -> None:
    """The classes in force."""
    with local_desk() as place:
        found = rules_of(place)
    orders = [("orders", "未诉先办单", str(found.orders.seal_after), found.orders.source)] if found.orders else []
    classes = [(each.code, each.name.zh, str(each.seal_after), each.source) for each in found.classes]
    show_table("Retention", ("class", "name", "sealed after", "source"), [*classes, *orders])


@app.command()
@one_line_errors()
def due(limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100) -> None:
    """Cases and proactive orders whose words would be destroyed now, oldest first."""
    with local_desk() as place, place.database.reading() as session:
        found = rules_of(place)
        ids = due_for_sealing(session, found, datetime.now(UTC), limit)
        cases = session.exec(select(Case).where(col(Case.id).in_(ids)).order_by(col(Case.closed_at))).all()
        ordered = orders_due_for_sealing(session, found, datetime.now(UTC), limit)
        orders = session.exec(select(ProactiveOrder).where(col(ProactiveOrder.id).in_(ordered)).order_by(col(ProactiveOrder.closed_at))).all()
    rows = [(each.label, shown_time(each.closed_at), found.class_of(each.grade, harm=each.harm).code) for each in cases]
    show_table("Due", ("case", "closed", "class"), [*rows, *((each.label, shown_time(each.closed_at), "orders") for each in orders if each.closed_at)])


@app.command()
@one_line_errors()
def seal(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 500,
    yes: Annotated[bool, typer.Option("--yes", help="You have looked at `due`: what is sealed never comes back")] = False,
) -> None:
    """Destroy the words of what is due."""
    if not yes:
        raise CommandError("nothing was sealed; look at `whistle retention due`, then say --yes")
    now = datetime.now(UTC)
    with local_desk() as place:
        found = rules_of(place)
        with place.database.reading() as session:
            ids = due_for_sealing(session, found, now, limit)
            orders = orders_due_for_sealing(session, found, now, limit)
        sealed = sum(seal_case(place, found, each, now) for each in ids)
        emptied = sum(seal_order(place, found, each, now) for each in orders)
    show_line(f"sealed: {sealed} of {len(ids)} due; orders: {emptied} of {len(orders)} due")


@app.command("hold")
@one_line_errors()
def hold_(number: Number, reason: Annotated[HoldReason, typer.Option(help="Why its words must stay")]) -> None:
    """Forbid the sealing of one case."""
    with local_desk() as place:
        hold(place, number, reason, SPEAKER, datetime.now(UTC))
    show_line(f"held: {number}")


@app.command()
@one_line_errors()
def lift(number: Number) -> None:
    """End the hold."""
    with local_desk() as place:
        ended = lift_hold(place, number, SPEAKER, datetime.now(UTC))
    show_line(f"lifted: {number}" if ended else f"{number} was not held")


@app.command()
@one_line_errors()
def proof(number: Number) -> None:
    """What is left of a sealed case."""
    with local_desk() as place, place.database.reading() as session:
        found = session.get(SealProof, find_case(session, number, SPEAKER).id)
    if found is None:
        raise CommandError(f"{number} is not sealed")
    show_table(
        f"{number} was sealed",
        ("at", "class", "rules", "journal", "texts", "people", "files", "bytes"),
        [(shown_time(found.at), found.retention_class, found.rules_digest[:12], found.journal_head[:12], found.texts, found.people, found.files, found.bytes)],
    )
