"""`whistle account …`: people who sign in to the pages."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from desk.cli.errors import one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from desk.people.accounts import (
    SECOND_FACTOR,
    disable,
    end_sessions,
    find_account,
    give_new_password,
    list_accounts,
    make_account,
    make_oidc_account,
    needs_code,
    unbind,
    unlock,
)
from models.vocabulary import Role
from tasks.story.timeline import shown_time

Name = Annotated[str, typer.Argument(help="The name its holder signs in with")]
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="People who sign in: add, list, end, unlock, sign out, give a new password.",
)


@app.command()
@one_line_errors()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the person may do")],
    department: Annotated[str | None, typer.Option(help="For the role department, its code")] = None,
    oidc: Annotated[bool, typer.Option("--oidc", help="It signs in at the house's own provider and has no password")] = False,
) -> None:
    """Make an account and print its first password, alone; what to do with it is said on stderr."""
    now = datetime.now(UTC)
    with local_desk() as place, place.database.writing() as session:
        if oidc:
            make_oidc_account(session, name, role, department, now)
            told = f"made: {name}, who signs in at the provider"
        else:
            told = make_account(session, name, role, department, now)
        address = place.settings.link_base
    show_line(told)
    if not oidc:
        _say_how_to_hand_over(name, address, needs_device=role in SECOND_FACTOR)


@app.command("list")
@one_line_errors()
def list_() -> None:
    """Every account ever made."""
    with local_desk() as place, place.database.reading() as session:
        accounts = list_accounts(session)
    show_table(
        "Accounts",
        ("id", "name", "role", "department", "signs in", "second factor", "made", "locked until", "ended"),
        [
            (
                each.id, each.name, each.role, each.department, "provider" if each.oidc else "password", "yes" if each.totp_ct else "no",
                shown_time(each.created_at), shown_time(each.locked_until), shown_time(each.disabled_at),
            )
            for each in accounts
        ],
    )  # fmt: skip


@app.command("end")
@one_line_errors()
def end(name: Name) -> None:
    """End an account at once, with all its sessions."""
    with local_desk() as place, place.database.writing() as session:
        disable(session, name, datetime.now(UTC))
    show_line(f"ended: {name}")


@app.command("end-sessions")
@one_line_errors()
def end_sessions_(name: Name) -> None:
    """Sign every browser of somebody out; the account stays."""
    with local_desk() as place, place.database.writing() as session:
        ended = end_sessions(session, name, datetime.now(UTC))
    show_line(f"signed out: {name} ({ended})")


@app.command("unbind")
@one_line_errors()
def unbind_(name: Name) -> None:
    """Forget the device of somebody who signs in at the provider, and whom the provider said it was."""
    with local_desk() as place, place.database.writing() as session:
        unbind(session, name, datetime.now(UTC))
    show_line(f"unbound: {name}")


@app.command("unlock")
@one_line_errors()
def unlock_(name: Name) -> None:
    """Forget the wrong tries of somebody who is locked out."""
    with local_desk() as place, place.database.writing() as session:
        unlock(session, name)
    show_line(f"unlocked: {name}")


@app.command()
@one_line_errors()
def password(name: Name) -> None:
    """Print a new first password, alone; the second factor is set up anew and every session ends."""
    with local_desk() as place, place.database.writing() as session:
        given = give_new_password(session, name)
        account, address = find_account(session, name), place.settings.link_base
        needs_device = account is not None and needs_code(account)
    show_line(given)
    _say_how_to_hand_over(name, address, needs_device=needs_device)


def _say_how_to_hand_over(name: str, address: str, *, needs_device: bool) -> None:
    """What a person at a terminal must know of the password above; stdout holds nothing but the password, for programs."""
    device = (" Have an authenticator app ready: it is set up next.", "随后要设置动态口令应用，请备好手机。") if needs_device else ("", "")
    for line in (
        f"This first password of {name} is shown only now. Tell it to {name} in person or by telephone, never in a mail or a chat.",
        f"It opens nothing but the page where a password of one's own is chosen: {address}/sign-in.{device[0]} Lost? `whistle account password {name}`",
        f"这是 {name} 的初始密码，只显示这一次：当面或打电话告诉本人，不要发邮件或聊天消息。",
        f"它只能用来在 {address}/sign-in 登录并换成自己的密码，换好之前打不开别的页面。{device[1]}丢了用 `whistle account password {name}` 另发。",
    ):
        typer.echo(line, err=True)
