"""What stands between a replied case and its end, fact by fact."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from models.exchange import Notice
from models.vocabulary import Ask, ClosingAct, Grade, NoticeState, Safety, Status
from tasks.casebook import editing, tell
from tasks.closing.closure import AtClosing, Missing, what_a_unit_can_mend, what_is_missing
from tasks.closing.ending import close_case
from tasks.closing.reply_quality import Hollow
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import START
from tests.small_desk import small_desk

ORDINARY = AtClosing(
    grade=Grade.U3, harm=False, mandatory_report=False, has_receipt=False, safety=Safety.UNKNOWN, safety_source=None,
    owner_is_there=False,
    hollow=None, silent_co_handlers=0, silent_but_overdue=0,
)  # fmt: skip
HARM = replace(ORDINARY, grade=Grade.U1, harm=True, safety=Safety.SAFE)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (ORDINARY, ()),
        (replace(ORDINARY, hollow=Hollow.ONLY_RECEIVED), (Missing.SUBSTANCE,)),
        (replace(ORDINARY, acts_missing=(ClosingAct.CHILD_SEEN,)), (Missing.ACTS,)),
        (replace(ORDINARY, silent_co_handlers=1), (Missing.CO_HANDLERS,)),
        (replace(ORDINARY, silent_co_handlers=1, silent_but_overdue=1), ()),
        (replace(ORDINARY, silent_co_handlers=2, silent_but_overdue=1), (Missing.CO_HANDLERS,)),
        (replace(ORDINARY, mandatory_report=True), (Missing.POLICE_RECEIPT,)),
        (replace(ORDINARY, mandatory_report=True, has_receipt=True), ()),
        (HARM, ()),
        (replace(HARM, silent_co_handlers=1, silent_but_overdue=1), (Missing.CO_HANDLERS,)),
        (replace(HARM, safety=Safety.UNKNOWN), (Missing.CHILD_SAFE,)),
        (replace(HARM, safety=Safety.UNSAFE), (Missing.CHILD_SAFE,)),
        (replace(HARM, safety=Safety.INTERIM, safety_source="police"), (Missing.CHILD_SAFE,)),
        (replace(HARM, safety=Safety.INTERIM, safety_source="case_owner"), (Missing.CHILD_SAFE,)),
        (replace(HARM, safety=Safety.INTERIM, safety_source="case_owner", owner_is_there=True), ()),
        (replace(HARM, safety=Safety.INTERIM, safety_source="police", owner_is_there=True), (Missing.CHILD_SAFE,)),
        (replace(HARM, harm=False, safety=Safety.UNKNOWN), (Missing.CHILD_SAFE,)),
        (replace(ORDINARY, harm=True), (Missing.CHILD_SAFE,)),
        (replace(HARM, grade=Grade.U0, safety=Safety.UNKNOWN), (Missing.CHILD_SAFE,)),
    ],
)
def test_what_is_missing(facts: AtClosing, missing: tuple[Missing, ...]) -> None:
    """Each condition on both sides of its edge."""
    assert what_is_missing(facts) == missing


def test_everything_can_be_missing_at_once() -> None:
    """And all of it is said."""
    worst = replace(
        HARM, safety=Safety.UNSAFE, mandatory_report=True, hollow=Hollow.EMPTY, acts_missing=(ClosingAct.CHILD_SEEN,), silent_co_handlers=1,
        disagreeing=("chain-unbroken",),
    )  # fmt: skip
    assert what_is_missing(worst) == tuple(Missing)


def test_a_unit_is_told_only_what_another_answer_of_its_own_can_mend() -> None:
    """The child, the police and the co-handlers are the house's to see to."""
    facts = {"missing": [each.value for each in Missing], "hollow": "only_received", "acts": ["child_seen"], "rules": []}
    zh, en = what_a_unit_can_mend(facts)
    assert zh == "反馈没有实质内容，退回重办（只说已收悉）。反馈未写明必须完成的工作，退回重办：已见到儿童本人。"
    assert "received" in en and "the child was seen in person" in en
    assert not any(other in en for other in ("safe", "police", "co-handler", "records"))


def test_closing_drops_reminders_that_wait_and_nothing_else(tmp_path: Path) -> None:
    """One held back by quiet hours must not arrive after the matter is settled; a withdrawal must."""
    place = small_desk(tmp_path / "desk")
    use_workplace(place)
    taken = take_in(place, IntakeForm(text="x"), START, actor="client:test")
    with editing(place, taken.case_id) as (session, case):
        case.status = Status.ANSWERED
        for ask in (Ask.REMINDER, Ask.OVERDUE, Ask.CALL_BACK, Ask.ORDER_WITHDRAWN):
            tell(place, session, case, "EDU", ask, ask, START)
    close_case.fn(taken.case_id, START)
    with place.database.reading() as session:
        state = {each.ask: each.state for each in session.exec(select(Notice))}
    assert state == {
        Ask.REMINDER: NoticeState.SUPERSEDED,
        Ask.OVERDUE: NoticeState.SUPERSEDED,
        Ask.CALL_BACK: NoticeState.SUPERSEDED,
        Ask.ORDER_WITHDRAWN: NoticeState.WAITING,
    }
