"""Every route, every reader, every relation to a case: who gets in, and that nobody else learns a word.

The routes come from the app itself: one that is in no table fails, and so does one that the app has no more.
"""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlmodel import select

from desk.people.keys import make_key
from models.accounts import StaffTie
from models.house import ApiClient
from models.vocabulary import SCOPES_OF, Grade, Role, Scope, Status
from tasks.news.inbox import NewsNotAllowedError, Speaker
from tasks.words.special_access import keep_staff_away
from tests.api_desk import NOW, ApiDesk, Wall, api_desk
from tests.test_api import ALLOWED, call

CANARY = "CANARY麒麟13912345678"
PERSON = {"name": CANARY, "contact": "13912345678", "address": CANARY, "note": CANARY, "identity": CANARY}
HOUSE = {"operator", "supervisor", "administrator"}
SEATS = {"operator", "supervisor"}
EVERYBODY = {"nobody", "EDU", "CIVIL", "decision_maker", *HOUSE}
NOBODY: set[str] = set()

# Written from what the desk promises, not from the code.
PAGES: dict[tuple[str, str], set[str]] = {
    ("GET", "/health/live"): EVERYBODY, ("GET", "/health/ready"): EVERYBODY, ("GET", "/desk.css"): EVERYBODY,
    ("GET", "/healthz"): EVERYBODY, ("GET", "/readyz"): EVERYBODY, ("GET", "/metrics"): {"administrator"},
    ("GET", "/docs"): EVERYBODY, ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/sign-in"): EVERYBODY, ("POST", "/sign-in"): NOBODY, ("POST", "/sign-out"): EVERYBODY, ("POST", "/sign-out/everywhere"): EVERYBODY,
    ("GET", "/account"): NOBODY, ("POST", "/account/password"): NOBODY, ("POST", "/account/device"): NOBODY,
    ("POST", "/account/code"): NOBODY,
    # Without a provider there is nothing; with one, tests/test_oidc.py says who gets in.
    ("GET", "/sign-in/oidc"): NOBODY, ("GET", "/sign-in/oidc/back"): NOBODY,
    ("GET", "/progress"): EVERYBODY, ("POST", "/progress"): EVERYBODY,
    ("GET", "/"): HOUSE, ("GET", "/duty"): HOUSE, ("GET", "/units"): HOUSE, ("GET", "/quality"): HOUSE, ("GET", "/quality/docs/{path:path}"): HOUSE,
    ("GET", "/reports"): {"supervisor", "administrator", "decision_maker", "EDU", "CIVIL"},
    ("GET", "/reports/{report}"): {"supervisor", "administrator", "decision_maker"}, ("GET", "/reports/{report}/docx"): {"supervisor", "administrator", "decision_maker"},
    ("GET", "/trends"): {"supervisor", "administrator", "decision_maker", "EDU", "CIVIL"},
    # Which of its cases are listed is decided case by case: tests/test_trends.py.
    ("POST", "/trends/issues/{number}/cases"): {"supervisor", "EDU", "CIVIL"}, ("POST", "/trends/issues/{number}/order"): {"supervisor"},
    ("GET", "/intake"): SEATS, ("POST", "/intake"): SEATS, ("GET", "/knowledge"): HOUSE, ("POST", "/knowledge"): HOUSE,
    ("POST", "/cases/{number}/say/{kind}"): HOUSE, ("POST", "/cases/{number}/callback"): SEATS,
    ("POST", "/cases/{number}/suggestion"): HOUSE, ("POST", "/cases/{number}/people/{person}"): HOUSE, ("POST", "/cases/{number}/words"): HOUSE, ("POST", "/cases/{number}/evidence/{evidence}"): SEATS,
    ("POST", "/cases/{number}/glass"): HOUSE, ("POST", "/cases/{number}/not-mine"): HOUSE,
    ("GET", "/cases"): HOUSE, ("GET", "/cases.csv"): {"supervisor", "administrator"}, ("POST", "/cases/reassign"): {"supervisor"},
    ("POST", "/cases/reassign/confirm"): {"supervisor"}, ("GET", "/cases/reassigned"): {"supervisor"},
    ("GET", "/proactive"): HOUSE, ("GET", "/proactive/{number}"): HOUSE, ("POST", "/proactive/{number}/words"): {"supervisor"},
    ("POST", "/proactive/{number}/say/{act}"): {"supervisor"}, ("GET", "/topics"): HOUSE, ("POST", "/topics/{topic}"): {"supervisor"},
    ("GET", "/reads"): {"supervisor"}, ("POST", "/reads/{access}/judge"): {"supervisor"},
    # Whoever has the link has the right: the token in it is the key.
    ("GET", "/o/{token}"): EVERYBODY, ("POST", "/o/{token}/words"): EVERYBODY, ("POST", "/o/{token}/evidence"): EVERYBODY,
    ("POST", "/o/{token}/{kind}"): EVERYBODY, ("GET", "/c/{token}"): EVERYBODY, ("GET", "/q/{token}"): EVERYBODY,
    ("GET", "/p/{token}"): EVERYBODY, ("POST", "/p/{token}/words"): EVERYBODY, ("POST", "/p/{token}/{act}"): EVERYBODY,
}  # fmt: skip
SPEAK = {
    "/cases/{number}/people/{person}": {"purpose": "handling"}, "/cases/{number}/words": {"purpose": "handling"}, "/trends/issues/{number}/cases": {"purpose": "handling"},
    "/intake": {"once": "a" * 20}, "/cases/{number}/glass": {"reason": "child_in_danger"},
    "/cases/{number}/say/{kind}": {"once": "a" * 20}, "/reads/{access}/judge": {"justified": "true"},
}  # fmt: skip
MAY_HOLD_WORDS = {
    ("GET", "/api/v1/cases/{number}/words"), ("GET", "/api/v1/cases/{number}/suggestion"), ("POST", "/cases/{number}/suggestion"),
    ("GET", "/api/v1/cases/{number}/slice"), ("POST", "/o/{token}/words"), ("POST", "/cases/{number}/callback"), ("POST", "/cases/{number}/people/{person}"), ("POST", "/cases/{number}/words"), ("GET", "/api/v1/links/{proposal_id}"),
}  # fmt: skip

