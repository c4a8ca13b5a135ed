"""Units: what they have on their table, who is away, who stands in, and copies for the place."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from desk.cli.app import app
from models.assigning import DistrictCopy
from models.case import Case
from models.exchange import Assignment, Notice
from models.vocabulary import Ask, NewsKind, Role, Status
from tasks.classifying.first_look import classify_request, screen_for_danger
from tasks.dispatch.assignment import assign_departments
from tasks.dispatch.dispatching import Load
from tasks.dispatch.routing import route_request
from tasks.dispatch.units import (
    AbsenceNotPossibleError,
    UnitNotFoundError,
    absences_from,
    at_work,
    load_of,
    note_absence,
    note_back,
)
from tasks.news.forms import NEWS_FORMS
from tasks.news.inbox import CaseNotFoundError, Speaker, part_of, post_news
from tasks.workplace import use_workplace
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.harness.clock_desk import ClockDesk, clock_desk

CALLER = {"contact": "1", "may_call_back": True}
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path / "api") as desk:
        yield desk


def away(desk: ClockDesk, unit: str, deputy: str, hours: int | None = None) -> None:
    with desk.place.database.writing() as session:
        ends = desk.now + hours * HOUR if hours else None
        note_absence(desk.place, session, unit, deputy, desk.now, ends, "client:test", desk.now)


def back(desk: ClockDesk, unit: str) -> None:
    with desk.place.database.writing() as session:
        note_back(desk.place, session, unit, "client:test", desk.now)


def speaker(desk: ClockDesk, unit: str) -> Speaker:
    with desk.place.database.reading() as session:
        return at_work(session, Speaker("key", Role.DEPARTMENT, unit), desk.now)


def say_as(desk: ClockDesk, label: str, kind: NewsKind, who: Speaker) -> None:
    post_news(desk.place, label, kind, NEWS_FORMS[kind](), who, f"said-as-{kind}", desk.now)


def test_the_deputy_gets_new_orders_until_the_unit_is_back(desk: ClockDesk) -> None:
    away(desk, "EDU", "YOUTH")
    first = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    back(desk, "EDU")
    second = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    assert (desk.departments(first), desk.departments(second)) == ({"YOUTH": True}, {"EDU": True})


def test_an_absence_ends_at_its_end(desk: ClockDesk) -> None:
    away(desk, "EDU", "YOUTH", hours=2)
    desk.jump(desk.now + 2 * HOUR)
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    assert desk.departments(label) == {"EDU": True}


def test_the_deputy_hears_of_open_orders_and_of_every_later_alert_with_the_unit_s_own_link(desk: ClockDesk) -> None:
    """Beside the unit and not instead of it."""
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    away(desk, "EDU", "YOUTH")
    desk.advance(desk.now + 30 * HOUR)
    (held,) = desk.rows(Assignment, label)
    told = [(each.recipient, each.ask) for each in desk.rows(Notice, label)]
    assert ("YOUTH", Ask.ACCEPT_ORDER) in told
    later = {ask for unit, ask in told if unit == "EDU"} - {Ask.ACCEPT_ORDER}
    assert later
    assert later <= {ask for unit, ask in told if unit == "YOUTH"}
    links = {each.link for each in desk.rows(Notice, label) if each.recipient == "YOUTH"}
    assert links == {f"{desk.place.settings.link_base}/o/{held.token}"}


def test_the_deputy_answers_for_the_absent_unit_and_no_longer_once_it_is_back(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    away(desk, "EDU", "YOUTH")
    deputy = speaker(desk, "YOUTH")
    assert deputy.stands_for == ("EDU",)
    say_as(desk, label, NewsKind.ACKNOWLEDGED, deputy)
    desk.run_due()
    (held,) = desk.rows(Assignment, label)
    assert (held.department, held.accepted_at, desk.case(label).status) == ("EDU", desk.now, Status.ACCEPTED)
    back(desk, "EDU")
    with pytest.raises(CaseNotFoundError):
        say_as(desk, label, NewsKind.CONTACTED, speaker(desk, "YOUTH"))


def test_a_deputy_with_a_conflict_of_interest_hears_and_sees_nothing(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", also_complained_of=("YOUTH",), reporter=CALLER)
    desk.run_due()
    away(desk, "EDU", "YOUTH")
    desk.advance(desk.now + 30 * HOUR)
    assert "YOUTH" not in {each.recipient for each in desk.rows(Notice, label)}
    with desk.place.database.reading() as session:
        assert part_of(session, desk.case(label), speaker(desk, "YOUTH")) is None


def test_a_whistle_for_an_absent_unit_calls_its_deputy(desk: ClockDesk) -> None:
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    away(desk, "HEALTH", "WOMEN")
    desk.hears(label, "help_asked", "EDU", department="HEALTH")
    assert desk.departments(label) == {"EDU": True, "WOMEN": False}


def test_load_is_what_is_not_answered_and_what_is_late(desk: ClockDesk) -> None:
    labels = [desk.take_in(kind="S09", reporter=CALLER) for _ in range(3)]
    desk.run_due()
    desk.hears(labels[0], "replied", "EDU", text="已核实并整改完毕，已向来电人反馈说明情况。", resolved=True)
    with desk.place.database.reading() as session:
        assert load_of(session, desk.now) == {"EDU": Load(2, 0)}
        later = load_of(session, desk.now + timedelta(days=60))["EDU"]
    assert later.open_orders == 2
    assert later.overdue > 2


@pytest.mark.parametrize(
    ("kind", "told", "lead", "facts"),
    [
        ("C07", {"dispatch_facts": ["lottery_sport"]}, "SPORT", ["lottery_sport"]),
        ("C07", {"text": "店里卖体彩给小学生"}, "SPORT", ["lottery_sport"]),
        ("C07", {"text": "店里卖福彩给小学生"}, "CIVIL", ["lottery_welfare"]),
        ("N06", {"dispatch_facts": "licence_culture"}, "CULTURE", ["licence_culture"]),
        ("S05", {"child_age": 2}, "HEALTH", []),
    ],
)
def test_a_fact_told_or_ticked_decides_the_lead_through_the_whole_story(
    desk: ClockDesk, kind: str, told: dict[str, object], lead: str, facts: list[str]
) -> None:
    """And is kept with the case as codes."""
    label = desk.take_in(kind=kind, reporter=CALLER, **told)
    desk.run_due()
    assert desk.departments(label)[lead]
    assert desk.case(label).dispatch_facts == facts


@pytest.mark.parametrize(
    ("unit", "deputy", "error"),
    [
        ("EDU", "EDU", AbsenceNotPossibleError),
        ("EDU", "COMMUNITY", AbsenceNotPossibleError),
        ("EDU", "SCHOOL", AbsenceNotPossibleError),
        ("EDU", "NOWHERE", UnitNotFoundError),
        ("NOWHERE", "EDU", UnitNotFoundError),
        ("CIVIL", "STREET", AbsenceNotPossibleError),
    ],
)
def test_who_cannot_stand_in(desk: ClockDesk, unit: str, deputy: str, error: type[Exception]) -> None:
    """Nor can a unit be away twice at once."""
    away(desk, "CIVIL", "WOMEN")
    with pytest.raises(error):
        away(desk, unit, deputy)


def test_an_absence_noted_for_later_can_be_called_off(desk: ClockDesk) -> None:
    with desk.place.database.writing() as session:
        begins = desk.now + 5 * HOUR
        note_absence(desk.place, session, "EDU", "YOUTH", begins, None, "client:test", desk.now)
        assert [each.unit for each in absences_from(session, desk.now)] == ["EDU"]
    back(desk, "EDU")
    desk.jump(desk.now + 6 * HOUR)
    label = desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    assert desk.departments(label) == {"EDU": True}
    with pytest.raises(AbsenceNotPossibleError):
        back(desk, "EDU")


def test_the_command_line_shows_notes_and_ends_absences(
    desk: ClockDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, and one line, for what cannot be done."""
    monkeypatch.setenv("WHISTLE_HOME", str(desk.place.settings.home))
    desk.take_in(kind="S09", reporter=CALLER)
    desk.run_due()
    runner = CliRunner()
    told = runner.invoke(app, ["units", "absent", "EDU", "--deputy", "YOUTH", "--until", "2099-01-01 09:00"])
    assert told.exit_code == 0, told.output
    shown = runner.invoke(app, ["units", "show", "--lang", "en"]).output
    assert "EDU\tEducation\tyes\t1\t" in shown
    assert "EDU\tYOUTH\t" in shown
    assert runner.invoke(app, ["units", "absent", "EDU", "--deputy", "WOMEN"]).exit_code == 1
    assert runner.invoke(app, ["units", "absent", "HEALTH", "--deputy", "WOMEN", "--until", "tomorrow"]).exit_code == 1
    assert "absences ended: 1" in runner.invoke(app, ["units", "back", "EDU"]).output
    assert runner.invoke(app, ["units", "back", "EDU"]).exit_code == 1


