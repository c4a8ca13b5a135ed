"""What cannot wait does not wait for Prefect: the steps of a case as plain calls, while no flow run can carry them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from prefect.tasks import Task

from models.case import Case
from models.vocabulary import Status, Step
from tasks.casebook import case_of
from tasks.classifying.first_look import classify_request, screen_for_danger
from tasks.classifying.reviewing import dispatch_unreviewed
from tasks.clocks.running import follow_new_rules
from tasks.clocks.starts import start_clocks
from tasks.closing.approval import ask_for_approval
from tasks.closing.callback import ask_for_callback
from tasks.closing.closure import check_closure
from tasks.closing.ending import close_case, take_down
from tasks.dispatch.assignment import assign_departments
from tasks.dispatch.routing import route_request
from tasks.escalation.levels import escalate_what_is_late
from tasks.links.linking import propose_links
from tasks.news.digestion import digest_news
from tasks.notifying import notify
from tasks.steps import Steps
from tasks.workplace import Workplace

STEPS: dict[Step, Task[..., Any]] = {
    Step.SCREEN: screen_for_danger,
    Step.CLASSIFY: classify_request,
    Step.PROPOSE_LINKS: propose_links,
    Step.ROUTE: route_request,
    Step.ASSIGN: assign_departments,
    Step.START_CLOCKS: start_clocks,
    Step.REFIT_CLOCKS: follow_new_rules,
    Step.NOTIFY: notify,
    Step.DIGEST_NEWS: digest_news,
    Step.TAKE_DOWN: take_down,
    Step.DISPATCH_UNREVIEWED: dispatch_unreviewed,
    Step.ESCALATE: escalate_what_is_late,
    Step.CHECK_CLOSURE: check_closure,
    Step.CALL_BACK: ask_for_callback,
    Step.ASK_APPROVAL: ask_for_approval,
    Step.CLOSE: close_case,
}
"""The task behind each step; every task may be repeated, with or without a flow run around it."""


def cannot_wait(case: Case) -> bool:
    """Danger or suspected harm, and what nobody has screened yet: it may tell of either."""
    return case.status is Status.RECEIVED or case.is_grave


def do_what_cannot_wait(place: Workplace, case_id: UUID, now: datetime) -> bool:
    """Take a held case's steps, if it is one that cannot wait; whether it was.

    The case stays due: once Prefect answers, its flow run is made or goes on, and shows where it stands. Doing the
    steps again until then changes nothing.

    Raises:
        CaseTaskError: A step failed; what was done before it is kept.
    """
    with place.database.reading() as session:
        if not cannot_wait(case_of(session, case_id)):
            return False
    for step in Steps(case_id, now):
        STEPS[step].fn(case_id, now)
    return True
