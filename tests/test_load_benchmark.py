"""`python -m benchmarks.load` at toy size: every part runs on a real desk, and its figures add up."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import col, func, select

from benchmarks.load.__main__ import PARTS, arguments, parts_of
from benchmarks.load.keeping import OFTEN
from benchmarks.load.place import LoadedDesk, loaded_desk
from benchmarks.load.senders import body_of, is_grave
from benchmarks.load.standing import copied_id, fill_stock, prefect_url
from models.case import Case
from models.vocabulary import Status
from tasks.receiving.intake_form import IntakeForm

pytestmark = pytest.mark.long

TOY = [
    "--threads", "2", "--closed", "40", "--parked", "6", "--connections", "1,4", "--intake-seconds", "0.3", "--orders-a-day", "12",
    "--times", "57600", "--burst-seconds", "1", "--patience", "120", "--work-seconds", "60", "--lives", "1", "--slope", "6,9",
    "--steps", "1", "--cases-a-step", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def desk() -> Iterator[LoadedDesk]:
    """A whole desk with a small stock, that cleans up often."""
    with loaded_desk("sqlite", 2, partial(fill_stock, closed=40, parked=6), OFTEN) as running:
        yield running


@pytest.fixture(scope="module")
def figures(desk: LoadedDesk) -> dict[str, Any]:
    """What each part told, in its order."""
    return {name: part(desk) for name, part in parts_of(arguments().parse_args(TOY)).items()}


def test_the_stock_is_whole_cases_whose_runs_prefect_has(desk: LoadedDesk, figures: dict[str, Any]) -> None:
    """Parked ones lead to a suspended run of their own, with its states and task runs; and none of them was woken."""
    with desk.stage.place.database.reading() as session:
        closed = session.exec(
            select(func.count()).where(Case.source == "bench", col(Case.status) == Status.CLOSED)
        ).one()
        parked = session.exec(select(Case).where(Case.source == "parked")).all()
        example = session.exec(select(Case).where(Case.source == "example")).one()
    assert (closed, len(parked)) == (40, 9)
    assert {each.status for each in parked} == {Status.DISPATCHED}
    assert {each.run_id for each in parked} == {copied_id(str(example.run_id), copy) for copy in range(1, 10)}
    engine = create_engine(prefect_url(desk.stage))
    wanted = text("SELECT run.state_type, state.name, (SELECT count(*) FROM task_run WHERE flow_run_id = run.id) FROM flow_run AS run"
                  " JOIN flow_run_state AS state ON state.id = run.state_id WHERE run.id = :run")  # fmt: skip
    with engine.connect() as connection:
        found = {
            connection.execute(wanted, {"run": str(UUID(str(run)))}).one()
            for run in [example.run_id, *(each.run_id for each in parked)]
        }
    engine.dispose()
    [(state_type, name, task_runs)] = found
    assert (state_type, name) == ("PAUSED", "Suspended") and task_runs > 0


def test_every_part_is_there_and_its_figures_add_up(desk: LoadedDesk, figures: dict[str, Any]) -> None:
    """What was sent was answered 201 and is in the database; rates are numbers divided by seconds."""
    assert set(figures) == set(PARTS)
    with desk.stage.place.database.reading() as session:
        stored = dict(session.execute(select(Case.source, func.count()).group_by(Case.source)).tuples().all())
    for told, source in (
        (figures["intake"]["1_connections"], "intake1"), (figures["intake"]["4_connections"], "intake4"),
        (figures["burst"], "burst"), (figures["day"], "day"),
    ):  # fmt: skip
        assert told["answers"] == {"201": told["orders"]} and stored[source] == told["orders"] > 0
        assert 0 < told["p50_ms"] <= told["p95_ms"] <= told["p99_ms"] <= told["max_ms"]
        assert told["durable_per_s"] == pytest.approx(told["orders"] / told["seconds"], rel=0.2)
    burst, day = figures["burst"], figures["day"]
    assert burst["still_waiting"] + day["still_waiting"] == desk.unscreened("burst") + desk.unscreened("day")
    assert burst["grave_orders"] == sum(map(is_grave, range(burst["orders"])))
    assert burst["grave_looked_at"] == burst["grave_orders"] > 0
    assert (burst["seconds_to_recover"] is None) is (burst["still_waiting"] > 0)
    assert set(figures["slope"]["by_parked"]) == {"6", "9"}
    assert set(figures["growth"]["bytes_a_case"]) == {"cases", "prefect"}
    assert all(figures["growth"]["memory_after_mib"][name] > 0 for name in ("server", "worker", "desk"))
    assert "refused" not in figures["standing"]["pages"]


def test_a_month_later_prefect_has_forgotten_finished_runs_and_the_desk_its_notes(
    figures: dict[str, Any],
) -> None:
    """All the finished ones, of every part before; parked ones stay."""
    [month] = figures["keeping"]["rows"]
    assert (month["written_once"], month["prefect.left_over"]) == (0, 0)
    assert month["access_log"] > 0, "kept for three years"
    assert month["prefect.flow_run"] >= 10, "the parked ones and the example"


def test_every_order_of_a_sender_is_a_form_of_its_own() -> None:
    """The sender writes them without the desk's own classes."""
    forms = [IntakeForm.model_validate_json(body_of("s", number)) for number in range(100)]
    assert len({each.text for each in forms}) == len({each.source_ref for each in forms}) == 100
    assert [each.danger_now for each in forms].count(True) == 1
