"""The flow of reports: killed anywhere and repeated it leaves one report, its four files and one alert each."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlmodel import select

from analysis.report.facts import Cadence
from benchmarks.many_cases import AFTERWARDS, fill
from flows import demand_report as module
from flows.clock import set_clock
from flows.demand_report import demand_report
from models.exchange import Notice
from models.reports import Report, ReportedNumbers
from models.vocabulary import Ask
from tasks.reporting.filing import file_report, tell_of_report
from tasks.reporting.making import make_report
from tests.api_desk import ApiDesk, api_desk
from tests.harness.living_desk import LivingDesk

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def full(desk: LivingDesk) -> Any:
    """A desk with a year behind it, and the clock after it."""
    fill(desk.place.database, 900)
    set_clock(lambda: AFTERWARDS)
    yield desk
    set_clock()


def test_a_run_issues_files_tells_and_shows_and_a_second_one_finds_all_of_it(full: LivingDesk) -> None:
    first = demand_report(Cadence.MONTHLY, OCTOBER, "*")
    assert demand_report(Cadence.MONTHLY, OCTOBER, "*") == first
    with full.place.database.reading() as session:
        reports = session.exec(select(Report)).all()
        notices = session.exec(select(Notice).where(Notice.ask == Ask.READ_REPORT)).all()
    assert len(reports) == len(first.split(", ")) > 1, "the city and units"
    units = {each.department for each in reports} - {""}
    assert sorted(each.recipient for each in notices) == sorted(
        ["DECISION_MAKERS", *(f"CHIEF:{unit}" for unit in units)]
    )
    files = [path for each in reports for path in (full.place.settings.home / "reports" / each.id).iterdir()]
    assert len(files) == 4 * len(reports)
    with get_client(sync_client=True) as client:
        shown = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["report-monthly"]))
        )
    text = str(shown[0].data)
    city = next(each for each in reports if not each.department)
    assert f"/reports/{city.id}" in text and "Received 受理" in text


class KilledError(RuntimeError):
    """Stands for the end of the process."""


@pytest.mark.parametrize("at", ["file", "tell", "show"])
def test_killed_before_a_step_and_repeated_there_is_one_report_and_one_alert(
    full: LivingDesk, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as broken:
        broken.setattr(module, at, killed)
        with pytest.raises(Exception, match="KilledError"):
            demand_report(Cadence.WEEKLY, OCTOBER)
    demand_report(Cadence.WEEKLY, OCTOBER)
    with full.place.database.reading() as session:
        (report,) = session.exec(select(Report)).all()
        (notice,) = session.exec(select(Notice).where(Notice.ask == Ask.READ_REPORT)).all()
    assert notice.link.endswith(f"/reports/{report.id}")
    assert len(list((full.place.settings.home / "reports" / report.id).iterdir())) == 4


@pytest.fixture
def quiet(tmp_path: Path) -> Any:
    """A desk without Prefect."""
    with api_desk(tmp_path) as fresh:
        fill(fresh.place.database, 500)
        yield fresh


def test_a_report_that_was_cut_off_before_it_was_stored_leaves_nothing(
    quiet: ApiDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as broken:
        broken.setattr("tasks.reporting.making.blanks_of", killed)
        with pytest.raises(KilledError):
            make_report(quiet.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS)
    with quiet.place.database.reading() as session:
        assert session.exec(select(ReportedNumbers)).all() == []
    assert make_report(quiet.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS).revision == 1


def test_an_alert_holds_a_link_and_no_number_of_the_report(quiet: ApiDesk) -> None:
    report = make_report(quiet.place, Cadence.DAILY, date(2026, 10, 14), "", AFTERWARDS)
    assert tell_of_report(quiet.place, report, AFTERWARDS) == 1
    assert tell_of_report(quiet.place, report, AFTERWARDS + timedelta(days=1)) == 0
    with quiet.place.database.reading() as session:
        (notice,) = session.exec(select(Notice).where(Notice.ask == Ask.READ_REPORT)).all()
    assert (notice.case_label, notice.link) == (
        "REPORT-daily-2026-10-14",
        f"https://desk.example/reports/{report.id}",
    )
    assert (notice.case_id, notice.due_at) == (None, None)


def test_reports_made_after_one_another_go_by_what_was_told_between(quiet: ApiDesk) -> None:
    """Two makers at once: the second one counts again with the first one's numbers in mind."""
    week = make_report(quiet.place, Cadence.WEEKLY, OCTOBER, "", AFTERWARDS)
    month = make_report(quiet.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS)
    assert (week.made_at, month.made_at) == (AFTERWARDS, AFTERWARDS)
    with quiet.place.database.reading() as session:
        rows = session.exec(select(ReportedNumbers)).all()
    assert len({(each.query, each.cadence, each.first) for each in rows}) == len(rows)
    assert datetime(2026, 1, 1, tzinfo=UTC) < min(each.starts_at for each in rows)


def test_files_of_a_report_are_made_from_its_facts_alone(quiet: ApiDesk) -> None:
    report = make_report(quiet.place, Cadence.DAILY, date(2026, 10, 14), "", AFTERWARDS)
    one = [each.read_bytes() for each in file_report(quiet.place, report)]
    for each in file_report(quiet.place, report):
        each.unlink()
    assert [each.read_bytes() for each in file_report(quiet.place, report)] == one
