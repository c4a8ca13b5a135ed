"""`/quality`: whether the records agree, for the house; `/q/{token}`: one task, for the unit it belongs to."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session, col, func, select

from data_checks.extract_words import sentence
from desk.api.rights import HOUSE
from desk.front import Front
from desk.pages.show import page, turn_away, visitor
from desk.pages.trend import trend_of
from desk.pages.unit_words import unit_words
from models.checks import CheckRun, DataFinding, ReconciliationTask
from models.ledgers import LedgerImport, LedgerQuarantine
from models.vocabulary import Recipient
from tasks.records.reconciliation_tasks import house_rules
from tasks.records.record_checks import open_by_day

SHOWN = 500
MEDIA = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class TaskPage:
    """What a unit is asked to set right, and of which records it knows the keys."""

    label: str
    unit: str
    sentence: tuple[str, str]
    due_at: datetime
    is_late: bool
    subjects: list[tuple[str, datetime]]
    reasons: list[tuple[str, str]]


def quality_routes(front: Front) -> APIRouter:
    """The pages of the data checks; Data Docs are below `/quality/docs/`, behind the same key."""
    router = APIRouter(include_in_schema=False)

    @router.get("/quality")
    def quality(request: Request) -> HTMLResponse:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        with front.place.database.reading() as session:
            runs, tasks = _newest_runs(session), _open_tasks(session)
            trend = trend_of(open_by_day(session, front.now()))
        return page(
            request, "quality.html", runs=runs, tasks=tasks, rules=house_rules().rules, now=front.now(), trend=trend,
            has_docs=(_docs(front) / "index.html").is_file(), unit_words=unit_words, departments=front.place.catalogue.departments,
        )  # fmt: skip

    @router.get("/quality/docs/{path:path}")
    def docs(request: Request, path: str) -> Response:
        if visitor(front, request, HOUSE) is None:
            return turn_away(request)
        file = (_docs(front) / (path or "index.html")).resolve()
        if not file.is_relative_to(_docs(front)) or file.suffix not in MEDIA or not file.is_file():
            return page(request, "quality_task.html", 404, task=None)
        return Response(file.read_bytes(), media_type=MEDIA[file.suffix])

    @router.get("/q/{token}")
    def task(request: Request, token: str) -> HTMLResponse:
        with front.place.database.reading() as session:
            found = find_task(session, token, front.now())
        return page(request, "quality_task.html", 200 if found else 404, task=found, unit_words=unit_words, departments=front.place.catalogue.departments)

    return router


def find_task(session: Session, token: str, now: datetime) -> TaskPage | None:
    """The task behind a link; None if the link is unknown or the task is done.

    Its records are those that were given to this unit: what concerns a case that the unit must be
    kept from was given to the duty supervisor, and is another task.
    """
    if "\0" in token:
        return None
    task = session.exec(
        select(ReconciliationTask).where(ReconciliationTask.token == token, col(ReconciliationTask.closed_at).is_(None))
    ).first()
    if task is None:
        return None
    open_ones = select(DataFinding).where(DataFinding.task_id == task.id, col(DataFinding.cleared_at).is_(None))
    found = session.exec(open_ones.order_by(col(DataFinding.subject)).limit(SHOWN)).all()
    rule = house_rules().rules.get(task.rule)
    return TaskPage(
        label=task.label, unit=task.unit, sentence=(rule.zh, rule.en) if rule else (task.rule, task.rule),
        due_at=task.due_at, is_late=task.due_at <= now, subjects=[(each.subject, each.found_at) for each in found],
        reasons=_reasons(session, task),
    )  # fmt: skip


def _reasons(session: Session, task: ReconciliationTask) -> list[tuple[str, str]]:
    """Why an extract, or rows of one, could not be taken in; for the sender alone."""
    if task.unit != task.department or task.unit in set(Recipient):
        return []
    if task.rule == "extract-refused":
        newest = select(LedgerImport).where(LedgerImport.department == task.department)
        refused = session.exec(newest.order_by(col(LedgerImport.id).desc()).limit(1)).first()
        return [sentence(refused.problem, refused.problem_field)] if refused and refused.problem else []
    if task.rule == "rows-quarantined":
        waiting = select(LedgerQuarantine).where(
            LedgerQuarantine.department == task.department, col(LedgerQuarantine.settled_by).is_(None)
        )
        rows = session.exec(waiting.order_by(col(LedgerQuarantine.line)).limit(SHOWN))
        return [sentence(each.problem, each.field, each.line, each.shown) for each in rows]
    return []


def _docs(front: Front) -> Path:
    return front.place.settings.home.resolve() / "quality" / "docs"


def _newest_runs(session: Session) -> list[CheckRun]:
    newest = select(func.max(CheckRun.id)).group_by(col(CheckRun.department))
    return list(session.exec(select(CheckRun).where(col(CheckRun.id).in_(newest)).order_by(col(CheckRun.department))))


def _open_tasks(session: Session) -> list[tuple[ReconciliationTask, int]]:
    records = (
        select(func.count())
        .where(col(DataFinding.task_id) == col(ReconciliationTask.id), col(DataFinding.cleared_at).is_(None))
        .correlate(ReconciliationTask)
        .scalar_subquery()
    )
    wanted = select(ReconciliationTask, records).where(col(ReconciliationTask.closed_at).is_(None))
    return list(session.exec(wanted.order_by(col(ReconciliationTask.due_at))))
