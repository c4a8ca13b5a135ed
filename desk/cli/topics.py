"""`whistle topics …`: candidate topics for 每月一题: list, show, move, give an owner."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from analysis.candidates.progress import NAMES
from desk.cli.errors import one_line_errors
from desk.cli.local_desk import local_desk, local_speaker
from desk.cli.tables import Language, show_line, show_table
from desk.pages.topic_words import SIGN_WORDS
from desk.pages.translation import say
from models.topics import Progress
from models.vocabulary import Role
from notifications.messages import Language as Spoken
from tasks.story.timeline import shown_time
from tasks.topics.moving import DROP_REASONS, history_of, move_topic, topics_listed

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Topics of the month: list the candidates, choose or drop, name the owner, move on.",
)  # fmt: skip
Number = Annotated[str, typer.Argument(help="A topic's number, which is its issue's")]
InLanguage = Annotated[Language, typer.Option(envvar="WHISTLE_LANG")]


@app.command("list")
@one_line_errors()
def list_(
    every: Annotated[bool, typer.Option("--all", help="Of every month")] = False, lang: InLanguage = Language.ZH
) -> None:
    """This month's candidates and the topics at work, best scored first."""
    spoken, at = Spoken(lang.value), lang is Language.EN
    with local_desk() as place, place.database.reading() as session:
        topics = topics_listed(session, all_months=every)
    show_table(
        ("每月一题", "Topics of the month")[at],
        (("编号", "主题", "件数（至少）", "分", "理由", "责任单位", "进度"), ("number", "topic", "at least", "score", "signs", "owner", "progress"))[at],
        [
            (
                each.number, " ".join(each.record["topic"]), each.record["matters"], each.record["score"],
                ("、", ", ")[at].join(say(SIGN_WORDS[sign], spoken) for sign in each.record["signs"]), each.owner, NAMES[each.progress][at],
            )
            for each in topics
        ],
    )  # fmt: skip


@app.command()
@one_line_errors()
def show(number: Number, lang: InLanguage = Language.ZH) -> None:
    """What was done with a topic, oldest first."""
    at = lang is Language.EN
    with local_desk() as place, place.database.reading() as session:
        for each in history_of(session, number):
            reason = DROP_REASONS[each.reason][at] if each.reason in DROP_REASONS else ""
            show_line(f"{shown_time(each.at)}  {NAMES[each.new][at]}  {each.owner}  {each.by}  {reason}".rstrip())


@app.command()
@one_line_errors()
def move(
    number: Number,
    progress: Annotated[Progress | None, typer.Argument(help="Where it goes; left out, only its owner changes")] = None,
    owner: Annotated[str, typer.Option(help="The unit that owns it")] = "",
    reason: Annotated[str, typer.Option(help=f"For dropping: {', '.join(DROP_REASONS)}")] = "",
) -> None:
    """Move a topic on, give it an owner, or both; as a supervisor."""
    with local_desk() as place:
        topic = move_topic(
            place, number, progress, local_speaker(Role.SUPERVISOR, None), datetime.now(UTC), owner=owner, reason=reason
        )
    show_line(f"{topic.number}: {topic.progress.value} {topic.owner}")
