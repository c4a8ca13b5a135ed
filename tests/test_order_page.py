"""The page behind a department's link: it is answered there, once, within rights, and tells nothing else."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from desk.pages.answer_forms import ANSWER_WORDS, FIELD_WORDS, Circumstances, Ground, form_for
from desk.pages.form_fields import PROBLEM_WORDS
from desk.pages.order import LINK_WORKS_FOR
from desk.pages.translation import say
from models.case import Case
from models.exchange import Assignment, Inbox
from models.vocabulary import ClosingAct, DecisionKind, Grade, NewsKind, Role, Status
from notifications.messages import Language
from tasks.casebook import Verdict, decide
from tasks.closing.closure import ACT_WORDS
from tasks.news.forms import NEWS_FORMS, WHO_MAY_SAY
from tasks.news.inbox import Speaker
from tasks.words.reading import read_slice
from tests.api_desk import NOW, ApiDesk, Wall

CANARY = "CANARY张三13900000000"


@pytest.fixture
def desk(clocked_desk: ApiDesk) -> ApiDesk:
    return clocked_desk


@pytest.fixture
def number(desk: ApiDesk) -> str:
    found = desk.take_in(text=CANARY)
    desk.change(found, status=Status.DISPATCHED, grade=Grade.U3)
    return found


def once_of(desk: ApiDesk, token: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', desk.client.get(f"/o/{token}").text)
    assert found, "the page has a form"
    return found[1]


def send(desk: ApiDesk, token: str, kind: str, once: str | None = None, **fields: str) -> httpx.Response:
    sent = {"once": once or once_of(desk, token), **fields}
    return desk.client.post(f"/o/{token}/{kind}?lang=en", data=sent, follow_redirects=False)


def inbox(desk: ApiDesk) -> list[Inbox]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Inbox).order_by(Inbox.id)))  # type: ignore[arg-type]


def test_one_button_accepts_the_order(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    answer = send(desk, token, "acknowledged")
    assert answer.status_code == 303
    [said] = inbox(desk)
    assert (said.kind, said.department, said.actor) == (NewsKind.ACKNOWLEDGED, "EDU", "department:EDU")
    page = desk.client.get(answer.headers["location"]).text
    assert "Saved:" in page and "being taken in" in page


def test_a_double_click_saves_once(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    once = once_of(desk, token)
    for _ in range(2):
        assert send(desk, token, "acknowledged", once).status_code == 303
    assert len(inbox(desk)) == 1
    assert send(desk, token, "acknowledged").status_code == 303, "a page opened anew says it anew"
    assert len(inbox(desk)) == 2


def test_a_reply_is_sealed_and_nowhere_on_the_page(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    answer = send(desk, token, "replied", text=f"{CANARY} 已上门核查，护栏已修好。", resolved="true")
    assert answer.status_code == 303
    assert CANARY not in answer.headers["location"]
    [said] = inbox(desk)
    assert said.codes == {"resolved": True, "acts": []}
    assert said.text_ct is not None and CANARY.encode() not in said.text_ct
    assert CANARY not in desk.client.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("kind", "fields", "marked"),
    [
        ("replied", {"text": "已办", "resolved": "perhaps"}, "replied-resolved-problem"),
        ("replied", {"resolved": "true"}, "replied-text-problem"),
        ("extension_asked", {"reason": "needs_inspection", "days": "900", "caller_told": "true"}, "extension_asked-days-problem"),
        ("extension_asked", {"reason": "because", "days": "2", "caller_told": "true"}, "extension_asked-reason-problem"),
        ("objected", {"reason": "not_our_duty"}, "objected-evidence-problem"),
        ("objected", {"reason": "x' OR 1=1"}, "objected-reason-problem"),
        ("help_asked", {"department": "<script>"}, "help_asked-department-problem"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_saved(
    desk: ApiDesk, number: str, kind: str, fields: dict[str, str], marked: str
) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    answer = send(desk, token, kind, **fields)
    assert answer.status_code == 422
    assert f'id="{marked}"' in answer.text
    assert "<script" not in answer.text
    if "text" in fields:
        assert fields["text"] in answer.text, "what was typed is not lost"
    assert inbox(desk) == []


def test_an_objection_with_its_evidence_is_taken(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    assert send(desk, token, "objected", reason="not_our_duty", evidence="LIST-7", suggests="CIVIL").status_code == 303
    assert inbox(desk)[0].codes == {"reason": "not_our_duty", "evidence": "LIST-7", "suggests": "CIVIL"}


@pytest.mark.parametrize(("reporter", "told"), [({"keep_secret": False}, True), ({"keep_secret": True}, False), ({"anonymous": True}, False)])
def test_speaking_to_the_caller_is_offered_only_to_a_unit_that_was_told_who_called(
    desk: ApiDesk, reporter: dict[str, object], told: bool
) -> None:
    number = desk.take_in(text=CANARY, reporter={"contact": "13900000000", "may_call_back": True, **reporter})
    desk.change(number, status=Status.DISPATCHED, grade=Grade.U3)
    token = desk.assign(number, "EDU")
    assert ("/contacted" in desk.client.get(f"/o/{token}?lang=en").text) is told
    assert send(desk, token, "contacted").status_code == (303 if told else 409)
    desk.change(number, harm=True)
    assert "/contacted" not in desk.client.get(f"/o/{token}?lang=en").text, "nor once harm is suspected"


def test_who_can_tell_the_caller_is_asked_whether_it_did_and_nobody_else_is(desk: ApiDesk) -> None:
    asked = {"reason": "needs_inspection", "days": "2"}
    for secret in (False, True):
        number = desk.take_in(text=CANARY, reporter={"contact": "13900000000", "may_call_back": True, "keep_secret": secret})
        desk.change(number, status=Status.ACCEPTED, grade=Grade.U3, wake_at=NOW + timedelta(hours=1))
        token = desk.assign(number, "EDU", accepted_at=NOW)
        assert ('name="caller_told"' in desk.client.get(f"/o/{token}").text) is not secret
        answer = send(desk, token, "extension_asked", **asked)
        assert answer.status_code == (303 if secret else 422), "whoever is not told who called cannot tell them anything"
        if not secret:
            assert '<a href="#extension_asked-caller_told">' in answer.text and 'id="extension_asked-caller_told"' in answer.text
            refused = send(desk, token, "extension_asked", **asked, caller_told="false")
            assert refused.status_code == 422 and "Tell the caller first" in refused.text
            assert "extension_asked-caller_told-problem" in refused.text
            assert send(desk, token, "extension_asked", **asked, caller_told="true").status_code == 303


def test_a_co_handler_has_its_own_answer_and_not_the_leads(desk: ApiDesk, number: str) -> None:
    desk.assign(number, "CIVIL")
    token = desk.assign(number, "EDU", leads=False)
    assert send(desk, token, "replied", text="已办", resolved="true").status_code == 409
    desk.change(number, status=Status.DISPATCHED, wake_at=NOW + timedelta(hours=1))
    hollow = send(desk, token, "co_replied", text="收到，谢谢")
    assert hollow.status_code == 422 and "it only says that it was received" in hollow.text and "收到，谢谢" in hollow.text
    assert 'id="co_replied-text-problem"' in hollow.text
    assert send(desk, token, "co_replied", text="本校已安排老师陪同").status_code == 303
    assert [each.kind for each in inbox(desk)] == [NewsKind.CO_REPLIED]


@pytest.mark.parametrize("kind", sorted({*NewsKind} - {*ANSWER_WORDS}))
def test_what_only_the_desk_may_say_cannot_be_said_by_a_link(desk: ApiDesk, number: str, kind: str) -> None:
    token = desk.assign(number, "EDU")
    assert send(desk, token, kind, safety="safe", source="school").status_code == 409
    assert inbox(desk) == []


@pytest.mark.parametrize("kind", ["", "x", "%00", "acknowledged%00", "../cases"])
def test_no_other_address_below_a_link_leads_anywhere(desk: ApiDesk, number: str, kind: str) -> None:
    token = desk.assign(number, "EDU")
    assert send(desk, token, kind).status_code in {307, 404, 405, 409}
    assert inbox(desk) == []


def test_a_link_that_is_no_longer_good_saves_nothing(desk: ApiDesk, number: str, wall: Wall) -> None:
    withdrawn = desk.assign(number, "CIVIL", withdrawn_at=NOW)
    about_itself = desk.assign(desk.take_in(complained_of="EDU"), "EDU")
    old = desk.assign(number, "POLICE")
    wall.at = NOW + LINK_WORKS_FOR + timedelta(minutes=1)
    answers = [send(desk, each, "acknowledged", "x" * 20) for each in (withdrawn, about_itself, old, "forged")]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1, "they are not told apart"
    assert inbox(desk) == []


def test_a_link_works_until_its_last_minute(desk: ApiDesk, number: str, wall: Wall) -> None:
    token = desk.assign(number, "EDU")
    wall.at = NOW + LINK_WORKS_FOR
    assert send(desk, token, "acknowledged").status_code == 303


def test_an_order_that_is_over_can_be_read_and_not_answered(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    desk.change(number, status=Status.CLOSED, closed_at=NOW)
    page = desk.client.get(f"/o/{token}?lang=en").text
    assert "nothing more to do" in page
    assert "<form" not in page
    assert send(desk, token, "replied", "x" * 20, text="迟到的答复", resolved="true").status_code == 409
    assert inbox(desk) == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"once=" + b"a" * 20 + b"&days=1" * 50, b"", b"{}"])
def test_garbage_is_refused_without_a_fault(desk: ApiDesk, number: str, body: bytes) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    answer = desk.client.post(
        f"/o/{token}/extension_asked", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 422
    assert inbox(desk) == []


def test_the_unit_sees_only_what_it_said_itself(desk: ApiDesk, number: str) -> None:
    theirs, ours = desk.assign(number, "CIVIL"), desk.assign(number, "EDU", leads=False)
    send(desk, theirs, "acknowledged")
    assert "What your unit has said" not in desk.client.get(f"/o/{ours}?lang=en").text
    assert "What your unit has said" in desk.client.get(f"/o/{theirs}?lang=en").text


def test_a_browser_may_send_the_form_and_nothing_else(desk: ApiDesk, number: str) -> None:
    policy = desk.client.get(f"/o/{desk.assign(number, 'EDU')}").headers["content-security-policy"]
    assert "form-action 'self'" in policy and "default-src 'none'" in policy and "script-src" not in policy


def test_every_answer_of_a_department_has_a_form_with_words(desk: ApiDesk) -> None:
    of_departments = {kind for kind in NewsKind if Role.DEPARTMENT in WHO_MAY_SAY[kind]}
    assert of_departments == set(ANSWER_WORDS)
    for kind in of_departments:
        form = form_for(kind, desk.place.catalogue, Circumstances("EDU", {"needs_inspection": Ground(("查", "look"), needs_evidence=True)}, 5, acts=tuple(ClosingAct)))
        needed = {name for name, field in NEWS_FORMS[kind].model_fields.items() if field.is_required()}
        assert needed <= {each.name for each in form.fields}
        shown = [form.title, form.about, *(each.words for each in form.fields), *(each.needed_when for each in form.fields if each.needed_when), *FIELD_WORDS.values(), *PROBLEM_WORDS.values()]
        assert all(say(each, Language.ZH) != say(each, Language.EN) for each in shown)


def test_the_link_outlives_only_its_own_part(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU")
    with desk.place.database.writing() as session:
        session.exec(select(Assignment).where(Assignment.token == token)).one().withdrawn_at = NOW
    again = desk.assign(number, "EDU", round=2)
    assert desk.client.get(f"/o/{token}").status_code == 404
    assert send(desk, again, "acknowledged").status_code == 303


def test_a_unit_reads_why_a_supervisor_did_not_let_its_case_close(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    desk.change(number, status=Status.REWORK)
    with desk.place.database.writing() as session:
        case = session.exec(select(Case)).one()
        for outcome, why in (("READY", "All is there."), ("REFUSED", "A supervisor did not agree (What was done is not clear).")):
            decide(desk.place, session, case, outcome, Verdict(DecisionKind.CLOSURE, outcome, "r", "因", why), NOW)
    page = desk.client.get(f"/o/{token}?lang=en").text
    assert "What was done is not clear" in page


HOLLOW, REAL = "您反映的问题已收悉。", "已到学校核查，食堂已整改并公示价格，整改情况已告知来电人。"


def test_an_answer_that_would_come_back_is_told_so_while_its_words_still_stand_there(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    told = send(desk, token, "replied", text=HOLLOW, resolved="true")
    assert told.status_code == 422 and not inbox(desk)
    assert "it only says that it was received" in told.text and HOLLOW in told.text and 'name="insists"' in told.text
    assert send(desk, token, "replied", text=REAL, resolved="true").status_code == 303
    assert [each.kind for each in inbox(desk)] == [NewsKind.REPLIED]


def test_who_insists_may_send_it_as_it_is(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    assert 'name="insists"' not in desk.client.get(f"/o/{token}").text, "nobody insists before anything was advised"
    assert send(desk, token, "replied", text=HOLLOW, resolved="true", insists="true").status_code == 303
    [said] = inbox(desk)
    assert "insists" not in said.codes


def test_acts_that_the_kind_asks_for_are_asked_for_before_the_answer_comes_back(desk: ApiDesk, number: str) -> None:
    desk.change(number, kind="S11")
    token = desk.assign(number, "EDU", accepted_at=NOW)
    acts = desk.place.catalogue.kinds["S11"].closing
    assert acts, "a kind that asks for some"
    told = send(desk, token, "replied", text=REAL, resolved="true")
    assert told.status_code == 422 and all(say(ACT_WORDS[each], Language.EN) in told.text for each in acts)
    body = {"once": once_of(desk, token), "text": REAL, "resolved": "true", "acts": [each.value for each in acts]}
    assert desk.client.post(f"/o/{token}/replied?lang=en", data=body, follow_redirects=False).status_code == 303


def test_what_came_back_stands_in_the_form_again_once_the_words_are_opened(desk: ApiDesk, number: str) -> None:
    token = desk.assign(number, "EDU", accepted_at=NOW)
    assert send(desk, token, "replied", text=HOLLOW, resolved="true", insists="true").status_code == 303
    desk.change(number, status=Status.REWORK)
    with desk.place.database.writing() as session:
        case, row = session.exec(select(Case)).one(), session.exec(select(Inbox)).one()
        row.read_at = NOW
        decide(desk.place, session, case, "c", Verdict(DecisionKind.CLOSURE, "REWORK", "r", "因", "why", {"missing": ["substance"]}), NOW)
    page = desk.client.get(f"/o/{token}?lang=en").text
    assert HOLLOW not in page and "Open the words to have your last answer" in page, "a scanner of mails opens links, too"
    opened = desk.client.post(f"/o/{token}/words?lang=en").text
    assert HOLLOW in opened and "Your last answer stands in the form below" in opened
    other = desk.assign(number, "CIVIL", leads=False)
    assert HOLLOW not in desk.client.post(f"/o/{other}/words?lang=en").text, "it is that unit's own"


def test_an_answer_in_which_the_caller_stands_is_not_given_back_once_the_caller_is_kept_secret(desk: ApiDesk) -> None:
    number = desk.take_in(text=CANARY, reporter={"contact": "13900000000", "may_call_back": True, "keep_secret": False})
    desk.change(number, status=Status.DISPATCHED, grade=Grade.U3)
    token = desk.assign(number, "EDU", accepted_at=NOW)
    assert send(desk, token, "replied", text=f"{REAL}已电话告知13900000000。", resolved="true").status_code == 303
    speaker = Speaker("link:1", Role.DEPARTMENT, "EDU")
    assert read_slice(desk.place, number, speaker, NOW).own_answer
    desk.change(number, harm=True)
    assert read_slice(desk.place, number, speaker, NOW).own_answer is None
