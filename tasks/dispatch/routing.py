"""What happens to a request after the safety screen: answered, told its channel, linked, reviewed, dispatched."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from catalogue.schema import Kind
from models.case import Case
from models.clock_table import ClockEvent
from models.grades import SAFETY_GRADES
from models.journal import MACHINE
from models.vocabulary import (
    Ask,
    DecisionKind,
    Grade,
    Nature,
    Outcome,
    Recipient,
    Route,
    Status,
)
from tasks.case_task import case_task
from tasks.casebook import Verdict, case_of, decide, decided, editing, lead_of, move, tell
from tasks.clocks.running import stop_clocks
from tasks.clocks.starts import start_missing_clocks
from tasks.dispatch.conflict import unit_instead
from tasks.links.joining import join, may_be_linked
from tasks.receiving.repeated_calls import RepeatedCalls, repeated_calls
from tasks.workplace import Workplace, workplace


@dataclass(frozen=True)
class Situation:
    """What routing looks at: the case's facts after screen and classification."""

    grade: Grade
    harm: bool
    nature: Nature
    needs_review: bool
    answered_on_call: bool
    same_matter_open: bool
    reopened: bool
    had_department: bool
    repeated_silence: bool = False


@dataclass(frozen=True)
class Routing:
    """Where the case goes, as what, and why; no outcome yet where a person has to decide."""

    outcome: Outcome | None
    status: Status
    rule_id: str
    zh: str
    en: str


DISPATCH = Routing(
    Outcome.DISPATCHED, Status.DISPATCHED, "dispatch-at-once",
    "诉求应派单办理，立即派单（条例第十一条）。", "To be handled by a department: dispatched at once (art. 11).",
)  # fmt: skip
HARM = Routing(
    Outcome.DISPATCHED, Status.DISPATCHED, "harm-is-dispatched",
    "涉嫌侵害未成年人：只能受理、登记、派办，不得以其他方式了结。",
    "Suspected harm to a child: accepted, recorded and dispatched, never settled in another way.",
)  # fmt: skip
LINK = Routing(
    Outcome.LINKED, Status.LINKED, "same-matter",
    "与未办结的同一事项关联，事实与等级并入，报告人信息互不可见。",
    "Linked to an open case about the same matter; facts and grade join, reporters stay apart.",
)  # fmt: skip
UNSURE = Routing(
    None, Status.NEEDS_REVIEW, "unsure-means-person",
    "系统不能确定类别，转人工研判，等级从高。", "The kind is not certain: a person decides, the higher grade holds.",
)  # fmt: skip
SILENT_AGAIN = Routing(
    None, Status.NEEDS_REVIEW, "repeated-silence-is-a-signal",
    "同一号码短期内多次来电不出声或挂断：可能是孩子不敢说话，不作普通无声电话处理，转人工研判。",
    "One number called several times and said nothing or hung up: it may be a child who dares not speak."
    " Not filed as a silent call; a person decides.",
)  # fmt: skip
ANSWERED = Routing(
    Outcome.ANSWERED, Status.ANSWERED, "consultation-answered",
    "咨询已当场解答（条例第十一条）。", "The consultation was answered on the spot (art. 11).",
)  # fmt: skip

TOLD_LEGAL_CHANNEL = Verdict(
    DecisionKind.ROUTE, Outcome.LEGAL_CHANNEL, "legal-channel",
    "安全筛查之后，另行告知当事人可走的法定途径；派单照常。",
    "After the safety screen the caller is also told of the legal channel; the dispatch stands.",
)  # fmt: skip

BY_ROUTE: dict[Route, Routing] = {
    Route.DISPATCH: DISPATCH,
    Route.ANSWER: DISPATCH,
    Route.REVIEW: UNSURE,
    Route.COLLECT: Routing(
        Outcome.OPINION_COLLECTED, Status.ANSWERED, "opinion-collected",
        "意见建议已收集，转主管单位参阅。", "The opinion is collected and passed to the unit that owns the policy.",
    ),
    Route.LEGAL_CHANNEL: Routing(
        Outcome.LEGAL_CHANNEL, Status.CHANNEL_TOLD, "legal-channel",
        "应通过诉讼、仲裁、复议等法定途径解决，已告知途径。", "A legal channel exists for this; the caller was told which.",
    ),
    Route.PROGRESS: Routing(
        Outcome.PROGRESS_TOLD, Status.CHANNEL_TOLD, "progress-told",
        "同一事项无新情况，告知办理进度。", "The same matter with nothing new: the caller is told its progress.",
    ),
    Route.OUTSIDE: Routing(
        Outcome.OUTSIDE_REMIT, Status.CHANNEL_TOLD, "outside-remit",
        "安全筛查未见未成年人风险，不属本席职责，已告知其他途径。",
        "The safety screen found no risk to a child and the matter is outside the seat's remit; another channel was told.",
    ),
    Route.DISSUADE: Routing(
        Outcome.DISSUADED, Status.CHANNEL_TOLD, "dissuaded",
        "无实质诉求（无声、挂断或骚扰），已登记计数。", "No request was made (silent, hang-up or nuisance); counted.",
    ),
}  # fmt: skip


