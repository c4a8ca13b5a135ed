"""Cases that live by the desk's own steps without Prefect around them: what is asked is the steps' work, not their keeping."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from flows.without_prefect import STEPS
from models.case import Case
from notifications.sending import send_due
from tasks.settling import settle
from tasks.steps import Steps
from tasks.workplace import Workplace

MOST_ROUNDS = 30


class NoRestError(RuntimeError):
    """A case is due again as soon as it rests."""


class Stepping:
    """Runs whatever is due, one case after the other."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def run_due(self, now: datetime) -> int:
        """Every case that is due at `now`; how many activations that took."""
        ran = 0
        while due := self._due(now):
            ran += sum(self.run_one(each, now) for each in due)
        return ran

    def run_one(self, case_id: UUID, now: datetime) -> int:
        """One case until it rests.

        Raises:
            NoRestError: It does not.
        """
        for ran in range(MOST_ROUNDS):
            if not self._is_due(case_id, now):
                return ran
            steps = Steps(case_id, now)
            for step in steps:
                STEPS[step].fn(case_id, now)
            settle(case_id, steps.news_seen, now)
        raise NoRestError(f"a case is due again and again at {now.isoformat()}")

    def send_notices(self, now: datetime) -> None:
        """Hand every alert due to its channel."""
        sent = send_due(self._place.database, self._place.channels, now)
        while sent.sent or sent.dead:
            sent = send_due(self._place.database, self._place.channels, now)

    def _due(self, now: datetime) -> list[UUID]:
        with self._place.database.reading() as session:
            return list(
                session.exec(select(Case.id).where(col(Case.wake_at) <= now).order_by(col(Case.number)))
            )

    def _is_due(self, case_id: UUID, now: datetime) -> bool:
        with self._place.database.reading() as session:
            return (
                session.exec(select(Case.id).where(Case.id == case_id, col(Case.wake_at) <= now)).first()
                is not None
            )
