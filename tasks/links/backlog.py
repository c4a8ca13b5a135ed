"""Fingerprints for cases that came in before there were any, or after the sizes of the texts changed."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from models.case import Case
from models.matching import MatchToken
from tasks.casebook import editing
from tasks.links.linking import fingerprint
from tasks.workplace import Workplace


def index_cases(place: Workplace, now: datetime, *, again: bool) -> int:
    """Make the fingerprints of every case within the window that lacks them; proposes nothing.

    One transaction for each case, newest first: it may be stopped at any time and run again.

    Args:
        place: The desk.
        now: Aware time.
        again: Also of cases that have some.

    Returns:
        How many cases were done.
    """
    since = now - timedelta(days=max(place.catalogue.links.window_days, place.catalogue.links.repeat_days))
    wanted = select(Case.id).where(col(Case.received_at) >= since, col(Case.wrapped_key).is_not(None))
    if not again:
        has_some = select(MatchToken.token).where(col(MatchToken.case_number) == col(Case.number)).exists()
        wanted = wanted.where(~has_some)
    with place.database.reading() as session:
        waiting = list(session.exec(wanted.order_by(col(Case.number).desc())))
    for case_id in waiting:
        with editing(place, case_id) as (session, case):
            fingerprint(place, session, case)
    return len(waiting)
