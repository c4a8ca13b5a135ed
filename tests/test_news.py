"""Taking news in: who may say what, once, and that a desk without Prefect loses none of it."""

from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import select

from models.case import Case
from models.exchange import Assignment, Inbox
from models.vocabulary import NewsKind, Role, Status
from tasks.news.forms import LEAD_ONLY, NEWS_FORMS, WHO_MAY_SAY, Acknowledged, CoReplied, Objected, Replied
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, check_may_say, post_news
from tasks.receiving.intake import IntakeError, take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.workplace import Workplace
from tests.harness.desk_on_paper import SEATS, START
from tests.small_desk import small_desk

LEAD, HELPER, STRANGER = (Speaker(f"key-{each}", Role.DEPARTMENT, each) for each in ("EDU", "HEALTH", "MARKET"))


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A desk with W-000001, led by EDU with HEALTH."""
    place = small_desk(tmp_path / "desk")
    taken = take_in(place, IntakeForm(text="一句话"), START, actor="client:test")
    with place.database.writing() as session:
        case = session.get_one(Case, 1)
        case.status, case.wake_at = Status.DISPATCHED, START + timedelta(days=1)
        for unit, leads in (("EDU", True), ("HEALTH", False)):
            session.add(Assignment(case_id=taken.case_id, department=unit, leads=leads, assigned_at=START))
    return place


def post(
    place: Workplace, speaker: Speaker, key: str = "k1", at: datetime = START, label: str = "W-000001"
) -> bool:
    return post_news(place, label, NewsKind.ACKNOWLEDGED, Acknowledged(), speaker, key, at).is_new


def the_case(place: Workplace) -> Case:
    with place.database.reading() as session:
        return session.get_one(Case, 1)


def test_news_is_stored_and_the_case_is_due_at_once(place: Workplace) -> None:
    """Before the caller gets an answer."""
    assert post(place, LEAD)
    assert (the_case(place).wake_at, the_case(place).news_count) == (START, 1)


def test_news_said_twice_under_one_key_is_one_piece_of_news(place: Workplace) -> None:
    """The second answer says that it was here before; the case is not woken again."""
    assert post(place, LEAD)
    assert not post(place, LEAD, at=START + timedelta(hours=1))
    assert post(place, LEAD, key="k2")
    with place.database.reading() as session:
        assert [each.news_key for each in session.exec(select(Inbox))] == ["k1", "k2"]
    assert the_case(place).news_count == 2


@pytest.mark.parametrize("label", ["W-000002", "W-", "nonsense", "W-٣", "W-" + "9" * 30, ""])
def test_a_case_that_does_not_exist_is_not_found(place: Workplace, label: str) -> None:
    """Whatever the number looks like."""
    with pytest.raises(CaseNotFoundError):
        post(place, LEAD, label=label)


def test_a_department_without_a_part_cannot_tell_the_case_from_none_at_all(place: Workplace) -> None:
    """The two refusals read alike but for the number."""
    with pytest.raises(CaseNotFoundError) as foreign:
        post(place, STRANGER)
    with pytest.raises(CaseNotFoundError) as absent:
        post(place, STRANGER, label="W-000002")
    assert str(foreign.value).replace("1", "2") == str(absent.value)


def test_a_withdrawn_department_and_the_one_complained_of_are_strangers(place: Workplace) -> None:
    """From that moment on."""
    with place.database.writing() as session:
        session.get_one(Case, 1).complained_of = "EDU"
        session.get_one(Assignment, 2).withdrawn_at = START
    for speaker in (LEAD, HELPER):
        with pytest.raises(CaseNotFoundError):
            post(place, speaker)


@pytest.mark.parametrize(("kind", "role"), list(product(NewsKind, Role)))
def test_only_the_roles_of_the_table_may_say_it(place: Workplace, kind: NewsKind, role: Role) -> None:
    """Every kind of news against every role; a department speaks as the lead or as its helper."""
    speakers = (LEAD, HELPER) if role is Role.DEPARTMENT else (SEATS[role.value],)
    allowed = []
    with place.database.reading() as session:
        for speaker in speakers:
            try:
                check_may_say(session, session.get_one(Case, 1), kind, speaker)
            except NewsNotAllowedError:
                continue
            allowed.append(speaker)
    if role not in WHO_MAY_SAY[kind]:
        assert allowed == []
    elif role is not Role.DEPARTMENT:
        assert allowed == list(speakers)
    elif kind in LEAD_ONLY:
        assert allowed == [LEAD]
    else:
        assert allowed == ([HELPER] if kind is NewsKind.CO_REPLIED else [LEAD, HELPER])


def test_nobody_outside_may_join_facts(place: Workplace) -> None:
    """Only the desk itself says so, when it links two cases."""
    own = {NewsKind.FACTS_JOINED, NewsKind.LINK_DECIDED}
    assert {each for each in NewsKind if not WHO_MAY_SAY[each]} == own


def test_a_sealed_case_takes_no_news(place: Workplace) -> None:
    """Its words can no longer be sealed with its key."""
    with place.database.writing() as session:
        session.get_one(Case, 1).status = Status.SEALED
    with pytest.raises(NewsNotAllowedError):
        post(place, LEAD)


def test_a_form_of_another_kind_is_refused(place: Workplace) -> None:
    """A mistake of our own code, not of the speaker."""
    with pytest.raises(TypeError):
        post_news(place, "W-000001", NewsKind.REPLIED, Acknowledged(), LEAD, "k", START)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Replied, {"text": "孩子的名字", "resolved": "孩子的名字"}),
        (CoReplied, {"text": ""}),
        (Objected, {"reason": "孩子的名字"}),
        (Acknowledged, {"孩子的名字": 1}),
        (PersonForm, {"safe_from": "孩子的名字"}),
        (IntakeForm, {"text": "x", "kind": "孩子的名字"}),
    ],
)
def test_an_error_in_a_form_never_repeats_what_was_said(form: type[Any], said: dict[str, Any]) -> None:
    """Only the names of fields, which are ours."""
    with pytest.raises(ValidationError) as refusal:
        form.model_validate(said)
    assert "input_value" not in str(refusal.value)
    if "孩子的名字" not in said:
        assert "孩子的名字" not in str(refusal.value)


@pytest.mark.parametrize("field", ["complained_of", "kind"])
def test_an_unknown_department_or_kind_is_refused_at_intake(place: Workplace, field: str) -> None:
    """By name of the field, before a case is made."""
    value = {"complained_of": "NOWHERE", "kind": "Z99"}[field]
    with pytest.raises(IntakeError, match=field):
        take_in(place, IntakeForm(text="x", **{field: value}), START, actor="client:test")


def test_every_form_keeps_its_words_apart_from_its_codes() -> None:
    """`text` is the one field that is sealed; every form has it."""
    assert [kind for kind, form in NEWS_FORMS.items() if "text" not in form.model_fields] == []


def test_two_people_who_edit_one_case_do_not_overwrite_each_other(place: Workplace) -> None:
    """The second one to save is told, by the version column."""
    with place.database.reading() as session:
        mine = session.get_one(Case, 1)
    with place.database.writing() as session:
        session.get_one(Case, 1).district = "A"
    with pytest.raises(StaleDataError), place.database.writing() as session:
        mine.district = "B"
        session.add(mine)
    assert the_case(place).district == "A"
