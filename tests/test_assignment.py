"""Who leads and who helps, and that the unit complained of does neither."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from catalogue.loader import Catalogue
from models.exchange import Notice
from models.vocabulary import Ask, Grade, Nature
from tasks.casebook import editing, tell
from tasks.dispatch.assignment import DispatchFacts, NoDepartmentError, decide_dispatch
from tasks.dispatch.dispatch_facts import facts_in
from tasks.dispatch.dispatch_words import TAKEN, WORDS, Considered, Part, Why, why_not
from tasks.dispatch.dispatching import CoHandler, Load
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tests.harness.desk_on_paper import START
from tests.small_desk import shipped_catalogue, small_desk

BULLYING = DispatchFacts("S01")


@pytest.fixture
def units() -> Catalogue:
    """The catalogue as shipped: S01 is led by EDU with POLICE, HEALTH, PROC and YOUTH."""
    return shipped_catalogue()


@pytest.mark.parametrize(
    ("complained_of", "named", "lead", "helping", "kept_out"),
    [
        ((), None, "EDU", ("POLICE", "HEALTH", "PROC", "YOUTH"), ()),
        (("EDU",), None, "PROC", ("POLICE", "HEALTH", "YOUTH"), ("EDU",)),
        (("POLICE",), None, "EDU", ("HEALTH", "PROC", "YOUTH"), ("POLICE",)),
        (("MARKET",), None, "EDU", ("POLICE", "HEALTH", "PROC", "YOUTH"), ()),
        (("EDU", "PROC"), None, "JUSTICE", ("POLICE", "HEALTH", "YOUTH"), ("EDU", "PROC", "PROC")),
        (("SCHOOL",), None, "EDU", ("POLICE", "HEALTH", "PROC", "YOUTH"), ()),
        ((), "CIVIL", "CIVIL", ("POLICE", "HEALTH", "PROC", "YOUTH"), ()),
        ((), "POLICE", "POLICE", ("HEALTH", "PROC", "YOUTH"), ()),
        (("HEALTH",), "POLICE", "POLICE", ("PROC", "YOUTH"), ("HEALTH",)),
    ],
)
def test_lead_and_co_handlers(
    units: Catalogue, complained_of: tuple[str, ...], named: str | None, lead: str,
    helping: tuple[str, ...], kept_out: tuple[str, ...],
) -> None:  # fmt: skip
    """A unit that a person replaced as lead does not come back as co-handler."""
    plan = decide_dispatch(replace(BULLYING, complained_of=complained_of, named_lead=named), units)
    assert (plan.lead, plan.helping) == (lead, helping)
    assert tuple(each.unit for each in plan.passed_over) == kept_out


def test_a_kind_without_lead_needs_a_person_s_word(units: Catalogue) -> None:
    """The machine does not guess."""
    with pytest.raises(NoDepartmentError):
        decide_dispatch(DispatchFacts("X99"), units)
    plan = decide_dispatch(DispatchFacts("X99", named_lead="CIVIL"), units)
    assert (plan.lead, plan.co_handlers, plan.rule_id) == ("CIVIL", (), "named-by-person")


def test_no_kind_ever_goes_to_the_unit_it_complains_of(units: Catalogue) -> None:
    """Every kind with a lead, against every unit of the catalogue, with every fact and a district."""
    every_fact = tuple(each.code for each in units.dispatch.facts)
    for kind in (code for code, each in units.kinds.items() if each.lead):
        for unit in units.departments:
            for heard in ((), every_fact):
                facts = DispatchFacts(kind, district="A", facts=heard, complained_of=(unit,))
                plan = decide_dispatch(facts, units)
                held = [plan.lead, *plan.helping, *([plan.copy.unit] if plan.copy else [])]
                assert unit not in held, f"{kind} about {unit}"
                assert len(set(held)) == len(held), f"{kind} about {unit}"
                assert units.departments[plan.lead].may_lead


def test_when_every_alternative_is_complained_of_too_a_person_decides(units: Catalogue) -> None:
    """EDU gives to PROC, PROC to JUSTICE, JUSTICE back to PROC: there the ring ends."""
    facts = replace(BULLYING, complained_of=("EDU", "PROC", "JUSTICE"))
    with pytest.raises(NoDepartmentError, match="kept away"):
        decide_dispatch(facts, units)


@pytest.mark.parametrize(
    ("kind", "more", "lead", "rule"),
    [
        ("N06", {}, "MARKET", "kind:N06"),
        ("N06", {"facts": ("licence_press",)}, "PRESS", "dispatch:refund-game-licence"),
        ("N06", {"facts": ("licence_culture",)}, "CULTURE", "dispatch:refund-streaming-licence"),
        ("N06", {"facts": ("licence_cyber",)}, "CYBER", "dispatch:refund-information-licence"),
        ("C07", {"facts": ("lottery_welfare",)}, "CIVIL", "kind:C07"),
        ("C07", {"facts": ("lottery_sport",)}, "SPORT", "dispatch:lottery-sport"),
        ("S05", {"child_age": 2}, "HEALTH", "dispatch:under-three-day-care"),
        ("S05", {"child_age": 3}, "EDU", "kind:S05"),
        ("S05", {"child_age": None}, "EDU", "kind:S05"),
        ("S01", {"facts": ("school_technical",)}, "LABOUR", "dispatch:technical-school"),
        ("S08", {"facts": ("training_sport",)}, "SPORT", "dispatch:training-sport"),
        ("S12", {"nature": Nature.REPORT, "facts": ("price_not_shown",)}, "MARKET", "dispatch:fees-reported-as-price-offence"),
        ("S12", {"nature": Nature.COMPLAINT, "facts": ("price_not_shown",)}, "EDU", "kind:S12"),
        ("G09", {"complained_of": ("CIVIL",)}, "PROC", "dispatch:duty-ignored"),
        ("F03", {"complained_of": ("CIVIL", "POLICE")}, "PROC", "dispatch:civil-affairs-in-question"),
    ],
)  # fmt: skip
def test_the_lead_varies_by_a_fact(units: Catalogue, kind: str, more: dict[str, Any], lead: str, rule: str) -> None:
    """Licence, lottery, age, school type, nature: the first rule that fits, else the kind's own lead."""
    plan = decide_dispatch(DispatchFacts(kind, **more), units)
    assert (plan.lead, plan.rule_id) == (lead, rule)


