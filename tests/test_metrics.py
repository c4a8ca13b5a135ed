"""`/metrics`: every figure is the one that the rows say, and no label tells who, where or what."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlmodel import select

from desk.people.keys import make_key
from models.case import Case
from models.checks import CheckRun
from models.exchange import Inbox, Notice
from models.record import Clock
from models.vocabulary import Ask, CheckScope, Flag, Grade, NewsKind, NoticeState, Role, Scope, Status, Target
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.harness.front_door import front_door

CANARY = "金丝雀Quokka13912345678"
PERSON = {"name": CANARY, "contact": CANARY, "identity": CANARY, "address": CANARY, "note": CANARY}
LABELS = {
    "status", "grade", "target", "flag", "route", "method", "door", "outcome", "about", "channel", "task", "passes", "le",
    "code", "rules", "catalogue", "implementation", "major", "minor", "patchlevel", "version", "generation",
}  # fmt: skip
"""Every label there may be: no case, no unit, no person, no district."""
Samples = dict[str, float]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDesk]:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with api_desk(tmp_path) as fresh:
        yield fresh


def figures(desk: ApiDesk) -> Samples:
    """Each sample by name and labels, such as `whistle_cases{grade="U3",status="RECEIVED"}`."""
    answer = desk.get("/metrics", "administrator")
    assert answer.status_code == 200, answer.text
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def case_of(desk: ApiDesk, number: str) -> Case:
    with desk.place.database.reading() as session:
        return session.exec(select(Case).where(Case.number == int(number[2:]))).one()


def clock(case: Case, target: Target, minutes_late: float, *, breached: bool = False, stopped: bool = False) -> Clock:
    due = NOW - timedelta(minutes=minutes_late)
    return Clock(
        case_id=case.id, target=target, started_at=NOW - timedelta(days=1), due_at=due, grade=Grade.U1,
        breached_at=due if breached else None, stopped_at=NOW if stopped else None,
        rule_id="r", rule_hash="h", calendar_hash="c", reason_zh="因", reason_en="why",
    )  # fmt: skip


def notice(state: NoticeState, minutes_ago: float) -> Notice:
    at = NOW - timedelta(minutes=minutes_ago)
    return Notice(case_label="W-000001", dedupe_key=str(uuid4()), recipient="EDU", ask=Ask.ACCEPT_ORDER, grade=Grade.U1, link="x", state=state, created_at=at, next_try_at=at)


def test_an_empty_desk_says_nought_and_not_nothing(desk: ApiDesk) -> None:
    found = figures(desk)
    for name in (
        "whistle_cases_due", "whistle_oldest_due_case_seconds", "whistle_leases_held", "whistle_leases_expired", "whistle_outbox_unsent", "whistle_outbox_due",
        "whistle_outbox_oldest_due_seconds", "whistle_dead_letters", "whistle_inbox_unread", "whistle_inbox_oldest_unread_seconds", "whistle_prefect_up",
        "whistle_clocks_overdue target=acceptance", "whistle_clocks_due target=mandatory_report",
    ):  # fmt: skip
        assert found[name] == 0, name
    assert found["whistle_checks_last_run_timestamp_seconds"] == 0
    assert found["whistle_calendar_left_seconds"] == 38 * 86_400, "Mon 2026-11-23 to 2026-12-31"
    assert found["whistle_disk_free_bytes"] > 0
    assert "whistle_workers_online" not in found, "nobody knows while Prefect is away"


def test_cases_count_by_status_and_grade_and_what_is_due_by_age(desk: ApiDesk) -> None:
    due, held, left, waits = (desk.take_in(text="x") for _ in range(4))
    desk.change(due, status=Status.ACCEPTED, grade=Grade.U1, wake_at=NOW - timedelta(minutes=7))
    desk.change(held, wake_at=NOW - timedelta(hours=2), lease_until=NOW + timedelta(days=3650))
    desk.change(left, wake_at=NOW - timedelta(minutes=2), lease_until=NOW - timedelta(days=1))
    desk.change(waits, wake_at=NOW + timedelta(hours=1), flag=Flag.RUN_CANCELLED)
    found = figures(desk)
    assert found["whistle_cases grade=U1 status=ACCEPTED"] == 1
    assert found["whistle_cases grade=U3 status=RECEIVED"] == 3
    assert (found["whistle_cases_due"], found["whistle_oldest_due_case_seconds"]) == (2, 420)
    assert (found["whistle_leases_held"], found["whistle_leases_expired"]) == (1, 1)
    assert found["whistle_cases_flagged flag=RUN_CANCELLED"] == 1


def test_the_checks_of_our_own_tables_say_when_anything_last_ran_by_the_clock(desk: ApiDesk) -> None:
    """Those of a department's ledger are also started by hand."""
    with desk.place.database.writing() as session:
        for department, hours in (("", 3), ("", 2), ("EDU", 1)):
            session.add(
                CheckRun(
                    scope=CheckScope.HOURLY, department=department, started_at=NOW - timedelta(hours=hours), rules_digest="d", success=True, expectations=1, failed=0,
                )
            )  # fmt: skip
    assert figures(desk)["whistle_checks_last_run_timestamp_seconds"] == (NOW - timedelta(hours=2)).timestamp()


