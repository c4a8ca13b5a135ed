"""Reports of a desk: issued once, made again to the byte, counted again, and every number followed down to plain SQL."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from analysis.report.collecting import QUERIES
from analysis.report.collecting.records import READERS
from analysis.report.facts import Cadence, Facts, State, facts_from_json
from analysis.report.files import Format
from analysis.report.footer import read_footer
from benchmarks.many_cases import AFTERWARDS, fill
from desk.cli.report import app
from models.case import Case
from models.reports import Report, ReportedNumbers
from models.vocabulary import Grade, Status
from tasks.reporting.checking import recount, what_differs
from tasks.reporting.filing import content_of, file_report
from tasks.reporting.making import ReportNotPossibleError, make_report
from tasks.reporting.writing import file_of
from tests.api_desk import ApiDesk, api_desk
from tests.test_report_paper import check_traced, page_of, word_numbers

OCTOBER = date(2026, 10, 1)
FROM, UNTIL = "2026-09-30 16:00:00", "2026-10-31 16:00:00"
"""October in Beijing, as the database writes moments."""
IN_MONTH = f"received_at >= '{FROM}' AND received_at < '{UNTIL}'"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDesk]:
    """A year of some thousand finished cases."""
    with api_desk(tmp_path_factory.mktemp("reports"), now=lambda: AFTERWARDS) as fresh:
        fill(fresh.place.database, 6000)
        yield fresh


@pytest.fixture(scope="module")
def month(desk: ApiDesk) -> Report:
    """The city's October."""
    return make_report(desk.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS)


def one(desk: ApiDesk, sql: str) -> int:
    with desk.place.database.reading() as session:
        return int(session.execute(text(sql)).scalar_one() or 0)


def groups(desk: ApiDesk, sql: str) -> dict[tuple[str, ...], int]:
    with desk.place.database.reading() as session:
        return {tuple(str(each) for each in row[:-1]): row[-1] for row in session.execute(text(sql))}


def test_a_report_is_issued_once(desk: ApiDesk, month: Report) -> None:
    assert make_report(desk.place, Cadence.MONTHLY, date(2026, 10, 31), "", AFTERWARDS + timedelta(days=3)).id == month.id
    assert make_report(desk.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS, anew=True).id == month.id, "nothing has changed"


def test_a_time_that_is_not_over_is_not_reported(desk: ApiDesk) -> None:
    with pytest.raises(ReportNotPossibleError, match="can be made from 2027-01-31 16:00 UTC"):
        make_report(desk.place, Cadence.MONTHLY, AFTERWARDS.date(), "", AFTERWARDS)
    with pytest.raises(ReportNotPossibleError, match="no unit of the catalogue"):
        make_report(desk.place, Cadence.MONTHLY, OCTOBER, "NOWHERE", AFTERWARDS)


def test_every_number_names_a_query_and_every_figure_of_the_files_is_one_of_the_facts(desk: ApiDesk, month: Report) -> None:
    facts = facts_from_json(month.facts)
    cells = [each for table in facts.tables.values() for row in table.rows for each in row.figures]
    assert {each.query for each in (*facts.figures.values(), *cells)} <= {each.value for each in (*QUERIES, *READERS)}
    page = page_of(file_of(desk.place, month, "zh", Format.HTML))
    words = [(words, path.removeprefix("figure:")) for words, path in word_numbers(file_of(desk.place, month, "zh", Format.DOCX)) if path.startswith("figure:")]
    assert len(page.told) > 200 and len(words) > 200
    for told, path in (*page.told, *words):
        check_traced(facts, told, path)


SINGLE = {
    "received.total": f'SELECT count(*) FROM "case" WHERE {IN_MONTH}',
    "received.before": "SELECT count(*) FROM \"case\" WHERE received_at >= '2026-08-31 16:00:00' AND received_at < '2026-09-30 16:00:00'",
    "received.harm": f'SELECT count(*) FROM "case" WHERE harm AND {IN_MONTH}',
    "closed.total": f"SELECT count(*) FROM \"case\" WHERE closed_at >= '{FROM}' AND closed_at < '{UNTIL}'",
    "open.end": f"SELECT count(*) FROM \"case\" WHERE received_at < '{UNTIL}' AND (closed_at IS NULL OR closed_at >= '{UNTIL}')",
    "returns.settled": f'SELECT count(*) FROM "case" WHERE (closed_at IS NOT NULL OR reopen_count > 0) AND {IN_MONTH}',
    "returns.answered": "SELECT count(*) FROM \"case\" c LEFT JOIN assignment a ON a.case_id = c.id AND a.leads AND a.withdrawn_at IS NULL "
    f"WHERE (a.replied_at IS NOT NULL OR c.rework_count > 0) AND {IN_MONTH}",
    "clocks.judged": f"SELECT count(*) FROM clock WHERE due_at >= '{FROM}' AND due_at < '{UNTIL}' AND NOT provisional AND "
    "(stop_reason IS NULL OR stop_reason NOT IN ('linked', 'grade', 'withdrawn') OR breached_at IS NOT NULL OR stopped_at > due_at)",
    "contact.done": f"SELECT count(*) FROM assignment WHERE leads AND contacted_at IS NOT NULL AND assigned_at >= '{FROM}' AND assigned_at < '{UNTIL}'",
    "rates.valid": "SELECT count(*) FROM (SELECT i.case_id FROM inbox i JOIN \"case\" c ON c.id = i.case_id WHERE i.kind = 'called_back' "
    f"AND i.read_at IS NOT NULL AND i.refused IS NULL AND i.received_at >= '{FROM}' AND i.received_at < '{UNTIL}' "
    "AND json_extract(i.codes, '$.reached') AND (c.guardian_suspect OR c.callback_class <> 'CB-X') GROUP BY i.case_id)",
}  # fmt: skip


