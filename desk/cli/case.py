"""`whistle case …`: show and list cases, and say something about one."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from desk.boards.case_pages import Wanted, newest_cases
from desk.cli.errors import one_line_errors
from desk.cli.local_desk import local_desk, local_speaker_now
from desk.cli.news import form_from
from desk.cli.story import show_story
from desk.cli.tables import Language, show_line, show_table
from models.vocabulary import Grade, NewsKind, Role, Status
from tasks.news.forms import NewsForm
from tasks.news.inbox import Posted, find_case, part_of, post_news
from tasks.story.telling import story_of
from tasks.story.timeline import shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Show and list cases, and say something about one.",
)
Number = Annotated[str, typer.Argument(help="W-000123, or 123")]
AsRole = Annotated[Role, typer.Option(help="Speak in this role")]
AsDepartment = Annotated[str | None, typer.Option(help="Speak for this department instead")]
InLanguage = Annotated[Language, typer.Option(help="Language of names and reasons", envvar="WHISTLE_LANG")]
NewsKey = Annotated[str | None, typer.Option("--key", help="Saying it again with the same key does nothing")]


@app.command()
@one_line_errors()
def show(
    number: Number,
    why: Annotated[bool, typer.Option("--why", help="Also the reason of every decision and clock")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON")] = False,
    department: Annotated[str | None, typer.Option(help="As this department sees it")] = None,
    lang: InLanguage = Language.ZH,
) -> None:
    """Status, clocks and what happened: codes and times, never what anybody said."""
    with local_desk() as place:
        speaker = local_speaker_now(place, Role.OPERATOR, department)
        with place.database.reading() as session:
            case = find_case(session, number, speaker)
            part = part_of(session, case, speaker)
            unit = part.department if part else department
            story = story_of(session, case, place.catalogue, datetime.now(UTC), part_of=unit)
    if as_json:
        show_line(json.dumps(story.to_dict(), ensure_ascii=False, indent=2))
    else:
        show_story(story, lang, why=why)


@app.command("list")
@one_line_errors()
def list_(
    status: Annotated[Status | None, typer.Option()] = None,
    grade: Annotated[Grade | None, typer.Option()] = None,
    department: Annotated[str | None, typer.Option(help="Cases this department has a part in")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only open cases")] = False,
    flagged: Annotated[bool, typer.Option("--flagged", help="Only cases a person must look at")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """The newest cases first."""
    wanted = Wanted(status, grade, department, None, only_open, flagged)
    with local_desk() as place, place.database.reading() as session:
        lines = newest_cases(session, limit, wanted)
    show_table(
        "Cases",
        ("number", "status", "grade", "kind", "flag", "received", "wakes", "waiting for"),
        [
            (
                each.number,
                each.status,
                each.grade,
                each.kind,
                each.flag,
                shown_time(each.received_at),
                shown_time(each.wake_at),
                each.waiting_for,
            )
            for each in lines
        ],
    )


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@one_line_errors()
def say(
    context: typer.Context,
    number: Number,
    kind: NewsKind,
    role: AsRole = Role.OPERATOR,
    department: AsDepartment = None,
    text_file: Annotated[Path | None, typer.Option(help="File with the words; - for standard input")] = None,
    key: NewsKey = None,
) -> None:
    """Say something about a case, such as: say 12 replied --department EDU --resolved true --text-file -

    The fields of the kind are options: --field value, repeated for several values. Words come from
    a file only, so that they stay out of the shell's history and the list of processes.
    """
    form = form_from(kind, context.args, _words(text_file))
    _post(number, kind, form, role, department, key)


@app.command()
@one_line_errors()
def resume(number: Number, role: AsRole = Role.SUPERVISOR, key: NewsKey = None) -> None:
    """Let a flagged case go on, after a person has looked at it."""
    _post(number, NewsKind.RESUMED, form_from(NewsKind.RESUMED, [], None), role, None, key)


def _words(path: Path | None) -> str | None:
    if path is None:
        return None
    return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")


def _post(
    number: str, kind: NewsKind, form: NewsForm, role: Role, department: str | None, key: str | None
) -> None:
    with local_desk() as place:
        speaker = local_speaker_now(place, role, department)
        said = post_news(place, number, kind, form, speaker, key or f"cli:{uuid4()}", datetime.now(UTC))
    show_line(_answer(said, kind))


def _answer(said: Posted, kind: NewsKind) -> str:
    return f"{said.label}: {kind} " + ("noted" if said.is_new else "had been noted before; nothing changed")