def decide_route(kind: Kind, at_hand: Situation) -> Routing:
    """Where a screened case goes; suspected harm always goes to a department, whatever its kind says."""
    if at_hand.same_matter_open and not at_hand.reopened:
        return LINK
    grave = at_hand.harm or at_hand.grade in SAFETY_GRADES
    if at_hand.repeated_silence and not grave:
        return SILENT_AGAIN
    if at_hand.needs_review:
        return UNSURE
    if grave:
        return UNSURE if kind.lead is None else HARM
    if at_hand.reopened:
        return DISPATCH if at_hand.had_department or kind.lead else UNSURE
    if _is_answered_consultation(kind, at_hand):
        return ANSWERED
    routing = BY_ROUTE[kind.route]
    return UNSURE if routing is DISPATCH and kind.lead is None else routing


def _is_answered_consultation(kind: Kind, at_hand: Situation) -> bool:
    asks = kind.route is Route.ANSWER or at_hand.nature is Nature.CONSULT
    return asks and at_hand.answered_on_call and at_hand.grade is not Grade.U2


@case_task
def route_request(case_id: UUID, now: datetime) -> None:
    """Decide where the case goes and take it there; a dispatched one waits for its departments."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.status not in {Status.SCREENED, Status.REOPENED} or case.kind is None:
            return
        kind = place.catalogue.kinds[case.kind]
        main = case_of(session, case.linked_to) if case.linked_to else None
        repeated = repeated_calls(place, session, case)
        routing = decide_route(kind, _situation(session, case, main, repeated))
        case.outcome = routing.outcome
        _store(place, session, case, routing, now, repeated)
        if kind.legal_channel and routing.outcome is Outcome.DISPATCHED:
            decide(place, session, case, "legal-channel", TOLD_LEGAL_CHANNEL, now)
        if routing is LINK and main is not None:
            _join(place, session, case, main, now)
        if routing.status is not Status.DISPATCHED:
            move(session, case, routing.status, now)
            _tell(place, session, case, kind, routing, now)


def _situation(
    session: Session, case: Case, main: Case | None, repeated: RepeatedCalls | None
) -> Situation:
    classified = decided(session, case, f"classify:{case.reopen_count}")
    return Situation(
        grade=case.grade,
        harm=case.harm,
        nature=case.nature,
        needs_review=bool(classified and classified.facts.get("needs_review")),
        answered_on_call=case.answered_on_call,
        same_matter_open=main is not None and may_be_linked(session, case, main),
        reopened=case.status is Status.REOPENED,
        had_department=lead_of(session, case) is not None,
        repeated_silence=repeated is not None,
    )


def _store(
    place: Workplace, session: Session, case: Case, routing: Routing, now: datetime, repeated: RepeatedCalls | None
) -> None:
    facts = vars(repeated) if repeated and routing is SILENT_AGAIN else {}
    verdict = Verdict(
        DecisionKind.ROUTE, routing.outcome or routing.status, routing.rule_id, routing.zh, routing.en, dict(facts)
    )
    decide(place, session, case, f"route:{case.reopen_count}", verdict, now)


def _tell(
    place: Workplace, session: Session, case: Case, kind: Kind, routing: Routing, now: datetime
) -> None:
    if routing.status is Status.NEEDS_REVIEW:
        start_missing_clocks(place, session, case, now)
        tell(place, session, case, Recipient.DUTY_SUPERVISOR, Ask.REVIEW_CASE, f"review:{case.reopen_count}", now)
    if routing.outcome is Outcome.OPINION_COLLECTED:
        owner = unit_instead(case, kind.lead, place.catalogue) if kind.lead else None
        tell(place, session, case, owner or Recipient.DESK, Ask.READ_OPINION, "opinion", now)


def _join(place: Workplace, session: Session, case: Case, main: Case, now: datetime) -> None:
    # The facts go to the main case, whose own clocks answer for them: two would alert twice.
    stop_clocks(place, session, case, ClockEvent.LINKED, now)
    join(session, case, main, now, MACHINE)
