"""Every board and list answers on PostgreSQL as it does on SQLite: a question that one of the two refuses is a page of errors."""

from pathlib import Path

from benchmarks.pages import LISTS, TRENDS, fill
from desk.boards.needs import Need
from tests.api_desk import api_desk

CASES = 120


def test_every_board_and_list_is_there_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    needs = [f"/cases?need={each}" for each in Need]
    boards = ["/", "/duty", "/units", "/intake", "/reads", "/proactive", "/topics", "/quality", "/reports", "/knowledge"]
    paths = [*boards, *needs, *(path for _, path in (*LISTS, *TRENDS)), "/api/v1/cases", "/metrics"]
    with api_desk(tmp_path, postgres_url) as desk:
        token = fill(desk, CASES)
        answers = {
            (who, each): desk.client.get(each, headers=desk.headers(who)).status_code
            for who in ("supervisor", "administrator") for each in [*paths, f"/?case=W-{CASES:06d}", f"/o/{token}"]
        }  # fmt: skip
    # What is not for this role is refused, and that too is an answer.
    assert {asked: status for asked, status in answers.items() if status not in (200, 303, 403)} == {}
    assert answers["supervisor", "/units"] == 200
