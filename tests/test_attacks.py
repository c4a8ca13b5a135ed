"""What an attacker tries: guessing cases, timing answers, forging links, formulas in tables, lines in headers, odd input everywhere."""

import html
import re
import secrets
import statistics
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from sqlmodel import select

from desk.pages.order import LINK_WORKS_FOR
from desk.pages.progress import TOLD
from desk.pages.translation import say
from desk.safe_cells import BEGINS_FORMULA, safe_cell
from models.accounts import SpecialAccess
from models.case import Case
from models.exchange import Notice
from models.house import AccessLog
from models.vocabulary import Ask, Grade, Status
from notifications.messages import Alert, Language, message_of
from tasks.words.progress_query import HowFar, progress_code
from tasks.words.special_access import GLASS_LASTS, MANY_CASES
from tests.api_desk import NOW, ApiDesk, Wall, api_desk

NUMBER = "13912345678"
WORDS = "CANARY孩子身上有伤"


@pytest.fixture
def desk(clocked_desk: ApiDesk) -> ApiDesk:
    return clocked_desk


# How far is it?


def code_of(desk: ApiDesk, number: str) -> str:
    with desk.place.database.reading() as session:
        case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        return progress_code(desk.place, case.id)


def asked(desk: ApiDesk, number: str, code: str, last: str = "") -> httpx.Response:
    return desk.client.post("/progress?lang=en", data={"number": number, "code": code, "last": last})


def told(answer: httpx.Response) -> str:
    return re.search(r'role="status">([^<]*)<', answer.text)[1].replace("&#39;", "'")  # type: ignore[index]


def test_the_reporter_learns_how_far_it_is_and_nothing_else(desk: ApiDesk) -> None:
    number = desk.take_in(text=WORDS, reporter={"contact": NUMBER})
    for status, far in ((Status.ACCEPTED, HowFar.AT_WORK), (Status.CALLBACK, HowFar.ANSWERED), (Status.CLOSED, HowFar.OVER)):
        desk.change(number, status=status)
        answer = asked(desk, number.removeprefix("W-"), code_of(desk, number).lower(), NUMBER[-4:])
        assert told(answer) == say(TOLD[far], Language.EN)
        assert WORDS not in answer.text and "EDU" not in answer.text


def test_a_code_that_was_heard_on_the_phone_is_understood(desk: ApiDesk) -> None:
    numbers = [desk.take_in(text=WORDS, reporter={"contact": NUMBER}) for _ in range(12)]
    number = next(each for each in numbers if set(code_of(desk, each)) & set("OIB"))
    heard = code_of(desk, number).translate(str.maketrans("OIB", "018")).lower()
    assert heard != code_of(desk, number).lower()
    answer = asked(desk, number.replace("-", "").lower(), heard, NUMBER[-4:])
    assert told(answer) == say(TOLD[HowFar.AT_WORK], Language.EN)


def test_everything_else_is_one_answer(desk: ApiDesk) -> None:
    """The same page to the byte, whether the case is there or not."""
    number = desk.take_in(text=WORDS, reporter={"contact": NUMBER})
    anonymous = desk.take_in(text=WORDS)
    code = code_of(desk, number)
    sealed = desk.take_in(text=WORDS, reporter={"contact": NUMBER})
    sealed_code = code_of(desk, sealed)
    desk.change(sealed, wrapped_key=None, status=Status.SEALED)
    answers = [
        asked(desk, number, code), asked(desk, number, code, "0000"), asked(desk, number, "A" * 10, NUMBER[-4:]),
        asked(desk, "W-099999", code, NUMBER[-4:]), asked(desk, "", "", ""), asked(desk, "W-" + "9" * 40, code),
        asked(desk, anonymous, code), asked(desk, sealed, sealed_code, NUMBER[-4:]), asked(desk, sealed, sealed_code), asked(desk, "'; --", "\0", "é" * 4),
    ]  # fmt: skip
    assert len({each.text for each in answers}) == 1
    assert {each.status_code for each in answers} == {200}
    assert len({tuple(sorted(set(each.headers) - {"date"})) for each in answers}) == 1
    assert told(asked(desk, anonymous, code_of(desk, anonymous))) == say(TOLD[HowFar.AT_WORK], Language.EN), "who left no number needs none"


