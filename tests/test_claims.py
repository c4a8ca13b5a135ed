"""Leases: a case is held by one worker at a time, and a dead worker's case comes free."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from models.case import CLAIM_RANK, CLAIM_RANKS, Case
from models.claims import claim_due, release, renew
from models.vocabulary import Grade, Status
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.figure_desk import empty_database
from tests.harness.desk_on_paper import START
from tests.small_desk import small_desk
from workers import claiming
from workers.claiming import Claims

MINUTE = timedelta(minutes=1)
Make = Callable[..., UUID]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return small_desk(tmp_path / "desk")


@pytest.fixture
def make(place: Workplace) -> Make:
    """A case that is due at START, with some fields set."""

    def made(**fields: object) -> UUID:
        taken = take_in(place, IntakeForm(text="x"), START, actor="client:test")
        with place.database.writing() as session:
            case = session.get_one(Case, int(taken.label[2:]))
            for name, value in fields.items():
                setattr(case, name, value)
        return taken.case_id

    return made


def claim(place: Workplace, owner: str = "one", *, late: timedelta = timedelta(0), limit: int = 10) -> list[UUID]:
    return claim_due(place.database, owner, START, START + late, MINUTE, limit)


def test_nothing_due_is_nothing_claimed(place: Workplace, make: Make) -> None:
    """A case that sleeps a second longer, and one that sleeps for good."""
    make(wake_at=START + timedelta(seconds=1))
    make(wake_at=None)
    assert claim(place) == []


def test_a_claimed_case_is_nobody_else_s_until_its_lease_ends(place: Workplace, make: Make) -> None:
    """At the very end of the lease it is still held."""
    case_id = make()
    assert claim(place) == [case_id]
    assert claim(place, "two") == claim(place) == []
    assert claim(place, "two", late=MINUTE) == []
    assert claim(place, "two", late=MINUTE + timedelta(seconds=1)) == [case_id]


def test_a_case_given_back_is_due_again_only_if_its_moment_has_come(place: Workplace, make: Make) -> None:
    """News that arrived meanwhile has moved `wake_at` already."""
    case_id = make()
    claim(place)
    release(place.database, "one", case_id)
    assert claim(place, "two") == [case_id]
    with place.database.writing() as session:
        session.get_one(Case, 1).wake_at = START + MINUTE
    release(place.database, "two", case_id)
    assert claim(place) == []


def test_a_renewed_lease_lasts_and_a_stranger_renews_nothing(place: Workplace, make: Make) -> None:
    """Nor does a stranger give it back."""
    case_id = make()
    claim(place)
    renew(place.database, "one", [case_id], START + 3 * MINUTE)
    renew(place.database, "two", [case_id], START + 9 * MINUTE)
    release(place.database, "two", case_id)
    assert claim(place, "two", late=2 * MINUTE) == []
    assert claim(place, "two", late=4 * MINUTE) == [case_id]


def test_a_dead_worker_s_case_comes_free_although_it_sleeps(place: Workplace, make: Make) -> None:
    """It may have been killed in the middle of an activation, after `wake_at` was stored."""
    case_id = make()
    claim(place)
    with place.database.writing() as session:
        session.get_one(Case, 1).wake_at = START + timedelta(days=3)
    assert claim(place, "two", late=2 * MINUTE) == [case_id]


def test_known_emergencies_go_before_ordinary_cases(place: Workplace, make: Make) -> None:
    """And no more than asked for."""
    make(grade=Grade.UC, status="IN_PROGRESS")
    make(grade=Grade.U3, status="IN_PROGRESS")
    grave = make(grade=Grade.U0, status="IN_PROGRESS")
    assert claim(place, limit=1) == [grave]
    assert claim(place, limit=0) == []
    assert len(claim(place)) == 2


def test_emergencies_go_first_then_what_nobody_has_screened_and_an_imported_file_last(place: Workplace, make: Make) -> None:
    """In a flood of new calls a known emergency's clock must not wait for all of them; a file of old messages can."""
    imported = make(import_batch_id=1, grade=Grade.U0, status="IN_PROGRESS")
    ordinary = make(grade=Grade.U2, status="IN_PROGRESS")
    unseen = make(grade=Grade.U3)
    known = make(grade=Grade.U0, status="IN_PROGRESS", wake_at=START - timedelta(seconds=1))
    told = make(danger_now=True)
    assert [claim(place, limit=1)[0] for _ in range(5)] == [known, told, unseen, ordinary, imported]


def test_the_oldest_of_a_rank_goes_first(place: Workplace, make: Make) -> None:
    cases = [make(wake_at=START - timedelta(minutes=each)) for each in (1, 3, 2)]
    assert [claim(place, limit=1)[0] for _ in range(3)] == [cases[1], cases[2], cases[0]]


