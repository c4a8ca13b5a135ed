"""What people of the desk say: rulings, callbacks, police receipts, the child's safety, grades, reopenings."""

from datetime import timedelta

from models import journal
from models.clock_table import EXTENDABLE, ClockEvent
from models.grades import NEVER_PAUSED, SAFETY_GRADES, graver, is_graver
from models.transitions import IS_OPEN
from models.vocabulary import (
    Ask,
    EventKind,
    Grade,
    Outcome,
    Recipient,
    Safety,
    Status,
)
from tasks.casebook import lead_of
from tasks.classifying.confirming import Said, confirm
from tasks.classifying.emergency import ask_for_police_report, hand_over_if_needed
from tasks.classifying.reviewing import rule_harm_out
from tasks.clocks.hanging_up import end_pause
from tasks.clocks.running import extend_clocks, refit_clocks, stop_clocks
from tasks.closing.approval import take_up_again
from tasks.closing.callback import after_callback
from tasks.closing.following_up import drop_follow_ups
from tasks.dispatch.assignment import NoDepartmentError, dispatch_case
from tasks.dispatch.conflict_found import keep_out
from tasks.dispatch.naming import named_unit
from tasks.flagging import unflag
from tasks.news.context import News, NewsRefusedError
from tasks.news.forms import moment
from tasks.receiving.hand_over import HandOver, record_hand_over

MAKES_SAFE = frozenset({Safety.SAFE, Safety.INTERIM})
HARM_SUSPECTED = "harm_suspected"
"""The ground for a grade that says somebody harms the child."""
OTHER_HARM = "MR9"
"""Other serious harm, or unlawful harm that a child faces now: the last of the nine situations (高检发〔2020〕9号)."""


def extension_decided(news: News) -> None:
    """Granted time moves the feedback and closure clocks; refused, everything stays."""
    news.require(Status.EXTENSION_ASKED)
    lead = lead_of(news.session, news.case)
    rule = news.place.rules_for(news.case).extension_for(news.case.grade)
    if news.codes["granted"]:
        days = int(news.codes["days"])
        if rule is None or not timedelta(0) < timedelta(days=days) <= rule.limit.length:
            raise NewsRefusedError("more_than_the_rules_allow")
        news.case.extension_count += 1
        extend_clocks(
            news.place, news.session, news.case, EXTENDABLE, timedelta(days=days), news.now
        )
    back = Status.DISPATCHED
    if lead and lead.accepted_at:
        back = Status.IN_PROGRESS if lead.contacted_at else Status.ACCEPTED
    news.move(back)
    if lead:
        news.tell(lead.department, Ask.EXTENSION_DECIDED)


def called_back(news: News) -> None:
    """What the callback found decides between closing and rework."""
    news.require(Status.CALLBACK)
    after_callback(news)


def police_notified(news: News) -> None:
    """The desk's own report to police: time, channel and receipt number stop the mandatory clock."""
    at = moment(news.codes, "at")
    if at > news.now + timedelta(minutes=5):
        raise NewsRefusedError("time_in_the_future")
    stop_clocks(
        news.place, news.session, news.case, ClockEvent.POLICE_RECEIPT, at, actor=news.row.actor
    )


def handed_over(news: News) -> None:
    """The matter was handed over to an emergency number; a receipt of 110 stops the mandatory clock as the report does."""
    if not IS_OPEN[news.case.status]:
        raise NewsRefusedError("case_is_closed")
    told = HandOver.model_validate({name: news.codes.get(name) for name in HandOver.model_fields})
    if (told.at or news.now) > news.now + timedelta(minutes=5):
        raise NewsRefusedError("time_in_the_future")
    record_hand_over(news.session, news.case, told, news.now, news.row.actor, f"handed-over:{news.row.id}")


def safety_recorded(news: News) -> None:
    """What is known of the child's safety; a person of the desk says it, no department can."""
    case, safety = news.case, Safety(news.codes["safety"])
    case.safety, case.safety_at, case.safety_source = safety, news.said_at, str(news.codes["source"])
    case.safety_owner = news.codes.get("owner")
    if safety is not Safety.UNKNOWN:
        _stop(news, ClockEvent.SAFETY_RECORDED)
    if safety in MAKES_SAFE:
        _stop(news, ClockEvent.MADE_SAFE)


def grade_decided(news: News) -> None:
    """A named person sets the grade: the only way down there is.

    U0 and U1 are suspected harm, whoever says so; lowering the grade afterwards does not take that back.
    """
    case, wanted = news.case, Grade(news.codes["grade"])
    if not IS_OPEN[case.status]:
        raise NewsRefusedError("case_is_closed")
    if wanted is case.grade:
        return
    said = Said.of(news.session, case)
    if wanted in SAFETY_GRADES:
        # U0 may be a danger that nobody did: a school meal, an open manhole. U1 is suspected harm by its meaning.
        _suspect_harm(news, of_somebody=wanted is Grade.U1 or news.codes["reason"] == HARM_SUSPECTED)
    lowered = is_graver(case.grade, wanted)
    kind = EventKind.GRADE_LOWERED if lowered else EventKind.GRADE_RAISED
    _set_grade(news, wanted, kind)
    confirm(news, said)
    news.decide(
        f"GRADE_{wanted}", "grade-by-person",
        f"由专人决定等级为{wanted}，理由已记录。", f"A named person set the grade to {wanted}; the reason is recorded.",
    )  # fmt: skip