def test_the_api_shows_notes_and_ends_absences(api: ApiDesk) -> None:
    number = api.take_in(kind="S09")
    api.assign(number, "EDU")
    made = api.post("/api/v1/units/EDU/absences", {"deputy": "CIVIL"}, who="supervisor")
    assert made.status_code == 201, made.text
    rows = {each["code"]: each for each in api.get("/api/v1/units").json()["units"]}
    assert (rows["EDU"]["deputy"], rows["EDU"]["open_orders"], rows["CIVIL"]["deputy"]) == ("CIVIL", 1, None)
    assert "SCHOOL" not in rows
    assert api.get(f"/api/v1/cases/{number}", who="CIVIL").json()["assignments"][0]["department"] == "EDU"
    listed = api.get("/api/v1/cases", who="CIVIL", params={"department": "EDU"}).json()["cases"]
    assert [each["number"] for each in listed] == [number]
    again = api.post("/api/v1/units/EDU/absences", {"deputy": "CIVIL"}, who="supervisor")
    assert (again.status_code, again.json()["error"]) == (409, "absence_not_possible")
    assert api.post("/api/v1/units/EDU/back", None, who="supervisor").json() == {"unit": "EDU", "ended": 1}
    assert api.get(f"/api/v1/cases/{number}", who="CIVIL").status_code == 404
    assert api.get("/api/v1/cases", who="CIVIL", params={"department": "EDU"}).status_code == 403