def test_every_case_has_a_rank_that_workers_look_at(place: Workplace) -> None:
    """Or it would never be claimed: all grades, statuses and doors, and the words of the last migration."""
    told = [
        {"number": number, "id": uuid4().hex, "grade": grade, "status": status, "danger": danger, "batch": batch}
        for number, (grade, status, danger, batch) in enumerate(product(Grade, Status, (False, True), (None, 1)), 1)
    ]
    rank = text(
        f"SELECT {CLAIM_RANK} FROM (SELECT :number AS number, :grade AS grade, :status AS status, :danger AS danger_now, :batch AS import_batch_id)"
    )
    with place.database.reading() as session:
        found = [session.execute(rank, each).scalar_one() for each in told]
    assert set(found) == set(CLAIM_RANKS)
    assert import_module("models.migrations.versions.0018_large_stock").RANK == CLAIM_RANK


def test_a_claim_reads_the_index_and_sorts_no_stock(place: Workplace, make: Make) -> None:
    """Whatever lies asleep or waits in a flood: each rank is searched, none is scanned."""
    make()
    plans: list[str] = []

    @event.listens_for(place.database.engine, "before_cursor_execute")
    def explain(_c: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append("\n".join(row[3] for row in cursor.fetchall()))

    assert claim(place)
    look, wanted = plans
    assert wanted.count("USING INDEX case_claim (<expr>=? AND wake_at<?)") == len(CLAIM_RANKS)
    assert look.count("USING INDEX case_due (wake_at<?)") == 1
    for each in plans:
        assert each.count("SEARCH case USING") == each.count("case USING")
        assert each.count("INDEX case_leased (lease_until<?)") == 1
        assert "SCAN case" not in each


def test_the_same_holds_on_postgresql(postgres_url: str) -> None:
    """Twenty thousand waiting, as many asleep and closed: no plan reads the table; two workers share nothing."""
    database = empty_database(postgres_url)
    columns = ", ".join(f'"{each.name}"' for each in Case.__table__.columns if not each.nullable and each.name not in ("number", "id", "status"))  # type: ignore[attr-defined]
    with database.writing() as session:
        session.add(Case(source="x", received_at=START, wake_at=START))
        session.flush()
        session.execute(
            text(
                f"INSERT INTO \"case\" (id, status, wake_at, {columns}) SELECT gen_random_uuid(), CASE n % 3 WHEN 0 THEN 'RECEIVED' ELSE 'CLOSED' END,"
                f" CASE n % 3 WHEN 0 THEN wake_at WHEN 1 THEN wake_at + interval '9 days' END, {columns} FROM \"case\", generate_series(1, 6000) AS n"
            )
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    plans: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def explain(_c: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            cursor.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    shares = [claim_due(database, each, START, START, MINUTE, 3) for each in ("one", "two")]
    assert [len(each) for each in shares] == [3, 3] and not set(shares[0]) & set(shares[1])
    assert any("case_claim" in each for each in plans)
    assert not [each for each in plans if "Seq Scan on" in each]
    database.close()


def test_workers_that_claim_at_once_share_nothing(place: Workplace, make: Make) -> None:
    """Four of them, eight cases, each case claimed exactly once."""
    cases = {make() for _ in range(8)}
    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(lambda each: claim(place, f"w{each}", limit=3), range(4)))
    claimed = [each for share in shares for each in share]
    assert len(claimed) == len(set(claimed)) == 8
    assert set(claimed) == cases


def test_a_thread_that_is_free_again_does_not_wait_for_the_next_look(
    place: Workplace, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread and two cases: the first one given back ends a rest that would take an hour."""
    make(), make()
    monkeypatch.setattr(claiming, "the_time", lambda: START)
    monkeypatch.setattr(claiming, "real_time", lambda: START)
    monkeypatch.setattr(claiming, "run_one", lambda place, _, owner, case_id: put_to_rest(place, owner, case_id))

    async def work(pool: ThreadPoolExecutor) -> list[int]:
        claims = Claims(place, uuid4(), pool, 1)
        async with asyncio.timeout(30):
            started = [await claims.start_due(10)]
            await claims.rest(3600)
            started.append(await claims.start_due(10))
            await claims.finish()
        return [*started, await claims.start_due(10)]

    with ThreadPoolExecutor(1) as pool:
        assert asyncio.run(work(pool)) == [1, 1, 0]


def put_to_rest(place: Workplace, owner: str, case_id: UUID) -> None:
    """What an activation leaves behind of a case that can only wait."""
    with place.database.writing() as session:
        session.exec(select(Case).where(Case.id == case_id)).one().wake_at = None
    release(place.database, owner, case_id)
