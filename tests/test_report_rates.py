"""`whistle report rates`: what the public may read of the three rates of a month, by unit, and what the command refuses."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from analysis.rate_rules import load_rate_rules
from analysis.release import ALL
from analysis.report.facts import Cadence, Facts, Figure, Row, State, Table, Unit, facts_from_json
from analysis.report.part import Part
from desk.cli.report import app
from desk.cli.report_rates import RatesReport
from desk.rate_words import EXCLUSION_WORDS, TEXTS
from models.reports import ReportedNumbers
from tasks.reporting.making import make_report
from tests.api_desk import ApiDesk, api_desk
from tests.figure_desk import DAY, FigureDesk

CALLED = datetime(2026, 1, 20, 2, tzinfo=UTC)
JANUARY = ("--month", "2026-01")


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDesk]:
    """January: EDU with 40 of 50 answers a yes, CIVIL with two of 20; seven of EDU's not reached, one of CIVIL's."""
    with api_desk(tmp_path_factory.mktemp("rates") / "home") as fresh, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHISTLE_HOME", str(fresh.place.settings.home))
        with fresh.place.database.writing() as session:
            desk = FigureDesk(session)
            for unit, yes, no, missed in (("EDU", 40, 10, 7), ("CIVIL", 18, 2, 1)):
                for found in ["yes"] * yes + ["no"] * no + ["missed"] * missed:
                    desk.called(desk.case(unit, CALLED - DAY), CALLED, found)
        yield fresh


def told(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(app, ["rates", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.output)
    return found


def test_rates_are_those_that_may_be_published(terminal: ApiDesk) -> None:
    """EDU 40 of 50 resolved. CIVIL's two unresolved would show, and with them nothing of both may tell them."""
    units = {each["department"]: each for each in told(*JANUARY)["units"]}  # type: ignore[attr-defined]
    assert {ALL, "EDU"} <= set(units)
    assert units["EDU"]["response"] == "100.00"
    assert units["CIVIL"]["resolution"] is None
    assert units["CIVIL"]["held_back"] is True


def test_who_is_left_out_is_told_only_where_it_is_not_small(terminal: ApiDesk) -> None:
    units = {each["department"]: each["excluded"] for each in told(*JANUARY)["units"]}  # type: ignore[attr-defined]
    assert units["CIVIL"] == {"not_reached": None}
    assert [units["EDU"]["not_reached"], units[ALL]["not_reached"]].count(None) >= 1, (
        "the difference would be CIVIL's one"
    )


def test_one_unit_has_the_numbers_it_has_in_the_whole_table(terminal: ApiDesk) -> None:
    """Or asking for it alone would tell what the table hides."""
    whole = {each["department"]: each for each in told(*JANUARY)["units"]}  # type: ignore[attr-defined]
    assert told(*JANUARY, "--department", "CIVIL")["units"] == [whole["CIVIL"]]


@pytest.mark.parametrize("unit", ["", "EDU", "CIVIL"])
def test_the_command_and_the_months_report_tell_the_same(terminal: ApiDesk, unit: str) -> None:
    """Number by number, blank by blank, whichever is asked first."""
    said = {
        each["department"]: each
        for each in told(*JANUARY, *(("--department", unit) if unit else ()))["units"]
    }[unit or ALL]  # type: ignore[attr-defined]
    facts = facts_from_json(
        make_report(terminal.place, Cadence.MONTHLY, date(2026, 1, 1), unit, datetime.now(UTC)).facts
    )
    assert said["valid"] == value(facts, "valid")
    assert said["response_only"] == value(facts, "response_only")
    assert said["contact_not_asked"] == value(facts, "contact_not_asked")
    for name in ("response", "resolution", "satisfaction", "composite"):
        assert (said[name] and float(said[name])) == value(facts, name), name
    shown = {row.key[0]: row.figures[0].value for row in facts.tables["rates.exclusions"].rows}
    assert all(said["excluded"][reason] == shown[reason] for reason in said["excluded"])


def value(facts: Facts, name: str) -> float | None:
    figure = facts.figures[f"rates.{name}"]
    return None if figure.value is None else float(figure.value)


def test_what_was_told_once_is_told_the_same_after_the_desk_has_learned_more(terminal: ApiDesk) -> None:
    """February: told with nobody called back, then a call of February is put in; only a count anew would show it."""
    before = told("--month", "2026-02")
    with terminal.place.database.writing() as session:
        desk = FigureDesk(session)
        for _ in range(30):
            desk.called(desk.case("EDU", CALLED + 20 * DAY), CALLED + 21 * DAY)
    assert told("--month", "2026-02") == before
    with terminal.place.database.reading() as session:
        rows = session.exec(
            select(ReportedNumbers).where(
                ReportedNumbers.query == "rates", ReportedNumbers.first == date(2026, 2, 1)
            )
        )
        assert len(list(rows)) == 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("全市合计", "响应率", "未接通")), ("en", ("all units", "response", "not reached"))],
)
def test_people_read_a_table_in_their_language(terminal: ApiDesk, lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["rates", *JANUARY, "--lang", lang])
    assert done.exit_code == 0, done.output
    assert all(each in done.output for each in words)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*JANUARY, "--department", "NOBODY"), "whistle units show"),
        (("--month", "9998-12"), "a time that is not over still changes"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_do(
    terminal: ApiDesk, arguments: tuple[str, ...], says: str
) -> None:
    done = CliRunner().invoke(app, ["rates", *arguments])
    assert (done.exit_code, says in done.output) == (1, True), done.output


def test_a_unit_that_was_not_told_of_when_the_month_was_told_has_blanks() -> None:
    """Such as one that came into the catalogue later; it is not counted beside what is out."""
    table = Table(
        ("reason",), ("callbacks",), (Row(("refused",), (Figure(Decimal(9), Unit.CALLBACKS, "exclusions"),)),)
    )
    made = RatesReport(
        date(2026, 1, 1),
        date(2026, 1, 31),
        {"": Part()},
        {"": Part(tables={"rates.exclusions": table})},
        load_rate_rules().formula,
    )
    assert {each.state for each in made.figures("NEW").values()} == {State.BLANK}
    assert made.left_out("NEW") == {"refused": None}
    assert made.units == [ALL]


def test_every_heading_has_words_in_both_languages() -> None:
    for pair in (*TEXTS.values(), *EXCLUSION_WORDS.values()):
        assert all(pair) and len(pair) == 2
