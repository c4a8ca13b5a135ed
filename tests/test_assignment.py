"""Who leads and who helps, and that the unit complained of does neither."""

from pathlib import Path

import pytest
from sqlmodel import select

from catalogue.loader import Catalogue
from models.exchange import Notice
from models.vocabulary import Ask
from tasks.assignment import Dispatch, NoDepartmentError, decide_dispatch
from tasks.casebook import editing, tell
from tasks.intake import IntakeForm, take_in
from tests.harness.desk_on_paper import START
from tests.small_desk import shipped_catalogue, small_desk


@pytest.fixture
def units() -> Catalogue:
    """The catalogue as shipped: S01 is led by EDU with POLICE, HEALTH, PROC and YOUTH."""
    return shipped_catalogue()


@pytest.mark.parametrize(
    ("complained_of", "named", "expected"),
    [
        (None, None, Dispatch("EDU", ("POLICE", "HEALTH", "PROC", "YOUTH"), ())),
        ("EDU", None, Dispatch("PROC", ("POLICE", "HEALTH", "YOUTH"), ("EDU",))),
        ("POLICE", None, Dispatch("EDU", ("HEALTH", "PROC", "YOUTH"), ("POLICE",))),
        ("MARKET", None, Dispatch("EDU", ("POLICE", "HEALTH", "PROC", "YOUTH"), ())),
        (None, "CIVIL", Dispatch("CIVIL", ("POLICE", "HEALTH", "PROC", "YOUTH"), ())),
        (None, "POLICE", Dispatch("POLICE", ("HEALTH", "PROC", "YOUTH"), ())),
        ("HEALTH", "POLICE", Dispatch("POLICE", ("PROC", "YOUTH"), ("HEALTH",))),
    ],
)
def test_lead_and_co_handlers(
    units: Catalogue, complained_of: str | None, named: str | None, expected: Dispatch
) -> None:
    """A unit that a person replaced as lead does not come back as co-handler."""
    assert decide_dispatch("S01", units, complained_of, named) == expected


def test_a_kind_without_lead_needs_a_person_s_word(units: Catalogue) -> None:
    """The machine does not guess."""
    with pytest.raises(NoDepartmentError):
        decide_dispatch("X99", units, None)
    assert decide_dispatch("X99", units, None, "CIVIL") == Dispatch("CIVIL", (), ())


def test_no_kind_ever_goes_to_the_unit_it_complains_of(units: Catalogue) -> None:
    """Every kind with a lead, against every unit of the catalogue."""
    for kind in (code for code, each in units.kinds.items() if each.lead):
        for unit in units.departments:
            plan = decide_dispatch(kind, units, unit)
            held = [plan.lead, *plan.co_handlers]
            assert unit not in held, f"{kind} about {unit}"
            assert len(set(held)) == len(held), f"{kind} about {unit}"


def test_the_unit_complained_of_and_its_chief_are_told_nothing_and_others_once(tmp_path: Path) -> None:
    """Whoever asks for the alert, and however often."""
    place = small_desk(tmp_path / "desk")
    taken = take_in(place, IntakeForm(text="x", complained_of="EDU"), START, actor="client:test")
    for _ in range(2):
        with editing(place, taken.case_id) as (session, case):
            for recipient in ("EDU", "CHIEF:EDU", "POLICE", "CHIEF:POLICE"):
                tell(place, session, case, recipient, Ask.REMINDER, "one-reason", START)
    with place.database.reading() as session:
        assert sorted(session.exec(select(Notice.recipient))) == ["CHIEF:POLICE", "POLICE"]
