"""Proposals to link, as an API client and as a person at a terminal meets them."""

import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from analysis.repeat_rate import repeat_rate
from desk.cli import app as cli
from desk.link_words import FIELD_WORDS, STATE_WORDS, TEXTS
from models.case import Case
from models.exchange import Inbox
from models.matching import LinkProposal, MatchField, MatchToken, ProposalState
from models.vocabulary import NewsKind, Status
from tasks import workplace
from tasks.links.linking import look_for_links
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.postgres_for_tests import postgres_in
from tests.small_desk import shipped_catalogue, shipped_rules

FIRST = {
    "text": "第三小学的事，说不完。",
    "district": "BJ-CY",
    "child": {"name": "王小明"},
    "reporter": {"contact": "13900001111"},
}
SECOND = {**FIRST, "text": "三小的王小明同学。", "reporter": {"contact": "13900002222"}}


def look(desk: ApiDesk, form: dict[str, Any]) -> str:
    """Take a report in, and look for others of its matter."""
    number = desk.take_in(**form)
    desk.change(number, kind="S09")
    with desk.place.database.writing() as session:
        case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        look_for_links(desk.place, session, case, NOW)
    return number


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    """A desk with two reports about one child, looked at."""
    with api_desk(tmp_path / "home") as desk:
        for form in (FIRST, SECOND):
            look(desk, form)
        yield desk


@pytest.fixture
def terminal(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> ApiDesk:
    """The same desk, for commands."""
    for name in ("WHISTLE_DATABASE_URL", "WHISTLE_MASTER_KEY", "PREFECT_API_URL", "WHISTLE_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WHISTLE_HOME", str(desk.place.settings.home))
    monkeypatch.setattr(workplace, "load_catalogue", shipped_catalogue)
    monkeypatch.setattr(workplace, "load_rule_book", shipped_rules)
    return desk


def whistle(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["links", *arguments])


def decided(desk: ApiDesk) -> list[Inbox]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Inbox).where(Inbox.kind == NewsKind.LINK_DECIDED)))


def test_the_seat_lists_and_reads_proposals_in_codes(desk: ApiDesk) -> None:
    """No name, number or word of either report."""
    page = desk.get("/api/v1/links").json()
    (link,) = page["links"]
    assert page["next"] is None
    assert (link["case"]["number"], link["other"]["number"], link["state"]) == (
        "W-000002",
        "W-000001",
        "proposed",
    )
    assert link == desk.get(f"/api/v1/links/{link['id']}", "supervisor").json()
    for word in ("王小明", "13900001111", "13900002222", "说不完"):
        assert word not in json.dumps(page, ensure_ascii=False)


def test_pages_of_proposals_end(desk: ApiDesk) -> None:
    """By the last id seen."""
    page = desk.get("/api/v1/links?limit=1").json()
    assert desk.get(f"/api/v1/links?after={page['next']}").json() == {"links": [], "next": None}
    assert desk.get("/api/v1/links?state=declined").json()["links"] == []


def test_an_acceptance_is_durable_and_reaches_the_later_case_once(desk: ApiDesk) -> None:
    """Sent again with the same key, and said again with another one."""
    for key in ("same-key-1", "same-key-1", "other-key-1"):
        answer = desk.post("/api/v1/links/1/accept", {"reason": "same_child"}, key=key)
        assert (answer.status_code, answer.json()["state"]) == (200, "linked")
    (news,) = decided(desk)
    assert news.codes == {"main": "W-000001", "proposal": 1, "reason": "same_child"}


def test_a_proposal_decided_otherwise_is_a_conflict(desk: ApiDesk) -> None:
    """Nothing changes."""
    assert desk.post("/api/v1/links/1/decline", {"reason": "other_child"}).status_code == 200
    answer = desk.post("/api/v1/links/1/accept", {"reason": "same_child"})
    assert (answer.status_code, answer.json()["error"]) == (409, "decided_otherwise")
    assert decided(desk) == []


def test_a_conflict_of_interest_is_not_there_for_operators(desk: ApiDesk) -> None:
    """A supervisor sees why it cannot be accepted."""
    desk.assign("W-000001", "EDU")
    desk.change("W-000002", complained_of="EDU")
    assert desk.get("/api/v1/links").json()["links"] == []
    missing = desk.get("/api/v1/links/1")
    assert (missing.status_code, missing.json()["error"]) == (404, "link_not_found")
    assert desk.get("/api/v1/links/1", "supervisor").json()["conflict"] is True
    answer = desk.post("/api/v1/links/1/accept", {"reason": "same_child"}, "supervisor")
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict_of_interest")


