"""`whistle issues …`: what many requests say alike: what of it may be shown, and for the house the cases behind it."""

import json
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from analysis.early_warning.series import OFFICE_TIME
from analysis.issues.reading import published_issues
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk, local_speaker
from desk.cli.tables import Language, show_line, show_table
from models.vocabulary import Role
from tasks.issues.finding import find_week
from tasks.issues.ordering import issue_of, numbers_of, order_about_issue

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Common issues: list what may be shown, show one with its cases, look for this week's, open an order.",
)  # fmt: skip
Number = Annotated[str, typer.Argument(help="An issue's number, such as I2026W09-03")]
AsRole = Annotated[Role, typer.Option(help="Act in this role")]


@app.command("list")
@one_line_errors()
def list_(
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The newest release of this day or before")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    lang: Annotated[Language, typer.Option(envvar="WHISTLE_LANG")] = Language.ZH,
) -> None:
    """The newest release, hottest first: figures of at least five, topic words that many use."""
    day = as_of.date() if as_of else today()
    with local_desk() as place, place.database.reading() as session:
        records = published_issues(session, day)
        units, kinds = place.catalogue.departments, place.catalogue.kinds
    if as_json:
        show_line(json.dumps([dict(each) for each in records], ensure_ascii=False, indent=2))
        return
    at = lang is Language.EN
    show_table(
        ("共性问题", "Common issues")[at],
        (("编号", "热度", "件数（至少）", "主题", "类别", "区", "责任单位"), ("number", "heat", "at least", "topic", "kind", "district", "owner"))[at],
        [
            (
                each["number"], each["heat"], each["matters"], " ".join(each["topic"]),
                (kinds[each["kind"]].name_zh, kinds[each["kind"]].name_en)[at] if each["kind"] in kinds else "",
                each["district"], (units[each["owner"]].name_zh, units[each["owner"]].name_en)[at] if each["owner"] in units else "",
            )
            for each in records
        ],
    )  # fmt: skip


def today() -> date:
    """The office's day."""
    return datetime.now(UTC).astimezone(OFFICE_TIME).date()


@app.command()
@one_line_errors()
def show(number: Number, role: AsRole = Role.SUPERVISOR) -> None:
    """One issue as the house knows it: exact counts, and the numbers of its cases."""
    if role not in {Role.OPERATOR, Role.SUPERVISOR}:
        raise CommandError("the cases behind an issue are for operators and supervisors")
    with local_desk() as place, place.database.reading() as session:
        issue = issue_of(session, number)
        cases = numbers_of(session, number, local_speaker(role, None))
    show_line(f"{issue.number}  {issue.first_on} – {issue.found_on}  {issue.matters}  {issue.kind}  {issue.district}")
    show_line(f"{issue.owner or '–'}: {issue.owner_reason}")
    show_line(" ".join(cases))


@app.command()
@one_line_errors()
def find() -> None:
    """Look for this week's issues now, as the nightly flow would; a week that is stored is not read again."""
    with local_desk() as place:
        week = find_week(place, datetime.now(UTC))
    show_line(f"{week.as_of}: {week.cases} cases, {week.issues} issues, {week.published} published{'' if week.is_new else ' (known)'}")


@app.command()
@one_line_errors()
def order(number: Number, role: AsRole = Role.SUPERVISOR) -> None:
    """Open a proactive order about an issue; asking twice opens one."""
    with local_desk() as place:
        opened = order_about_issue(place, number, local_speaker(role, None), datetime.now(UTC))
    show_line(f"{opened.label}: {opened.owner or '–'} ({opened.owner_reason})")
