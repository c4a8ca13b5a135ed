"""Deciding on the page of a case: what fits the role and the case, once, and nothing of it lost or leaked."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from desk.pages.house_forms import DESK_WORDS, FIELD_WORDS, sheet_for
from desk.pages.translation import say
from models.case import Case
from models.exchange import Inbox
from models.vocabulary import CallbackClass, CloseReason, Flag, Grade, NewsKind, Role, Status
from notifications.messages import Language
from tasks.news.forms import NEWS_FORMS, WHO_MAY_SAY
from tasks.settling import APPROVAL
from tests.api_desk import NOW, ApiDesk, api_desk

CANARY = "CANARY张三13900000000"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def at(desk: ApiDesk, status: Status, **fields: object) -> str:
    number = desk.take_in(text=CANARY)
    desk.change(number, status=status, **fields)
    return number


def page_of(desk: ApiDesk, number: str, who: str = "supervisor") -> str:
    return desk.client.get(f"/?case={number}&lang=en", auth=("x", desk.keys[who])).text


def forms_on(page: str) -> set[str]:
    return set(re.findall(r'action="/cases/[^/]+/say/([a-z_]+)', page))


def send(desk: ApiDesk, number: str, kind: str, who: str = "supervisor", once: str = "x" * 20, **fields: str) -> httpx.Response:
    return desk.client.post(
        f"/cases/{number}/say/{kind}?lang=en", data={"once": once, **fields}, auth=("x", desk.keys[who]), follow_redirects=False
    )


def inbox(desk: ApiDesk) -> list[Inbox]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Inbox)))


@pytest.mark.parametrize(
    ("status", "awaited"),
    [
        (Status.DISPUTED, "objection_decided"),
        (Status.EXTENSION_ASKED, "extension_decided"),
        (Status.NEEDS_REVIEW, "review_decided"),
        (Status.CALLBACK, "called_back"),
    ],
)
def test_what_the_case_waits_for_stands_first_and_only_then(desk: ApiDesk, status: Status, awaited: str) -> None:
    page = page_of(desk, at(desk, status))
    assert page.index(f"/say/{awaited}") == min(page.index(f"/say/{kind}") for kind in forms_on(page))
    others = {"objection_decided", "extension_decided", "review_decided", "called_back"} - {awaited}
    assert not forms_on(page) & others


@pytest.mark.parametrize(
    ("fields", "offered"),
    [({"grade": Grade.U3}, True), ({"grade": Grade.U1}, False), ({"grade": Grade.U3, "harm": True}, False), ({"grade": Grade.U0}, False)],
)
def test_hanging_up_is_offered_only_where_a_case_may_stand_still(desk: ApiDesk, fields: dict[str, object], offered: bool) -> None:
    assert ("hung_up" in forms_on(page_of(desk, at(desk, Status.IN_PROGRESS, **fields)))) is offered
    assert "hung_up" not in forms_on(page_of(desk, at(desk, Status.REPLIED, **fields)))


def test_each_role_finds_what_it_may_say_and_no_more(desk: ApiDesk) -> None:
    number = at(desk, Status.DISPUTED)
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        shown = forms_on(page_of(desk, number, role.value))
        assert {kind for kind in shown if role not in WHO_MAY_SAY[NewsKind(kind)]} == set()
    assert "objection_decided" not in forms_on(page_of(desk, number, "operator"))
    assert send(desk, number, "objection_decided", "operator", upheld="false").status_code == 409
    assert inbox(desk) == []


@pytest.mark.parametrize("who", ["EDU", "POLICE"])
def test_a_department_decides_nothing_here(desk: ApiDesk, who: str) -> None:
    number = at(desk, Status.DISPUTED)
    desk.assign(number, "EDU")
    assert send(desk, number, "objection_decided", who, upheld="false").status_code == 403
    assert inbox(desk) == []


def test_nobody_is_called_back_in_class_x(desk: ApiDesk) -> None:
    number = at(desk, Status.CALLBACK, callback_class=CallbackClass.NONE)
    assert "called_back" not in forms_on(page_of(desk, number, "operator"))
    assert send(desk, number, "called_back", "operator", reached="true", resolved="true").status_code == 409
    assert inbox(desk) == []


@pytest.mark.parametrize(
    ("status", "kind", "fields", "codes"),
    [
        (Status.DISPUTED, "objection_decided", {"upheld": "true", "department": "CIVIL"}, {"upheld": True, "department": "CIVIL"}),
        (Status.EXTENSION_ASKED, "extension_decided", {"granted": "true", "days": "3"}, {"granted": True, "days": 3}),
        (Status.IN_PROGRESS, "conflict_found", {"units": "EDU"}, {"units": ["EDU"], "department": None}),
        (
            Status.IN_PROGRESS, "police_notified",
            {"at": "2026-11-23T11:30", "channel": "platform", "receipt": "R-7"},
            {"at": "2026-11-23T11:30:00+08:00", "channel": "platform", "receipt": "R-7", "by": None},
        ),
        (
            Status.IN_PROGRESS, "handed_over", {"to": "120", "at": "2026-11-23T11:30", "receipt": "120-7"},
            {"to": "120", "at": "2026-11-23T11:30:00+08:00", "receipt": "120-7", "by": None},
        ),
        (Status.IN_PROGRESS, "grade_decided", {"grade": "U2", "reason": "facts_checked"}, {"grade": "U2", "reason": "facts_checked"}),
        (Status.IN_PROGRESS, "safety_recorded", {"safety": "interim", "source": "police"}, {"safety": "interim", "source": "police", "owner": None}),
        (Status.CLOSED, "reopened", {"reason": "new_harm"}, {"reason": "new_harm"}),
    ],
)  # fmt: skip
def test_a_decision_reaches_the_case_as_codes_with_its_words_sealed(
    desk: ApiDesk, status: Status, kind: str, fields: dict[str, str], codes: dict[str, object]
) -> None:
    number = at(desk, status)
    words = {"text": CANARY} if "text" in {each.name for each in _fields(desk, number, kind)} else {}
    answer = send(desk, number, kind, **fields, **words)
    assert answer.status_code == 303
    [said] = inbox(desk)
    assert (said.kind, said.codes) == (NewsKind(kind), codes)
    assert said.text_ct is None or CANARY.encode() not in said.text_ct
    page = desk.client.get(answer.headers["location"], auth=("x", desk.keys["supervisor"])).text
    assert "Saved:" in page and CANARY not in page
    assert send(desk, number, kind, **fields, **words).status_code in {303, 409}
    assert len(inbox(desk)) == 1, "a double click says it once"


def _fields(desk: ApiDesk, number: str, kind: str) -> tuple[object, ...]:
    with desk.place.database.reading() as session:
        case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        return sheet_for(NewsKind(kind), desk.place, case).fields


@pytest.mark.parametrize(
    ("kind", "fields", "marked"),
    [
        ("hung_up", {"reason": "awaiting_season"}, "hung_up-review_at-problem"),
        ("hung_up", {"reason": "awaiting_season", "review_at": "tomorrow"}, "hung_up-review_at-problem"),
        ("police_notified", {"at": "2026-11-23T11:30", "channel": "platform", "receipt": "张三"}, "police_notified-receipt-problem"),
        ("grade_decided", {"grade": "U9", "reason": "facts_checked"}, "grade_decided-grade-problem"),
        ("conflict_found", {}, "conflict_found-units-problem"),
    ],
)
def test_a_mistake_is_marked_and_nothing_is_saved(desk: ApiDesk, kind: str, fields: dict[str, str], marked: str) -> None:
    answer = send(desk, at(desk, Status.IN_PROGRESS), kind, **fields)
    assert answer.status_code == 422
    assert f'id="{marked}"' in answer.text
    assert inbox(desk) == []


@pytest.mark.parametrize(
    ("kind", "fields", "marked", "why"),
    [
        ("hung_up", {"reason": "awaiting_season", "review_at": "2026-11-20T09:00"}, "hung_up-review_at-problem", "The review date has passed"),
        (
            "police_notified", {"at": "2026-11-24T16:37", "channel": "platform", "receipt": "R-7"},
            "police_notified-at-problem", "The time lies in the future",
        ),
    ],
)  # fmt: skip
def test_what_the_case_would_refuse_is_told_at_once_and_not_said_to_be_saved(
    desk: ApiDesk, kind: str, fields: dict[str, str], marked: str, why: str
) -> None:
    """A newcomer read "saved" on a receipt whose time lay in the future, and went on while the report was not recorded."""
    number = at(desk, Status.IN_PROGRESS, grade=Grade.U3, wake_at=NOW + timedelta(days=1))
    before = _row(desk, number)
    answer = send(desk, number, kind, **fields)
    assert answer.status_code == 422
    assert f'id="{marked}"' in answer.text and why in answer.text and "Saved:" not in answer.text
    assert (inbox(desk), _row(desk, number)) == ([], before), "tried, and nothing of it kept"


def test_while_the_case_is_at_work_only_its_digest_can_tell(desk: ApiDesk) -> None:
    """What does not fit now may fit when what was said before has been read."""
    number = at(desk, Status.IN_PROGRESS, grade=Grade.U3, wake_at=NOW)
    answer = send(desk, number, "hung_up", reason="awaiting_season", review_at="2026-11-20T09:00")
    assert answer.status_code == 303
    assert len(inbox(desk)) == 1


def _row(desk: ApiDesk, number: str) -> dict[str, object]:
    with desk.place.database.reading() as session:
        return session.exec(select(Case).where(Case.number == int(number[2:]))).one().model_dump()


@pytest.mark.parametrize("secret", [True, False])
def test_the_caller_is_asked_whether_the_unit_was_in_touch_only_where_it_could_be(desk: ApiDesk, secret: bool) -> None:
    number = desk.take_in(text="x", reporter={"contact": "13900000000", "may_call_back": True, "keep_secret": secret})
    desk.change(number, status=Status.CALLBACK)
    desk.assign(number, "EDU")
    assert ('name="contacted"' in page_of(desk, number)) is not secret
    sent = send(desk, number, "called_back", reached="true", resolved="true", contacted="true")
    assert sent.status_code == 303
    [said] = inbox(desk)
    assert said.codes.get("contacted") is (None if secret else True)


def test_a_flagged_case_is_let_go_on_by_one_button(desk: ApiDesk) -> None:
    number = at(desk, Status.IN_PROGRESS, flag=Flag.ACTIVATION_FAILS)
    assert send(desk, number, "resumed", "administrator").status_code == 303
    assert send(desk, at(desk, Status.IN_PROGRESS), "resumed", "administrator").status_code == 409


@pytest.mark.parametrize("number", ["W-999999", "W-1%00", "x", "..%2f"])
def test_no_case_no_decision(desk: ApiDesk, number: str) -> None:
    assert send(desk, number, "grade_decided", grade="U2", reason="facts_checked").status_code in {404, 405}


def test_every_decision_has_words_and_all_fields_it_needs(desk: ApiDesk) -> None:
    number = at(desk, Status.IN_PROGRESS, grade=Grade.U3)
    said_by_house = {kind for kind in NewsKind if WHO_MAY_SAY[kind] & {Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR}}
    assert said_by_house == set(DESK_WORDS)
    with desk.place.database.reading() as session:
        case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        for kind in said_by_house:
            sheet = sheet_for(kind, desk.place, case)
            needed = {name for name, field in NEWS_FORMS[kind].model_fields.items() if field.is_required()}
            assert needed <= {each.name for each in sheet.fields}
            assert all(say(each, Language.ZH) != say(each, Language.EN) for each in (sheet.title, sheet.about))
            for field in sheet.fields:
                assert field.kind not in {"select", "unit", "radio"} or field.choices, field.name
    assert all(say(each, Language.ZH) != say(each, Language.EN) for each in FIELD_WORDS.values())


def awaiting_approval(desk: ApiDesk) -> str:
    return at(desk, Status.REPLIED, grade=Grade.U1, waiting_for=f"Awaiting {APPROVAL} (U1)")


def test_a_closing_that_waits_for_a_supervisor_stands_first_on_the_page_and_for_nobody_else(desk: ApiDesk) -> None:
    number = awaiting_approval(desk)
    page = page_of(desk, number)
    assert page.index("/say/closing_decided") == min(page.index(f"/say/{kind}") for kind in forms_on(page))
    assert "closing_decided" not in forms_on(page_of(desk, number, "operator"))
    assert "closing_decided" not in forms_on(page_of(desk, at(desk, Status.REPLIED, grade=Grade.U1)))


def test_whoever_recorded_the_child_as_safe_reads_on_the_page_why_they_may_not_decide(desk: ApiDesk) -> None:
    number = awaiting_approval(desk)
    assert send(desk, number, "safety_recorded", safety="safe", source="police").status_code == 303
    answer = send(desk, number, "closing_decided", once="y" * 20, approved="true")
    assert answer.status_code == 422
    assert "closing_decided-approved-problem" in answer.text
    assert "another supervisor" in answer.text
    assert [each.kind for each in inbox(desk)] == [NewsKind.SAFETY_RECORDED]


def test_a_refusal_without_a_reason_is_marked_and_the_reasons_are_those_of_the_rules(desk: ApiDesk) -> None:
    number = awaiting_approval(desk)
    answer = send(desk, number, "closing_decided", approved="false")
    assert answer.status_code == 422
    assert "closing_decided-reason-problem" in answer.text
    assert 'value="measures_unclear"' in answer.text
    assert send(desk, number, "closing_decided", approved="false", reason="measures_unclear").status_code == 303


def test_a_closed_case_says_why_it_was_closed(desk: ApiDesk) -> None:
    number = at(desk, Status.CLOSED, close_reason=CloseReason.NOT_REACHED)
    assert "Nobody was reached" in page_of(desk, number)


def test_an_unknown_reason_is_refused_by_the_api_with_those_there_are(desk: ApiDesk) -> None:
    number = at(desk, Status.IN_PROGRESS)
    headers = {"Authorization": f"Bearer {desk.keys['supervisor']}", "Idempotency-Key": "k" * 20}
    answer = desk.client.post(f"/api/v1/cases/{number}/news/grade_decided", json={"grade": "U2", "reason": "because"}, headers=headers)
    assert answer.status_code == 422
    [problem] = answer.json()["fields"]
    assert problem["field"] == "reason"
    assert problem["problem"].startswith("must be one of facts_checked, new_facts")
    assert "because" not in answer.text


def reviewed(desk: ApiDesk, number: str, who: str) -> httpx.Response:
    ruled = {"once": "r" * 20, "kind": "S09", "outcome": "DISPATCHED", "harm": "false", "text": "已与学校核实，为误听。"}
    return desk.client.post(f"/cases/{number}/say/review_decided?lang=en", data=ruled, auth=("x", desk.keys[who]), follow_redirects=False)


@pytest.mark.parametrize(("who", "status"), [("operator", 422), ("supervisor", 303)])
def test_only_a_supervisor_rules_out_harm_that_is_suspected(desk: ApiDesk, who: str, status: int) -> None:
    number = at(desk, Status.NEEDS_REVIEW, harm=True, grade=Grade.U1, wake_at=NOW + timedelta(hours=1))
    answer = reviewed(desk, number, who)
    assert answer.status_code == status
    assert ("only a supervisor rules it out" in answer.text) is (status == 422)


def test_an_operator_reviews_what_is_not_suspected_of_harm(desk: ApiDesk) -> None:
    assert reviewed(desk, at(desk, Status.NEEDS_REVIEW, grade=Grade.U3), "operator").status_code == 303