def test_the_clock_does_not_tell_either(desk: ApiDesk) -> None:
    """Not found and not yours take the same time: medians of alternating questions lie within a fifth."""
    number = desk.take_in(text=WORDS, reporter={"contact": NUMBER})
    times: dict[str, list[float]] = {number: [], "W-099999": []}
    for _ in range(150):
        for each, found in times.items():
            began = time.perf_counter()
            asked(desk, each, "A" * 10, "0000")
            found.append(time.perf_counter() - began)
    there, not_there = (statistics.median(each[20:]) for each in times.values())
    assert abs(there - not_there) < 0.2 * max(there, not_there)


def test_every_question_is_on_record(desk: ApiDesk) -> None:
    asked(desk, "W-099999", "A" * 10)
    with desk.place.database.reading() as session:
        [log] = session.exec(select(AccessLog)).all()
    assert (log.what, log.allowed, log.case_id) == ("progress", False, None)


# Breaking the glass, and reading too much.


def words(desk: ApiDesk, number: str, who: str) -> httpx.Response:
    return desk.get(f"/api/v1/cases/{number}/words?purpose=handling", who)


def test_a_broken_glass_opens_for_half_an_hour_tells_a_supervisor_and_is_judged_by_another(desk: ApiDesk, wall: Wall) -> None:
    number = desk.take_in(text=WORDS)
    assert words(desk, number, "administrator").status_code == 403
    opened = desk.client.post(f"/cases/{number}/glass", data={"reason": "court_or_police"}, headers=desk.headers("administrator"), follow_redirects=False)
    assert opened.status_code == 303
    assert WORDS in words(desk, number, "administrator").text
    assert words(desk, desk.take_in(text="x"), "administrator").status_code == 403, "this case only"
    with desk.place.database.reading() as session:
        [alert] = session.exec(select(Notice).where(Notice.ask == Ask.GLASS_BROKEN)).all()
        [access] = session.exec(select(SpecialAccess)).all()
    assert alert.recipient == "DUTY_SUPERVISOR"
    page = desk.client.get("/reads?lang=en", headers=desk.headers("supervisor")).text
    assert number in page and "Justified" in page and WORDS not in page
    desk.client.post(f"/reads/{access.id}/judge", data={"justified": "false"}, headers=desk.headers("supervisor"))
    with desk.place.database.reading() as session:
        [judged] = session.exec(select(SpecialAccess)).all()
    assert (judged.justified, judged.reviewed_at) == (False, NOW)
    wall.at += GLASS_LASTS
    assert words(desk, number, "administrator").status_code == 403


def test_who_opens_very_many_cases_is_told_of_once_an_hour(desk: ApiDesk) -> None:
    for _ in range(MANY_CASES + 3):
        assert words(desk, desk.take_in(text="x"), "operator").status_code == 200, "an alarm, not a lock: a call may come in"
    with desk.place.database.reading() as session:
        [alert] = session.exec(select(Notice).where(Notice.ask == Ask.UNUSUAL_READING)).all()
    assert alert.case_id is None and alert.recipient == "DUTY_SUPERVISOR"


# Links.


@pytest.mark.parametrize("token", ["", "x", "x" * 22, "../../etc/passwd", "%00", "%2e%2e%2f", "1 OR 1=1", "’" * 5, "a" * 5000])
def test_a_forged_link_leads_nowhere(desk: ApiDesk, token: str) -> None:
    number = desk.take_in(text=WORDS)
    desk.assign(number, "EDU")
    for path in (f"/o/{token}", f"/o/{token}/words", f"/o/{token}/replied", f"/o/{token}/evidence"):
        answer = desk.client.post(path) if path.count("/") > 2 else desk.client.get(path)
        assert answer.status_code in {401, 404, 405}, "401 where the address leads out of /o/"
        assert number not in answer.text and WORDS not in answer.text


