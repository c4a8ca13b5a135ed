"""What leaves the house as numbers: months by family and grade, and rates of units, with nothing small to be found."""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from analysis.case_counts import NONE, case_counts
from analysis.open_data import HEADS
from analysis.public_rates import public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import Tally
from analysis.report.facts import Cadence, Figure, facts_from_json
from analysis.suppression_rules import load_suppression
from desk.cli.report import app
from desk.safe_cells import safe_row
from models.database import Database
from models.reports import ReportedNumbers
from models.vocabulary import Grade
from tasks.reporting.making import make_report
from tests.api_desk import ApiDesk, api_desk
from tests.figure_desk import FigureDesk, empty_database, figure_desk

RULES, RATES = load_suppression(), load_rate_rules()
FAMILIES = ("F", "S")
AFTERWARDS = datetime(2026, 11, 1, tzinfo=UTC)
JANUARY, FEBRUARY = datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)
NUMBER = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind."""
    file = tmp_path_factory.mktemp("open") / "cases.db"
    found = empty_database(
        f"sqlite:///{file}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
    yield found
    found.close()


@pytest.fixture
def desk(database: Database) -> Iterator[FigureDesk]:
    """January and February with three of S in U1 in the second."""
    with figure_desk(database) as fresh:
        fill(fresh)
        yield fresh


def fill(desk: FigureDesk) -> None:
    for at, kind, grade, how_many in (
            (JANUARY, "F01", Grade.U3, 20), (JANUARY, "S09", Grade.U3, 30), (JANUARY, "S09", Grade.U1, 9),
            (FEBRUARY, "F01", Grade.U3, 25), (FEBRUARY, "S09", Grade.U3, 35), (FEBRUARY, "S09", Grade.U1, 3),
        ):  # fmt: skip
        for _ in range(how_many):
            desk.case(lead=None, at=at, kind=kind, grade=grade)


def test_requests_are_counted_by_the_day_of_beijing_and_unknown_codes_apart(desk: FigureDesk) -> None:
    """2026-01-31 16:00 UTC is the first of February."""
    edge = datetime(2026, 1, 31, 16, tzinfo=UTC)
    desk.case(lead=None, at=edge - timedelta(seconds=1), kind=None)
    desk.case(lead=None, at=edge, kind="X01")
    edges = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    found = case_counts(desk.session, edges, [("family",)], {"family": FAMILIES})
    assert found.codes["family"] == ("F", "S", NONE)
    assert found.cells[("family",)].tolist() == [[20, 39, 1], [25, 38, 1]]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDesk]:
    """A desk that commands find."""
    with api_desk(tmp_path / "home") as fresh:
        monkeypatch.setenv("WHISTLE_HOME", str(fresh.place.settings.home))
        with fresh.place.database.writing() as session:
            fill(FigureDesk(session))
        yield fresh


def written(out: Path, first: str, last: str) -> list[list[str]]:
    """The rows of a file made by the command."""
    done = CliRunner().invoke(app, ["open-data", "--from", first, "--to", last, "--out", str(out)])
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_command_writes_a_file_and_what_to_know_of_it(terminal: ApiDesk, tmp_path: Path) -> None:
    out = tmp_path / "open.csv"
    heads, *rows = written(out, "2026-01-15", "2026-02-28")
    about = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (about["from"], about["to"], about["limit"], about["numbers"]) == (
        "2026-01-01",
        "2026-02-28",
        5,
        len(rows),
    )
    assert tuple(heads) == HEADS
    assert all(list(row) == safe_row(row) for row in rows), "no cell begins a formula"
    families = {each[0] for each in terminal.place.catalogue.kinds}
    assert len(rows) == 2 * (len(families) + 2) * (len(Grade) + 2), (
        "a missing row would tell what a blank does not"
    )
    cells = {(row[0], row[2], row[3]): row[4] for row in rows}
    assert cells["2026-01-01", "*", "*"] == "59"
    assert cells["2026-01-01", "S", "U1"] == "9"
    assert cells["2026-02-01", "S", "U1"] == "", "three of them"
    assert cells["2026-02-01", "*", "U1"] == cells["2026-02-01", "S", "U3"] == ""


def test_open_data_and_the_months_report_tell_the_same_whichever_comes_first(
    terminal: ApiDesk, tmp_path: Path
) -> None:
    """And after the desk has taken in more: a count anew beside the old one could be one child."""
    january = written(tmp_path / "a.csv", "2026-01-01", "2026-01-31")
    with terminal.place.database.writing() as session:
        FigureDesk(session).case(lead=None, at=JANUARY, kind="S09", grade=Grade.U3)
        FigureDesk(session).case(lead=None, at=FEBRUARY, kind="S09", grade=Grade.U3)
    reports = {
        month: facts_from_json(
            make_report(terminal.place, Cadence.MONTHLY, date(2026, month, 1), "", AFTERWARDS).facts
        )
        for month in (1, 2)
    }
    both = written(tmp_path / "b.csv", "2026-01-01", "2026-02-28")
    assert [row for row in both if row[1] == "2026-01-31"] == january[1:]
    told = {(int(row[0][5:7]), row[2], row[3]): row[4] for row in both[1:]}
    for month, facts in reports.items():
        for row in facts.tables["received.family_by_grade"].rows:
            assert told[(month, *row.key)] == shown(row.figures[0])
        for row in facts.tables["received.by_family"].rows:
            assert told[month, row.key[0], "*"] == shown(row.figures[0])
        assert told[month, "*", "*"] == shown(facts.figures["received.total"])


def shown(figure: Figure) -> str:
    return "" if figure.value is None else str(figure.value)


def test_a_month_that_is_not_over_is_not_published_nor_is_any_before_it(
    terminal: ApiDesk, tmp_path: Path
) -> None:
    done = CliRunner().invoke(
        app, ["open-data", "--from", "2026-01-01", "--to", "2999-12-31", "--out", str(tmp_path / "x.csv")]
    )
    assert done.exit_code == 1
    assert "still changes" in done.output
    with terminal.place.database.reading() as session:
        assert session.exec(select(ReportedNumbers)).all() == []


def test_rates_of_few_callbacks_are_blank_and_those_of_many_are_not() -> None:
    """MANY 100 with 80 resolved and 20 not; MORE alike; FEW 4 callbacks."""
    many = Tally(100, 90, 100, 80, 70, 10)
    found = public_rates(
        {"MANY": many, "MORE": many, "FEW": Tally(4, 4, 4, 2, 2), "MOST": many}, RATES, RULES
    )
    assert found["FEW"].rates.resolution is None
    assert found["FEW"].is_blank
    assert sum(found[each].rates.resolution == 80 for each in ("MANY", "MORE", "MOST")) >= 1


def test_one_unhappy_caller_among_many_is_not_published() -> None:
    """99 of 100 resolved says that one was not; 100 of 100 says that nobody was left."""
    units = {"ONE": Tally(100, 100, 100, 99, 60, 20), "ALL_DONE": Tally(100, 100, 100, 100, 60, 20), "HALF": Tally(100, 90, 100, 50, 40, 20), "THIRD": Tally(90, 80, 90, 30, 20, 20)}  # fmt: skip
    found = public_rates(units, RATES, RULES)
    assert found["ONE"].rates.resolution is None
    assert found["ALL_DONE"].rates.response == 100
    assert found["ONE"].rates.composite is None


def test_no_callbacks_make_no_rates_to_publish() -> None:
    assert public_rates({}, RATES, RULES) == {}
    assert public_rates({"EDU": Tally()}, RATES, RULES)["EDU"].rates.response is None
