"""Whether somebody calls again and again and says nothing: compared by keyed tokens, never by numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalogue.call_rules import CallSignal, load_calls
from models.case import Case, Person
from models.matching import MatchField, MatchToken
from models.vocabulary import PersonRole
from tasks.links.matching import PURPOSE, Told, tokens_of
from tasks.workplace import Workplace

MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class RepeatedCalls:
    """How many such calls came from one number, and within how many days."""

    calls: int
    within_days: int


def most_within(times: Sequence[datetime], own: datetime, days: int) -> int:
    """The most calls, the own one included, that lie within so many days of each other.

    Args:
        times: When the other calls from the number came.
        own: When this one came.
        days: The length of the window, which may begin at any call.
    """
    window = timedelta(days=days)
    starts = [each for each in (*times, own) if each <= own <= each + window]
    return max(1 + sum(start <= each <= start + window for each in times) for start in starts)


def repeated_calls(place: Workplace, session: Session, case: Case) -> RepeatedCalls | None:
    """The signal that the number of this call gives; None if it is no such call or was not repeated enough.

    A number that the telephone did not show says nothing.

    Raises:
        RuleFileError: The desk's own `calls.yaml` cannot be used.
    """
    if case.call_type is None:
        return None
    rule = load_calls(place.settings.home).signal
    if case.call_type not in rule.types:
        return None
    others = _others(place, session, case, rule)
    calls = most_within(others, case.received_at, rule.within_days)
    return RepeatedCalls(calls, rule.within_days) if calls >= rule.calls else None


def _others(place: Workplace, session: Session, case: Case, rule: CallSignal) -> list[datetime]:
    token = _token_of_number(place, session, case)
    if token is None:
        return []
    window = timedelta(days=rule.within_days)
    wanted = (
        select(Case.received_at)
        .join(MatchToken, col(MatchToken.case_number) == col(Case.number))
        .where(
            MatchToken.token == token,
            MatchToken.field == MatchField.REPORTER_CONTACT,
            col(MatchToken.at).between(case.received_at - window, case.received_at + window),
            col(Case.call_type).in_(rule.types),
            col(Case.number) != case.number,
        )
        .limit(MOST_LOOKED_AT)
    )
    return list(session.exec(wanted))


def _token_of_number(place: Workplace, session: Session, case: Case) -> int | None:
    wanted = select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)
    caller = session.exec(wanted).first()
    if caller is None or caller.contact_ct is None or case.wrapped_key is None:
        return None
    # For this moment only: no person reads it, so no reading is logged.
    number = place.vault.open(case.id, case.wrapped_key, f"person.{PersonRole.REPORTER}.contact", caller.contact_ct)
    tokens = tokens_of(Told(text="", contact=number), place.catalogue.links.text, place.vault.index_key(PURPOSE))
    return next(iter(tokens.get(MatchField.REPORTER_CONTACT, ())), None)
