"""Reports of a desk: issued once, made again to the byte, counted again, and every number followed down to plain SQL."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session, select
from typer.testing import CliRunner

from analysis.rate_rules import load_rate_rules
from analysis.report.collecting import QUERIES
from analysis.report.collecting.records import READERS
from analysis.report.facts import Cadence, Facts, Figure, State, facts_from_json
from analysis.report.files import Format
from analysis.report.footer import read_footer
from analysis.report.period import before, period
from benchmarks.many_cases import AFTERWARDS, fill
from desk.cli.report import app
from models.case import Case, Person
from models.common_issues import CommonIssue, IssueRelease, IssueRun
from models.exchange import Inbox
from models.reports import Report, ReportedNumbers
from models.topics import CandidateTopic
from models.vocabulary import CallType, Grade, NewsKind, PersonRole, Status
from tasks.reporting.checking import recount, what_differs
from tasks.reporting.filing import content_of, file_report
from tasks.reporting.making import ReportNotPossibleError, make_report
from tasks.reporting.writing import file_of
from tests.api_desk import ApiDesk, api_desk
from tests.figure_desk import empty_database
from tests.plain_counts import NoQueryError, Plain
from tests.test_report_paper import check_traced, page_of, word_numbers

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDesk]:
    """A year of some thousand finished cases, so many that weeks are told without a gap and there is a forecast."""
    with api_desk(tmp_path_factory.mktemp("reports"), now=lambda: AFTERWARDS) as fresh:
        fill(fresh.place.database, 9000)
        with fresh.place.database.writing() as session:
            fill_what_is_rare(session)
        yield fresh


def fill_what_is_rare(session: Session) -> None:
    """In October: anonymous and silent callers, reports to the police that are due, and an issue with its topic."""
    at = datetime(2026, 10, 13, 3, tzinfo=UTC)
    for number in range(40):
        case = Case(
            id=uuid4(), source="test", received_at=at, closed_at=at + timedelta(days=40), kind="S01", grade=Grade.U3, status=Status.CLOSED, wrapped_key=b"k",
            call_type=CallType.SILENT if number < 12 else None, mandatory_report=["L-WCN 11"] if number >= 20 else [],
        )  # fmt: skip
        session.add(case)
        session.flush()
        session.add(Person(case_id=case.id, role=PersonRole.REPORTER, anonymous=number % 3 == 0))
        if number >= 28:
            session.add(
                Inbox(
                    case_id=case.id,
                    news_key="police",
                    kind=NewsKind.POLICE_NOTIFIED,
                    actor="client:test",
                    codes={},
                    received_at=at,
                    read_at=at,
                )
            )
    monday = date(2026, 10, 26)
    record = {
        "number": "I2026W40-01", "heat": 0.84, "topic": ["食堂"], "sorts_of_places": ["school"], "district": "", "kind": "S09", "matters": 21,
        "weeks": [["2026-10-12", 14], ["2026-10-19", None]], "departments": ["EDU"], "owner": "EDU", "owner_reason": "", "sentence": None, "growth": 0.5,
    }  # fmt: skip
    session.add(
        IssueRun(
            as_of=monday,
            at=at,
            received_from=at,
            cases=1,
            issues=1,
            published=1,
            settings_hash="h",
            catalogue_hash="c",
        )
    )
    session.add(CommonIssue(number="I2026W40-01", first_on=monday, found_on=monday, matters=23, heat=0.9))
    session.flush()
    session.add(IssueRelease(as_of=monday, number="I2026W40-01", rank=0, record=record))
    topic = {
        "number": "I2026W40-01",
        "topic": ["食堂"],
        "matters": 21,
        "score": 45,
        "signs": ["hot"],
        "owner": "EDU",
        "owner_reason": "",
        "progress": "proposed",
    }
    session.add(
        CandidateTopic(
            number="I2026W40-01",
            first_month=OCTOBER,
            month=OCTOBER,
            rank=0,
            record=topic,
            owner="EDU",
            moves=1,
            changed_at=at,
        )
    )


@pytest.fixture(scope="module")
def month(desk: ApiDesk) -> Report:
    """The city's October."""
    return make_report(desk.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS)


def test_a_report_is_issued_once(desk: ApiDesk, month: Report) -> None:
    assert (
        make_report(desk.place, Cadence.MONTHLY, date(2026, 10, 31), "", AFTERWARDS + timedelta(days=3)).id
        == month.id
    )
    assert make_report(desk.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS, anew=True).id == month.id, (
        "nothing has changed"
    )


