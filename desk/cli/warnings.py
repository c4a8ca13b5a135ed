"""`whistle warnings …`: what rose above what is usual; as it may be shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from analysis.early_warning.reading import published_warnings
from desk.cli.errors import one_line_errors
from desk.cli.issues import today
from desk.cli.local_desk import local_desk
from desk.cli.tables import Language, show_line, show_table
from desk.pages.proactive_words import PLACE_WORDS, SORT_WORDS
from desk.pages.translation import say
from notifications.messages import Language as Spoken
from tasks.warnings.storing import judge_night

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Early warning: list what was warned of, judge the days that are over.",
)  # fmt: skip


@app.command("list")
@one_line_errors()
def list_(
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; four weeks ago if left out")] = None,
    to: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    lang: Annotated[Language, typer.Option(envvar="WHISTLE_LANG")] = Language.ZH,
) -> None:
    """Warnings of some days; of one from fewer than five requests only that there was one, and its order."""
    last = to.date() if to else today()
    first = from_.date() if from_ else last - timedelta(weeks=4)
    with local_desk() as place, place.database.reading() as session:
        records = published_warnings(session, first, last)
    if as_json:
        show_line(json.dumps([dict(each) for each in records], ensure_ascii=False, indent=2))
        return
    spoken, at = Spoken(lang.value), lang is Language.EN
    show_table(
        ("预警", "Warnings")[at],
        (("编号", "何事", "类别", "区", "场所", "日期", "天数", "规模", "治理单"), ("number", "what", "kind", "district", "place", "day", "days", "size", "order"))[at],
        [
            (
                each["number"], say(SORT_WORDS[each["sort"]], spoken), each["kind"], each["district"],
                say(PLACE_WORDS[each["sort_of_place"]], spoken) if each["sort_of_place"] else "", each["on"], each["days"],
                each["size"], each["order"],
            )
            for each in records
        ],
    )  # fmt: skip


@app.command()
@one_line_errors()
def judge() -> None:
    """Judge the days that are over and were not judged yet, as the nightly flow would."""
    with local_desk() as place:
        night = judge_night(place, datetime.now(UTC))
    show_line(f"{night.looked_at} requests, {len(night.stored)} new warnings")
