"""The HTTP API: who may do what, writes that happen once, and answers that give nothing away."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from sqlalchemy.exc import OperationalError
from sqlmodel import func, select

from desk.api import together
from desk.api.answers import ADVICE, INTAKE_ADVICE
from desk.api.examples import INTAKE_EXAMPLES, NEWS_EXAMPLES
from desk.api.guard import BODY_LIMIT_BYTES
from desk.app import make_app
from models.case import Case, Person
from models.exchange import Inbox, Notice
from models.house import AccessLog, WrittenOnce
from models.record import Decision
from models.vocabulary import Ask, DecisionKind, Flag, Grade, NewsKind, NoticeState, Role, Status
from tasks.news.forms import NEWS_FORMS, WHO_MAY_SAY
from tasks.receiving.intake_form import IntakeForm
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.postgres_for_tests import postgres_in

JSON = {"Content-Type": "application/json"}
CANARY = "CANARY张三13900000000"
SAYABLE = [kind for kind in NewsKind if WHO_MAY_SAY[kind]]
WHO = {Role.OPERATOR: "operator", Role.SUPERVISOR: "supervisor", Role.ADMINISTRATOR: "administrator"}
WHO |= {Role.DEPARTMENT: "EDU", Role.DECISION_MAKER: "decision_maker"}

# Written from the office's rules, not from the code; news kinds are checked against their own table.
ALLOWED: dict[tuple[str, str], set[Role]] = {
    ("POST", "/api/v1/cases"): {Role.OPERATOR, Role.SUPERVISOR},
    ("GET", "/api/v1/cases"): set(Role) - {Role.DECISION_MAKER},
    ("GET", "/api/v1/cases/{number}"): set(Role) - {Role.DECISION_MAKER},
    ("GET", "/api/v1/cases/{number}/timeline"): set(Role) - {Role.DECISION_MAKER},
    ("GET", "/api/v1/cases/{number}/words"): {Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("GET", "/api/v1/cases/{number}/slice"): {Role.DEPARTMENT},
    ("GET", "/api/v1/cases/{number}/suggestion"): {Role.OPERATOR, Role.SUPERVISOR},
    ("GET", "/api/v1/units"): {Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("POST", "/api/v1/units/{unit}/absences"): {Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("POST", "/api/v1/units/{unit}/back"): {Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("GET", "/api/v1/copies"): {Role.DEPARTMENT},
    ("GET", "/api/v1/links"): {Role.OPERATOR, Role.SUPERVISOR},
    ("GET", "/api/v1/links/{proposal_id}"): {Role.OPERATOR, Role.SUPERVISOR},
    ("POST", "/api/v1/links/{proposal_id}/accept"): {Role.OPERATOR, Role.SUPERVISOR},
    ("POST", "/api/v1/links/{proposal_id}/decline"): {Role.OPERATOR, Role.SUPERVISOR},
    ("GET", "/api/v1/notices"): {Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR},
    ("POST", "/api/v1/notices/{notice_id}/resend"): {Role.SUPERVISOR, Role.ADMINISTRATOR},
} | {("POST", f"/api/v1/cases/{{number}}/news/{kind}"): set(WHO_MAY_SAY[kind]) for kind in SAYABLE}
OPEN_TO_ALL = {"/health/live", "/health/ready", "/healthz", "/readyz", "/", "/o/{token}", "/docs", "/desk.css", "/openapi.json"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiDesk]:
    """One desk for tests that only need it to be there."""
    with api_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    """A desk without any case."""
    with api_desk(tmp_path) as fresh:
        yield fresh


def rows(desk: ApiDesk, table: type[Any]) -> int:
    with desk.place.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def add_notice(desk: ApiDesk, state: NoticeState, **fields: Any) -> int:
    facts = {"recipient": "EDU", "ask": Ask.ACCEPT_ORDER, "grade": Grade.U3, "case_label": "W-000001"} | fields
    with desk.place.database.writing() as session:
        key = f"n{session.exec(select(func.count()).select_from(Notice)).one()}"
        notice = Notice(dedupe_key=key, link="x", state=state, created_at=NOW, next_try_at=NOW, **facts)
        session.add(notice)
        session.flush()
        return notice.id or 0


# Rights


def test_every_route_is_in_the_table_of_rights_or_open_on_purpose(shared: ApiDesk) -> None:
    described = shared.client.get("/openapi.json").json()["paths"]
    api = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert {each for each in api if each[1].startswith("/api/")} == set(ALLOWED)
    assert {path for _, path in api if not path.startswith("/api/")} <= OPEN_TO_ALL


def call(desk: ApiDesk, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """The route with a body that is valid for it, about a case that is not there."""
    kind = path.rpartition("/news/")[2]
    body = NEWS_EXAMPLES.get(NewsKind(kind)) if "/news/" in path else {"text": "x"}
    body = {"deputy": "EDU"} if path.endswith("/absences") else body
    body = {"reason": "same_child"} if "/links/" in path else body
    params = {"/notices": {"state": "dead"}, "/words": {"purpose": "handling"}, "/suggestion": {"purpose": "review"}}.get(path[path.rindex("/") :])
    path = path.replace("{number}", "W-999999").replace("{notice_id}", "999999").replace("{proposal_id}", "999999").replace("{unit}", "NOWHERE")
    return desk.client.request(
        method, path, params=params, json=body if method == "POST" else None, headers=headers
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), sorted(ALLOWED), ids=lambda each: str(each))
def test_a_role_may_use_its_routes_and_no_others(
    shared: ApiDesk, method: str, path: str, role: Role
) -> None:
    answer = call(shared, method, path, shared.headers(WHO[role]))
    if role in ALLOWED[method, path]:
        assert answer.status_code in {200, 201, 404}
    else:
        assert (answer.status_code, answer.json()["error"]) == (403, "role_not_allowed")


@pytest.mark.parametrize(("method", "path"), sorted(ALLOWED), ids=lambda each: str(each))
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer whk_abc_def"}, {"Authorization": "Basic !"}])
def test_nobody_gets_in_without_a_good_key(
    shared: ApiDesk, method: str, path: str, header: dict[str, str]
) -> None:
    answer = call(shared, method, path, header | {"Idempotency-Key": "12345678"})
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")
    assert "bearer" in answer.headers["www-authenticate"].lower()


def test_a_stranger_is_turned_away_before_the_body_is_looked_at(shared: ApiDesk) -> None:
    answer = shared.client.post("/api/v1/cases", json={"nonsense": 1})
    assert answer.status_code == 401


def test_the_key_works_as_password_of_a_browser(shared: ApiDesk) -> None:
    assert shared.client.get("/api/v1/cases", auth=("anybody", shared.keys["operator"])).status_code == 200


# Intake


def test_a_request_becomes_a_case_with_its_words_sealed(desk: ApiDesk) -> None:
    answer = desk.post("/api/v1/cases", {"text": CANARY, "reporter": {"name": CANARY}})
    assert answer.status_code == 201
    told = answer.json()
    assert told == {
        "number": "W-000001",
        "id": told["id"],
        "status": "RECEIVED",
        "link": "https://desk.example/api/v1/cases/W-000001",
    }
    UUID(told["id"])
    with desk.place.database.reading() as session:
        case = session.get_one(Case, 1)
        assert case.text_ct and CANARY.encode() not in case.text_ct
        assert desk.place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct) == CANARY
        assert session.exec(select(Person)).one().name_ct is not None


@pytest.mark.parametrize("name", INTAKE_EXAMPLES)
def test_every_example_of_a_request_is_taken_in(desk: ApiDesk, name: str) -> None:
    assert desk.post("/api/v1/cases", INTAKE_EXAMPLES[name]["value"]).status_code == 201


def test_a_source_that_sends_its_own_number_again_finds_the_case(desk: ApiDesk) -> None:
    body = {"text": "x", "source": "hotline", "source_ref": "17"}
    first = desk.post("/api/v1/cases", body, key="first-key")
    desk.change("W-000001", status=Status.DISPATCHED)
    second = desk.post("/api/v1/cases", body, key="other-key")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"status": "DISPATCHED"}
    assert "idempotent-replay" not in second.headers
    assert rows(desk, Case) == 1


def test_an_earlier_case_is_named_by_its_number(desk: ApiDesk) -> None:
    number = desk.take_in()
    assert desk.post("/api/v1/cases", {"text": "x", "same_matter_as": number}).status_code == 201
    assert desk.post("/api/v1/cases", {"text": "x", "same_matter_as": "W-000777"}).status_code == 422


# Once


@pytest.mark.parametrize("key", [None, "", "short12", "x" * 81, "with space 12", "a/b/c/d/e/f", "钥匙钥匙钥匙钥匙"])
@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/cases/W-000001/news/resumed", "/api/v1/notices/1/resend"])
def test_a_write_without_a_proper_key_is_refused_and_told_how(
    shared: ApiDesk, path: str, key: str | None
) -> None:
    headers = {b"Authorization": f"Bearer {shared.keys['supervisor']}".encode()}
    if key is not None:
        headers[b"Idempotency-Key"] = key.encode()
    before = rows(shared, Case)
    answer = shared.client.post(path, json={"text": "x"}, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (400, "idempotency_key")
    assert "Idempotency-Key" in answer.json()["message"]
    assert rows(shared, Case) == before


@pytest.mark.parametrize("key", ["12345678", "x" * 80, "5f0c2a1e-7d3b-4b8e-9a44-1c2d3e4f5a6b", "a.b_c:d-1"])
def test_a_proper_key_is_accepted(desk: ApiDesk, key: str) -> None:
    assert desk.post("/api/v1/cases", {"text": "x"}, key=key).status_code == 201


def test_the_same_write_again_gets_the_same_answer_and_does_nothing(desk: ApiDesk) -> None:
    first = desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key")
    desk.change("W-000001", status=Status.DISPATCHED)
    again = desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key")
    assert (again.status_code, again.json()) == (201, first.json())
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert rows(desk, Case) == 1


def test_spaces_and_order_in_the_json_make_no_other_body(desk: ApiDesk) -> None:
    headers = desk.headers("operator", "the-same-key") | JSON
    bodies = ['{"text":"x","language":"en"}', '{ "language": "en",  "text": "x" }']
    answers = [desk.client.post("/api/v1/cases", content=body, headers=headers) for body in bodies]
    assert [each.status_code for each in answers] == [201, 201]
    assert rows(desk, Case) == 1


def test_the_same_key_with_another_body_is_refused(desk: ApiDesk) -> None:
    desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key")
    answer = desk.post("/api/v1/cases", {"text": "y"}, key="the-same-key")
    assert (answer.status_code, answer.json()["error"]) == (409, "key_used")
    assert rows(desk, Case) == 1


def test_the_same_key_for_another_case_is_refused(desk: ApiDesk) -> None:
    one, other = desk.take_in(), desk.take_in()
    body = {"reason": "new_facts"}
    assert desk.post(f"/api/v1/cases/{one}/news/reopened", body, key="the-same-key").status_code == 202
    assert desk.post(f"/api/v1/cases/{other}/news/reopened", body, key="the-same-key").status_code == 409
    assert rows(desk, Inbox) == 1


def test_two_clients_may_use_the_same_key(desk: ApiDesk) -> None:
    for who in ("operator", "supervisor"):
        assert desk.post("/api/v1/cases", {"text": who}, who, key="the-same-key").status_code == 201
    assert rows(desk, Case) == 2


def test_a_refused_write_does_not_use_its_key_up(desk: ApiDesk) -> None:
    assert desk.post("/api/v1/cases", {"text": "x", "kind": "F99"}, key="the-same-key").status_code == 422
    assert desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key").status_code == 201


def test_a_crash_before_the_commit_leaves_neither_case_nor_key(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = together.take_in_together

    def take_in_and_die(*args: Any, **more: Any) -> Any:
        real(*args, **more)
        raise ZeroDivisionError

    monkeypatch.setattr(together, "take_in_together", take_in_and_die)
    assert desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key").status_code == 500
    assert (rows(desk, Case), rows(desk, WrittenOnce)) == (0, 0)
    monkeypatch.undo()
    answer = desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key")
    assert (answer.status_code, rows(desk, Case)) == (201, 1)
    assert "idempotent-replay" not in answer.headers


def test_what_is_kept_of_a_body_cannot_be_guessed_from_it(desk: ApiDesk) -> None:
    desk.post("/api/v1/cases", {"text": "x"}, key="the-same-key")
    with desk.place.database.reading() as session:
        kept = session.exec(select(WrittenOnce)).one()
    told = json.dumps(kept.model_dump(mode="json"))
    other_desk_would_keep = desk.place.vault.blind_index("cases\n" + IntakeForm(text="x").model_dump_json())
    assert kept.request_digest == other_desk_would_keep
    assert "text" not in told


def many_at_once(desk: ApiDesk, bodies: list[dict[str, Any]], keys: list[str]) -> list[int]:
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(desk.post, "/api/v1/cases", body, "operator", key) for body, key in zip(bodies, keys, strict=True)]
        return sorted(each.result().status_code for each in sent)


def race(desk: ApiDesk) -> None:
    assert many_at_once(desk, [{"text": "x"}] * 8, ["the-same-key"] * 8) == [201] * 8
    assert rows(desk, Case) == 1
    body = {"text": "x", "source": "hotline", "source_ref": "17"}
    codes = many_at_once(desk, [body] * 8, [f"another-key-{n}" for n in range(8)])
    assert codes == [200] * 7 + [201]
    assert rows(desk, Case) == 2


def test_eight_at_once_become_one_case_on_sqlite(desk: ApiDesk) -> None:
    race(desk)


def test_eight_at_once_become_one_case_on_postgres(tmp_path: Path) -> None:
    with postgres_in(tmp_path / "postgres") as url, api_desk(tmp_path / "home", url) as desk:
        race(desk)
        # Senders who lost the race have used numbers up: the first case need not be number one.
        number = desk.get("/api/v1/cases").json()["cases"][0]["number"]
        desk.assign(number, "EDU")
        path, body = f"/api/v1/cases/{number}/news/contacted", {"text": CANARY}
        assert desk.post(path, body, "EDU", key="news-key-1").status_code == 202
        assert desk.post(path, body, "EDU", key="news-key-1").headers["idempotent-replay"] == "true"
        assert rows(desk, Inbox) == 1
        assert desk.get(f"/api/v1/cases/{number}", "EDU").status_code == 200
        for address in ("/o/a%00b", "/api/v1/cases/99999999999999999", "/api/v1/cases/a%00b"):
            assert desk.get(address).status_code == 404
        board = desk.client.get("/?case=99999999999999999", auth=("x", desk.keys["operator"]))
        assert board.status_code == 404
        assert desk.get("/api/v1/cases?after=99999999999999999").json() == {"cases": [], "next": None}


# News


@pytest.mark.parametrize("kind", SAYABLE)
def test_every_kind_of_news_has_an_example_that_is_stored(desk: ApiDesk, kind: NewsKind) -> None:
    number = desk.take_in()
    desk.assign(number, "EDU", leads=kind is not NewsKind.CO_REPLIED)
    who = WHO[min(WHO_MAY_SAY[kind])]
    answer = desk.post(f"/api/v1/cases/{number}/news/{kind}", NEWS_EXAMPLES[kind], who)
    assert (answer.status_code, answer.json()) == (202, {"number": number, "kind": kind})
    with desk.place.database.reading() as session:
        stored = session.exec(select(Inbox)).one()
    form = NEWS_FORMS[kind].model_validate(NEWS_EXAMPLES[kind])
    assert stored.kind is kind
    said = {name: value for name, value in stored.codes.items() if name != "role"}
    assert said == form.model_dump(mode="json", exclude={"text"})
    assert stored.codes.get("role", who) == who


def test_news_said_twice_with_one_key_is_stored_once(desk: ApiDesk) -> None:
    number = desk.take_in()
    for _ in range(3):
        answer = desk.post(f"/api/v1/cases/{number}/news/reopened", {"reason": "new_facts"}, key="one-news-key")
    assert answer.headers["idempotent-replay"] == "true"
    assert rows(desk, Inbox) == 1


def test_the_forms_of_two_kinds_are_not_mixed_up(desk: ApiDesk) -> None:
    number = desk.take_in()
    desk.assign(number, "EDU")
    answer = desk.post(f"/api/v1/cases/{number}/news/replied", {"text": "x"}, "EDU")
    assert answer.json()["fields"] == [{"field": "resolved", "problem": "is required"}]


def test_a_co_handler_may_not_reply_for_the_lead(desk: ApiDesk) -> None:
    number = desk.take_in()
    desk.assign(number, "EDU", leads=False)
    answer = desk.post(f"/api/v1/cases/{number}/news/replied", NEWS_EXAMPLES[NewsKind.REPLIED], "EDU")
    assert (answer.status_code, answer.json()["error"]) == (403, "news_not_allowed")
    assert rows(desk, Inbox) == 0


def test_the_desks_own_news_has_no_route(shared: ApiDesk) -> None:
    silent = [kind for kind in NewsKind if not WHO_MAY_SAY[kind]]
    assert silent
    for kind in silent:
        assert shared.post(f"/api/v1/cases/W-000001/news/{kind}", {}, "supervisor").status_code == 404


# Not found and not yours


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/cases/{}"),
        ("GET", "/api/v1/cases/{}/timeline"),
        ("GET", "/api/v1/cases/{}?why=true"),
        ("POST", "/api/v1/cases/{}/news/contacted"),
    ],
)
def test_not_found_and_not_yours_are_the_same_answer(desk: ApiDesk, method: str, path: str) -> None:
    others, withdrawn, about_itself = desk.take_in(), desk.take_in(), desk.take_in(complained_of="EDU")
    desk.assign(others, "POLICE")
    desk.assign(withdrawn, "EDU", withdrawn_at=NOW)
    desk.assign(about_itself, "EDU")
    answers = [
        desk.client.request(
            method, path.format(number), headers=desk.headers("EDU"), json={} if method == "POST" else None
        )
        for number in (others, withdrawn, about_itself, "W-999999", "W-x", "99999999999999999")
    ]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1
    assert len({tuple(sorted(each.headers.items())) for each in answers}) == 1


def test_an_unknown_number_is_the_same_answer_for_an_operator(desk: ApiDesk) -> None:
    answer = desk.get("/api/v1/cases/W-000404")
    assert answer.json() == {"error": "case_not_found", "message": "There is no such case for you."}


# Reading


def test_a_department_reads_its_part_only(desk: ApiDesk) -> None:
    number = desk.take_in()
    desk.assign(number, "EDU")
    desk.assign(number, "POLICE", leads=False)
    mine = desk.get(f"/api/v1/cases/{number}", "EDU").json()
    assert [each["department"] for each in mine["assignments"]] == ["EDU"]
    whole = desk.get(f"/api/v1/cases/{number}").json()
    assert [each["department"] for each in whole["assignments"]] == ["EDU", "POLICE"]


def test_reasons_are_told_when_asked_for(desk: ApiDesk) -> None:
    number = desk.take_in()
    with desk.place.database.writing() as session:
        case = session.get_one(Case, 1)
        session.add(decision_of(case.id))
    plain = desk.get(f"/api/v1/cases/{number}").json()["decisions"][0]
    why = desk.get(f"/api/v1/cases/{number}?why=true").json()["decisions"][0]
    assert "reason_en" not in plain and "reason_zh" not in plain
    assert why == plain | {"reason_en": "because", "reason_zh": "因为"}


def decision_of(case_id: UUID) -> Any:
    return Decision(
        case_id=case_id, key="screen", kind=DecisionKind.SCREEN, outcome="no_harm", rule_id="r", rule_hash="h",
        calendar_hash="c", code_version="v", reason_zh="因为", reason_en="because", at=NOW,
    )  # fmt: skip


def test_the_timeline_tells_what_happened(desk: ApiDesk) -> None:
    told = desk.get(f"/api/v1/cases/{desk.take_in()}/timeline").json()
    assert set(told) == {"number", "events", "escalations", "notices"}
    assert [each["kind"] for each in told["events"]] == ["received"]


def test_a_list_is_read_page_by_page(desk: ApiDesk) -> None:
    numbers = [desk.take_in() for _ in range(5)]
    seen, after = [], None
    for _ in range(3):
        page = desk.get("/api/v1/cases", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [each["number"] for each in page["cases"]]
        after = page["next"]
    assert seen == numbers
    assert after is None


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "DISPATCHED"}, ["W-000002", "W-000003"]),
        ({"grade": "U1"}, ["W-000003"]),
        ({"flag": "RUN_CANCELLED"}, ["W-000001"]),
        ({"department": "EDU"}, ["W-000002"]),
        ({"status": "DISPATCHED", "grade": "U1"}, ["W-000003"]),
        ({"after": "W-000002"}, ["W-000003"]),
        ({"after": "2"}, ["W-000003"]),
        ({"status": "SEALED"}, []),
    ],
)
def test_a_list_is_narrowed(desk: ApiDesk, query: dict[str, str], wanted: list[str]) -> None:
    for _ in range(3):
        desk.take_in()
    desk.change("W-000001", flag=Flag.RUN_CANCELLED)
    desk.change("W-000002", status=Status.DISPATCHED)
    desk.change("W-000003", status=Status.DISPATCHED, grade=Grade.U1)
    desk.assign("W-000002", "EDU")
    found = desk.get("/api/v1/cases", params=query).json()["cases"]
    assert [each["number"] for each in found] == wanted


def test_a_department_lists_its_own_cases_only(desk: ApiDesk) -> None:
    mine, others, about_itself = desk.take_in(), desk.take_in(), desk.take_in(complained_of="EDU")
    desk.assign(mine, "EDU")
    desk.assign(others, "POLICE")
    desk.assign(about_itself, "EDU")
    found = desk.get("/api/v1/cases", "EDU").json()["cases"]
    assert [(each["number"], each["lead"]) for each in found] == [(mine, "EDU")]
    assert desk.get("/api/v1/cases?department=POLICE", "EDU").status_code == 403


# Notices


def test_dead_letters_are_listed_and_sent_again(desk: ApiDesk) -> None:
    dead = add_notice(desk, NoticeState.DEAD, error_code="refused", attempts=5)
    add_notice(desk, NoticeState.SENT)
    listed = desk.get("/api/v1/notices?state=dead").json()["notices"]
    assert [(each["id"], each["trouble"], each["attempts"]) for each in listed] == [(dead, "refused", 5)]
    answer = desk.post(f"/api/v1/notices/{dead}/resend", None, "supervisor", key="resend-key")
    assert (answer.status_code, answer.json()) == (202, {"id": dead, "state": "waiting"})
    again = desk.post(f"/api/v1/notices/{dead}/resend", None, "supervisor", key="resend-key")
    assert again.headers["idempotent-replay"] == "true"
    with desk.place.database.reading() as session:
        assert session.get_one(Notice, dead).state is NoticeState.WAITING


def test_only_dead_letters_are_sent_again(desk: ApiDesk) -> None:
    sent = add_notice(desk, NoticeState.SENT)
    answer = desk.post(f"/api/v1/notices/{sent}/resend", None, "supervisor")
    assert (answer.status_code, answer.json()["error"]) == (404, "notice_not_dead")


# What an answer never says


def wrong_bodies() -> list[tuple[str, Any]]:
    """A canary in every field of the intake form, each in a way that is refused."""
    fields = [name for name in IntakeForm.model_fields if name not in ("text", "source_ref", "answer", "summary")]
    bodies: list[tuple[str, Any]] = [(name, {"text": "x", name: CANARY}) for name in fields]
    for person in ("reporter", "child", "suspect"):
        bodies += [
            (f"{person}.name", {"text": "x", person: {"name": CANARY * 100}}),
            (f"{person}.safe_from", {"text": "x", person: {"safe_from": CANARY}}),
            (f"{person}.anonymous", {"text": "x", person: {"anonymous": CANARY}}),
            (f"{person}", {"text": "x", person: {CANARY: "x"}}),
        ]
    return [
        *bodies,
        ("text", {"text": CANARY * 20_000}),
        ("text", {"text": [CANARY]}),
        ("source_ref", {"text": "x", "source_ref": CANARY * 20}),
        ("answer", {"text": "x", "answer": CANARY * 2_000}),
        ("summary", {"text": "x", "summary": CANARY * 2_000}),
        ("body", {"text": "x", CANARY: "x"}),
        ("body", [CANARY]),
        ("body", CANARY),
        ("kind", {"text": "x", "kind": "F98"}),
        ("complained_of", {"text": "x", "complained_of": "ZHANGSAN"}),
        ("same_matter_as", {"text": "x", "same_matter_as": "W-13900000000"}),
        ("received_at", {"text": "x", "received_at": "2099-01-01T00:00:00Z"}),
        ("received_at", {"text": "x", "received_at": "2026-01-01T00:00:00"}),
    ]


@pytest.mark.parametrize(("field", "body"), wrong_bodies(), ids=lambda each: each if isinstance(each, str) else "")
def test_a_refusal_names_the_field_and_never_the_value(
    shared: ApiDesk, field: str, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = shared.post("/api/v1/cases", body)
    assert answer.status_code == 422
    told = {each["field"] for each in answer.json()["fields"]}
    assert field in told or f"{field}.0" in told
    for said in (answer.text, caplog.text):
        for word in ("CANARY", "张三", "139000", "ZHANGSAN", "F98", "2099"):
            assert word not in said


@pytest.mark.parametrize("content", [b"", b"{", b'{"text": "CANARY', b"\xff\xfe", b"null"])
def test_a_body_that_is_not_json_is_refused_without_repeating_it(shared: ApiDesk, content: bytes) -> None:
    headers = shared.headers("operator") | JSON
    answer = shared.client.post("/api/v1/cases", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("kind", SAYABLE)
def test_refused_news_names_no_value(shared: ApiDesk, kind: NewsKind) -> None:
    fields = NEWS_FORMS[kind].model_fields
    body = {name: {"CANARY": CANARY} for name in fields} | {CANARY: CANARY}
    who = WHO[min(WHO_MAY_SAY[kind])]
    answer = shared.post(f"/api/v1/cases/W-000001/news/{kind}", body, who)
    assert answer.status_code == 422
    assert "CANARY" not in answer.text


def test_wrong_words_in_an_address_are_not_repeated(shared: ApiDesk) -> None:
    for query in ({"status": CANARY}, {"grade": CANARY}, {"flag": CANARY}, {"after": CANARY}, {"limit": CANARY}):
        answer = shared.get("/api/v1/cases", params=query)
        assert answer.status_code == 422
        assert "CANARY" not in answer.text
        assert next(iter(query)) == answer.json()["fields"][0]["field"]
    for path in (f"/api/v1/cases/{CANARY}", f"/{CANARY}", f"/o/{CANARY}", f"/?case={CANARY}"):
        answer = shared.client.get(path, headers=shared.headers("operator"), auth=("x", shared.keys["operator"]))
        assert "CANARY" not in answer.text


def test_advice_for_every_field_of_an_intake_error_exists() -> None:
    assert {"kind", "complained_of", "received_at", "same_matter_as"} <= set(INTAKE_ADVICE)
    assert all(words and not words.endswith(".") for words in ADVICE.values())


def test_a_fault_of_ours_tells_an_id_and_nothing_else(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_args: Any, **_more: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(together, "take_in_together", break_down)
    with caplog.at_level(logging.DEBUG):
        answer = desk.post("/api/v1/cases", {"text": CANARY})
    told = answer.json()
    assert (answer.status_code, set(told)) == (500, {"error", "message", "error_id"})
    assert f"ValueError {told['error_id']}" in caplog.text
    assert "CANARY" not in answer.text + caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_database_that_does_not_answer_is_told_as_busy(
    desk: ApiDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: Any, **_more: Any) -> None:
        raise OperationalError("INSERT", {"text": CANARY}, Exception("database is locked"))

    monkeypatch.setattr(together, "take_in_together", locked)
    answer = desk.post("/api/v1/cases", {"text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "CANARY" not in answer.text


# Limits and headers


def test_a_body_at_the_limit_is_read_and_one_above_is_not(desk: ApiDesk) -> None:
    headers = desk.headers("operator") | JSON
    fits = b'{"text":"x"}'.ljust(BODY_LIMIT_BYTES)
    assert desk.client.post("/api/v1/cases", content=fits, headers=headers).status_code == 201
    answer = desk.client.post("/api/v1/cases", content=fits + b" ", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_body_that_does_not_announce_its_size_is_limited_too(desk: ApiDesk) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = desk.client.post("/api/v1/cases", content=pieces(), headers=desk.headers("operator"))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/o/x", "/health/live", "/health/ready", "/openapi.json", "/api/v1/cases", "/nowhere", "/desk.css"]
)
def test_every_answer_carries_the_security_headers(shared: ApiDesk, path: str) -> None:
    headers = shared.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "style-src 'self'" in policy
    assert headers["cache-control"] == ("public, max-age=3600" if path == "/desk.css" else "no-store")


def test_a_request_too_large_carries_them_too(shared: ApiDesk) -> None:
    answer = shared.client.post("/api/v1/cases", content=b" " * (BODY_LIMIT_BYTES + 1))
    assert answer.headers["cache-control"] == "no-store"


# The description


def test_the_description_lists_every_kind_of_news_with_its_own_form(shared: ApiDesk) -> None:
    paths = shared.client.get("/openapi.json").json()["paths"]
    for kind in SAYABLE:
        route = paths[f"/api/v1/cases/{{number}}/news/{kind}"]["post"]
        body = route["requestBody"]["content"]["application/json"]
        assert body["schema"]["$ref"].endswith(f"/{NEWS_FORMS[kind].__name__}")
        assert body["examples"][kind.value]["value"] == NEWS_EXAMPLES[kind]
        assert route["description"]


def test_the_description_says_that_writes_need_a_key_and_all_need_another(shared: ApiDesk) -> None:
    paths = shared.client.get("/openapi.json").json()["paths"]
    for method, path in ALLOWED:
        route = paths[path][method.lower()]
        assert [list(each) for each in route["security"]] == [["key"], ["browser"]]
        headers = [each for each in route.get("parameters", ()) if each["in"] == "header"]
        assert [each["name"] for each in headers if each["required"]] == (
            ["Idempotency-Key"] if method == "POST" else []
        )


def test_the_description_for_people_names_every_route(shared: ApiDesk) -> None:
    page = shared.client.get("/docs").text
    for _, path in ALLOWED:
        assert path in page
    assert "<script" not in page


# A real server


def test_a_real_server_answers_and_its_log_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_args: Any, **_more: Any) -> None:
        raise ValueError(CANARY)

    with api_desk(tmp_path) as desk, socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(make_app(desk.place), access_log=False, log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        with caplog.at_level(logging.DEBUG):
            thread.start()
            while not server.started:
                time.sleep(0.01)
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            path = f"{base}/api/v1/cases"
            good = httpx.post(path, json={"text": CANARY}, headers=desk.headers("operator"))
            large = httpx.post(path, content=b" " * (BODY_LIMIT_BYTES + 1), headers=desk.headers("operator"))
            monkeypatch.setattr(together, "take_in_together", break_down)
            broken = httpx.post(path, json={"text": CANARY}, headers=desk.headers("operator"))
            server.should_exit = True
            thread.join(10)
    assert [each.status_code for each in (good, large, broken)] == [201, 413, 500]
    assert broken.json()["error_id"] in caplog.text
    assert "CANARY" not in caplog.text


def test_the_seat_reads_the_words_for_a_purpose_and_the_read_is_logged(shared: ApiDesk):
    number = shared.take_in(text="楼上有孩子哭", reporter={"name": "李某"})
    path = f"/api/v1/cases/{number}/words"
    assert shared.get(path).status_code == 422
    words = shared.get(path, params={"purpose": "handling"}).json()
    assert (words["text"], words["people"]["reporter"]) == ("楼上有孩子哭", {"name": "李*"})
    with shared.place.database.reading() as session:
        reads = session.exec(select(AccessLog).join(Case).where(Case.number == int(number[2:]))).all()
    assert [(each.purpose, each.allowed) for each in reads] == [("handling", True)]