def test_clocks_overdue_are_those_the_desk_has_judged(desk: ApiDesk) -> None:
    case = case_of(desk, desk.take_in(text="x"))
    with desk.place.database.writing() as session:
        session.add(clock(case, Target.ACCEPTANCE, 30, breached=True))
        session.add(clock(case, Target.FEEDBACK, 5))
        session.add(clock(case, Target.CLOSURE, -60))
        session.add(clock(case, Target.REVIEW, 90, breached=True, stopped=True))
    found = figures(desk)
    assert [found[f"whistle_clocks_running target={each}"] for each in ("acceptance", "feedback", "closure", "review")] == [1, 1, 1, 0]
    assert [found[f"whistle_clocks_overdue target={each}"] for each in ("acceptance", "feedback", "closure", "review")] == [1, 0, 0, 0]
    assert found["whistle_clocks_due target=feedback"] == 1
    assert found["whistle_oldest_overdue_clock_seconds target=acceptance"] == 1800


def test_outbox_and_inbox_by_depth_and_age(desk: ApiDesk) -> None:
    case = case_of(desk, desk.take_in(text="x"))
    with desk.place.database.writing() as session:
        for state, minutes in ((NoticeState.WAITING, 10), (NoticeState.SENDING, 3), (NoticeState.WAITING, -60), (NoticeState.DEAD, 99), (NoticeState.SENT, 99)):
            session.add(notice(state, minutes))
        for key, read in (("a", None), ("b", NOW)):
            at = NOW - timedelta(minutes=4)
            session.add(Inbox(case_id=case.id, news_key=key, kind=NewsKind.CONTACTED, actor="c", received_at=at, read_at=read))
    found = figures(desk)
    assert (found["whistle_outbox_unsent"], found["whistle_outbox_due"], found["whistle_outbox_oldest_due_seconds"]) == (3, 2, 600)
    assert found["whistle_dead_letters"] == 1
    assert (found["whistle_inbox_unread"], found["whistle_inbox_oldest_unread_seconds"]) == (1, 240)


def test_requests_count_by_the_pattern_of_their_route_and_intake_once(desk: ApiDesk) -> None:
    token = desk.assign(desk.take_in(text="x"), "EDU")
    before = figures(desk)
    for _ in range(2):
        assert desk.post("/api/v1/cases", {"text": "y"}, key="the-same-key").status_code == 201
    desk.client.get(f"/o/{token}")
    desk.client.get("/nowhere/at/all")
    after = figures(desk)

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more("whistle_cases_taken_in_total door=api") == 1, "a repeated answer took nothing in"
    assert more("whistle_http_requests_total method=POST route=/api/v1/cases status=201") == 2
    assert more("whistle_http_requests_total method=GET route=/o/{token} status=200") == 1
    assert more("whistle_http_requests_total method=GET route=other status=404") == 1
    assert more("whistle_http_request_seconds_count method=GET route=/o/{token}") == 1
    assert not any(token in name for name in after)