@pytest.mark.parametrize(
    ("text", "ticked", "heard"),
    [
        ("孩子在彩票店买体彩，店主不管", (), ("lottery_sport",)),
        ("店里卖福彩，旁边一家卖体彩", (), ("lottery_welfare",)),
        ("店里卖福彩，旁边一家卖体彩", ("lottery_sport",), ("lottery_sport",)),
        ("他爸在街道上班，没人敢管", (), ("street_tied",)),
        ("我们去街道反映过，没人管", (), ()),
        ("My son lost money at a sports lottery shop", (), ("lottery_sport",)),
        ("", ("licence_press",), ("licence_press",)),
        ("", ("struck_off_long_ago",), ()),
    ],
)
def test_facts_are_heard_in_the_words_or_ticked(
    units: Catalogue, text: str, ticked: tuple[str, ...], heard: tuple[str, ...]
) -> None:
    """Of one group the operator's tick stands, else what is heard first."""
    assert facts_in(text, ticked, units) == heard


def test_every_co_handler_of_every_kind_is_asked_something(units: Catalogue) -> None:
    """Nobody gets an order only to assist."""
    shares = {each.code for each in units.dispatch.shares}
    for kind in (code for code, each in units.kinds.items() if each.lead):
        for each in decide_dispatch(DispatchFacts(kind), units).co_handlers:
            assert each.share in shares, f"{kind}: {each.unit}"


def test_a_share_may_differ_by_kind(units: Catalogue) -> None:
    """MARKET looks for hazards around an open manhole and at prices elsewhere."""
    assert CoHandler("MARKET", "check_safety") in decide_dispatch(DispatchFacts("C17"), units).co_handlers
    assert CoHandler("MARKET", "check_market") in decide_dispatch(DispatchFacts("S12"), units).co_handlers


@pytest.mark.parametrize(
    ("load", "helper"),
    [
        ({}, "YOUTH"),
        ({"YOUTH": Load(3, 0)}, "WOMEN"),
        ({"YOUTH": Load(0, 1), "WOMEN": Load(9, 0)}, "WOMEN"),
        ({"YOUTH": Load(2, 0), "WOMEN": Load(2, 0)}, "YOUTH"),
    ],
)
def test_load_chooses_between_equals(units: Catalogue, load: dict[str, Load], helper: str) -> None:
    """Overdue clocks weigh more than open orders; of equals the first in the catalogue."""
    assert decide_dispatch(DispatchFacts("J01", load=load), units).helping == (helper,)


def test_load_never_takes_an_order_from_the_competent_lead(units: Catalogue) -> None:
    """However much is on its table."""
    assert decide_dispatch(DispatchFacts("J01", load={"JUSTICE": Load(999, 99)}), units).lead == "JUSTICE"


