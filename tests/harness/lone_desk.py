"""A desk without server and threads: its activations call the tasks' own functions."""

from uuid import UUID

from sqlmodel import col, select

from flows.without_prefect import STEPS
from models.case import Case
from tasks.settling import settle
from tasks.steps import Steps
from tests.harness.desk_on_paper import MOST_ROUNDS, DeskOnPaper


class LoneDesk(DeskOnPaper):
    """Lives whole lives in milliseconds; what Prefect adds is not there."""

    def run_due(self) -> int:
        """Run what is due now; how many activations that took."""
        ran = 0
        while (case_id := self._due()) is not None:
            steps = Steps(case_id, self.now)
            for step in steps:
                STEPS[step].fn(case_id, self.now)
            settle(case_id, steps.news_seen, self.now)
            ran += 1
            assert ran < MOST_ROUNDS, "the desk does not come to rest"
        return ran

    def _due(self) -> UUID | None:
        with self.place.database.reading() as session:
            return session.exec(select(Case.id).where(col(Case.wake_at) <= self.now).limit(1)).first()
