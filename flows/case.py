"""The life of a case, as one Prefect flow run from its receipt to its closing."""

from uuid import UUID

from prefect import flow

from flows.clock import the_time
from flows.parking import RESULTS, only_codes, park, show_timeline
from models.vocabulary import Step
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
from tasks.settling import settle
from tasks.steps import Steps


@flow(name="case", retries=0, persist_result=False, result_storage=RESULTS)
def handle_case(case_id: UUID) -> str:  # noqa: C901 - a table of contents: every branch is one call
    """Do whatever the case needs now, one step at a time, then wait for news or end.

    One flow run carries the case for life. It stops at `park` and begins again at its first line
    when a department answers, a person decides, or a clock runs out; nothing is replayed, because
    every step looks at the case itself and does only what has not been done.
    """
    now = the_time()
    with only_codes():
        steps = Steps(case_id, now)
        for step in steps:
            match step:
                case Step.SCREEN:
                    screen_for_danger(case_id, now)
                case Step.CLASSIFY:
                    classify_request(case_id, now)
                case Step.PROPOSE_LINKS:
                    propose_links(case_id, now)
                case Step.ROUTE:
                    route_request(case_id, now)
                case Step.ASSIGN:
                    assign_departments(case_id, now)
                case Step.START_CLOCKS:
                    start_clocks(case_id, now)
                case Step.REFIT_CLOCKS:
                    follow_new_rules(case_id, now)
                case Step.NOTIFY:
                    notify(case_id, now)
                case Step.DIGEST_NEWS:
                    digest_news(case_id, now)
                case Step.TAKE_DOWN:
                    take_down(case_id, now)
                case Step.DISPATCH_UNREVIEWED:
                    dispatch_unreviewed(case_id, now)
                case Step.ESCALATE:
                    escalate_what_is_late(case_id, now)
                case Step.CHECK_CLOSURE:
                    check_closure(case_id, now)
                case Step.CALL_BACK:
                    ask_for_callback(case_id, now)
                case Step.ASK_APPROVAL:
                    ask_for_approval(case_id, now)
                case Step.CLOSE:
                    close_case(case_id, now)
        rest = settle(case_id, steps.news_seen, now)
        show_timeline(case_id, rest, now)
    return rest.message if rest.is_over else park(rest)