@pytest.mark.parametrize("name", SINGLE)
def test_a_figure_is_what_plain_sql_counts(desk: ApiDesk, month: Report, name: str) -> None:
    figure = facts_from_json(month.facts).figures[name]
    assert figure.state is State.SHOWN, name
    assert figure.value == one(desk, SINGLE[name])


LEAD = "LEFT JOIN assignment a ON a.case_id = c.id AND a.leads AND a.withdrawn_at IS NULL"
GROUPED = {
    "received.by_family": ("cases", f'SELECT substr(kind, 1, 1), count(*) FROM "case" WHERE {IN_MONTH} GROUP BY 1'),
    "received.by_grade": ("cases", f'SELECT grade, count(*) FROM "case" WHERE {IN_MONTH} GROUP BY 1'),
    "received.by_kind": ("cases", f'SELECT kind, count(*) FROM "case" WHERE {IN_MONTH} GROUP BY 1'),
    "received.by_district": ("cases", f'SELECT district, count(*) FROM "case" WHERE {IN_MONTH} GROUP BY 1'),
    "received.family_by_grade": ("cases", f'SELECT substr(kind, 1, 1), grade, count(*) FROM "case" WHERE {IN_MONTH} GROUP BY 1, 2'),
    "received.by_department": ("cases", f'SELECT a.department, count(*) FROM "case" c {LEAD} WHERE {IN_MONTH} GROUP BY 1'),
    "received.by_week": ("cases", "SELECT date(received_at, '+8 hours', '-6 days', 'weekday 1'), count(*) FROM \"case\" GROUP BY 1"),
    "received.by_day": ("cases", "SELECT date(received_at, '+8 hours', '+12 hours'), count(*) FROM \"case\" GROUP BY 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPED)
def test_every_cell_of_a_table_is_what_plain_sql_counts(desk: ApiDesk, month: Report, name: str) -> None:
    column, sql = GROUPED[name]
    table, counted = facts_from_json(month.facts).tables[name], groups(desk, sql)
    shown = {row.key: row.figures[table.columns.index(column)].value for row in table.rows}
    told = {key: value for key, value in shown.items() if value is not None}
    assert len(told) >= min(5, len(shown) // 2), "a table of blanks proves nothing"
    # What the catalogue does not know counts among "none", which other codes add to.
    assert {key: value for key, value in told.items() if "none" not in key} == {key: counted[key] for key in told if "none" not in key}


def test_a_units_report_tells_what_the_citys_tells_of_it(desk: ApiDesk, month: Report) -> None:
    city, unit = facts_from_json(month.facts), facts_from_json(make_report(desk.place, Cadence.MONTHLY, OCTOBER, "EDU", AFTERWARDS).facts)
    assert cell(city, "received.by_department", "EDU", "cases") == unit.figures["received.total"].value
    assert cell(city, "rates.by_department", "EDU", "response") == unit.figures["rates.response"].value


def cell(facts: Facts, table: str, code: str, column: str) -> Decimal | None:
    found = facts.tables[table]
    return next(row.figures[found.columns.index(column)].value for row in found.rows if row.key == (code,))


def test_what_is_stored_holds_no_number_that_is_not_told(desk: ApiDesk, month: Report) -> None:
    with desk.place.database.reading() as session:
        rows = session.exec(select(ReportedNumbers)).all()
    figures = [each for row in rows for part in row.numbers.values() for each in _figures(part)]
    assert any(each["state"] == "blank" for each in figures)
    assert all((each["value"] is None) == (each["state"] != "shown") for each in figures)
    counts = [Decimal(each["value"]) for each in figures if each["value"] and each["unit"] == "cases"]
    assert all(each == 0 or each >= 5 for each in counts)


def _figures(part: dict[str, dict[str, dict[str, object]]]) -> Iterator[dict[str, str]]:
    yield from json.loads(json.dumps(list(part["figures"].values())))
    for table in json.loads(json.dumps(list(part["tables"].values()))):
        for row in table["rows"]:
            yield from row["figures"]


def test_files_are_written_once_and_whole(desk: ApiDesk, month: Report) -> None:
    paths = file_report(desk.place, month)
    assert sorted(path.suffix for path in paths) == [".docx", ".docx", ".html", ".html"]
    paths[0].write_bytes(b"as it was issued")
    file_report(desk.place, month)
    assert content_of(desk.place, month, "zh", Format.HTML) == b"as it was issued"
    assert not [each for each in paths[0].parent.iterdir() if each.name.startswith(".")]
    paths[0].unlink()


@pytest.mark.parametrize(("who", "city", "unit"), [("decision_maker", 200, 200), ("supervisor", 200, 200), ("EDU", 404, 200), ("CIVIL", 404, 404), ("operator", 401, 401)])
def test_reports_are_read_by_those_they_are_for(desk: ApiDesk, month: Report, who: str, city: int, unit: int) -> None:
    own = make_report(desk.place, Cadence.MONTHLY, OCTOBER, "EDU", AFTERWARDS)
    for report, expected in ((month, city), (own, unit)):
        for path in (f"/reports/{report.id}", f"/reports/{report.id}/docx"):
            assert desk.get(path, who).status_code == expected, path
    listed = desk.get("/reports", who).text
    assert (month.id in listed, own.id in listed) == (city == 200, unit == 200)


def test_a_report_on_the_desk_brings_its_style_and_runs_nothing(desk: ApiDesk, month: Report) -> None:
    answer = desk.get(f"/reports/{month.id}?lang=zh", "decision_maker")
    assert read_footer(answer.content)["digest"] == month.digest
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDesk]:
    """A desk that commands find, small and changing."""
    with api_desk(tmp_path / "home") as fresh:
        monkeypatch.setenv("WHISTLE_HOME", str(fresh.place.settings.home))
        with fresh.place.database.writing() as session:
            session.add_all(case_of(day) for day in range(1, 29) for _ in range(8))
        yield fresh


def case_of(day: int, kind: str = "S09") -> Case:
    at = datetime(2026, 2, day, 2, tzinfo=UTC)
    return Case(id=uuid4(), source="test", received_at=at, closed_at=at, kind=kind, grade=Grade.U3, status=Status.CLOSED, wrapped_key=b"k")


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_file_is_made_again_to_the_byte_and_says_what_moved(terminal: ApiDesk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("make", "--cadence", "monthly", "--month", "2026-02", "--language", "zh", "--out", str(out))[0] == 0
    page, word = out / "report-monthly-2026-02-01-zh.html", out / "report-monthly-2026-02-01-zh.docx"
    for file in (page, word):
        code, said = run("rebuild", str(file))
        assert (code, said.count("the same to the byte"), said.count("the same data snapshot")) == (0, 1, 1), said
    before = page.read_bytes()
    with terminal.place.database.writing() as session:
        session.add(case_of(3))
    code, said = run("rebuild", str(page))
    assert code == 1
    assert "the same to the byte" in said and "told numbers are others now" in said
    assert run("make", "--cadence", "monthly", "--month", "2026-02", "--anew", "--out", str(out))[0] == 0
    assert page.read_bytes() == before, "numbers once told are told the same ever after"


def test_a_changed_file_is_told_from_changed_code(terminal: ApiDesk, tmp_path: Path) -> None:
    assert run("make", "--cadence", "monthly", "--month", "2026-02", "--out", str(tmp_path), "--format", "html")[0] == 0
    file = tmp_path / "report-monthly-2026-02-01-zh.html"
    file.write_bytes(file.read_bytes().replace(b"224", b"225", 1))
    code, said = run("rebuild", str(file))
    assert code == 1 and "so the file was changed" in said
    with terminal.place.database.writing() as session:
        report = session.exec(select(Report)).one()
        report.code_version = "older"
        session.add(report)
    code, said = run("rebuild", str(file))
    assert code == 1 and "not as then: code_version" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("make", "--cadence", "monthly", "--month", "2026-13"), "write a day as 2026-10-31"),
        (("make", "--cadence", "monthly", "--month", "2026-02", "--day", "2026-02-01"), "not both"),
        (("make", "--cadence", "daily", "--day", "2999-01-01"), "can be made from"),
        (("make", "--cadence", "monthly", "--month", "2026-02", "--department", "X"), "no unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said_in_one_line(terminal: ApiDesk, tmp_path: Path, words: tuple[str, ...], problem: str) -> None:
    code, said = run(*words, "--out", str(tmp_path))
    assert (code, said.count("\n")) == (1, 1)
    assert problem in said


def test_what_is_no_report_of_this_desk_is_said_in_one_line(terminal: ApiDesk, tmp_path: Path) -> None:
    other = tmp_path / "x.html"
    other.write_text("<html></html>", encoding="utf-8")
    assert run("rebuild", str(other))[0] == 1
    assert run("make", "--cadence", "monthly", "--month", "2026-02", "--out", str(tmp_path), "--format", "html")[0] == 0
    with terminal.place.database.writing() as session:
        session.delete(session.exec(select(Report)).one())
    code, said = run("rebuild", str(tmp_path / "report-monthly-2026-02-01-zh.html"))
    assert code == 1 and "issued no report" in said


def test_nothing_differs_and_nothing_moved_on_the_same_desk(desk: ApiDesk, month: Report) -> None:
    assert what_differs(desk.place, month) == []
    again = recount(desk.place, month, AFTERWARDS)
    assert (again.is_same, again.moved) == (True, 0)