def test_a_link_is_replayed_in_vain(desk: ApiDesk, wall: Wall) -> None:
    """After it was withdrawn, after the case went on without the unit, and after its time."""
    number = desk.take_in(text=WORDS)
    desk.change(number, status=Status.ACCEPTED)
    withdrawn = desk.assign(number, "EDU", withdrawn_at=NOW)
    current = desk.assign(number, "POLICE")
    assert desk.client.get(f"/o/{withdrawn}").status_code == 404
    assert desk.client.get(f"/o/{current}").status_code == 200
    wall.at += LINK_WORKS_FOR + timedelta(seconds=1)
    assert desk.client.get(f"/o/{current}").status_code == 404
    assert desk.client.post(f"/o/{current}/acknowledged", data={"once": "a" * 20}).status_code == 404


def test_tokens_are_long_and_do_not_follow_one_another(desk: ApiDesk) -> None:
    number = desk.take_in(text="x")
    tokens = {desk.assign(number, "EDU", round=each) for each in range(1, 60)}
    assert len(tokens) == 59 and all(len(each) == 22 for each in tokens)
    assert len({each[:3] for each in tokens}) > 50


# Formulas and lines.


@given(st.text(max_size=60))
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert isinstance(cell, str) and not cell.lstrip(" ").startswith(BEGINS_FORMULA)
    assert cell.removeprefix("'") in {text, text.removeprefix("'")}


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=100)
def test_no_alert_carries_a_line_or_a_template_of_somebody_elses(label: str, link: str) -> None:
    """Header and template injection: what stands in an alert's title is one line, and no template is filled twice."""
    literal = message_of(Alert("{{7*7}}", Grade.U3, Ask.ACCEPT_ORDER, None, "{0}"), "en")
    assert "{{7*7}}" in literal.title and "{0}" in literal.body
    made = message_of(Alert(f"W-{label}", Grade.U3, Ask.ACCEPT_ORDER, None, f"https://desk.example/o/{link}"), "en")
    assert "\n" not in made.title and "\r" not in made.title


@pytest.mark.parametrize("planted", ["{{7*7}}", "{% include '/etc/passwd' %}", "<script>x</script>", "<img src=x onerror=y>", "javascript:x"])
def test_what_people_type_is_shown_and_never_run(desk: ApiDesk, planted: str) -> None:
    number = desk.take_in(text=planted, summary=planted, child={"name": planted})
    token = desk.assign(number, "EDU")
    for page in (
        desk.client.post(f"/cases/{number}/suggestion", headers=desk.headers("operator")).text,
        desk.client.post(f"/o/{token}/words").text,
    ):
        assert planted.casefold() in html.unescape(re.sub(r"</?mark[^>]*>", "", page)).casefold(), "as it was typed"
        assert "<script>x" not in page and "<img src=x" not in page


def test_a_page_may_load_nothing_run_nothing_and_be_framed_by_nobody(desk: ApiDesk) -> None:
    for path in ("/", "/sign-in", "/progress", "/o/x", "/docs"):
        answer = desk.client.get(path, headers=desk.headers("operator"))
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text and "http://" not in re.sub(r"http://testserver|http://127[^<\"]*", "", answer.text)


# Odd input everywhere.


def test_no_route_of_the_description_breaks_on_odd_input(tmp_path: Path) -> None:
    """Schemathesis over the whole description, as every role: never a fault of ours, never an undocumented kind of one."""
    with api_desk(tmp_path) as desk:
        number = desk.take_in(text=WORDS)
        desk.assign(number, "EDU")
        schema = schemathesis.openapi.from_asgi("/openapi.json", desk.client.app)

        for operation in schema.get_all_operations():
            found = operation.ok()
            strategy = found.as_strategy()

            @given(case=strategy)
            @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            def one(case: schemathesis.Case) -> None:
                for who in ("supervisor", "EDU"):
                    headers = {"Authorization": f"Bearer {desk.keys[who]}", "Idempotency-Key": secrets.token_hex(8)}
                    answer = case.call(headers=headers)
                    case.validate_response(answer, checks=(not_a_server_error,))

            one()
