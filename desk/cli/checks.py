"""`whistle checks …`: whether the records agree, what fell short, and who must set it right."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlmodel import col

from data_checks.child import Checkers
from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.tables import show_line, show_table
from models.checks import DataFinding, ReconciliationTask
from models.vocabulary import CheckScope
from tasks.records.reconciliation_tasks import house_rules, settle_findings
from tasks.records.record_checks import (
    UnknownPartError,
    parts_to_check,
    request_for,
    sentence_of,
    standing_of,
    table_of,
)
from tasks.story.timeline import shown_time

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Data checks: run them, see what fell short, and the tasks to set it right.",
)
Department = Annotated[str | None, typer.Option("--department", help="Only this department's ledger, such as EDU")]


@app.command()
@one_line_errors()
def run(department: Department = None) -> None:
    """Run all checks now, hand out tasks, and say what fell short; exit code 1 if anything did."""
    now = datetime.now(UTC)
    with local_desk() as place:
        try:
            with place.database.reading() as session:
                parts = parts_to_check(session, CheckScope.BY_HAND, department)
        except UnknownPartError as error:
            raise CommandError(str(error)) from None
        with Checkers(1) as checkers:
            outcomes = [checkers.check(request_for(place, part, CheckScope.BY_HAND, now)) for part in parts]
        settle_findings(place, now)
        with place.database.reading() as session:
            standing = standing_of(session)
    rows = table_of(outcomes)
    heads = ("part", "rule", "severity", "records", "new")
    show_table("Fell short", heads, [[row[head] for head in heads] for row in rows])
    show_line(sentence_of(outcomes, standing))
    if rows:
        raise SystemExit(REFUSED)


@app.command()
@one_line_errors()
def show(department: Department = None) -> None:
    """What is wrong now: open findings by part and rule, with the rule's sentence."""
    open_ones = (
        select(col(DataFinding.department), col(DataFinding.rule), func.count(), func.min(DataFinding.found_at))
        .where(col(DataFinding.cleared_at).is_(None))
        .group_by(col(DataFinding.department), col(DataFinding.rule))
        .order_by(col(DataFinding.department), col(DataFinding.rule))
    )
    if department is not None:
        open_ones = open_ones.where(col(DataFinding.department) == department)
    with local_desk() as place, place.database.reading() as session:
        found = list(session.execute(open_ones))
    rules = house_rules().rules
    show_table(
        "Open findings",
        ("part", "rule", "records", "since", "what"),
        [
            (part or "desk", rule, count, shown_time(since), rules[rule].zh if rule in rules else "")
            for part, rule, count, since in found
        ],
    )


@app.command()
@one_line_errors()
def tasks() -> None:
    """Reconciliation tasks that are open: whose, until when, how many records."""
    records = (
        select(func.count())
        .where(col(DataFinding.task_id) == col(ReconciliationTask.id), col(DataFinding.cleared_at).is_(None))
        .correlate(ReconciliationTask)
        .scalar_subquery()
    )
    wanted = select(ReconciliationTask, records).where(col(ReconciliationTask.closed_at).is_(None))
    with local_desk() as place, place.database.reading() as session:
        found = list(session.execute(wanted.order_by(col(ReconciliationTask.due_at))))
    now = datetime.now(UTC)
    show_table(
        "Reconciliation tasks",
        ("task", "unit", "about", "rule", "severity", "records", "due", "late"),
        [
            (
                task.label, task.unit, task.department or "desk", task.rule, task.severity, count,
                shown_time(task.due_at), "late" if task.due_at <= now else "",
            )
            for task, count in found
        ],
    )  # fmt: skip
