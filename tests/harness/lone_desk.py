"""A desk without server and threads: its activations call the tasks' own functions."""

from typing import Any
from uuid import UUID

from prefect.tasks import Task
from sqlmodel import col, select

from flows import case as story
from models.case import Case
from models.vocabulary import Step
from tasks.settling import settle
from tasks.steps import Steps
from tests.harness.desk_on_paper import MOST_ROUNDS, DeskOnPaper

TASK_OF: dict[Step, Task[..., Any]] = {
    Step.SCREEN: story.screen_for_danger,
    Step.CLASSIFY: story.classify_request,
    Step.PROPOSE_LINKS: story.propose_links,
    Step.ROUTE: story.route_request,
    Step.ASSIGN: story.assign_departments,
    Step.START_CLOCKS: story.start_clocks,
    Step.REFIT_CLOCKS: story.follow_new_rules,
    Step.NOTIFY: story.notify,
    Step.DIGEST_NEWS: story.digest_news,
    Step.TAKE_DOWN: story.take_down,
    Step.DISPATCH_UNREVIEWED: story.dispatch_unreviewed,
    Step.ESCALATE: story.escalate_what_is_late,
    Step.CHECK_CLOSURE: story.check_closure,
    Step.CALL_BACK: story.ask_for_callback,
    Step.ASK_APPROVAL: story.ask_for_approval,
    Step.CLOSE: story.close_case,
}


class LoneDesk(DeskOnPaper):
    """Lives whole lives in milliseconds; what Prefect adds is not there."""

    def run_due(self) -> int:
        """Run what is due now; how many activations that took."""
        ran = 0
        while (case_id := self._due()) is not None:
            steps = Steps(case_id, self.now)
            for step in steps:
                TASK_OF[step].fn(case_id, self.now)
            settle(case_id, steps.news_seen, self.now)
            ran += 1
            assert ran < MOST_ROUNDS, "the desk does not come to rest"
        return ran

    def _due(self) -> UUID | None:
        with self.place.database.reading() as session:
            return session.exec(select(Case.id).where(col(Case.wake_at) <= self.now).limit(1)).first()