_READ, _WRITE = "cases:read", "news:write"
SCOPES: dict[tuple[str, str], str] = {
    ("POST", "/api/v1/cases"): "cases:write",
    ("GET", "/api/v1/cases"): _READ, ("GET", "/api/v1/cases/{number}"): _READ, ("GET", "/api/v1/cases/{number}/timeline"): _READ,
    ("GET", "/api/v1/cases/{number}/words"): "words:read", ("GET", "/api/v1/cases/{number}/suggestion"): "words:read",
    ("GET", "/api/v1/cases/{number}/slice"): "slice:read",
    ("GET", "/api/v1/units"): "units:read", ("POST", "/api/v1/units/{unit}/absences"): "units:write", ("POST", "/api/v1/units/{unit}/back"): "units:write",
    ("GET", "/api/v1/copies"): "copies:read",
    ("GET", "/api/v1/links"): "links:read", ("GET", "/api/v1/links/{proposal_id}"): "links:read",
    ("POST", "/api/v1/links/{proposal_id}/accept"): "links:write", ("POST", "/api/v1/links/{proposal_id}/decline"): "links:write",
    ("GET", "/api/v1/notices"): "notices:read", ("POST", "/api/v1/notices/{notice_id}/resend"): "notices:write",
}  # fmt: skip
"""What a key must have been made for, route by route; news is one scope for all its kinds."""
NO_ROUTE_OF_ITS_OWN = {"pages", "words:full", "metrics:read"}


def scope_for(route: tuple[str, str]) -> str:
    return _WRITE if "/news/" in route[1] else SCOPES[route]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def routes(desk: ApiDesk) -> set[tuple[str, str]]:
    app: Any = desk.client.app
    found = {(method, each.path) for each in app.routes if isinstance(each, APIRoute) for method in each.methods}
    # Mounted routers may be kept whole by the framework.
    for each in app.routes:
        for inner in getattr(getattr(each, "original_router", None), "routes", ()):
            if isinstance(inner, APIRoute):
                found |= {(method, inner.path) for method in inner.methods}
    described = desk.client.get("/openapi.json").json()["paths"]
    return found | {(method.upper(), path) for path, methods in described.items() for method in methods}


def test_every_route_of_the_app_stands_in_a_table(desk: ApiDesk) -> None:
    found = {each for each in routes(desk) if each[0] != "HEAD"}
    known = set(PAGES) | set(ALLOWED)
    assert found - known == set(), "a route without rights"
    assert {each for each in known - found if each[1] != "/openapi.json"} == set(), "rights without a route"


