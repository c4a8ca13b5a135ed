"""`whistle report rates`: what the public may read of the three rates, by span and unit, and what the command refuses."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from analysis.public_rates import public_exclusions
from analysis.rate_rules import load_rate_rules
from analysis.release import ALL
from analysis.suppression_rules import load_suppression
from desk.cli.report import app
from desk.rate_words import EXCLUSION_WORDS, TEXTS
from tests.api_desk import ApiDesk, api_desk
from tests.figure_desk import DAY, FigureDesk

RULES, SMALL = load_rate_rules(), load_suppression()
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
    assert set(units) == {ALL, "EDU", "CIVIL"}
    assert units["EDU"]["response"] == "100.00"
    assert units["CIVIL"]["resolution"] is None
    assert units["CIVIL"]["held_back"] is True


def test_who_is_left_out_is_told_only_where_it_is_not_small(terminal: ApiDesk) -> None:
    units = {each["department"]: each["excluded"] for each in told(*JANUARY)["units"]}  # type: ignore[attr-defined]
    assert units["CIVIL"] == {"not_reached": None}
    assert [units["EDU"]["not_reached"], units[ALL]["not_reached"]].count(None) >= 1, "the difference would be CIVIL's one"


def test_one_unit_has_the_numbers_it_has_in_the_whole_table(terminal: ApiDesk) -> None:
    """Or asking for it alone would tell what the table hides."""
    whole = {each["department"]: each for each in told(*JANUARY)["units"]}  # type: ignore[attr-defined]
    assert told(*JANUARY, "--department", "CIVIL")["units"] == [whole["CIVIL"]]


def test_a_span_is_counted_from_its_first_to_its_last_day(terminal: ApiDesk) -> None:
    """20 January 2026, 10:00 in Beijing; the same span as two words and as a month."""
    assert told("--from", "2026-01-01", "--to", "2026-01-31") == told(*JANUARY)
    assert told("--from", "2026-01-20", "--to", "2026-01-20")["units"] == told(*JANUARY)["units"]
    assert told("--from", "2026-01-21", "--to", "2026-01-31")["units"][0]["valid"] is None  # type: ignore[index]


@pytest.mark.parametrize(("lang", "words"), [("zh", ("全市合计", "响应率", "未接通")), ("en", ("all units", "response", "not reached"))])
def test_people_read_a_table_in_their_language(terminal: ApiDesk, lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["rates", *JANUARY, "--lang", lang])
    assert done.exit_code == 0, done.output
    assert all(each in done.output for each in words)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--month 2026-10, or --from and --to"),
        (("--from", "2026-01-01"), "give the first and the last day"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "--to lies before --from"),
        ((*JANUARY, "--department", "NOBODY"), "whistle units show"),
        (("--month", "9998-12"), "is not over yet"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_do(terminal: ApiDesk, arguments: tuple[str, ...], says: str) -> None:
    done = CliRunner().invoke(app, ["rates", *arguments])
    assert (done.exit_code, says in done.output) == (1, True), done.output


def test_response_only_is_not_told_a_second_time_beside_the_rates() -> None:
    """The count that the rates' own table may have hidden."""
    found = public_exclusions({"EDU": {"guardian_suspect": 9, "not_reached": 30}}, RULES, SMALL)
    assert {reason for _, reason in found} == {"not_reached", ALL}
    assert found["EDU", ALL] == 30
    assert public_exclusions({"EDU": {"guardian_suspect": 9}}, RULES, SMALL) == {}


def test_every_heading_has_words_in_both_languages() -> None:
    for pair in (*TEXTS.values(), *EXCLUSION_WORDS.values()):
        assert all(pair) and len(pair) == 2
