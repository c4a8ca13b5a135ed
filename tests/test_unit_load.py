"""The page of units: what each has on its table, as the list behind each figure shows it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from desk.boards.needs import Moment
from desk.boards.unit_load import UnitLoad, unit_loads
from models.case import Case
from models.record import Clock
from models.vocabulary import Status, Target
from tasks.dispatch.units import note_absence
from tests.api_desk import NOW, ApiDesk, api_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def order(desk: ApiDesk, unit: str, status: Status = Status.IN_PROGRESS, days: float = 1, leads: bool = True, **fields: object) -> str:
    number = desk.take_in()
    desk.change(number, status=status, received_at=NOW - timedelta(days=days), **fields)
    desk.assign(number, unit, leads=leads)
    return number


def clock(desk: ApiDesk, number: str, due_in: timedelta, stopped_at: datetime | None = None, reason: str | None = None, target: Target = Target.FEEDBACK) -> None:
    with desk.place.database.writing() as session:
        of = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
        session.add(
            Clock(
                case_id=of.id, target=target, started_at=NOW - timedelta(days=40), due_at=NOW + due_in, stopped_at=stopped_at,
                stop_reason=reason, grade=of.grade, rule_id="r", rule_hash="d", calendar_hash="c", reason_zh="因", reason_en="why",
            )
        )  # fmt: skip


def loads(desk: ApiDesk) -> dict[str, UnitLoad]:
    with desk.place.database.reading() as session:
        return unit_loads(session, Moment(NOW, NOW))


def shown(desk: ApiDesk, language: str = "en") -> str:
    answer = desk.client.get(f"/units?lang={language}", headers=desk.headers("supervisor"))
    assert answer.status_code == 200
    return answer.text


def test_ages_are_of_open_orders_that_a_unit_leads(desk: ApiDesk) -> None:
    for days in (1, 2, 9):
        order(desk, "EDU", days=days)
    order(desk, "EDU", Status.CLOSED, days=99)
    order(desk, "EDU", leads=False, days=99)
    found = loads(desk)["EDU"]
    assert (found.open, found.helps, round(found.mean_age, 6), round(found.median_age, 6)) == (3, 1, 4.0, 2.0)


def test_between_the_two_in_the_middle_lies_the_median_and_each_unit_has_its_own(desk: ApiDesk) -> None:
    for unit, days in (("EDU", 1), ("EDU", 2), ("EDU", 9), ("EDU", 10), ("CIVIL", 7)):
        order(desk, unit, days=days)
    found = loads(desk)
    assert [(unit, round(found[unit].median_age, 6), round(found[unit].mean_age, 6)) for unit in ("EDU", "CIVIL")] == [("EDU", 5.5, 5.5), ("CIVIL", 7, 7)]


def test_a_case_with_two_late_clocks_is_one_late_case(desk: ApiDesk) -> None:
    late = order(desk, "EDU")
    clock(desk, late, timedelta(0))
    clock(desk, late, -timedelta(hours=1), target=Target.ACCEPTANCE)
    order(desk, "EDU", Status.CLOSED)
    assert (loads(desk)["EDU"].late, loads(desk)["EDU"].open) == (1, 1)


def test_late_near_disputed_and_rework_are_the_lead_s(desk: ApiDesk) -> None:
    late, near = order(desk, "EDU"), order(desk, "EDU", Status.DISPUTED)
    order(desk, "EDU", rework_count=1)
    clock(desk, late, timedelta(0))
    clock(desk, near, timedelta(hours=1))
    found = loads(desk)["EDU"]
    assert (found.late, found.near, found.disputed, found.rework) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("stopped_days_ago", "due_days_ago", "reason", "counts"),
    [(1, 0, "replied", (1, 1)), (1, 1, "replied", (1, 1)), (1, 2, "replied", (1, 0)), (30, 0, "replied", (0, 0)), (1, 0, "closed", (0, 0))],
)
def test_only_answers_of_the_last_thirty_days_count_and_at_the_due_time_is_in_time(
    desk: ApiDesk, stopped_days_ago: int, due_days_ago: int, reason: str, counts: tuple[int, int]
) -> None:
    number = order(desk, "EDU", Status.REPLIED)
    clock(desk, number, -timedelta(days=due_days_ago), NOW - timedelta(days=stopped_days_ago), reason)
    found = loads(desk).get("EDU", UnitLoad())
    assert (found.replied, found.in_time) == counts


def test_a_unit_without_answers_has_no_share_at_all() -> None:
    assert UnitLoad().share_in_time is None
    assert UnitLoad(replied=4, in_time=3).share_in_time == 0.75


def test_units_stand_by_their_code_and_not_by_a_rank(desk: ApiDesk) -> None:
    for _ in range(3):
        order(desk, "POLICE")
    order(desk, "CIVIL")
    page = shown(desk)
    codes = re.findall(r"<code>([A-Z]+)</code>", page)
    assert codes == sorted(codes)
    assert "not a league table" in page and "国办函〔2025〕66号" in shown(desk, "zh")


def test_each_figure_leads_to_the_cases_behind_it(desk: ApiDesk) -> None:
    late, near, disputed = order(desk, "EDU"), order(desk, "EDU"), order(desk, "EDU", Status.DISPUTED)
    order(desk, "POLICE")
    clock(desk, late, -timedelta(days=1))
    clock(desk, near, timedelta(hours=1))
    links = dict(re.findall(r'href="/cases\?lead=EDU&amp;([a-z]+=\w+)&amp;lang=en">(\d+)<', shown(desk)))
    assert links == {"open=true": "3", "need=late": "1", "need=near": "1", "status=DISPUTED": "1"}
    for query, wanted in (("open=true", {late, near, disputed}), ("need=late", {late}), ("need=near", {near}), ("status=DISPUTED", {disputed})):
        page = desk.client.get(f"/cases?lead=EDU&{query}", headers=desk.headers("supervisor")).text
        assert set(re.findall(r"/\?case=(W-\d+)", page)) == wanted


def test_who_is_away_is_named_with_the_deputy(desk: ApiDesk) -> None:
    with desk.place.database.writing() as session:
        note_absence(desk.place, session, "EDU", "CIVIL", NOW, NOW + timedelta(days=2), "client:x", NOW)
    line = shown(desk).split("EDU</small>")[1].split("</tr>")[0]
    assert "Civil affairs <span" in line and "2026-11-25 12:00" in line
