"""What leaves the house as numbers: months by family and grade, and rates of units, with nothing small to be found."""

import csv
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.case_counts import NONE, case_counts
from analysis.open_data import HEADS, EarlierFileError, EarlierRow, open_data
from analysis.public_rates import public_rates
from analysis.rate_rules import load_rate_rules
from analysis.rates import Tally
from analysis.release import ALL
from analysis.suppression_rules import load_suppression
from desk.cli.report import app
from desk.safe_cells import safe_row
from models.database import Database
from models.vocabulary import Grade
from tests.api_desk import ApiDesk, api_desk
from tests.differencing import Collector, Paper
from tests.figure_desk import FigureDesk, empty_database, figure_desk

RULES, RATES = load_suppression(), load_rate_rules()
FAMILIES = ("F", "S")
JANUARY, FEBRUARY = datetime(2026, 1, 9, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)
NUMBER = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind."""
    file = tmp_path_factory.mktemp("open") / "cases.db"
    found = empty_database(f"sqlite:///{file}" if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield found
    found.close()


@pytest.fixture
def desk(database: Database) -> Iterator[FigureDesk]:
    """January and February with three of S in U1 in the second."""
    with figure_desk(database) as fresh:
        for at, kind, grade, how_many in (
            (JANUARY, "F01", Grade.U3, 20), (JANUARY, "S09", Grade.U3, 30), (JANUARY, "S09", Grade.U1, 9),
            (FEBRUARY, "F01", Grade.U3, 25), (FEBRUARY, "S09", Grade.U3, 35), (FEBRUARY, "S09", Grade.U1, 3),
        ):  # fmt: skip
            for _ in range(how_many):
                fresh.case(lead=None, at=at, kind=kind, grade=grade)
        yield fresh


def as_published(rows: tuple[tuple[str, ...], ...]) -> list[EarlierRow]:
    return [EarlierRow(date.fromisoformat(a), date.fromisoformat(b), (f, g), int(n) if n else None) for a, b, f, g, n in rows]


def test_requests_are_counted_by_the_day_of_beijing_and_unknown_codes_apart(desk: FigureDesk) -> None:
    """2026-01-31 16:00 UTC is the first of February."""
    edge = datetime(2026, 1, 31, 16, tzinfo=UTC)
    desk.case(lead=None, at=edge - timedelta(seconds=1), kind=None)
    desk.case(lead=None, at=edge, kind="X01")
    edges = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    found = case_counts(desk.session, edges, [("family",)], {"family": FAMILIES})
    assert found.codes["family"] == ("F", "S", NONE)
    assert found.cells[("family",)].tolist() == [[20, 39, 1], [25, 38, 1]]


def test_a_small_count_is_blank_and_cannot_be_worked_out(desk: FigureDesk) -> None:
    made = open_data(desk.session, date(2026, 1, 1), date(2026, 2, 1), FAMILIES, RULES)
    cells = {row[:4]: row[4] for row in made.rows}
    assert cells["2026-02-01", "2026-02-28", "S", "U1"] == ""
    assert cells["2026-01-01", "2026-01-31", ALL, ALL] == "59"
    assert made.about["limit"] == 5
    assert made.about["blank"] == sum(row[4] == "" for row in made.rows)
    papers = [
        Paper(("family", "grade"), first, last + timedelta(days=1), {each.key: each.cases for each in as_published(made.rows) if each.first == first and each.last == last})
        for first, last in {(each.first, each.last) for each in as_published(made.rows)}
    ]  # fmt: skip
    collector = Collector(papers, {"family": (*FAMILIES, NONE), "grade": (*(each.value for each in Grade), NONE)})
    low, high = collector.between(collector.aim(("family", "grade"), ("S", "U1"), date(2026, 2, 1), date(2026, 3, 1)))
    assert high - low >= RULES.width


def test_every_family_and_grade_has_a_row_also_where_nobody_asked(desk: FigureDesk) -> None:
    """A missing row would tell what a blank does not: 3 families and their sum × 7 grades and theirs."""
    made = open_data(desk.session, date(2026, 1, 1), date(2026, 1, 1), FAMILIES, RULES)
    assert len(made.rows) == (len(FAMILIES) + 2) * (len(Grade) + 2)


def test_a_second_export_knows_what_the_first_said(desk: FigureDesk) -> None:
    """January is out; the export of both months leaves January as it was."""
    january = open_data(desk.session, date(2026, 1, 1), date(2026, 1, 1), FAMILIES, RULES)
    both = open_data(desk.session, date(2026, 1, 1), date(2026, 2, 1), FAMILIES, RULES, as_published(january.rows))
    assert [row for row in both.rows if row[1] == "2026-01-31"] == list(january.rows)
    assert both.about["earlier_numbers"] == len(january.rows)


def test_a_number_that_has_changed_since_is_not_published_beside_the_old_one(desk: FigureDesk) -> None:
    january = open_data(desk.session, date(2026, 1, 1), date(2026, 1, 1), FAMILIES, RULES)
    desk.case(lead=None, at=JANUARY, kind="S09", grade=Grade.U3)
    with pytest.raises(EarlierFileError, match="could be one child"):
        open_data(desk.session, date(2026, 1, 1), date(2026, 2, 1), FAMILIES, RULES, as_published(january.rows))
    with pytest.raises(EarlierFileError, match="give it whole"):
        open_data(desk.session, date(2026, 1, 1), date(2026, 2, 1), FAMILIES, RULES, as_published(january.rows)[:3])


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDesk]:
    """A desk that commands find."""
    with api_desk(tmp_path / "home") as fresh:
        monkeypatch.setenv("WHISTLE_HOME", str(fresh.place.settings.home))
        yield fresh


def test_the_command_writes_a_file_and_what_to_know_of_it(terminal: ApiDesk, tmp_path: Path) -> None:
    out = tmp_path / "open.csv"
    done = CliRunner().invoke(app, ["open-data", "--from", "2026-01-01", "--to", "2026-03-31", "--out", str(out)])
    assert done.exit_code == 0, done.output
    about = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert about["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (about["from"], about["to"], about["limit"]) == ("2026-01-01", "2026-03-31", 5)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == HEADS
    assert all(list(row) == safe_row(row) for row in rows), "no cell begins a formula"
    assert {row[-1] for row in rows[1:]} == {""}, "nobody asked, and that is blank as well"
    again = CliRunner().invoke(
        app, ["open-data", "--from", "2026-04-01", "--to", "2026-04-30", "--out", str(tmp_path / "b.csv"), "--earlier", str(out)]
    )
    assert again.exit_code == 0, again.output
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))["earlier_sha256"] == [about["sha256"]]


def test_a_month_that_is_not_over_is_not_published(terminal: ApiDesk, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["open-data", "--from", "2026-01-01", "--to", "9998-12-31", "--out", str(tmp_path / "x.csv")])
    assert done.exit_code == 1
    assert "not over yet" in done.output


def test_rates_of_few_callbacks_are_blank_and_those_of_many_are_not() -> None:
    """MANY 100 with 80 resolved and 20 not; MORE alike; FEW 4 callbacks."""
    many = Tally(100, 90, 100, 80, 70, 10)
    found = public_rates({"MANY": many, "MORE": many, "FEW": Tally(4, 4, 4, 2, 2), "MOST": many}, RATES, RULES)
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
