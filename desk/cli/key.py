"""`whistle key …`: who may use the API."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from desk.people.keys import list_clients, make_key, revoke_key, scopes_of
from models.vocabulary import SCOPES_OF, Role, Scope
from notifications.messages import DESK_ZONE
from tasks.story.timeline import shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make, list and revoke API keys.",
)


@app.command()
@one_line_errors()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as edu-duty-room")],
    role: Annotated[Role | None, typer.Option(help="What it may do")] = None,
    department: Annotated[str | None, typer.Option(help="For a department's key, its code")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may be used for; give it more than once for more. All that the role has, if left out")] = None,
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day it works on, in the desk's time zone")] = None,
) -> None:
    """Make a key and print it, alone, on standard output; it cannot be shown again."""
    as_role = role or (Role.DEPARTMENT if department else None)
    if as_role is None:
        raise CommandError("say what the key may do: --role, or --department")
    with local_desk() as place, place.database.writing() as session:
        key = make_key(
            session, name, as_role, department, datetime.now(UTC), scopes=scope or None, expires_at=_end_of(expires)
        )
    show_line(key)


@app.command("list")
@one_line_errors()
def list_() -> None:
    """Every key ever made, without its secret."""
    with local_desk() as place, place.database.reading() as session:
        clients = list_clients(session)
    show_table(
        "API keys",
        ("id", "name", "role", "department", "scopes", "made", "last used", "expires", "revoked"),
        [
            (
                each.id,
                each.name,
                each.role,
                each.department,
                "all" if scopes_of(each) == SCOPES_OF[each.role] else " ".join(sorted(scopes_of(each))),
                shown_time(each.created_at),
                shown_time(each.used_at),
                shown_time(each.expires_at),
                shown_time(each.revoked_at),
            )
            for each in clients
        ],
    )


@app.command()
@one_line_errors()
def revoke(client: Annotated[str, typer.Argument(help="Id or name from `whistle key list`")]) -> None:
    """End a key at once and for good."""
    with local_desk() as place, place.database.writing() as session:
        name = revoke_key(session, client, datetime.now(UTC)).name
    show_line(f"revoked: {name}")


def _end_of(day: datetime | None) -> datetime | None:
    """The midnight that ends a day of the desk."""
    if day is None:
        return None
    return (day + timedelta(days=1)).replace(tzinfo=DESK_ZONE).astimezone(UTC)
