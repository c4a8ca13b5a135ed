"""The closing gate says of each case what Great Expectations says of all of them, and a case waits for its records."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import col, select

from benchmarks.data_checks import check_all, department_codes, fill
from benchmarks.records import DAY, HOUR
from data_checks.gate import blocking
from data_checks.ledger_batches import LedgerTerms
from data_checks.rule_files import load_house_rules
from models.case import Case
from models.checks import DataFinding
from models.database import Database
from models.migrations.running import migrate
from models.vocabulary import Severity

CODES = department_codes(6)
TERMS = [LedgerTerms(each, DAY, HOUR, 2 * DAY) for each in CODES]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def test_the_gate_and_great_expectations_agree_on_every_case(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url)
    migrate(database)
    fill(database, 1200, CODES, share=0.5, seed=11)
    check_all(url, CODES)
    with database.reading() as session:
        wanted = select(DataFinding).where(
            DataFinding.severity == Severity.BLOCK, col(DataFinding.cleared_at).is_(None)
        )
        by_gx = {(each.case_id, each.rule) for each in session.exec(wanted)}
        by_gate = {(case.id, rule) for case in session.exec(select(Case)) for rule in blocking(session, case, TERMS)}
    database.close()
    planted = {rule for _, rule in by_gx}
    assert {"police-receipt", "chain-unbroken", "chain-whole", "ledger-gave-it-away"} <= planted
    assert by_gate == by_gx


def test_every_blocking_rule_can_be_asked_of_one_case(tmp_path: Path) -> None:
    """A rule that a supervisor turns into a block must not first fail when a case wants to close."""
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    migrate(database)
    fill(database, 3, CODES, share=0.0, seed=1)
    with database.reading() as session:
        assert [blocking(session, case, TERMS) for case in session.exec(select(Case))] == [(), (), ()]
    database.close()
    assert any(rule.severity is Severity.BLOCK for rule in load_house_rules().rules.values())


def test_moments_that_a_clock_has_put_out_of_order_are_told_and_block_nothing() -> None:
    """A round of faults set the clock back by a second between receipt and dispatch: nobody can mend a moment, so the case never closed."""
    ordered = [rule for rule in load_house_rules().rules.values() if rule.check.form == "order"]
    assert len(ordered) > 4
    assert not [rule.id for rule in ordered if rule.severity is Severity.BLOCK]


def test_asking_the_gate_does_not_load_great_expectations() -> None:
    asked = "import sys, flows.case, flows.data_quality, workers.case_worker, desk.app; print('great_expectations' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
