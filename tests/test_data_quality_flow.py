"""The data-quality flow, on a real Prefect server: a table of what fell short, tags, tasks, and an honest end."""

import random
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlmodel import select

from benchmarks.records import HOUR, NOW, make_order, write_import, write_orders
from flows import data_quality
from flows.clock import set_clock
from flows.data_quality import check_records
from models.checks import CheckRun, ReconciliationTask
from models.vocabulary import CheckScope, LedgerStatus
from tests.harness.living_desk import LivingDesk
from workers.house_flows import HOUSE_FLOWS

UNITS = ["EDU", "CIVIL", "POLICE"]


@pytest.fixture
def exchanged(desk: LivingDesk) -> Any:
    """A desk with a month of orders; one of EDU's rows says returned, which blocks its case."""
    set_clock(lambda: NOW)
    rng = random.Random(5)
    orders = [make_order(number, UNITS, rng) for number in range(1, 91)]
    given_away = next(each for each in orders if each.lead == "EDU" and each.is_open)
    given_away.ledger[0]["status"] = LedgerStatus.RETURNED
    with desk.place.database.writing() as session:
        connection = session.connection()
        taken = {unit: NOW - HOUR for unit in UNITS}
        imports = {unit: write_import(connection, unit, taken[unit], 30) for unit in UNITS}
        for unit in UNITS:
            connection.exec_driver_sql(
                f"INSERT INTO department (code, name_zh, name_en, active) VALUES ('{unit}', '{unit}', '{unit}', 1)"
                " ON CONFLICT DO NOTHING"
            )
        write_orders(connection, orders, imports, taken)
    yield desk
    set_clock()


def newest_table() -> str:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["data-quality"])))
    return str(max(found, key=lambda each: each.created or NOW).data)


def test_a_run_checks_every_part_and_hands_out_what_fell_short(
    exchanged: LivingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(data_quality, "emit_event", lambda **event: said.append(event))
    sentence = check_records(CheckScope.NIGHTLY)
    assert sentence.startswith("5 parts, ")
    assert sentence.endswith("1 open, 1 blocking, 1 tasks")
    assert "ledger-gave-it-away" in newest_table()
    with exchanged.place.database.reading() as session:
        assert {run.department for run in session.exec(select(CheckRun))} == {"", "journal", *UNITS}
        tasks = session.exec(select(ReconciliationTask)).all()
    assert [(task.unit, task.rule, task.closed_at) for task in tasks] == [("DUTY_SUPERVISOR", "ledger-gave-it-away", None)]
    assert NOW < tasks[0].due_at < NOW + timedelta(days=3)
    assert [(each["event"], each["payload"]) for each in said] == [
        ("whistle.data-quality.block", {"rules": {"ledger-gave-it-away": 1}})
    ]
    docs = exchanged.place.settings.home / "quality" / "docs" / "index.html"
    assert "EDU/orders.html" in docs.read_text(encoding="utf-8")


def test_one_department_can_be_checked_alone(exchanged: LivingDesk) -> None:
    assert check_records(CheckScope.IMPORT, "CIVIL").startswith("1 parts, ")


def test_the_worker_knows_every_flow_of_the_house() -> None:
    assert {"notices", "data-quality", "reconcile"} <= HOUSE_FLOWS.keys()
