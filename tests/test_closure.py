"""What stands between a replied case and its end, fact by fact."""

from dataclasses import replace

import pytest

from models.vocabulary import Grade, Safety
from tasks.closure import FEWEST_WORDS, AtClosing, Missing, what_is_missing

ORDINARY = AtClosing(
    grade=Grade.U3, harm=False, mandatory_report=False, has_receipt=False, safety=Safety.UNKNOWN, safety_source=None,
    reply_length=FEWEST_WORDS, silent_co_handlers=0, silent_but_overdue=0,
)  # fmt: skip
HARM = replace(ORDINARY, grade=Grade.U1, harm=True, safety=Safety.SAFE)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (ORDINARY, ()),
        (replace(ORDINARY, reply_length=FEWEST_WORDS - 1), (Missing.SUBSTANCE,)),
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
        (replace(HARM, safety=Safety.INTERIM, safety_source="case_owner"), ()),
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
        HARM, safety=Safety.UNSAFE, mandatory_report=True, reply_length=0, silent_co_handlers=1
    )
    assert what_is_missing(worst) == tuple(Missing)