def review_decided(news: News) -> None:
    """A person's answer where the machine was unsure; suspected harm can only be dispatched."""
    news.require(Status.NEEDS_REVIEW)
    case, kind = news.case, str(news.codes["kind"])
    entry = news.place.catalogue.kinds.get(kind)
    if entry is None:
        raise NewsRefusedError("unknown_kind")
    outcome = Outcome(news.codes["outcome"])
    if outcome is Outcome.LINKED or outcome is Outcome.EMERGENCY_TRANSFERRED:
        raise NewsRefusedError("not_an_outcome_of_review")
    said = Said.of(news.session, case)
    if news.codes.get("harm") is False:
        rule_harm_out(news, entry)
    elif news.codes.get("harm"):
        case.harm = True
    harm = case.is_grave or entry.grade in SAFETY_GRADES
    if harm and outcome is not Outcome.DISPATCHED:
        raise NewsRefusedError("harm_is_dispatched")
    case.kind, case.outcome = kind, outcome
    if harm:
        case.mandatory_report = sorted({*case.mandatory_report, *entry.mandatory_report})
    _set_grade(news, graver(case.grade, entry.grade), EventKind.GRADE_RAISED)
    ask_for_police_report(news.place, news.session, case, news.now)
    if outcome is Outcome.DISPATCHED:
        _dispatch_named(news, named_unit(news) if news.codes["department"] else None)
    elif outcome in {Outcome.ANSWERED, Outcome.OPINION_COLLECTED}:
        news.move(Status.ANSWERED)
    else:
        news.move(Status.CHANNEL_TOLD)
    confirm(news, said)
    _stop(news, ClockEvent.REVIEWED)


def _dispatch_named(news: News, named: str | None) -> None:
    news.case.named_lead = named
    try:
        dispatch_case(news.place, news.session, news.case, news.now, named)
    except NoDepartmentError:
        raise NewsRefusedError("name_a_department") from None


def reopened(news: News) -> None:
    """A settled case is taken up again, with a new round of clocks."""
    case = news.case
    news.require(Status.CLOSED, Status.ANSWERED, Status.CHANNEL_TOLD, Status.LINKED)
    drop_follow_ups(news.session, case.id, news.now)
    take_up_again(news)
    if news.codes["reason"] == "new_harm":
        _suspect_harm(news, of_somebody=True)
        case.safety = Safety.UNKNOWN
        # U1 is suspected harm by definition; only a person may lower it again.
        _set_grade(news, graver(case.grade, Grade.U1), EventKind.GRADE_RAISED)


def resumed(news: News) -> None:
    """A person looked at a flagged case and lets it go on."""
    case = news.case
    if case.flag is None:
        raise NewsRefusedError("not_flagged")
    unflag(news.session, case, news.now, news.row.actor)


def facts_joined(news: News) -> None:
    """Another report of the same matter: facts and grade flow upwards, never down."""
    case = news.case
    case.harm = case.harm or bool(news.codes["harm"])
    case.danger_now = case.danger_now or bool(news.codes["danger_now"])
    case.guardian_suspect = case.guardian_suspect or bool(news.codes["guardian_suspect"])
    case.mandatory_report = sorted({*case.mandatory_report, *news.codes["mandatory_report"]})
    journal.write(news.session, case, EventKind.FACTS_JOINED, news.now, news.row.actor, case=news.codes["case"])
    # A unit that the other report complains of must not have this case either.
    keep_out(news, news.codes.get("complained_of") or ())
    _set_grade(news, graver(case.grade, Grade(news.codes["grade"])), EventKind.GRADE_RAISED)
    ask_for_police_report(news.place, news.session, case, news.now)
    if not IS_OPEN[case.status] and case.harm:
        news.tell(Recipient.DUTY_SUPERVISOR, Ask.CHILD_SAFETY)


def _suspect_harm(news: News, *, of_somebody: bool) -> None:
    """A person of the desk takes a child to be harmed or in danger.

    The desk's own report to police is owed (L-MPL 11) where the kind names one of the nine situations, and always where
    it is harm `of_somebody`: a kind that names none then makes it "other serious harm".
    """
    case = news.case
    case.harm = True
    kind = news.place.catalogue.kinds.get(case.kind or "")
    situations = {*case.mandatory_report, *(kind.mandatory_report if kind else ())}
    case.mandatory_report = sorted(situations) or ([OTHER_HARM] if of_somebody else [])
    ask_for_police_report(news.place, news.session, case, news.now)


def _set_grade(news: News, wanted: Grade, kind: EventKind) -> None:
    case = news.case
    if wanted is case.grade:
        return
    journal.write(news.session, case, kind, news.now, news.row.actor, old=case.grade, new=wanted)
    case.grade = wanted
    if not IS_OPEN[case.status]:
        return
    if case.status is Status.HUNG_UP and wanted in NEVER_PAUSED:
        end_pause(news)
        news.move(Status.IN_PROGRESS)
    refit_clocks(news.place, news.session, case, news.now)
    hand_over_if_needed(news.place, news.session, case, news.now)
    lead = lead_of(news.session, case)
    if lead:
        news.tell(lead.department, Ask.GRADE_CHANGED)


def _stop(news: News, event: ClockEvent) -> None:
    stop_clocks(news.place, news.session, news.case, event, news.said_at, actor=news.row.actor)
