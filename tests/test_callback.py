"""Whether a reporter may be called back: when in doubt, not."""

import itertools

import pytest

from models.vocabulary import CallbackClass, Nature
from tasks.closing.callback_plan import (
    ALLOWED,
    HOUSEHOLDS_NUMBER,
    NO_CLASS,
    NO_CONSENT,
    NO_CONTACT,
    NO_NEED,
    CallbackPlan,
    Reporter,
    plan_callback,
)

NORMAL, CAREFUL, NEVER = CallbackClass.NORMAL, CallbackClass.REPORTER_ONLY, CallbackClass.NONE
AGREED, NOT_AGREED = Reporter(True, True), Reporter(True, False)
NOBODY, AGREED_NO_NUMBER = Reporter(False, False), Reporter(False, True)


@pytest.mark.parametrize(
    ("callback_class", "guardian_suspect", "reporter", "plan"),
    [
        (NORMAL, False, AGREED, ALLOWED),
        (NORMAL, False, NOT_AGREED, ALLOWED),
        (NORMAL, False, NOBODY, NO_CONTACT),
        (NORMAL, True, NOT_AGREED, NO_CONSENT),
        (NORMAL, True, AGREED, ALLOWED),
        (CAREFUL, False, NOT_AGREED, NO_CONSENT),
        (CAREFUL, False, AGREED, ALLOWED),
        (CAREFUL, True, AGREED_NO_NUMBER, NO_CONTACT),
        (NEVER, False, AGREED, NO_CLASS),
    ],
)
def test_who_may_be_called(
    callback_class: CallbackClass, guardian_suspect: bool, reporter: Reporter, plan: CallbackPlan
) -> None:
    """In a careful class, or with a guardian suspected, only in the way the reporter agreed to."""
    assert plan_callback(callback_class, Nature.COMPLAINT, guardian_suspect, reporter) is plan


@pytest.mark.parametrize("nature", [Nature.SUGGEST, Nature.PRAISE])
def test_opinions_and_praise_have_no_result_to_ask_about(nature: Nature) -> None:
    """Nobody is rung up to be asked whether they are satisfied with their own idea."""
    assert plan_callback(NORMAL, nature, False, AGREED) is NO_NEED


def test_with_a_guardian_suspected_nobody_is_called_without_consent_in_any_combination() -> None:
    """The call could be answered by the very person the child fears."""
    for callback_class, nature in itertools.product(CallbackClass, Nature):
        for reporter in (NOT_AGREED, NOBODY):
            assert not plan_callback(callback_class, nature, True, reporter).allowed


def test_a_household_number_is_never_called_where_a_guardian_may_be_the_offender() -> None:
    """The child's own number rings in the home."""
    childs = Reporter(True, True, contact_is_childs=True)
    assert plan_callback(CAREFUL, Nature.REPORT, True, childs) is HOUSEHOLDS_NUMBER
    assert plan_callback(CAREFUL, Nature.REPORT, False, childs) is ALLOWED, "a child that calls for itself"
