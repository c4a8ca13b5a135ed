"""Common issues at the desk: read inside the process, stored once a week, shown without a small count; topics of the month."""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy.exc import DBAPIError
from sqlmodel import func, select

from analysis.candidates.reading import published_candidates
from analysis.issues.issue import Issue
from analysis.issues.publishing import publish
from analysis.issues.reading import published_issues
from analysis.issues.releasing import growth_shown, records_of
from analysis.issues.settings import delivered_settings
from flows.clock import set_clock
from flows.common_issues import find_common_issues
from models.case import Case, Person
from models.common_issues import CommonIssue, IssueCase, IssueRelease, IssueRun
from models.house import BulkReading
from models.proactive import OrderAct
from models.topics import CandidateTopic, Progress, TopicMove
from models.vocabulary import CallType, PersonRole, Role, Status
from tasks.issues import finding, opening
from tasks.issues.finding import find_week
from tasks.issues.opening import names_in, vouched_for
from tasks.issues.ordering import order_about_issue
from tasks.news.inbox import Speaker
from tasks.proactive.answering import Said, say
from tasks.proactive.ticking import due_orders, tick
from tasks.topics.moving import TopicNotFoundError, TopicRefusedError, history_of, move_topic, topics_listed
from tasks.warnings.storing import judge_night
from tests.api_desk import api_desk
from tests.harness.clock_desk import ClockDesk, clock_desk
from tests.harness.prefect_server import PrefectServer
from tests.harness.times import moment
from tests.test_privacy_canary import FLUSHED_SECONDS

PUBLISHING = delivered_settings().publishing
SUPERVISOR = Speaker("lead", Role.SUPERVISOR)
NOW, TODAY = moment("Mon 2026-03-02 01:11"), date(2026, 3, 2)
NAME = "欧阳雪鸮"
OPENINGS = ("孩子说", "多次反映", "昨天又", "上周开始", "家长都在问", "请尽快", "再次反映", "不知道找谁")
CANTEEN = "学校食堂的饭菜不新鲜，学生吃了拉肚子，食堂后厨卫生很差"
NOISE = (
    "公园滑梯坏了", "课后服务收费太高", "校车不按时到站", "网吧放未成年人进去", "小区健身器材松动", "暑假班不退费", "公交站没有雨棚",
    "学区怎么划分", "疫苗接种点在哪", "图书馆周末不开", "游泳馆没有救生员", "手机游戏充值退款", "路口没有红绿灯", "夜市吵得睡不着",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ClockDesk]:
    with clock_desk(tmp_path / "desk") as desk:
        desk.now = NOW
        yield desk


def plant(desk: ClockDesk, text: str, at: datetime, name: str = "", **fields: object) -> None:
    """A case with sealed words, as it lies in the database."""
    with desk.place.database.writing() as session:
        case = Case(source="test", received_at=at, **fields)  # type: ignore[arg-type]
        case.wrapped_key = desk.place.vault.new_case_key(case.id)
        case.text_ct = desk.place.vault.seal(case.id, case.wrapped_key, "case.text", text)
        session.add(case)
        session.flush()
        if name:
            sealed = desk.place.vault.seal(case.id, case.wrapped_key, "person.suspect.name", name)
            session.add(Person(case_id=case.id, role=PersonRole.SUSPECT, name_ct=sealed))


