"""`whistle issues`, `warnings`, `orders`, `topics`, and the page of topics: what a supervisor types and sees."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from desk.cli import app as cli
from desk.people.keys import make_key
from models.case import Case
from models.common_issues import CommonIssue, IssueCase, IssueRelease, IssueRun
from models.early_warnings import EarlyWarning, WarningSort
from models.proactive import ProactiveOrder
from models.topics import CandidateTopic, Progress, TopicMove
from models.vocabulary import Role
from tasks import workplace
from tasks.issues.ordering import IssueOrderRefusedError, order_about_issue
from tasks.news.inbox import Speaker
from tasks.topics.moving import DROP_REASONS
from tasks.workplace import Workplace
from tests.harness.front_door import front_door
from tests.small_desk import shipped_catalogue, shipped_rules, small_desk

NUMBER = "I2026W09-01"
MONDAY = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 7)
RECORD = {
    "number": NUMBER, "heat": 0.7, "topic": ["食堂", "不新鲜"], "sorts_of_places": ["school"], "district": "D1", "kind": "S05",
    "matters": 20, "weeks": [["2026-02-23", None]], "departments": ["EDU"], "owner": "MARKET", "owner_reason": "x", "sentence": None,
    "growth": None,
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """The desk that `WHISTLE_HOME` names, with an issue, a topic and a warning."""
    home = tmp_path / "home"
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY", "PREFECT_API_URL", "WHISTLE_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(home))
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)
    desk, now = small_desk(home), datetime.now(UTC)
    with desk.database.writing() as session:
        case = Case(source="test", received_at=now, kind="S05", district="D1", complained_of="SCHOOL")
        session.add(case)
        session.add(IssueRun(as_of=MONDAY, at=now, received_from=now, cases=1, issues=1, published=1, settings_hash="", catalogue_hash=""))
        session.add(CommonIssue(number=NUMBER, first_on=MONDAY, found_on=MONDAY, matters=23, heat=0.7, kind="S05", district="D1", owner="MARKET"))
        session.flush()
        session.add(IssueCase(case_id=case.id, number=NUMBER))
        session.add(IssueRelease(as_of=MONDAY, number=NUMBER, rank=0, record=RECORD))
        record = {"number": NUMBER, "topic": ["食堂"], "matters": 20, "score": 65, "signs": ["many", "season_ahead"], "owner": "MARKET", "owner_reason": "x"}
        session.add(CandidateTopic(number=NUMBER, first_month=MONDAY, month=MONDAY.replace(day=1), rank=0, record=record, owner="MARKET", moves=1, changed_at=now))
        session.flush()
        session.add(TopicMove(number=NUMBER, seq=1, at=now, by="machine", new=Progress.PROPOSED, owner="MARKET"))
        session.add(EarlyWarning(key="w", sort=WarningSort.RISE, series="kind:S05@D1", kind="S05", district="D1", on_day=MONDAY, days=7, came=7, at=now))
    yield desk
    desk.database.close()


def whistle(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


@pytest.mark.usefixtures("place")
def test_issues_are_listed_as_published_and_shown_exactly_to_those_who_handle_cases() -> None:
    listed = json.loads(whistle("issues", "list", "--json").output)
    assert [each["matters"] for each in listed] == [20]
    assert "食堂 不新鲜" in whistle("issues", "list").output
    shown = whistle("issues", "show", NUMBER).output
    assert "23" in shown and "W-000001" in shown
    refused = whistle("issues", "show", NUMBER, "--role", "administrator")
    assert refused.exit_code == 1
    assert whistle("issues", "show", "I1999W01-01").exit_code == 1
    assert "published" in whistle("issues", "find").output


def test_an_order_about_an_issue_is_opened_once_by_a_supervisor_for_a_unit_free_of_conflict(place: Workplace) -> None:
    for _ in range(2):
        assert whistle("issues", "order", NUMBER).output == "P-000001: EDU (supervises)\n"
    with place.database.reading() as session:
        (order,) = session.exec(select(ProactiveOrder))
    assert (order.about, order.sort, order.kept_from) == (NUMBER, "issue", ["SCHOOL"])
    with pytest.raises(IssueOrderRefusedError):
        order_about_issue(place, NUMBER, Speaker("x", Role.OPERATOR), datetime.now(UTC))
    assert whistle("issues", "order", NUMBER, "--role", "operator").exit_code == 1


@pytest.mark.usefixtures("place")
def test_an_order_is_answered_decided_and_tended_from_the_command_line() -> None:
    whistle("issues", "order", NUMBER)
    assert whistle("orders", "say", "P-000001", "accepted", "--department", "EDU", "--key", "one").output == "P-000001: accepted\n"
    assert whistle("orders", "say", "P-000001", "accepted", "--department", "EDU", "--key", "one").output == "P-000001: accepted (known)\n"
    whistle("orders", "say", "P-000001", "planned", "--department", "EDU", "--text", "秘密的方案")
    assert whistle("orders", "say", "P-000001", "closed", "--reason", "solved").exit_code == 1
    assert whistle("orders", "say", "P-000001", "accepted", "--department", "CIVIL").exit_code == 1
    shown = whistle("orders", "show", "P-000001", "--lang", "en").output
    assert "Planned" in shown and "W-000001" in shown and "秘密" not in shown
    assert "P-000001" in whistle("orders", "list").output
    assert whistle("orders", "list", "--unit", "CIVIL").output == ""
    assert whistle("orders", "tend").output == "0 reminded, 0 escalated, 0 to decide on\n"
    assert whistle("orders", "show", "P-9").exit_code == 1 and whistle("orders", "show", "nonsense").exit_code == 1


@pytest.mark.usefixtures("place")
def test_warnings_are_listed_as_published_and_the_night_can_be_judged_by_hand() -> None:
    (warning,) = json.loads(whistle("warnings", "list", "--json").output)
    assert (warning["kind"], warning["district"], warning["size"]) == ("S05", "D1", "5+")
    assert "A sudden rise" in whistle("warnings", "list", "--lang", "en").output
    assert whistle("warnings", "judge").output == "0 requests, 0 new warnings\n"
    assert json.loads(whistle("warnings", "list", "--from", "2020-01-01", "--to", "2020-02-01", "--json").output) == []


@pytest.mark.usefixtures("place")
def test_topics_are_listed_moved_and_their_history_shown() -> None:
    listed = whistle("topics", "list").output
    assert "件数多" in listed and "候选" in listed
    assert whistle("topics", "move", NUMBER, "CHOSEN", "--owner", "EDU").output == f"{NUMBER}: CHOSEN EDU\n"
    assert whistle("topics", "move", NUMBER, "DONE").exit_code == 1
    assert "立题" in whistle("topics", "show", NUMBER).output


def test_the_page_of_topics_lets_supervisors_decide_and_others_read(place: Workplace) -> None:
    with place.database.writing() as session:
        keys = {role: make_key(session, role, role, None, datetime.now(UTC)) for role in (Role.OPERATOR, Role.SUPERVISOR)}
    with front_door(place) as client:
        reader, decider = ({"Authorization": f"Bearer {keys[role]}"} for role in keys)
        shown = client.get("/topics?lang=en", headers=reader).text
        assert "食堂" in shown and "many requests" in shown and "<form" not in shown
        assert "候选" in client.get("/topics?lang=zh", headers=reader).text
        assert client.post(f"/topics/{NUMBER}", data={"progress": "CHOSEN"}, headers=reader).status_code == 403
        said = client.post(f"/topics/{NUMBER}?lang=en", data={"progress": "DROPPED", "reason": "too_wide"}, headers=decider)
        assert "Saved:" in said.text and DROP_REASONS["too_wide"][1] in said.text
        for wrong in ({"progress": "DONE"}, {"progress": "nonsense"}, {"owner": "SCHOOL"}, {}):
            assert client.post(f"/topics/{NUMBER}", data=wrong, headers=decider).status_code == 422, wrong
        assert client.post("/topics/I1999W01-01", data={"progress": "CHOSEN"}, headers=decider).status_code == 404