def test_the_page_of_units_is_for_the_house(api: ApiDesk) -> None:
    api.post("/api/v1/units/EDU/absences", {"deputy": "CIVIL"}, who="supervisor")
    page = api.get("/units", params={"lang": "en"}).text
    assert "Education <small>EDU</small>" in page
    assert "Civil affairs" in page.split("EDU</small>")[1].split("</tr>")[0]
    assert api.get("/units", who="EDU").status_code == 403
    assert api.client.get("/units").status_code == 401


def copied(api: ApiDesk, slice_: str, **fields: object) -> tuple[str, str]:
    number = api.take_in(kind="S12", district="DEMO-A", **fields)
    with api.place.database.writing() as session:
        case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        copy = DistrictCopy(case_id=case.id, unit="CIVIL", round=1, slice=slice_, at=NOW)
        session.add(copy)
        return number, copy.token


def test_a_copy_holds_its_slice_and_nothing_else(api: ApiDesk) -> None:
    """For a child's case neither kind nor place; and no other unit gets it."""
    number, token = copied(api, "child")
    (mine,) = api.get("/api/v1/copies", who="CIVIL").json()["copies"]
    assert mine == {"number": number, "grade": "U3", "due_at": None}
    assert api.get("/api/v1/copies", who="EDU").json()["copies"] == []
    page = api.client.get(f"/c/{token}").text
    assert number in page
    assert "DEMO-A" not in page
    assert api.get(f"/api/v1/cases/{number}", who="CIVIL").status_code == 404


def test_a_copy_shows_nothing_to_a_unit_the_case_is_kept_from(api: ApiDesk) -> None:
    number, token = copied(api, "order")
    assert "DEMO-A" in api.client.get(f"/c/{token}").text
    api.change(number, kept_from=["CIVIL"])
    assert api.client.get(f"/c/{token}").status_code == 404
    assert api.get("/api/v1/copies", who="CIVIL").json()["copies"] == []


def test_the_district_gets_its_copy_through_the_story_of_a_case(desk: ClockDesk) -> None:
    """With an alert whose link leads to it, anew for each round."""
    label = desk.take_in(kind="S12", district="DEMO-A", reporter=CALLER)
    desk.run_due()
    (copy,) = desk.rows(DistrictCopy, label)
    assert (copy.unit, copy.slice) == ("STREET", "order")
    (told,) = [each for each in desk.rows(Notice, label) if each.recipient == "STREET"]
    assert (told.ask, told.link) == (Ask.READ_COPY, f"{desk.place.settings.link_base}/c/{copy.token}")
    assert "STREET" not in desk.departments(label)
    desk.hears(label, "conflict_found", "operator", units=["STREET"])
    assert desk.rows(DistrictCopy, label)[0].withdrawn_at == desk.now


def test_the_case_page_and_the_api_tell_whom_the_dispatch_thought_of(api: ApiDesk) -> None:
    """To the house; a department hears nothing of it."""
    number = api.take_in(kind="S03", complained_of="EDU")
    use_workplace(api.place)
    case_id = UUID(api.get("/api/v1/cases").json()["cases"][0]["id"])
    for task in (screen_for_danger, classify_request, route_request, assign_departments):
        task.fn(case_id, NOW)
    told = api.get(f"/api/v1/cases/{number}").json()["decisions"]
    (considered,) = [each["considered"] for each in told if each["considered"]]
    assert [(each["unit"], each["part"], each["why"], each["taken"]) for each in considered] == [
        ("EDU", "lead", "complained_of", False),
        ("PROC", "lead", "alternative", True),
    ]
    page = api.get("/", params={"case": number, "lang": "zh"}).text
    assert "教育系被反映单位，回避" in page
    assert "检察目录指定的替代单位" in page
    shares = {each["department"]: each["share"] for each in api.get(f"/api/v1/cases/{number}").json()["assignments"]}
    assert shares == {"PROC": "", "POLICE": "protect_and_investigate", "HEALTH": "treat_and_assess"}
    assert api.get(f"/api/v1/cases/{number}", who="POLICE").json()["decisions"] == []
