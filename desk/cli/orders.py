"""`whistle orders …`: proactive orders: list, show, say something as a unit or a supervisor, let the clocks run."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk, local_speaker, local_speaker_now
from desk.cli.tables import Language, show_line, show_table
from desk.pages.proactive_words import ACT_WORDS, SORT_WORDS, STATE_WORDS
from desk.pages.translation import say as in_words
from models.proactive import OrderAct
from models.vocabulary import Role
from notifications.messages import Language as Spoken
from tasks.proactive.answering import OF_SUPERVISOR, OF_UNIT, Said, say
from tasks.proactive.behind import numbers_behind
from tasks.proactive.book import find_order
from tasks.proactive.standing import orders_at_work, orders_listed, told_of
from tasks.proactive.ticking import Told, due_orders, tick
from tasks.story.timeline import shown_time

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Proactive orders: list, show, answer, decide; let their clocks run.",
)  # fmt: skip
Number = Annotated[str, typer.Argument(help="An order's number, such as P-000012")]
InLanguage = Annotated[Language, typer.Option(envvar="WHISTLE_LANG")]


@app.command("list")
@one_line_errors()
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over")] = False,
    unit: Annotated[str, typer.Option(help="Only those of this unit")] = "",
    lang: InLanguage = Language.ZH,
) -> None:
    """Orders at work, soonest due first."""
    with local_desk() as place, place.database.reading() as session:
        orders = orders_listed(session, owner=unit) if every else [each for each in orders_at_work(session) if unit in ("", each.owner)]
    spoken, at = Spoken(lang.value), lang is Language.EN
    show_table(
        ("主动治理单", "Proactive orders")[at],
        (("编号", "来由", "何事", "类别", "区", "单位", "状态", "时限"), ("number", "about", "what", "kind", "district", "unit", "state", "due"))[at],
        [
            (
                each.label, each.about, in_words(SORT_WORDS[each.sort], spoken), each.kind, each.district, each.owner or "–",
                in_words(STATE_WORDS[each.state], spoken), shown_time(each.due_at),
            )
            for each in orders
        ],
    )  # fmt: skip


@app.command()
@one_line_errors()
def show(number: Number, role: Annotated[Role, typer.Option(help="Act in this role")] = Role.SUPERVISOR, lang: InLanguage = Language.ZH) -> None:
    """One order with its journal in codes and the numbers of the requests behind it; never what was said in words."""
    spoken = Spoken(lang.value)
    with local_desk() as place, place.database.reading() as session:
        order = find_order(session, number)
        entries = [each.entry for each in told_of(place, session, order, only_by="")]
        may_see = role in {Role.OPERATOR, Role.SUPERVISOR}
        cases = numbers_behind(session, order, local_speaker(role, None)) if may_see else []
    show_line(f"{order.label}  {order.grade}  {order.owner or '–'}  {in_words(STATE_WORDS[order.state], spoken)}  {shown_time(order.due_at)}")
    for each in entries:
        show_line(f"{shown_time(each.at)}  {in_words(ACT_WORDS[each.act], spoken)}  {each.actor}")
    if cases:
        show_line(" ".join(cases))


@app.command("say")
@one_line_errors()
def say_(
    number: Number,
    act: Annotated[OrderAct, typer.Argument(help=f"{', '.join(OF_UNIT)} by a unit; {', '.join(OF_SUPERVISOR)} by a supervisor")],
    department: Annotated[str | None, typer.Option(help="Speak as this unit")] = None,
    text: Annotated[str, typer.Option(help="In words; sealed")] = "",
    measure: Annotated[list[str] | None, typer.Option(help="A code of what was done; may be given several times")] = None,
    reason: Annotated[str, typer.Option(help="A code of the order's rules")] = "",
    upheld: Annotated[bool | None, typer.Option("--upheld/--not-upheld", help="Of an objection")] = None,
    owner: Annotated[str, typer.Option(help="The unit that takes it")] = "",
    key: Annotated[str, typer.Option(help="Names this very saying: repeated, it changes nothing")] = "",
) -> None:
    """Say one thing of an order, as its unit or as a supervisor."""
    try:
        said = Said(act=act, text=text, measures=tuple(measure or ()), reason=reason, upheld=upheld, owner=owner)
    except ValidationError as error:
        raise CommandError(error.errors(include_input=False)[0]["msg"]) from None
    with local_desk() as place:
        with place.database.reading() as session:
            order_id = find_order(session, number).id or 0
        speaker = local_speaker_now(place, Role.SUPERVISOR, department)
        is_new = say(place, order_id, said, speaker, f"cli:{key or secrets.token_urlsafe(16)}", datetime.now(UTC))
    show_line(f"{number}: {act.value}{'' if is_new else ' (known)'}")


@app.command()
@one_line_errors()
def tend() -> None:
    """Tell what the clocks of all orders say now, as the flow does every quarter of an hour."""
    now = datetime.now(UTC)
    with local_desk() as place:
        with place.database.reading() as session:
            due = due_orders(session, now)
        told = sum((tick(place, order_id, now) for order_id, _ in due), Told())
    show_line(f"{told.reminded} reminded, {told.escalated} escalated, {told.evaluated} to decide on")
