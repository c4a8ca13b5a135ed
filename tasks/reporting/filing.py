"""Issued reports as files in the desk's home, and the one alert that says that a report is out."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from analysis.report.facts import facts_from_json
from analysis.report.files import Format, file_name
from analysis.report.settings import load_report_settings
from models.reports import Report
from models.vocabulary import Ask
from tasks.house.notices import tell_house
from tasks.reporting.writing import file_of, write_file
from tasks.workplace import Workplace

LANGUAGES = ("zh", "en")


def file_report(place: Workplace, report: Report) -> list[Path]:
    """Write what of the report's files is not there yet: both formats in both languages."""
    found = []
    for language in LANGUAGES:
        for form in Format:
            path = path_of(place, report, language, form)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, file_of(place, report, language, form))
            found.append(path)
    return found


def content_of(place: Workplace, report: Report, language: str, form: Format) -> bytes:
    """The file as it was issued; one that nobody wrote is made from the same facts."""
    path = path_of(place, report, language, form)
    return path.read_bytes() if path.exists() else file_of(place, report, language, form)


def path_of(place: Workplace, report: Report, language: str, form: Format) -> Path:
    """Where a file of the report is."""
    name = file_name(facts_from_json(report.facts), language, form)
    return place.settings.home / "reports" / report.id / name


def tell_of_report(place: Workplace, report: Report, now: datetime) -> int:
    """One alert to each who is to be told, once in the life of the report: its cadence and day, a link, no number."""
    settings = load_report_settings(place.settings.home)
    with place.database.writing() as session:
        return sum(
            tell_house(
                place,
                session,
                recipient,
                Ask.READ_REPORT,
                label_of(report),
                f"report:{report.id}:{recipient}",
                now,
                page=f"reports/{report.id}",
            )
            for recipient in settings.told.of(report.department)
        )


def label_of(report: Report) -> str:
    """What stands where other alerts have a case number, such as `REPORT-monthly-2026-10-01`."""
    return f"REPORT-{report.cadence}-{report.first}"


def issued_reports(session: Session, department: str | None) -> Iterator[Report]:
    """The newest reports first; of one unit if a unit asks, else all."""
    wanted = select(Report).order_by(
        col(Report.last).desc(), col(Report.cadence), col(Report.department), col(Report.revision).desc()
    )
    yield from session.exec(
        wanted if department is None else wanted.where(Report.department == department)
    ).all()