@pytest.mark.parametrize("body", [{}, {"reason": "王小明"}, {"reason": "same_child", "note": "王小明"}])
def test_a_reason_is_one_of_the_codes(desk: ApiDesk, body: dict[str, str]) -> None:
    """And is not repeated when it is none."""
    answer = desk.post("/api/v1/links/1/accept", body)
    assert answer.status_code == 422
    assert "王小明" not in answer.text


def test_a_person_at_a_terminal_lists_shows_and_accepts(terminal: ApiDesk) -> None:
    """In either language."""
    assert "W-000002" in whistle("list").output
    shown = whistle("show", "1", "--lang", "en").output
    assert "child's name" in shown and "+9.0" in shown
    assert "儿童姓名" in whistle("show", "1").output
    assert json.loads(whistle("show", "1", "--json").output)["strong"] is True
    done = whistle("accept", "1", "--reason", "same_child")
    assert (done.exit_code, "linked" in done.output) == (0, True)
    assert len(decided(terminal)) == 1
    assert whistle("list").output.count("W-00000") == 0
    assert "W-000002" in whistle("list", "--state", "linked").output


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("show", "99"), "there is no proposal 99"),
        (("decline", "1", "--reason", "王小明"), "--reason"),
        (("list", "--role", "administrator"), "not for the role"),
        (("repeats", "--from", "2026-02-02", "--to", "2026-02-01"), "--to lies before --from"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    terminal: ApiDesk, command: tuple[str, ...], said: str
) -> None:
    """With exit code 1."""
    done = whistle(*command)
    assert (done.exit_code, said in done.stderr) == (1, True)
    assert "王小明" not in done.stderr


def test_a_declined_proposal_cannot_be_accepted_at_the_terminal(terminal: ApiDesk) -> None:
    """Refused, with what it is."""
    assert whistle("decline", "1", "--reason", "other_child").exit_code == 0
    assert "declined already" in whistle("accept", "1", "--reason", "same_child").stderr


def test_the_repeat_rate_is_told_in_tables_and_as_json(terminal: ApiDesk) -> None:
    """Two requests are too few to be shown."""
    day = NOW.strftime("%Y-%m-%d")
    told = whistle("repeats", "--from", day, "--to", day, "--lang", "en")
    assert (told.exit_code, "fewer than 5" in told.output) == (0, True)
    assert json.loads(whistle("repeats", "--from", day, "--to", day, "--json").output)["total"] == {
        "code": "", "requests": None, "repeated": None, "share": None,
    }  # fmt: skip
    before = (NOW - timedelta(days=9)).strftime("%Y-%m-%d")
    empty = json.loads(whistle("repeats", "--from", before, "--to", before, "--json").output)
    assert empty["total"]["requests"] == 0


def test_fingerprints_are_made_anew_on_request(terminal: ApiDesk) -> None:
    """After the sizes in links.yaml have changed; these cases are of the future of the clock on the wall."""
    assert whistle("index").exit_code == 0
    assert whistle("index", "--again").output.strip().endswith("cases")


def test_postgres_finds_the_same_and_forgets_what_is_sealed(tmp_path: Path) -> None:
    """One statement and one trigger for each of the two databases."""
    with postgres_in(tmp_path / "postgres") as url, api_desk(tmp_path / "home", url) as desk:
        for form in (FIRST, SECOND):
            look(desk, form)
        (link,) = desk.get("/api/v1/links").json()["links"]
        assert (link["case"]["number"], link["other"]["number"], link["strong"]) == (
            "W-000002",
            "W-000001",
            True,
        )
        assert desk.post("/api/v1/links/1/accept", {"reason": "same_child"}).status_code == 200
        third = look(desk, SECOND)
        desk.change(third, wrapped_key=None)
        with desk.place.database.reading() as session:
            owners = set(session.exec(select(MatchToken.case_number)))
            kept = [(each.id, bool(each.reasons)) for each in session.exec(select(LinkProposal))]
        assert owners == {1, 2}
        assert kept == [(1, True)]
        desk.change("W-000001", status=Status.SEALED)
        assert desk.get("/api/v1/links?state=linked").json()["links"][0]["reasons"] == []
        day = NOW.astimezone(UTC)
        with desk.place.database.reading() as session:
            assert repeat_rate(session, day - timedelta(days=1), day + timedelta(days=1), 90).days == 90


def test_every_field_state_and_heading_has_words_in_both_languages() -> None:
    """None is missing, none is empty."""
    assert set(FIELD_WORDS) == set(MatchField)
    assert set(STATE_WORDS) == set(ProposalState)
    for pair in (*FIELD_WORDS.values(), *STATE_WORDS.values(), *TEXTS.values()):
        assert all(pair) and len(pair) == 2
