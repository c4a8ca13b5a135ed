"""The pages of the data checks: the house sees all of it, a unit its own task, and nobody else anything."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from benchmarks.records import NOW
from desk.pages.quality import find_task
from desk.pages.trend import trend_of
from models.checks import DataFinding, ReconciliationTask
from models.exchange import Notice
from models.ledgers import LedgerImport, LedgerQuarantine
from models.vocabulary import Ask, ExtractState, Severity
from tasks.records.reconciliation_tasks import settle_findings
from tasks.records.record_checks import open_by_day
from tasks.workplace import Workplace
from tests.api_desk import api_desk
from tests.small_desk import small_desk


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    found = small_desk(tmp_path / "desk")
    with found.database.writing() as session:
        made = LedgerImport(department="EDU", file_digest="", imported_at=NOW, extracted_at=NOW, state=ExtractState.LANDED)
        session.add(made)
        session.flush()
        session.add(
            LedgerQuarantine(import_id=made.id or 0, department="EDU", line=7, field="状态", problem="unknown_code")
        )
        finding(session, "rows-quarantined", "EDU", "EDU")
        finding(session, "missing-in-ledger", "EDU", "W-000012")
        finding(session, "missing-in-ledger", "EDU", "W-000013")
        finding(session, "kind-differs", "EDU", "W-000014", Severity.NOTE)
    settle_findings(found, NOW)
    return found


def finding(session: Session, rule: str, department: str, subject: str, severity: Severity = Severity.TASK) -> None:
    session.add(DataFinding(rule=rule, severity=severity, department=department, subject=subject, found_at=NOW))


def tokens(place: Workplace) -> dict[str, str]:
    with place.database.reading() as session:
        return {task.rule: task.token for task in session.exec(select(ReconciliationTask))}


def test_one_task_for_all_records_of_a_rule_and_none_for_a_note(place: Workplace) -> None:
    assert tokens(place).keys() == {"rows-quarantined", "missing-in-ledger"}
    with place.database.reading() as session:
        told = session.exec(select(Notice).where(Notice.ask == Ask.RECONCILE)).all()
    assert [(each.recipient, each.link.split("/")[-2]) for each in told] == [("EDU", "q"), ("EDU", "q")]


def test_the_unit_sees_its_records_and_why_rows_were_not_taken(place: Workplace) -> None:
    with place.database.reading() as session:
        missing = find_task(session, tokens(place)["missing-in-ledger"], NOW)
        rows = find_task(session, tokens(place)["rows-quarantined"], NOW + timedelta(days=30))
    assert missing is not None
    assert [subject for subject, _ in missing.subjects] == ["W-000012", "W-000013"]
    assert not missing.is_late
    assert rows is not None
    assert rows.is_late
    assert "第 7 行" in rows.reasons[0][0]
    assert "line 7" in rows.reasons[0][1]


@pytest.mark.parametrize("token", ["", "x", "\0", "' OR 1=1"])
def test_a_link_that_was_made_up_leads_nowhere(place: Workplace, token: str) -> None:
    with place.database.reading() as session:
        assert find_task(session, token, NOW) is None


def test_a_task_that_is_done_shows_nothing_more(place: Workplace) -> None:
    with place.database.writing() as session:
        for each in session.exec(select(DataFinding)):
            each.cleared_at = NOW
    settle_findings(place, NOW)
    with place.database.reading() as session:
        assert all(find_task(session, token, NOW) is None for token in tokens(place).values())


@pytest.mark.parametrize("path", ["/quality", "/quality/docs/", "/quality/docs/index.html"])
def test_only_the_house_sees_the_whole(tmp_path: Path, path: str) -> None:
    with api_desk(tmp_path) as desk:
        docs = desk.place.settings.home.resolve() / "quality" / "docs"
        docs.mkdir(parents=True)
        (docs / "index.html").write_text("<p>all hold</p>", encoding="utf-8")
        assert desk.client.get(path).status_code == 401
        assert desk.client.get(path, auth=("x", desk.keys["EDU"])).status_code == 403
        assert desk.client.get(path, auth=("x", desk.keys["operator"])).status_code == 200


@pytest.mark.parametrize("path", ["../master.key", "..%2f..%2fmaster.key", "%2e%2e/%2e%2e/cases.db", "about.json"])
def test_nothing_but_pages_is_served_from_the_data_docs(tmp_path: Path, path: str) -> None:
    with api_desk(tmp_path) as desk:
        (desk.place.settings.home.resolve() / "quality" / "docs").mkdir(parents=True)
        answer = desk.client.get(f"/quality/docs/{path}", auth=("x", desk.keys["operator"]))
        assert answer.status_code == 404


def test_the_trend_counts_what_stood_open_at_the_end_of_each_day(place: Workplace) -> None:
    with place.database.writing() as session:
        gone = session.exec(select(DataFinding).where(DataFinding.subject == "W-000012")).one()
        gone.cleared_at = NOW + timedelta(days=2)
        old = DataFinding(
            rule="kind-differs", severity=Severity.NOTE, department="EDU", subject="W-000020",
            found_at=NOW - timedelta(days=90), cleared_at=NOW - timedelta(days=80),
        )  # fmt: skip
        session.add(old)
    with place.database.reading() as session:
        days = open_by_day(session, NOW + timedelta(days=3), days=5)
    assert [each.open.get(Severity.TASK, 0) for each in days] == [0, 3, 3, 2, 2]
    assert [each.open.get(Severity.NOTE, 0) for each in days] == [0, 1, 1, 1, 1]
    chart = trend_of(days)
    assert chart is not None
    assert chart.most == 4
    assert sum(each.count for each in chart.pieces if each.severity is Severity.TASK) == 10
    assert max(each.y + each.height for each in chart.pieces) == chart.height
    assert trend_of(days[:1]) is None
