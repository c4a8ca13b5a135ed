"""No wake-up is lost: what is said while a worker looks elsewhere keeps its case due."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.states import Completed
from sqlmodel import select

from models.case import Case
from models.exchange import Notice
from models.vocabulary import Ask, NewsKind, Status
from tasks.news.forms import Reopened, Resumed
from tasks.news.inbox import post_news
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.trouble import REMIND, note_cancelled_run
from tasks.workplace import Workplace, use_workplace
from tests.harness.desk_on_paper import SEATS, START
from tests.small_desk import small_desk
from workers.activation import activate
from workers.tally import Ended


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A desk with W-000001, just taken in."""
    place = small_desk(tmp_path / "desk")
    use_workplace(place)
    take_in(place, IntakeForm(text="x"), START, actor="client:test")
    return place


def the_case(place: Workplace) -> Case:
    with place.database.reading() as session:
        return session.get_one(Case, 1)


def speak(place: Workplace, kind: NewsKind, form: Any) -> None:
    post_news(place, "W-000001", kind, form, SEATS["supervisor"], f"key:{kind}", START)


def client_that(answers: Callable[[], Any]) -> SyncPrefectClient:
    """Prefect, while whose answer is awaited something happens; it knows one run, which is over."""

    def read_flow_run(_run_id: UUID) -> Any:
        answers()
        return SimpleNamespace(id=uuid4(), state=Completed())

    return cast(SyncPrefectClient, SimpleNamespace(read_flow_run=read_flow_run))


@pytest.fixture
def closed(place: Workplace) -> Workplace:
    """Its case is closed, and due all the same: somebody looks whether anything was said."""
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        case.status, case.wake_at, case.run_id = Status.CLOSED, START, uuid4()
    return place


def test_a_closed_case_to_which_nobody_spoke_goes_to_sleep(closed: Workplace) -> None:
    """Its run is over, and there is nothing to do."""
    ended = activate(closed, client_that(lambda: None), uuid4(), the_case(closed).id, START)
    assert (ended, the_case(closed).wake_at) == (Ended.ASLEEP, None)


def test_a_closed_case_that_is_reopened_while_prefect_is_asked_stays_due(closed: Workplace) -> None:
    """Or it would have slept for ever with the reopening unread."""
    reopened = client_that(lambda: speak(closed, NewsKind.REOPENED, Reopened(reason="new_facts")))
    activate(closed, reopened, uuid4(), the_case(closed).id, START)
    assert the_case(closed).wake_at == START


def test_a_cancelled_case_that_was_resumed_a_moment_ago_is_not_put_off(place: Workplace) -> None:
    """The worker looked at the run, somebody resumed, the worker noted the cancelling."""
    speak(place, NewsKind.RESUMED, Resumed())
    note_cancelled_run(place, the_case(place).id, START + timedelta(seconds=1))
    assert the_case(place).wake_at == START + timedelta(seconds=1)


def test_a_cancelled_case_waits_for_a_person(place: Workplace) -> None:
    """Who is told at once."""
    note_cancelled_run(place, the_case(place).id, START)
    assert the_case(place).wake_at == START + REMIND
    with place.database.reading() as session:
        assert [each.ask for each in session.exec(select(Notice)) if each.ask is Ask.FLAGGED] == [Ask.FLAGGED]
