"""Facts of a report survive being stored, and say nothing where there is nothing to say."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from analysis.report.facts import (
    Cadence,
    Facts,
    Figure,
    Row,
    Scope,
    Sources,
    State,
    Table,
    Unit,
    facts_from_json,
)
from analysis.report.part import Part, parts_from_json, parts_to_json

SOURCES = Sources(datetime(2026, 11, 1, tzinfo=UTC), "v1", "r", "c", "k", "q", "s", {"language": "zh"})
TOTAL = Figure(Decimal(1200), Unit.CASES, "received")
BLANK = Figure(None, Unit.PERCENT, "rates", State.BLANK)
FACTS = Facts(
    Scope(Cadence.MONTHLY, date(2026, 10, 1), date(2026, 10, 31)),
    SOURCES,
    {"received.total": TOTAL, "rates.resolution": BLANK},
    {"received.by_grade": Table(("grade",), ("cases",), (Row(("U0",), (TOTAL,)),))},
    issues=({"number": "I2026W40-01", "matters": 12},),
)


def test_what_was_written_is_read() -> None:
    assert facts_from_json(FACTS.to_json()) == FACTS


def test_the_snapshot_does_not_hang_on_when_it_was_taken() -> None:
    later = replace(
        FACTS, sources=replace(SOURCES, made_at=datetime(2026, 11, 2, tzinfo=UTC), code_version="v2")
    )
    assert later.digest == FACTS.digest


def test_the_snapshot_changes_with_a_number() -> None:
    other = replace(FACTS, figures={**FACTS.figures, "received.total": replace(TOTAL, value=Decimal(1201))})
    assert other.digest != FACTS.digest


@pytest.mark.parametrize(
    ("query", "unit"),
    [("rates", Unit.PERCENT), ("rates", Unit.CALLBACKS), ("clocks", Unit.CLOCKS), ("clocks", Unit.PERCENT)],
)
@pytest.mark.parametrize("place", ["figure", "cell", "part"])
def test_the_snapshot_tells_a_nought_that_is_shown_from_a_blank_and_from_nothing_to_count(
    query: str, unit: Unit, place: str
) -> None:
    """As it is stored: of clocks nobody missed, or of how many missed one nothing may be told."""
    every = [
        Figure(Decimal(0), unit, query),
        Figure(None, unit, query, State.BLANK),
        Figure(None, unit, query, State.NOT_APPLICABLE),
    ]
    digests = set()
    for figure in every:
        table = Table(("target",), ("missed",), (Row(("acceptance",), (figure,)),))
        if place == "part":
            stored = json.loads(json.dumps(parts_to_json({"": Part({"x": figure}, {"t": table})})))
            figure, table = (part := parts_from_json(stored)[""]).figures["x"], part.tables["t"]
        facts = (
            replace(FACTS, figures={"x": figure}) if place != "cell" else replace(FACTS, tables={"t": table})
        )
        digests.add(facts.digest)
        assert facts_from_json(facts.to_json()) == facts
    assert len(digests) == len(every)


def test_a_blank_has_no_value() -> None:
    with pytest.raises(ValueError, match="blank"):
        Figure(Decimal(3), Unit.CASES, "received", State.BLANK)


def test_a_row_fits_its_table() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Table(("grade",), ("cases", "share"), (Row(("U0",), (TOTAL,)),))


@pytest.mark.parametrize("text", ["{}", "[]", '{"scope":{}}', "no json"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        facts_from_json(text)
