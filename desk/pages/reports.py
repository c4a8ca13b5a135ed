"""`/reports`: the reports that were issued, for decision-makers and overseers; a unit finds its own."""

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response

from analysis.report.facts import facts_from_json
from analysis.report.files import Format, file_name
from desk.front import Front
from desk.pages.show import page, turn_away, visitor, words_for
from models.reports import Report
from models.vocabulary import Role
from tasks.news.inbox import Speaker
from tasks.reporting.filing import content_of, issued_reports

READERS = frozenset({Role.DECISION_MAKER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.DEPARTMENT})
MEDIA = {
    Format.HTML: "text/html; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
STANDS_ALONE = "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""A report brings its own style and runs nothing."""


def report_routes(front: Front) -> APIRouter:
    """A report is only ever shown as it was issued."""
    router = APIRouter(include_in_schema=False)

    @router.get("/reports")
    def reports(request: Request) -> HTMLResponse:
        reader = visitor(front, request, READERS)
        if reader is None:
            return turn_away(request)
        with front.place.database.reading() as session:
            found = list(issued_reports(session, _own_unit(reader)))
        return page(
            request,
            "reports.html",
            reports=found,
            departments=front.place.catalogue.departments,
            is_house=reader.role in {Role.SUPERVISOR, Role.ADMINISTRATOR},
        )

    @router.get("/reports/{report}")
    def show(request: Request, report: str) -> Response:
        return _file(front, request, report, Format.HTML)

    @router.get("/reports/{report}/docx")
    def download(request: Request, report: str) -> Response:
        return _file(front, request, report, Format.DOCX)

    return router


def _file(front: Front, request: Request, report_id: str, form: Format) -> Response:
    reader = visitor(front, request, READERS)
    if reader is None:
        return turn_away(request)
    with front.place.database.reading() as session:
        report = session.get(Report, report_id.replace("\0", ""))
    # What is not for this reader is answered like what is not there.
    if report is None or not _may_read(reader, report):
        return page(request, "reports.html", 404, reports=None, departments={}, is_house=False)
    language = words_for(request).language.value
    headers = {"Content-Security-Policy": STANDS_ALONE, "Content-Language": language}
    if form is Format.DOCX:
        headers["Content-Disposition"] = (
            f'attachment; filename="{file_name(facts_from_json(report.facts), language, form)}"'
        )
    return Response(content_of(front.place, report, language, form), media_type=MEDIA[form], headers=headers)


def _own_unit(reader: Speaker) -> str | None:
    return reader.department if reader.role is Role.DEPARTMENT else None


def _may_read(reader: Speaker, report: Report) -> bool:
    return reader.role is not Role.DEPARTMENT or (
        report.department != "" and report.department == reader.department
    )