def ask(desk: ApiDesk, route: tuple[str, str], who: str, number: str, token: str) -> httpx.Response:
    method, path = route
    headers = {"Authorization": f"Bearer {desk.keys[who]}"} if who != "nobody" else {}
    real = path.replace("{number}", number).replace("{token}", token).replace("{kind}", "acknowledged")
    real = real.replace("{person}", "child").replace("{evidence}", "1").replace("{access}", "1")
    desk.client.cookies.clear()
    data = SPEAK.get(path, {}) if method == "POST" else None
    return desk.client.request(method, f"{real}?lang=en", data=data, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_pages_let_in_whom_the_table_says_and_tell_others_nothing(desk: ApiDesk, who: str) -> None:
    number = desk.take_in(text=CANARY, answer=CANARY, reporter=PERSON, child=PERSON, suspect=PERSON)
    desk.change(number, status=Status.ACCEPTED, grade=Grade.U1)
    token = desk.assign(number, "EDU", told_at=NOW)
    for route, allowed in PAGES.items():
        if route == ("POST", "/cases/{number}/not-mine"):
            continue
        answer = ask(desk, route, who, number, token)
        if who in allowed:
            assert answer.status_code not in {401, 500}, (route, who, answer.status_code)
        else:
            assert answer.status_code in {401, 403, 404}, (route, who, answer.status_code)
        assert answer.status_code != 500
        if route not in MAY_HOLD_WORDS or who not in allowed:
            for word in (CANARY, "13912345678"):
                assert word not in answer.text, (route, who)
                assert word not in str(answer.headers), (route, who)


@pytest.mark.parametrize("role", ["operator", "supervisor", "administrator"])
def test_a_case_one_is_kept_away_from_does_not_exist(desk: ApiDesk, role: str) -> None:
    """No page, no route, no broken glass: the same answers as for a number nobody has."""
    number, token = desk.take_in(text=CANARY, reporter=PERSON), ""
    desk.change(number, status=Status.CALLBACK)
    token = desk.assign(number, "EDU")
    desk.client.post(f"/cases/{number}/not-mine", headers=desk.headers(role))
    of_case = [each for each in (*PAGES, *ALLOWED) if "{number}" in each[1] and "/slice" not in each[1]]
    for method, path in of_case:
        theirs, nobodys = (
            desk.client.request(
                method, path.replace("{number}", each).replace("{kind}", "acknowledged").replace("{evidence}", "1").replace("{person}", "child"),
                params={"purpose": "handling"}, headers=desk.headers(role), follow_redirects=False,
                **({"json": {}} if "/api/" in path and method == "POST" else {"data": SPEAK.get(path, {})} if method == "POST" else {}),
            )
            for each in (number, "W-099999")
        )  # fmt: skip
        assert theirs.status_code == nobodys.status_code, (method, path)
        assert CANARY not in theirs.text
        assert theirs.text.replace(number, "W-099999") == nobodys.text or "once" in theirs.text, (method, path)
    assert ask(desk, ("GET", "/o/{token}"), "nobody", number, token).status_code == 200, "the case goes on without them"


def test_lists_leave_out_what_one_is_kept_away_from(desk: ApiDesk) -> None:
    mine, other = desk.take_in(text="x"), desk.take_in(text="y")
    for number in (mine, other):
        desk.change(number, status=Status.NEEDS_REVIEW, grade=Grade.U1)
    desk.client.post(f"/cases/{other}/not-mine", headers=desk.headers("operator"))
    for path in ("/", "/duty", "/cases", "/api/v1/cases"):
        text = desk.client.get(path, headers=desk.headers("operator")).text
        assert mine in text and other not in text, path
        assert other in desk.client.get(path, headers=desk.headers("supervisor")).text


def test_only_a_supervisor_keeps_others_away(desk: ApiDesk) -> None:
    number = desk.take_in(text="x")
    with pytest.raises(NewsNotAllowedError):
        keep_staff_away(desk.place, number, "somebody", Speaker("op", Role.OPERATOR), NOW)
    keep_staff_away(desk.place, number, "somebody", Speaker("su", Role.SUPERVISOR), NOW)
    keep_staff_away(desk.place, number, "somebody", Speaker("su", Role.SUPERVISOR), NOW + timedelta(hours=1))
    with desk.place.database.reading() as session:
        assert len(session.exec(select(StaffTie)).all()) == 1


# Scopes of keys.


def test_every_route_of_the_api_asks_for_one_scope_and_the_description_names_it(desk: ApiDesk) -> None:
    api = {each for each in routes(desk) if each[1].startswith("/api/")}
    assert {each for each in api if "/news/" not in each[1]} == set(SCOPES), "a route without a scope, or a scope without a route"
    paths = desk.client.get("/openapi.json").json()["paths"]
    for method, path in api:
        described, wanted = paths[path][method.lower()], scope_for((method, path))
        assert described["security"] == [{"key": [wanted]}, {"browser": [wanted]}], path
        assert f"Scope: `{wanted}`" in described["description"]


def test_each_role_has_the_scopes_of_the_routes_it_may_use_and_no_more() -> None:
    for role in Role:
        useful = {scope_for(route) for route, allowed in ALLOWED.items() if role in allowed}
        assert {each.value for each in SCOPES_OF[role]} - NO_ROUTE_OF_ITS_OWN == useful, role
    assert set(SCOPES.values()) | {_WRITE} | NO_ROUTE_OF_ITS_OWN == set(Scope), "a scope that nothing asks for"


def probe(desk: ApiDesk, role: Role, *scopes: Scope) -> None:
    with desk.place.database.writing() as session:
        unit = "EDU" if role is Role.DEPARTMENT else None
        desk.keys["probe"] = make_key(session, secrets.token_hex(4), role, unit, NOW, scopes=scopes)


@pytest.mark.parametrize("role", list(Role))
def test_a_key_opens_the_routes_of_its_scopes_and_is_told_what_others_need(desk: ApiDesk, role: Role) -> None:
    for scope in SCOPES_OF[role]:
        probe(desk, role, scope)
        for route, allowed in ALLOWED.items():
            if role not in allowed:
                continue
            answer = call(desk, *route, desk.headers("probe"))
            if scope_for(route) == scope:
                assert answer.status_code in {200, 201, 202, 404, 422}, (route, scope, answer.text)
            else:
                told = answer.json()
                assert (answer.status_code, told["error"], told["scope"]) == (403, "scope_missing", scope_for(route)), (route, scope)


def test_a_key_without_the_scope_pages_opens_none(desk: ApiDesk) -> None:
    probe(desk, Role.SUPERVISOR, *(SCOPES_OF[Role.SUPERVISOR] - {Scope.PAGES}))
    for (method, path), allowed in PAGES.items():
        if method == "GET" and allowed == HOUSE:
            assert desk.client.get(path, headers=desk.headers("probe")).status_code == 401, path
    signed = desk.client.post("/sign-in", data={"name": "", "password": desk.keys["probe"]}, headers={"Sec-Fetch-Site": "same-origin"})
    assert signed.status_code == 401 and "set-cookie" not in signed.headers


def test_an_expired_key_is_answered_like_an_unknown_one(tmp_path: Path) -> None:
    wall = Wall()
    with api_desk(tmp_path, now=lambda: wall.at) as desk:
        with desk.place.database.writing() as session:
            key = make_key(session, "short", Role.OPERATOR, None, NOW, expires_at=NOW + timedelta(hours=1))
        desk.keys["short"] = key
        assert desk.get("/api/v1/cases", "short").status_code == 200
        wall.at += timedelta(hours=1)
        desk.keys["unknown"] = "whk_abcdef_nothing"
        over, unknown = (desk.get("/api/v1/cases", who) for who in ("short", "unknown"))
        assert (over.status_code, over.text) == (unknown.status_code, unknown.text) and over.status_code == 401


def test_the_last_use_of_a_key_is_noted_once_a_minute(tmp_path: Path) -> None:
    wall = Wall()
    with api_desk(tmp_path, now=lambda: wall.at) as desk:
        for seconds, noted in ((0, 0), (59, 0), (60, 60)):
            wall.at = NOW + timedelta(seconds=seconds)
            desk.get("/api/v1/cases")
            with desk.place.database.reading() as session:
                client = session.exec(select(ApiClient).where(ApiClient.name == "operator")).one()
            assert client.used_at == NOW + timedelta(seconds=noted), seconds