def test_a_time_that_is_not_over_is_not_reported(desk: ApiDesk) -> None:
    with pytest.raises(ReportNotPossibleError, match=r"can be made from 2027-02-01 00:00 \(Beijing time\)"):
        make_report(desk.place, Cadence.MONTHLY, AFTERWARDS.date(), "", AFTERWARDS)
    with pytest.raises(ReportNotPossibleError, match="no unit of the catalogue"):
        make_report(desk.place, Cadence.MONTHLY, OCTOBER, "NOWHERE", AFTERWARDS)


def test_every_number_names_a_query_and_every_figure_of_the_files_is_one_of_the_facts(
    desk: ApiDesk, month: Report
) -> None:
    facts = facts_from_json(month.facts)
    cells = [each for table in facts.tables.values() for row in table.rows for each in row.figures]
    assert {each.query for each in (*facts.figures.values(), *cells)} <= {
        each.value for each in (*QUERIES, *READERS)
    }
    page = page_of(file_of(desk.place, month, "zh", Format.HTML))
    words = [
        (words, path.removeprefix("figure:"))
        for words, path in word_numbers(file_of(desk.place, month, "zh", Format.DOCX))
        if path.startswith("figure:")
    ]
    assert len(page.told) > 200 and len(words) > 200
    for told, path in (*page.told, *words):
        check_traced(facts, told, path)


def figures_of(facts: Facts) -> Iterator[tuple[str, Figure, Callable[[Plain], Decimal | None]]]:
    """Every number of the facts, with how it is asked for by plain SQL."""
    for name, figure in facts.figures.items():
        yield name, figure, lambda plain, name=name: plain.figure(name)
    for name, table in facts.tables.items():
        for row in table.rows:
            for column, figure in zip(table.columns, row.figures, strict=True):
                yield (
                    f"{name}/{row.key}/{column}",
                    figure,
                    lambda plain, at=(name, row.key, column): plain.cell(*at),
                )


@pytest.mark.parametrize(
    ("cadence", "unit", "shown"),
    [
        (Cadence.MONTHLY, "", 150),
        (Cadence.MONTHLY, "EDU", 12),
        (Cadence.WEEKLY, "", 25),
        (Cadence.DAILY, "", 0),
    ],
    ids=["a month", "a unit's month", "a week", "a day"],
)
def test_every_number_of_a_report_is_what_plain_sql_counts(
    desk: ApiDesk, month: Report, cadence: Cadence, unit: str, shown: int
) -> None:
    """Headline, breakdowns, rates, clocks, times, returns, repeats, reports to the police, trend, forecast, records: each
    has a query of its own in `tests/plain_counts.py`, a blank one too, or this fails."""
    facts = facts_from_json(make_report(desk.place, cadence, date(2026, 10, 14), unit, AFTERWARDS).facts)
    asked = period(cadence, date(2026, 10, 14), load_rate_rules().windows)
    earlier = before(asked, load_rate_rules().windows)
    wrong, counted = [], 0
    with desk.place.database.reading() as session:
        plain = Plain(
            session,
            *(each.astimezone(UTC).replace(tzinfo=None) for each in (*asked.ends, earlier.window.start)),
            unit,
            weeks_in_a_row(facts),
        )
        for path, figure, ask in figures_of(facts):
            if "none" in path:
                continue  # what the catalogue does not know: the rest of a sum whose other parts are counted
            value = ask(plain)
            counted += figure.state is State.SHOWN
            if figure.state is State.SHOWN and figure.value != value:
                wrong.append(f"{path}: {figure.value}, counted {value}")
            if figure.state is State.NOT_APPLICABLE and value not in (None, 0):
                wrong.append(f"{path}: not applicable, counted {value}")
    assert not wrong, "\n".join(wrong)
    assert counted >= shown, "a report of blanks proves nothing"


def weeks_in_a_row(facts: Facts) -> int:
    """How many of the last weeks are told without a gap."""
    table = facts.tables.get("received.by_week")
    shown = [row.figures[0].state is State.SHOWN for row in reversed(table.rows)] if table else []
    return shown.index(False) if False in shown else len(shown)


def test_a_number_without_a_query_is_noticed(desk: ApiDesk) -> None:
    """So that the test above can fail."""
    with desk.place.database.reading() as session:
        plain = Plain(session, datetime(2026, 10, 1), datetime(2026, 11, 1), datetime(2026, 9, 1))
        for ask in (
            lambda: plain.figure("received.new"),
            lambda: plain.cell("received.by_age", ("7",), "cases"),
            lambda: plain.cell("new.table", ("x",), "y"),
        ):
            with pytest.raises(NoQueryError):
                ask()


