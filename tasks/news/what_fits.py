"""What somebody must hear at once about a field of theirs, because a list or a person says more than its shape."""

from datetime import timedelta

from sqlmodel import Session

from models.case import Case
from models.vocabulary import NewsKind
from tasks.closing.approval import FourEyesError, check_may_approve
from tasks.closing.closure import CASE_OWNER, is_owner
from tasks.news.coded_reasons import LISTED, reasons_for
from tasks.news.forms import ClosingDecided, ExtensionAsked, NewsForm, SafetyRecorded
from tasks.workplace import Workplace


class NewsDoesNotFitError(ValueError):
    """One field cannot stand as it is: which, a code, and what to do about it; never what was sent."""

    def __init__(self, field: str, code: str, problem: str) -> None:
        self.field, self.code, self.problem = field, code, problem
        super().__init__(f"{field}: {problem}")


def check_fits(place: Workplace, session: Session, case: Case, kind: NewsKind, form: NewsForm, actor: str) -> None:
    """Return if the form's fields fit the case, the lists in force and who is there.

    Raises:
        NewsDoesNotFitError: One of them does not.
    """
    if kind in LISTED:
        _check_reason(place, case, kind, form)
    if isinstance(form, ClosingDecided) and form.approved:
        try:
            check_may_approve(session, case, actor)
        except FourEyesError as error:
            raise NewsDoesNotFitError("approved", "four_eyes", str(error)) from None
    if isinstance(form, SafetyRecorded):
        _check_owner(place, session, case, form)


def _check_reason(place: Workplace, case: Case, kind: NewsKind, form: NewsForm) -> None:
    code = getattr(form, "reason", None)
    if code is None and getattr(form, "approved", False):
        return
    listed = {each.code: each for each in reasons_for(place, case, kind)}
    if code not in listed:
        raise NewsDoesNotFitError("reason", "unfit" if code else "missing", f"must be one of {', '.join(listed)}")
    if not isinstance(form, ExtensionAsked):
        return
    if listed[code].needs_evidence and form.evidence is None:
        raise NewsDoesNotFitError("evidence", "evidence", "this reason needs the reference of its evidence")
    _check_days(most_days(place, case), form)
    most = listed[code].most_days
    if most is not None and form.days > most:
        raise NewsDoesNotFitError("days", "too_many_days", f"must be at most {most} for this reason")


def most_days(place: Workplace, case: Case) -> int | None:
    """How many days a case may be given at most, by its rules; None where they are not counted in whole days, or give none."""
    rule = place.rules_for(case).extension_for(case.grade)
    return (rule.limit.length // timedelta(days=1) or None) if rule is not None else None


def _check_days(most: int | None, form: ExtensionAsked) -> None:
    if most is not None and form.days > most:
        raise NewsDoesNotFitError("days", "too_many_days", f"must be at most {most} for this grade")


def _check_owner(place: Workplace, session: Session, case: Case, form: SafetyRecorded) -> None:
    if form.source == CASE_OWNER and form.owner is None:
        raise NewsDoesNotFitError("owner", "missing", "name the unit or the account that has the child in its care")
    if form.owner is not None and not is_owner(place, session, case, form.owner):
        raise NewsDoesNotFitError("owner", "unknown_owner", "is neither a unit of the catalogue nor the account of somebody here")
