"""What a case waits for from the house stands open first on its page, is named, and is not asked for twice."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from desk.people.keys import make_key
from models.case import Case
from models.journal import MACHINE
from models.record import Clock
from models.vocabulary import Flag, Grade, Role, Status, Target
from models.wall_clock import due_on
from tasks.story.telling import story_of, timeline_markdown
from tasks.words.summaries import is_summary_missing, is_unwritten
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.front_door import front_door

PINCHED: dict[str, Any] = {"text": "托育机构老师掐孩子胳膊", "kind": "S11", "nature": "REPORT"}
CALLER = {"contact": "000-87654321", "may_call_back": True}
RECEIPT = {"channel": "phone_110", "receipt": "JQ-1"}


class Seats:
    """A desk, its pages, and a key for each seat."""

    def __init__(self, desk: ClockDesk, client: TestClient) -> None:
        self.desk, self.client = desk, client
        with desk.place.database.writing() as session:
            self.keys = {each: make_key(session, each, each, None, desk.now) for each in (Role.OPERATOR, Role.SUPERVISOR)}

    def page(self, number: str, who: Role = Role.OPERATOR) -> str:
        return self.client.get(f"/?case={number}&lang=en", auth=("x", self.keys[who])).text

    def open_forms(self, number: str, who: Role = Role.OPERATOR) -> list[str]:
        """The forms that stand open on the page, from top to bottom."""
        unfolded = re.sub(r"<details.*?</details>", "", self.page(number, who), flags=re.DOTALL)
        return re.findall(r'action="/cases/[^/]+/say/([a-z_]+)', unfolded)

    def waits(self, number: str, who: Role = Role.OPERATOR) -> str:
        found = re.search(r"Waits for: (.*?)</p>", self.page(number, who))
        return html.unescape(found[1]) if found else ""

    def send(self, number: str, kind: str, who: Role = Role.OPERATOR, **fields: str) -> int:
        answer = self.client.post(
            f"/cases/{number}/say/{kind}?lang=en", data={"once": f"{kind:x<20}"[:40], **fields}, auth=("x", self.keys[who]),
            follow_redirects=False,
        )  # fmt: skip
        return answer.status_code


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[Seats]:
    with clock_desk(tmp_path / "desk") as desk, front_door(desk.place, lambda: desk.now) as client:
        yield Seats(desk, client)


def taken_in(seats: Seats, **form: Any) -> str:
    number = seats.desk.take_in(**(form or PINCHED))
    seats.desk.run_due()
    return number


def test_report_and_summary_of_suspected_harm_stand_open_first(seats: Seats) -> None:
    number = taken_in(seats)
    assert seats.open_forms(number) == ["police_notified", "summary_written", "safety_recorded"]


def test_everything_awaited_is_named_with_its_time(seats: Seats) -> None:
    number = taken_in(seats)
    report, safety, watched = (
        due_on(seats.desk.clock(number, each).due_at) for each in (Target.MANDATORY_REPORT, Target.SAFETY_KNOWN, Target.SUPERVISION)
    )
    helper = next(unit for unit, leads in seats.desk.departments(number).items() if not leads)
    accept, answer = (due_on(seats.desk.clock(number, each, helper).due_at) for each in (Target.ACCEPTANCE, Target.CO_HANDLER))
    waits = seats.waits(number)
    assert waits.startswith("Police: acceptance, until ")
    for named in (
        f"the mandatory report to the police, with its receipt (by {report})", "the summary for the departments",
        f"the child's safety on record (watching over the child's safety by {watched}; knowing whether the child is safe by {safety})",
    ):  # fmt: skip
        assert waits.count(named) == 1, named
    name = seats.desk.place.catalogue.departments[helper].name_en
    assert re.search(rf"acceptance by those who help: [^;]*{name}[^;]* \(by {accept}\)", waits)
    assert re.search(rf"answers of those who help: [^;]*{name}[^;]* \(by {answer}\)", waits)


def test_what_is_done_is_named_and_asked_for_no_more(seats: Seats) -> None:
    number = taken_in(seats)
    seats.desk.hears(number, "police_notified", "operator", at=seats.desk.now, **RECEIPT)
    assert seats.open_forms(number) == ["summary_written", "safety_recorded"]
    seats.desk.hears(number, "summary_written", "operator", text="托育机构一名老师掐孩子胳膊，请核查并固定证据。")
    seats.desk.hears(number, "safety_recorded", "operator", safety="safe", source="police")
    assert seats.open_forms(number) == []
    for gone in ("mandatory report", "summary for the departments", "safety on record"):
        assert gone not in seats.waits(number)


def test_an_ordinary_case_owes_neither(seats: Seats) -> None:
    number = taken_in(seats, text="学校食堂的饭菜价格能不能公示。", kind="S09")
    assert seats.open_forms(number) == []
    assert seats.waits(number).startswith("Education: acceptance, until ")


def test_a_case_that_is_done_but_for_the_child_asks_for_the_childs_safety(seats: Seats) -> None:
    number = taken_in(seats)
    for unit, leads in seats.desk.departments(number).items():
        if not leads:
            seats.desk.hears(number, "co_replied", unit, text="已到机构看望孩子，孩子由母亲接回家中照看，无新伤。")
    acts = [each.value for each in seats.desk.place.catalogue.kinds["S11"].closing]
    seats.desk.hears(number, "replied", "POLICE", text="已到场调取监控并询问老师，孩子由母亲接回家中照看，老师已停职。", resolved=True, acts=acts)
    seats.desk.hears(number, "police_notified", "operator", at=seats.desk.now, **RECEIPT)
    assert seats.open_forms(number) == ["safety_recorded"]
    known, watched = (due_on(seats.desk.clock(number, each).due_at) for each in (Target.SAFETY_KNOWN, Target.SUPERVISION))
    limits = f"watching over the child's safety by {watched}; knowing whether the child is safe by {known}"
    assert seats.waits(number) == f"that the child is safe, or in the hands of a named case owner ({limits})", "once, and nothing beside it"


def test_an_unsafe_child_is_watched_over_until_the_limit_for_it(seats: Seats) -> None:
    number = taken_in(seats)
    seats.desk.hears(number, "safety_recorded", "operator", safety="unsafe", source="police")
    by = due_on(seats.desk.clock(number, Target.SUPERVISION).due_at)
    assert f"(watching over the child's safety by {by})" in seats.waits(number)
    assert "knowing whether" not in seats.waits(number), "that is known"


def test_a_receipt_that_comes_later_stands_on_top_with_the_hand_over(seats: Seats) -> None:
    number = taken_in(seats)
    assert "Mandatory report to the police:" not in seats.page(number)
    seats.desk.hears(number, "police_notified", "operator", at=seats.desk.now, **RECEIPT)
    top = seats.page(number).partition("Waits for:")[0]
    assert "Mandatory report to the police:" in top and "JQ-1" in top and "By phone, 110" in top


def test_interim_care_alone_keeps_the_form_open_and_the_page_says_why(seats: Seats) -> None:
    number = taken_in(seats)
    seats.desk.hears(number, "safety_recorded", "operator", safety="interim", source="civil_affairs")
    assert "safety_recorded" in seats.open_forms(number)
    assert "interim care alone is not enough to close" in seats.waits(number)
    seats.desk.hears(number, "safety_recorded", "operator", safety="interim", source="case_owner", owner="CIVIL")
    assert "safety_recorded" not in seats.open_forms(number)
    assert "case owner" not in seats.waits(number)


@pytest.mark.parametrize("typed", ["民政", "Civil affairs", "civil"])
def test_a_case_owner_is_chosen_by_name(seats: Seats, typed: str) -> None:
    number = taken_in(seats)
    assert '<option value="Civil affairs">' in seats.page(number)
    assert seats.send(number, "safety_recorded", safety="interim", source="case_owner", owner=typed) == 303
    seats.desk.run_due()
    assert seats.desk.case(number).safety_owner == "CIVIL"


@pytest.mark.parametrize(("typed", "told"), [("民政处", "No unit and no account"), ("nobody", "No unit and no account"), ("", "Name who has the child in care")])
def test_an_owner_nobody_knows_is_refused_with_the_fields_name_and_what_to_do(seats: Seats, typed: str, told: str) -> None:
    number = taken_in(seats)
    sent = {"once": "o" * 20, "safety": "interim", "source": "case_owner", "owner": typed}
    answer = seats.client.post(f"/cases/{number}/say/safety_recorded?lang=en", data=sent, auth=("x", seats.keys[Role.OPERATOR]))
    [alert] = re.findall(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert f">Named case owner (a unit, or the name somebody signs in with): {told}" in alert


def test_a_summary_just_saved_is_not_missed_in_the_same_breath(seats: Seats) -> None:
    number = taken_in(seats)
    assert "no summary to read yet" in seats.page(number)
    assert seats.send(number, "summary_written", text="托育机构一名老师掐孩子胳膊，请核查。") == 303
    page = seats.page(number)
    assert "Write the summary for the departments: recorded, being taken in" in page and "no summary to read yet" not in page
    shown = seats.client.post(f"/cases/{number}/suggestion?purpose=review&lang=en", auth=("x", seats.keys[Role.OPERATOR])).text
    assert "The summary is saved and being taken in." in shown and "/say/summary_written" not in shown


def test_a_draft_that_nobody_reads_yet_says_so(seats: Seats) -> None:
    number = taken_in(seats)
    asked = f"/cases/{number}/suggestion?purpose=review&lang=en"
    assert "Only a draft: departments read nothing" in seats.client.post(asked, auth=("x", seats.keys[Role.OPERATOR])).text
    seats.desk.hears(number, "summary_written", "operator", text="托育机构一名老师掐孩子胳膊，请核查。")
    assert "Only a draft" not in seats.client.post(asked, auth=("x", seats.keys[Role.OPERATOR])).text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("police_notified", {"at": "2026-03-02T09:00", **RECEIPT}),
        ("safety_recorded", {"safety": "unsafe", "source": "police"}),
        ("grade_decided", {"grade": "U2", "reason": "facts_checked"}),
    ],
)  # fmt: skip
def test_what_was_just_recorded_stands_there_as_recorded_and_not_as_a_form(
    seats: Seats, kind: str, fields: dict[str, str]
) -> None:
    number = taken_in(seats)
    asked = f"/say/{kind}?"
    assert asked in seats.page(number, Role.SUPERVISOR)
    assert seats.send(number, kind, Role.SUPERVISOR, **fields) == 303
    page = seats.page(number, Role.SUPERVISOR)
    assert asked not in page and page.count("recorded, being taken in") == 1
    seats.desk.run_due()
    page = seats.page(number, Role.SUPERVISOR)
    assert asked in page and "recorded, being taken in" not in page


def test_a_callback_is_recorded_once(seats: Seats) -> None:
    number = taken_in(seats, text="学校食堂的饭菜价格能不能公示。", kind="S09", reporter=CALLER)
    seats.desk.hears(number, "replied", "EDU", text="已到校核查，食堂自三月起在门口公示每日菜价，并已电话告知家长。", resolved=True)
    assert seats.open_forms(number) == ["called_back"]
    assert seats.send(number, "called_back", reached="false") == 303
    assert seats.open_forms(number) == []
    assert "Record the callback: recorded, being taken in" in seats.page(number)


def test_what_a_department_says_hides_no_form_of_the_house(seats: Seats) -> None:
    number = taken_in(seats)
    seats.desk.say(number, "acknowledged", "POLICE")
    assert "/say/acknowledged?" in seats.page(number)


def test_a_flagged_case_asks_first_for_what_the_law_wants_at_once(seats: Seats) -> None:
    number = taken_in(seats)
    with seats.desk.place.database.writing() as session:
        session.exec(select(Case)).one().flag = Flag.CLOSURE_BLOCKED
    assert seats.open_forms(number, Role.SUPERVISOR) == ["police_notified", "resumed", "summary_written", "safety_recorded"]


def test_one_case_and_many_cases_are_asked_alike_whether_a_summary_is_missing(seats: Seats) -> None:
    number = taken_in(seats)
    for summary in (None, b"x"):
        for by in (MACHINE, "client:1"):
            for grade in (Grade.U1, Grade.U3):
                for harm in (False, True):
                    for guardian in (False, True):
                        with seats.desk.place.database.writing() as session:
                            case = session.exec(select(Case)).one()
                            case.summary_ct, case.summary_by, case.grade, case.harm, case.guardian_suspect = summary, by, grade, harm, guardian
                        with seats.desk.place.database.reading() as session:
                            found = session.exec(select(Case).where(is_unwritten())).first()
                        assert is_summary_missing(seats.desk.case(number)) is (found is not None)
    assert seats.desk.rows(Clock, number)


def test_who_rules_reads_what_was_asked_beside_the_form_and_its_words_on_the_page_of_words(seats: Seats) -> None:
    number = taken_in(seats, text="学校食堂的饭菜价格能不能公示。", kind="S09", reporter=CALLER | {"name": "王小明"})
    seats.desk.hears(number, "acknowledged", "EDU")
    words = "须待现场检查，已告知王小明。"
    seats.desk.hears(number, "extension_asked", "EDU", reason="needs_inspection", days=2, caller_told=True, text=words)
    page = html.unescape(seats.page(number, Role.SUPERVISOR))
    form = page[page.index("/say/extension_decided") :].partition("</form>")[0]
    assert "What was asked:" in form and "Education" in form and "days 2" in form
    assert re.search(r'name="days" value="2"', form), "as many as were asked for, to begin with"
    assert words not in page, "words are a button away, on record"
    opened = seats.client.post(f"/cases/{number}/suggestion?lang=en", auth=("x", seats.keys[Role.SUPERVISOR])).text
    assert "须待现场检查" in opened and "王小明" not in opened, "masked until it is asked for in full"
    seats.desk.hears(number, "extension_decided", "supervisor", granted=False)
    seats.desk.hears(number, "replied", "EDU", text="食堂价格已在公示栏公示，抽查三餐并留存照片，家委会已确认。", resolved=True)
    opened = seats.client.post(f"/cases/{number}/suggestion?lang=en", auth=("x", seats.keys[Role.OPERATOR])).text
    assert opened.index("食堂价格已在公示栏公示") < opened.index("须待现场检查"), "the latest first"


def test_an_objection_to_suspected_harm_waits_for_a_decision_on_its_page_and_the_units(seats: Seats) -> None:
    number = taken_in(seats)
    token = seats.desk.rows_of_lead(number)[0].token
    seats.desk.hears(number, "objected", "POLICE", reason="not_our_duty", evidence="京公110第0034号", suggests="EDU")
    assert seats.desk.case(number).status is not Status.DISPUTED, "harm is not returned"
    assert "objection_decided" in seats.open_forms(number, Role.SUPERVISOR)
    assert "a supervisor's decision whether another unit takes it (by " in seats.waits(number, Role.SUPERVISOR)
    form = html.unescape(seats.page(number, Role.SUPERVISOR)).partition("/say/objection_decided")[2].partition("</form>")[0]
    assert "京公110第0034号" in form and "Education" in form, "what it is about stands beside it"
    order = html.unescape(seats.client.get(f"/o/{token}?lang=en").text)
    assert "Your objection waits for a supervisor" in order
    seats.desk.hears(number, "objection_decided", "supervisor", upheld=False)
    assert "objection_decided" not in seats.open_forms(number, Role.SUPERVISOR)
    assert "waits for a supervisor" not in seats.client.get(f"/o/{token}?lang=en").text


def test_what_a_document_is_called_stays_on_the_pages(seats: Seats) -> None:
    number = taken_in(seats)
    seats.desk.hears(number, "police_notified", "operator", at=seats.desk.now, channel="phone_110", receipt="京公110第0034号")
    assert "京公110第0034号" in seats.page(number)
    with seats.desk.place.database.reading() as session:
        case = session.exec(select(Case)).one()
        told = timeline_markdown(story_of(session, case, seats.desk.place.catalogue, seats.desk.now))
    assert "0034" not in told, "nothing but plain codes goes to Prefect"
