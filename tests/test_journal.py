"""The journal's chain: whoever alters, cuts or reorders it is found out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models import journal
from models.case import Case
from models.record import Event
from models.vocabulary import EventKind
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace
from tests.harness.desk_on_paper import START
from tests.small_desk import small_desk


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A desk with one case of four journal entries."""
    place = small_desk(tmp_path / "desk")
    take_in(place, IntakeForm(text="一句话"), START, actor="client:test")
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        for number in range(3):
            journal.write(session, case, EventKind.ESCALATED, START, journal.MACHINE, level=number)
    return place


def unlock_table(session: Session) -> None:
    """What somebody with the database in their hands can always do."""
    triggers = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"))
    for name in list(triggers.scalars()):
        session.execute(text(f"DROP TRIGGER {name}"))


def problems(place: Workplace) -> list[str]:
    with place.database.reading() as session:
        return list(journal.broken_chains(session))


def alter_facts(session: Session) -> None:
    session.get_one(Event, 2).facts = {"level": 9}


def alter_actor(session: Session) -> None:
    session.get_one(Event, 3).actor = "client:somebody"


def rehash_one(session: Session) -> None:
    entry = session.get_one(Event, 2)
    entry.facts = {"level": 9}
    entry.digest = journal.digest_of(entry)


def cut_the_end(session: Session) -> None:
    session.delete(session.get_one(Event, 4))


def cut_the_middle(session: Session) -> None:
    session.delete(session.get_one(Event, 2))


def swap_two(session: Session) -> None:
    for statement in ("SET seq = 99 WHERE id = 2", "SET seq = 2 WHERE id = 3", "SET seq = 3 WHERE id = 2"):
        session.execute(text(f"UPDATE event {statement}"))


def add_one_unseen(session: Session) -> None:
    last = session.get_one(Event, 4)
    extra = Event(**{**last.model_dump(exclude={"id"}), "seq": 5, "previous": last.digest, "digest": ""})
    extra.digest = journal.digest_of(extra)
    session.add(extra)


def test_an_untouched_journal_holds_together(place: Workplace) -> None:
    """Nothing to report."""
    assert problems(place) == []


@pytest.mark.parametrize("change", ["UPDATE event SET actor = 'x' WHERE id = 2", "DELETE FROM event WHERE id = 4"])
def test_the_database_itself_refuses_to_change_the_journal(place: Workplace, change: str) -> None:
    """A slip of the desk's own code is stopped before the chain has to tell of it."""
    with pytest.raises(IntegrityError, match="append-only"), place.database.writing() as session:
        session.execute(text(change))
    assert problems(place) == []


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (alter_facts, "entry 2 was altered"),
        (alter_actor, "entry 3 was altered"),
        (rehash_one, "entry 3 was altered"),
        (cut_the_end, "4 entries expected, 3 found"),
        (cut_the_middle, "entry 2 is missing"),
        (swap_two, "entry 2 was altered"),
        (add_one_unseen, "4 entries expected, 5 found"),
    ],
)
def test_tampering_is_found(place: Workplace, tamper: Callable[[Session], None], said: str) -> None:
    """One line, naming the case and the first entry that is wrong."""
    with place.database.writing() as session:
        unlock_table(session)
        tamper(session)
    assert problems(place) == [f"W-000001: {said}"]


def test_an_entry_reads_the_same_after_it_was_stored(place: Workplace) -> None:
    """The digest does not depend on how a database keeps times and JSON."""
    with place.database.reading() as session:
        stored = session.get_one(Event, 1)
        assert journal.digest_of(stored) == stored.digest
        assert [each.seq for each in journal.entries_of(session, stored.case_id)] == [1, 2, 3, 4]
