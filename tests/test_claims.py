"""Leases: a case is held by one worker at a time, and a dead worker's case comes free."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from models.case import Case
from models.claims import claim_due, release, renew
from models.vocabulary import Grade
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
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


def test_what_nobody_has_screened_goes_first_and_an_imported_file_last(place: Workplace, make: Make) -> None:
    """A live call may be the gravest of all; a file of old messages can wait."""
    imported = make(import_batch_id=1, grade=Grade.U0, status="IN_PROGRESS")
    known = make(grade=Grade.U0, status="IN_PROGRESS")
    unseen = make(grade=Grade.U3)
    assert [claim(place, limit=1)[0] for _ in range(3)] == [unseen, known, imported]


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