def plant_weeks(desk: ClockDesk, canteen: int = 24, until: datetime = NOW) -> None:
    """Complaints about canteens over some weeks, and about a road, among everything else people say."""
    draw = random.Random(7)
    for number in range(canteen):
        opening_words = OPENINGS[number % len(OPENINGS)]
        text = f"{opening_words}{CANTEEN}，{draw.choice(NOISE)}也没人管，{NAME}负责，第{number}次反映"
        at = until - timedelta(days=2 + number * 35 // canteen, hours=number % 7)
        plant(desk, text, at, NAME, kind="S05", district="D1")
    for number in range(canteen // 2):
        text = f"{OPENINGS[number % len(OPENINGS)]}育才路口货车超速闯红灯，过马路的孩子很危险，需要装隔离护栏{number}"
        plant(desk, text, until - timedelta(days=2 + number), kind="G03", district="D3")
    for number, (words, start) in enumerate(product(NOISE, OPENINGS)):
        plant(desk, f"{start}{words}，希望有关部门尽快处理{number}", until - timedelta(days=3 + number % 60), kind="C05", district="D2")


def count(desk: ClockDesk, table: type) -> int:
    with desk.place.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def records(desk: ClockDesk, as_of: date = TODAY) -> list[dict[str, object]]:
    with desk.place.database.reading() as session:
        return [dict(each) for each in published_issues(session, as_of)]


def test_issues_are_found_stored_and_shown_without_case_name_or_small_count(desk: ClockDesk) -> None:
    plant_weeks(desk)
    week = find_week(desk.place, desk.now)
    assert (week.as_of, week.is_new, week.cases) == (TODAY, True, 36 + len(NOISE) * len(OPENINGS))
    shown = records(desk)
    canteen = next(each for each in shown if each["kind"] == "S05")
    assert set(canteen) == {
        "number", "heat", "topic", "sorts_of_places", "district", "kind", "matters", "weeks", "departments", "owner",
        "owner_reason", "sentence", "growth",
    }  # fmt: skip
    assert (canteen["matters"], canteen["district"], canteen["owner"]) == (20, "D1", desk.place.catalogue.kinds["S05"].lead), "20 or more"
    text = json.dumps(shown, ensure_ascii=False)
    assert not [piece for piece in (NAME, "欧阳", "雪鸮", "阳雪") if piece in text]
    with desk.place.database.reading() as session:
        ids = {str(each) for each in session.exec(select(Case.id))}
        issue = session.get_one(CommonIssue, canteen["number"])
    assert not [each for each in ids if each in text]
    assert issue.matters == 24, "exact, for the house"
    for each in shown:
        assert each["matters"] >= 5  # type: ignore[operator]
        assert all(weekly is None or weekly >= 5 for _, weekly in each["weeks"])  # type: ignore[attr-defined]


def test_the_reading_is_on_record_once_and_a_known_week_is_not_read_again(desk: ClockDesk) -> None:
    plant_weeks(desk, 6)
    find_week(desk.place, desk.now)
    for later in (timedelta(0), timedelta(days=6, hours=22)):
        assert find_week(desk.place, desk.now + later).is_new is False
    with desk.place.database.reading() as session:
        (line,) = session.exec(select(BulkReading))
    assert (line.by, line.purpose, line.cases) == ("flow:common-issues", "analysis", 9 + len(NOISE) * len(OPENINGS))
    assert line.received_from == moment("Mon 2025-09-01 00:00")


@pytest.mark.parametrize("broken", ["_store_cases", "propose_month"])
def test_killed_in_the_middle_nothing_is_stored_and_the_repeat_stores_all(
    desk: ClockDesk, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_weeks(desk, 12)

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(finding, broken, killed)
        with pytest.raises(RuntimeError):
            find_week(desk.place, desk.now)
    assert [count(desk, each) for each in (IssueRun, CommonIssue, IssueCase, IssueRelease, CandidateTopic)] == [0] * 5
    assert find_week(desk.place, desk.now).is_new
    assert count(desk, IssueRun) == 1 and count(desk, CandidateTopic) > 0


def test_sealed_cases_and_calls_without_a_request_are_not_opened_nor_what_came_outside_the_weeks(desk: ClockDesk) -> None:
    at = NOW - timedelta(days=3)
    plant(desk, CANTEEN, at, status=Status.SEALED)
    with desk.place.database.writing() as session:
        session.exec(select(Case)).one().wrapped_key = None
    plant(desk, "无人说话", at, call_type=CallType.SILENT)
    plant(desk, CANTEEN, moment("Mon 2026-03-02 00:00"))
    plant(desk, CANTEEN, moment("Sun 2025-08-31 23:59"))
    plant(desk, CANTEEN, moment("Mon 2025-09-01 00:00"))
    assert find_week(desk.place, desk.now).cases == 1


def test_numbers_hold_from_week_to_week_and_one_that_ended_is_not_given_again(desk: ClockDesk) -> None:
    plant_weeks(desk)
    find_week(desk.place, desk.now)
    first = {each["number"]: each["kind"] for each in records(desk)}
    desk.now += timedelta(weeks=1)
    for number in range(6):
        plant(desk, f"又来反映{CANTEEN}，第{number}回", desk.now - timedelta(days=3, hours=number), kind="S05", district="D1")
    find_week(desk.place, desk.now)
    again = next(each for each in records(desk, date(2026, 3, 9)) if each["kind"] == "S05")
    assert first[again["number"]] == "S05"
    with desk.place.database.reading() as session:
        assert session.get_one(CommonIssue, again["number"]).matters == 30
    desk.now += timedelta(weeks=60)
    plant_weeks(desk, 24, desk.now)
    find_week(desk.place, desk.now)
    newest = next(each for each in records(desk, date(2099, 1, 1)) if each["kind"] == "S05")
    assert newest["number"] not in first
    assert {each["number"] for each in records(desk)} == set(first), "what was released stays as it was"


def test_only_the_names_of_cases_of_described_issues_are_opened(desk: ClockDesk) -> None:
    plant(desk, CANTEEN, NOW, NAME)
    plant(desk, CANTEEN, NOW, "别人")
    with desk.place.database.reading() as session:
        first = session.exec(select(Case.id).where(Case.number == 1)).one()
    assert names_in(desk.place)([str(first)]) == {NAME}


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [("食堂的饭菜不新鲜希望处理", True), ("我家孩子在食堂吃坏了肚子", False), ("请致电13912345678反映情况", False)],
)
def test_a_sentence_is_vouched_for_only_if_the_scrubber_finds_nothing(sentence: str, passes: bool) -> None:
    assert (vouched_for(sentence) == sentence) is passes


# What releases tell together.


START = date(2026, 1, 5)


def issue(weeks: list[int]) -> Issue:
    """As it is found: its weeks end with the last report."""
    last = max(at for at, each in enumerate(weeks) if each)
    mondays = tuple((START + timedelta(weeks=at), each) for at, each in enumerate(weeks[: last + 1]))
    return Issue(
        number="I2026W02-01", heat=0.5, topic=("x",), topic_outside=(), places=(), districts=("D1",), kinds=("S05",), case_ids=(),
        matters=sum(weeks), distinct_texts=1, likes=0, weeks=mondays, growth=None, departments=(), owner="EDU", owner_reason="",
        sentence=None,
    )  # fmt: skip


def releases(weeks: list[int]) -> tuple[object, ...]:
    """What a reader gets week after week while an issue grows."""
    found: list[object] = []
    for upto in range(1, len(weeks) + 1):
        beside = replace(issue([9, 0, 7, 5, 6][:upto]), number="I2026W02-02")
        shown = records_of([issue(weeks[:upto]), beside], delivered_settings(), START + timedelta(weeks=upto))
        found.append(tuple((each["number"], each["heat"], each["matters"], tuple(count for _, count in each["weeks"])) for each in shown))
    return tuple(found)


def exact(weeks: list[int]) -> tuple[object, ...]:
    """The same with what `publish` gives, which is safe alone."""
    shown = (publish([issue(weeks[:upto])], PUBLISHING) for upto in range(1, len(weeks) + 1))
    return tuple((each[0].matters, each[0].weeks) if each else None for each in shown)


def told_for_sure(seen: Callable[[list[int]], tuple[object, ...]], most: int, weeks: int) -> list[tuple[list[int], int]]:
    """Histories and places of which whoever has every release knows a count of one to four exactly."""
    histories: dict[tuple[object, ...], list[list[int]]] = {}
    for history in product(range(most + 1), repeat=weeks):
        if history[0]:
            histories.setdefault(seen(list(history)), []).append(list(history))
    return [
        (fitting[0], at)
        for fitting in histories.values()
        for at in range(weeks)
        if len({each[at] for each in fitting}) == 1 and 0 < fitting[0][at] < 5
    ]


@pytest.mark.parametrize(("most", "weeks"), [(7, 4), (5, 5)])
def test_no_sequence_of_releases_tells_a_small_week(most: int, weeks: int) -> None:
    """Every history, and a reader who knows the rule and has every release, with heat and order beside another issue."""
    assert told_for_sure(releases, most, weeks) == []


def test_heat_and_order_are_worked_out_of_what_is_shown_and_nothing_else() -> None:
    """Likes, likeness and the exact heat of the desk differ; so do the counts that a blank and a step of five hide."""
    alike = [issue([6, 1, 2, 7]), replace(issue([6, 2, 2, 7]), likes=900, distinct_texts=1, heat=0.99)]
    seen = [records_of([each, replace(issue([9, 9]), number="other")], delivered_settings(), START + timedelta(weeks=4)) for each in alike]
    assert seen[0] == seen[1]
    assert [each["number"] for each in seen[0]] == [each["number"] for each in sorted(seen[0], key=lambda one: -one["heat"])]
    assert len({each["heat"] for each in seen[0]}) == 2


def test_the_same_attack_succeeds_against_exact_totals() -> None:
    """So that the test above can fail."""
    assert told_for_sure(exact, 6, 4)


def test_growth_is_told_only_where_every_week_of_it_is_shown() -> None:
    weeks = [(date(2026, 1, 5) + timedelta(weeks=at), value) for at, value in enumerate([5, 5, 5, 5, 10, 10, 10, 10])]
    assert growth_shown(weeks) == 1.0
    assert growth_shown([(weeks[0][0], None), *weeks[1:]]) is None
    assert growth_shown(weeks[1:]) is None


# On the real server.


def test_no_word_leaves_the_process_even_when_finding_fails(
    desk: ClockDesk, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    plant_weeks(desk, 12)
    set_clock(lambda: desk.now)

    def fails(reports: list[object], *_: object) -> None:
        raise ValueError(f"cannot group {reports[0]}")

    try:
        with monkeypatch.context() as patched:
            patched.setattr(finding, "find_issues", fails)
            with pytest.raises(Exception, match="ValueError@") as error:
                find_common_issues()
        assert CANTEEN[:6] not in str(error.value)
        assert find_common_issues().endswith("found now")
        assert find_common_issues().endswith("known")
    finally:
        set_clock()
    time.sleep(FLUSHED_SECONDS)
    with get_client(sync_client=True) as client:
        artifacts = client.request("POST", "/artifacts/filter", json={}).text
    assert '"common-issues"' in artifacts
    printed = capfd.readouterr()
    words = (NAME, CANTEEN[:6], "拉肚子", NOISE[0], "不新鲜")
    for name, text in (("artifacts", artifacts), ("log", caplog.text), ("printed", printed.out + printed.err)):
        assert not [each for each in words if each in text], name
    for file in (*prefect_server.files, *desk.place.settings.home.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            told = [each for each in words if each.encode() in content or each.encode("unicode_escape") in content]
            # A topic word that five others say as well is published, and stands in the case database.
            assert not told or (file.name.startswith("cases.db") and NAME not in told and NOISE[0] not in told), file


# Topics of the month.


def test_the_first_issues_of_a_month_propose_its_topics_and_later_weeks_propose_nothing_more(desk: ClockDesk) -> None:
    plant_weeks(desk)
    find_week(desk.place, desk.now)
    proposed = count(desk, CandidateTopic)
    assert proposed > 0
    desk.now += timedelta(weeks=1)
    find_week(desk.place, desk.now)
    assert count(desk, TopicMove) == proposed
    with desk.place.database.reading() as session:
        shown = published_candidates(session, date(2026, 3, 31))
        assert published_candidates(session, date(2026, 2, 28)) == ()
    top = shown[0]
    assert set(top) == {"number", "topic", "matters", "score", "signs", "owner", "owner_reason", "progress"}
    assert top["matters"] == next(each["matters"] for each in records(desk) if each["number"] == top["number"])
    assert top["progress"] == "PROPOSED"


def test_a_topic_is_chosen_owned_moved_and_its_history_kept(desk: ClockDesk) -> None:
    plant_weeks(desk)
    find_week(desk.place, desk.now)
    with desk.place.database.reading() as session:
        number = topics_listed(session)[0].number
    move_topic(desk.place, number, Progress.CHOSEN, SUPERVISOR, desk.now, owner="MARKET")
    move_topic(desk.place, number, Progress.PLANNED, SUPERVISOR, desk.now)
    for wanted, owner, reason, says in (
        (Progress.DONE, "", "", "it can go to"), (Progress.DROPPED, "", "", "needs a reason"), (None, "SCHOOL", "", "no unit that may lead"),
        (None, "", "", "say where"), (Progress.UNDER_WAY, "", "being_solved", "only dropping"),
    ):  # fmt: skip
        with pytest.raises(TopicRefusedError, match=says):
            move_topic(desk.place, number, wanted, SUPERVISOR, desk.now, owner=owner, reason=reason)
    for role in (Role.OPERATOR, Role.ADMINISTRATOR, Role.DEPARTMENT):
        with pytest.raises(TopicRefusedError, match="supervisors"):
            move_topic(desk.place, number, Progress.UNDER_WAY, Speaker("x", role), desk.now)
    with pytest.raises(TopicNotFoundError):
        move_topic(desk.place, "I1999W01-01", Progress.CHOSEN, SUPERVISOR, desk.now)
    with desk.place.database.reading() as session:
        history = [(each.by, each.old, each.new, each.owner) for each in history_of(session, number)]
        shown = next(each for each in published_candidates(session, date(2026, 3, 1)) if each["number"] == number)
    assert history[1:] == [
        ("client:lead", Progress.PROPOSED, Progress.CHOSEN, "MARKET"), ("client:lead", Progress.CHOSEN, Progress.PLANNED, "MARKET"),
    ]  # fmt: skip
    assert (shown["owner"], shown["progress"], shown["owner_reason"]) == ("MARKET", "PLANNED", "named by a supervisor")
    with pytest.raises(DBAPIError, match="append-only"), desk.place.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM topic_move")


def test_what_people_decided_holds_when_the_next_month_proposes(desk: ClockDesk) -> None:
    plant_weeks(desk)
    find_week(desk.place, desk.now)
    with desk.place.database.reading() as session:
        chosen, dropped = [each.number for each in topics_listed(session)][:2]
    move_topic(desk.place, chosen, Progress.CHOSEN, SUPERVISOR, desk.now, owner="MARKET")
    move_topic(desk.place, dropped, Progress.DROPPED, SUPERVISOR, desk.now, reason="too_wide")
    desk.now = moment("Mon 2026-04-06 01:11")
    find_week(desk.place, desk.now)
    with desk.place.database.reading() as session:
        shown = {each["number"]: each for each in published_candidates(session, date(2026, 4, 6))}
    assert (shown[chosen]["progress"], shown[chosen]["owner"]) == ("CHOSEN", "MARKET")
    assert dropped not in shown


def test_the_door_is_the_only_place_where_a_task_of_issues_opens_words() -> None:
    """A second way to open the words of many cases would be one that nobody looks after."""
    sources = {path.name: path.read_text() for path in Path(opening.__file__).parent.glob("*.py")}
    assert {name for name, text in sources.items() if "vault" in text} == {"opening.py"}


def test_the_week_the_night_and_an_order_are_the_same_on_postgres(tmp_path: Path, postgres_url: str) -> None:
    with api_desk(tmp_path, postgres_url, now=lambda: NOW) as api:
        desk = ClockDesk(api.place, NOW)
        plant_weeks(desk, 12)
        assert find_week(api.place, NOW).is_new
        assert find_week(api.place, NOW + timedelta(weeks=1)).is_new
        assert not find_week(api.place, NOW + timedelta(weeks=1)).is_new
        judge_night(api.place, NOW)
        number = next(str(each["number"]) for each in records(desk) if each["kind"] == "S05")
        order = order_about_issue(api.place, number, SUPERVISOR, NOW)
        said = Said(act=OrderAct.ACCEPTED)
        speaker = Speaker("link:x", Role.DEPARTMENT, order.owner)
        assert [say(api.place, order.id or 0, said, speaker, "once", NOW) for _ in range(2)] == [True, False]
        with api.place.database.reading() as session:
            assert due_orders(session, NOW + timedelta(days=30)) == [(order.id, order.label)]
            number = topics_listed(session)[0].number
        assert tick(api.place, order.id or 0, NOW + timedelta(days=30)).escalated == 1
        move_topic(api.place, number, Progress.CHOSEN, SUPERVISOR, NOW, owner="EDU")
        with pytest.raises(TopicNotFoundError):
            move_topic(api.place, "I\0", Progress.CHOSEN, SUPERVISOR, NOW)
        with pytest.raises(DBAPIError, match="append-only"), api.place.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE proactive_event SET actor = 'x'")