@pytest.mark.parametrize("who", ["nobody", "operator", "supervisor", "EDU"])
def test_only_an_administrators_key_with_the_scope_reads_figures(desk: ApiDesk, who: str) -> None:
    headers = {} if who == "nobody" else desk.headers(who)
    answer = desk.client.get("/metrics", headers=headers)
    assert answer.status_code == (401 if who == "nobody" else 403)
    assert "whistle_" not in answer.text


def test_a_key_for_figures_reads_nothing_else(desk: ApiDesk) -> None:
    with desk.place.database.writing() as session:
        desk.keys["watch"] = make_key(session, "watch", Role.ADMINISTRATOR, None, NOW, scopes=[Scope.METRICS_READ])
        desk.keys["blind"] = make_key(session, "blind", Role.ADMINISTRATOR, None, NOW, scopes=[Scope.CASES_READ])
    assert desk.get("/metrics", "watch").status_code == 200
    assert desk.get("/metrics", "blind").status_code == 403
    assert desk.get("/api/v1/cases", "watch").status_code == 403
    assert desk.get("/", "watch").status_code in {401, 403}


def test_figures_hold_no_word_no_case_and_no_label_that_could(desk: ApiDesk) -> None:
    number = desk.take_in(text=CANARY, answer=CANARY, reporter=PERSON, child=PERSON, suspect=PERSON)
    token = desk.assign(number, "EDU")
    for path in (f"/{CANARY}", f"/cases/{number}/{CANARY}", f"/o/{CANARY}", f"/o/{token}?q={CANARY}"):
        desk.client.get(path)
    desk.client.request(CANARY.encode("ascii", "ignore").decode(), "/")
    told = desk.get("/metrics", "administrator").text
    for word in ("金丝雀", "Quokka", "13912345678", number, token, "EDU", str(case_of(desk, number).id)):
        assert word not in told, word
    assert set(re.findall(r'[{,](\w+)="', told)) <= LABELS


def test_a_database_that_fails_while_it_is_counted_is_a_bare_503(desk: ApiDesk) -> None:
    with desk.place.database.writing() as session:
        session.execute(text("DROP TABLE notice"))
    with front_door(desk.place, lambda: NOW, raise_server_exceptions=False) as client:
        answer = client.get("/metrics", headers=desk.headers("administrator"))
    assert (answer.status_code, answer.text) == (503, "")


def test_what_processes_count_is_declared_once() -> None:
    names = [family.name for family in REGISTRY.collect()]
    assert len(names) == len(set(names))


def test_postgresql_counts_the_same(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with api_desk(tmp_path, postgres_url) as desk:
        number = desk.take_in(text="x")
        case = case_of(desk, number)
        desk.change(number, wake_at=NOW - timedelta(minutes=7), lease_until=NOW - timedelta(days=1), flag=Flag.RUN_CANCELLED)
        with desk.place.database.writing() as session:
            session.add(clock(case, Target.ACCEPTANCE, 30, breached=True))
            session.add(notice(NoticeState.WAITING, 10))
            session.add(Inbox(case_id=case.id, news_key="a", kind=NewsKind.CONTACTED, actor="c", received_at=NOW - timedelta(minutes=4)))
        found = figures(desk)
    wanted = {
        "whistle_cases grade=U3 status=RECEIVED": 1, "whistle_cases_due": 1, "whistle_oldest_due_case_seconds": 420, "whistle_leases_expired": 1,
        "whistle_cases_flagged flag=RUN_CANCELLED": 1, "whistle_clocks_overdue target=acceptance": 1, "whistle_oldest_overdue_clock_seconds target=acceptance": 1800,
        "whistle_outbox_due": 1, "whistle_outbox_oldest_due_seconds": 600, "whistle_inbox_unread": 1, "whistle_inbox_oldest_unread_seconds": 240,
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