@pytest.mark.parametrize(
    ("deputies", "complained_of", "lead"),
    [
        ({"EDU": "YOUTH"}, (), "YOUTH"),
        ({"EDU": "YOUTH", "YOUTH": "WOMEN"}, (), "WOMEN"),
        ({"EDU": "YOUTH", "YOUTH": "EDU"}, (), "EDU"),
        ({"EDU": "YOUTH"}, ("YOUTH",), "EDU"),
        ({"EDU": "YOUTH"}, ("EDU",), "PROC"),
        ({"PROC": "WOMEN"}, ("EDU",), "WOMEN"),
        ({"EDU": "COMMUNITY"}, (), "EDU"),
    ],
)
def test_the_deputy_of_an_absent_unit_leads(
    units: Catalogue, deputies: dict[str, str], complained_of: tuple[str, ...], lead: str
) -> None:
    """Unless the deputy may not lead or has an interest; then the competent unit keeps its order."""
    facts = replace(BULLYING, deputies=deputies, complained_of=complained_of)
    assert decide_dispatch(facts, units).lead == lead


def test_an_absent_co_handler_s_deputy_helps_once(units: Catalogue) -> None:
    """PROC helps already, so nobody doubles it."""
    plan = decide_dispatch(replace(BULLYING, deputies={"POLICE": "CIVIL", "YOUTH": "PROC"}), units)
    assert plan.helping == ("CIVIL", "HEALTH", "PROC")


@pytest.mark.parametrize(
    ("kind", "more", "copied"),
    [
        ("S12", {}, "order"),
        ("S12", {"district": None}, None),
        ("S12", {"harm": True}, "child"),
        ("S02", {"grade": Grade.U1}, "child"),
        ("F02", {"grade": Grade.U1}, "child"),
        ("F02", {"grade": Grade.U1, "facts": ("street_tied",)}, None),
        ("F02", {"grade": Grade.U1, "complained_of": ("STREET",)}, None),
        ("F01", {"grade": Grade.U1}, None),
        ("C17", {}, None),
    ],
)
def test_what_the_district_hears(units: Catalogue, kind: str, more: dict[str, Any], copied: str | None) -> None:
    """Nothing where it has a part anyway or is tied; about a child only that there is an order."""
    plan = decide_dispatch(DispatchFacts(kind, **({"district": "A"} | more)), units)
    assert (plan.copy.slice if plan.copy else None) == copied


def test_a_copy_about_a_child_names_neither_kind_nor_place(units: Catalogue) -> None:
    """The unit of the place could tell who it is about."""
    by_code = {each.code: each.fields for each in units.dispatch.slices}
    assert by_code["child"] == ("number", "grade", "due_at")


def test_a_tie_told_by_the_caller_keeps_the_street_office_out_altogether(units: Catalogue) -> None:
    """As lead, as co-handler and from the copy."""
    plan = decide_dispatch(DispatchFacts("F09", district="A", facts=("street_tied",)), units)
    assert plan.lead == "CIVIL"
    assert "STREET" not in plan.helping
    assert plan.copy is None
    assert {each.unit for each in plan.passed_over} == {"STREET"}


def test_every_decision_tells_whom_it_thought_of_and_why_not(units: Catalogue) -> None:
    """In codes for the record, and in two languages for people."""
    plan = decide_dispatch(replace(BULLYING, complained_of=("EDU",)), units)
    assert plan.considered == (
        Considered("EDU", Part.LEAD, Why.COMPLAINED_OF),
        Considered("PROC", Part.LEAD, Why.ALTERNATIVE),
        Considered("PROC", Part.HELP, Why.HAS_A_PART),
    )
    zh, en = why_not(plan.considered, units.departments)
    assert zh.startswith("教育系被反映单位，回避")
    assert en.startswith("Education is complained of and keeps out")


def test_every_reason_has_its_words_and_only_some_are_for_a_unit() -> None:
    """A new reason without words would be told as nothing."""
    assert set(WORDS) == set(Why)
    assert TAKEN < set(Why)


def test_the_unit_complained_of_and_its_chief_are_told_nothing_and_others_once(tmp_path: Path) -> None:
    """Whoever asks for the alert, and however often."""
    place = small_desk(tmp_path / "desk")
    form = IntakeForm(text="x", complained_of="EDU", also_complained_of=("STREET",))
    taken = take_in(place, form, START, actor="client:test")
    for _ in range(2):
        with editing(place, taken.case_id) as (session, case):
            for recipient in ("EDU", "CHIEF:EDU", "SCHOOL", "STREET", "COMMUNITY", "POLICE", "CHIEF:POLICE"):
                tell(place, session, case, recipient, Ask.REMINDER, "one-reason", START)
    with place.database.reading() as session:
        assert sorted(session.exec(select(Notice.recipient))) == ["CHIEF:POLICE", "POLICE"]
