"""`whistle links …`: which cases may be one matter, what a person says to it, how often people ask again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from analysis.repeat_rate import RepeatCell, repeat_rate
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk, local_speaker
from desk.cli.tables import Language, show_line, show_table
from desk.link_words import FIELD_WORDS, STATE_WORDS, TEXTS
from models.matching import MatchField, ProposalState
from models.vocabulary import Role
from tasks.links.backlog import index_cases
from tasks.links.decisions import LinkChoice, decide_link
from tasks.links.proposals import LinksWanted, ProposalShown, proposal, proposals
from tasks.story.timeline import ZONE, shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Cases that may be one matter: list, show, accept, decline; and how often people ask again.",
)
InLanguage = Annotated[Language, typer.Option(help="Language of names and reasons", envvar="WHISTLE_LANG")]
AsRole = Annotated[Role, typer.Option(help="Act in this role")]
Id = Annotated[int, typer.Argument(help="A proposal's number, from `whistle links list`", min=1)]
Why = Annotated[str, typer.Option(help="A code such as same_child, same_place, other_child, not_enough")]


@app.command("list")
@one_line_errors()
def list_(
    state: Annotated[ProposalState, typer.Option(help="What became of them")] = ProposalState.PROPOSED,
    strong: Annotated[
        bool, typer.Option("--strong", help="Only those the duty supervisor was told of")
    ] = False,
    after: Annotated[int, typer.Option(min=0, help="Only numbers above this")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    role: AsRole = Role.SUPERVISOR,
    lang: InLanguage = Language.ZH,
) -> None:
    """Proposals, oldest first: codes and times, never what anybody said."""
    wanted = LinksWanted(state=state, strong=strong, after=after, limit=limit)
    with local_desk() as place, place.database.reading() as session:
        page = proposals(session, local_speaker(role, None), wanted)
    show_table(
        _word("links", lang),
        [_word(each, lang) for each in HEADS],
        [_row(each, lang) for each in page.proposals],
    )
    if page.next_after is not None:
        show_line(f"--after {page.next_after}")


HEADS = ("id", "case", "other", "score", "strong", "conflict", "why", "state", "proposed")


def _row(shown: ProposalShown, lang: Language) -> tuple[object, ...]:
    agreeing = [_field(str(each["field"]), lang) for each in shown.reasons if each["agrees"]]
    return (
        shown.id, _side(shown, "case"), _side(shown, "other"), shown.score, _yes(shown.strong, lang),
        _yes(shown.conflict, lang), "、".join(agreeing) if lang is Language.ZH else ", ".join(agreeing),
        STATE_WORDS[shown.state][lang is Language.EN], shown_time(shown.at),
    )  # fmt: skip


def _side(shown: ProposalShown, which: Literal["case", "other"]) -> str:
    side = shown.case if which == "case" else shown.other
    return " ".join(each for each in (side.number, side.grade, side.kind or "", side.status) if each)


@app.command()
@one_line_errors()
def show(
    number: Id,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    role: AsRole = Role.SUPERVISOR,
    lang: InLanguage = Language.ZH,
) -> None:
    """One proposal with every piece of evidence and its weight (log2 odds)."""
    with local_desk() as place, place.database.reading() as session:
        shown = proposal(session, number, local_speaker(role, None))
    if as_json:
        show_line(json.dumps(shown.to_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(shown, lang)


def _tell(shown: ProposalShown, lang: Language) -> None:
    show_line(f"{shown.id}  {_side(shown, 'case')}  ↔  {_side(shown, 'other')}")
    decided = (
        f" · {shown.decided_by} · {shown_time(shown.decided_at)} · {shown.reason}" if shown.decided_by else ""
    )
    show_line(f"{STATE_WORDS[shown.state][lang is Language.EN]}{decided}")
    if shown.conflict:
        show_line(_word("conflict_note", lang))
    show_table(
        _word("evidence", lang),
        [_word(each, lang) for each in ("field", "agrees", "weight")],
        [
            (_field(str(each["field"]), lang), _yes(bool(each["agrees"]), lang), f"{each['weight']:+.1f}")
            for each in shown.reasons
        ],
    )
    show_line(f"{_word('score', lang)} {shown.score:+.1f}")


@app.command()
@one_line_errors()
def accept(number: Id, reason: Why, role: AsRole = Role.SUPERVISOR) -> None:
    """Say that the two are one matter; facts and grade go up to the earlier case within seconds."""
    _decide(number, ProposalState.LINKED, reason, role)


@app.command()
@one_line_errors()
def decline(number: Id, reason: Why, role: AsRole = Role.SUPERVISOR) -> None:
    """Say that they are not; the pair is never proposed again."""
    _decide(number, ProposalState.DECLINED, reason, role)


def _decide(
    number: int, wanted: Literal[ProposalState.LINKED, ProposalState.DECLINED], reason: str, role: Role
) -> None:
    with local_desk() as place:
        done = decide_link(
            place, number, wanted, _choice(reason), local_speaker(role, None), datetime.now(UTC)
        )
    show_line(f"{done.id}: {done.case.number} {done.other.number} {done.state} {done.reason}")


def _choice(reason: str) -> LinkChoice:
    try:
        return LinkChoice.model_validate({"reason": reason})
    except ValidationError as error:
        raise CommandError(f"--reason: {error.errors(include_input=False)[0]['msg']}") from None


@app.command()
@one_line_errors()
def index(
    again: Annotated[
        bool, typer.Option("--again", help="Also cases that have fingerprints, after a change of links.yaml")
    ] = False,
) -> None:
    """Make the fingerprints of cases that have none, newest first; nothing is proposed for them."""
    with local_desk() as place:
        made = index_cases(place, datetime.now(UTC), again=again)
    show_line(f"{made} cases")


@app.command()
@one_line_errors()
def repeats(
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, Beijing time")],
    to: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    lang: InLanguage = Language.ZH,
) -> None:
    """Repeat-demand rate: requests about a matter taken in shortly before, by kind and by district."""
    first, until = (each.replace(tzinfo=ZONE).astimezone(UTC) for each in (from_, to + timedelta(days=1)))
    if until <= first:
        raise CommandError("--to lies before --from")
    with local_desk() as place, place.database.reading() as session:
        rate = repeat_rate(session, first, until, place.catalogue.links.repeat_days)
    if as_json:
        show_line(json.dumps(rate.to_dict(), ensure_ascii=False, indent=2))
        return
    show_line(_word("within", lang).format(days=rate.days))
    for title, cells in (
        ("all", (rate.total,)),
        ("by_kind", rate.by_kind),
        ("by_district", rate.by_district),
    ):
        heads = ["", *(_word(each, lang) for each in ("requests", "repeated", "share"))]
        show_table(_word(title, lang), heads, [_cell(each) for each in cells])
    show_line(_word("blank", lang))


def _cell(cell: RepeatCell) -> tuple[object, ...]:
    share = "—" if cell.share is None else f"{cell.share:.1%}"
    return (
        cell.code or "—",
        *("—" if each is None else each for each in (cell.requests, cell.repeated)),
        share,
    )


def _word(name: str, lang: Language) -> str:
    return TEXTS[name][lang is Language.EN]


def _field(code: str, lang: Language) -> str:
    return FIELD_WORDS[MatchField(code)][lang is Language.EN]


def _yes(is_so: bool, lang: Language) -> str:
    return _word("yes" if is_so else "no", lang)