@pytest.mark.parametrize(("sort", "table"), [("issues", "issue_release"), ("candidates", "candidate_topic")])
def test_every_number_of_a_record_is_the_released_one(
    desk: ApiDesk, month: Report, sort: str, table: str
) -> None:
    """Matters, heat, growth, weeks, score: field by field what `json_extract` finds in the row that was released."""
    records = getattr(facts_from_json(month.facts), sort)
    assert records
    with desk.place.database.reading() as session:
        for record in records:
            for field in {"matters", "heat", "growth", "weeks"} if sort == "issues" else {"matters", "score"}:
                told = session.execute(
                    text(f"SELECT json_extract(record, '$.{field}') FROM {table} WHERE number = :number"),
                    {"number": record["number"]},
                ).scalar_one()
                assert (json.loads(told) if isinstance(told, str) else told) == record[field], field


def test_a_units_report_tells_what_the_citys_tells_of_it(desk: ApiDesk, month: Report) -> None:
    city, unit = (
        facts_from_json(month.facts),
        facts_from_json(make_report(desk.place, Cadence.MONTHLY, OCTOBER, "EDU", AFTERWARDS).facts),
    )
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


@pytest.mark.parametrize(
    ("who", "city", "unit"),
    [
        ("decision_maker", 200, 200),
        ("supervisor", 200, 200),
        ("EDU", 404, 200),
        ("CIVIL", 404, 404),
        ("operator", 403, 403),
    ],
)
def test_reports_are_read_by_those_they_are_for(
    desk: ApiDesk, month: Report, who: str, city: int, unit: int
) -> None:
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
    return Case(
        id=uuid4(),
        source="test",
        received_at=at,
        closed_at=at,
        kind=kind,
        grade=Grade.U3,
        status=Status.CLOSED,
        wrapped_key=b"k",
    )


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_file_is_made_again_to_the_byte_and_says_what_moved(terminal: ApiDesk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert (
        run("make", "--cadence", "monthly", "--month", "2026-02", "--language", "zh", "--out", str(out))[0]
        == 0
    )
    page, word = out / "report-monthly-2026-02-01-zh.html", out / "report-monthly-2026-02-01-zh.docx"
    for file in (page, word):
        code, said = run("rebuild", str(file))
        assert (code, said.count("the same to the byte"), said.count("the same data snapshot")) == (
            0,
            1,
            1,
        ), said
    before = page.read_bytes()
    with terminal.place.database.writing() as session:
        session.add(case_of(3))
    code, said = run("rebuild", str(page))
    assert code == 1
    assert "the same to the byte" in said and "told numbers are others now" in said
    assert run("make", "--cadence", "monthly", "--month", "2026-02", "--anew", "--out", str(out))[0] == 0
    assert page.read_bytes() == before, "numbers once told are told the same ever after"


def test_a_changed_file_is_told_from_changed_code(terminal: ApiDesk, tmp_path: Path) -> None:
    assert (
        run("make", "--cadence", "monthly", "--month", "2026-02", "--out", str(tmp_path), "--format", "html")[
            0
        ]
        == 0
    )
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
def test_what_cannot_be_made_is_said_in_one_line(
    terminal: ApiDesk, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    code, said = run(*words, "--out", str(tmp_path))
    assert (code, said.count("\n")) == (1, 1)
    assert problem in said


def test_what_is_no_report_of_this_desk_is_said_in_one_line(terminal: ApiDesk, tmp_path: Path) -> None:
    other = tmp_path / "x.html"
    other.write_text("<html></html>", encoding="utf-8")
    assert run("rebuild", str(other))[0] == 1
    assert (
        run("make", "--cadence", "monthly", "--month", "2026-02", "--out", str(tmp_path), "--format", "html")[
            0
        ]
        == 0
    )
    with terminal.place.database.writing() as session:
        session.delete(session.exec(select(Report)).one())
    code, said = run("rebuild", str(tmp_path / "report-monthly-2026-02-01-zh.html"))
    assert code == 1 and "issued no report" in said


def test_nothing_differs_and_nothing_moved_on_the_same_desk(desk: ApiDesk, month: Report) -> None:
    assert what_differs(desk.place, month) == []
    again = recount(desk.place, month, AFTERWARDS)
    assert (again.is_same, again.moved) == (True, 0)


def test_both_databases_tell_the_same(tmp_path: Path, postgres_url: str) -> None:
    digests = []
    for name, url in (("lite", ""), ("server", postgres_url)):
        if url:
            empty_database(url).close()
        with api_desk(tmp_path / name, url) as fresh:
            fill(fresh.place.database, 2000)
            digests.append(make_report(fresh.place, Cadence.MONTHLY, OCTOBER, "", AFTERWARDS).digest)
            digests.append(make_report(fresh.place, Cadence.WEEKLY, OCTOBER, "", AFTERWARDS).digest)
    assert digests[:2] == digests[2:]
