"""What departments say: received, spoken to the caller, done, not mine, need time, need help."""

from models import journal
from models.clock_table import ClockEvent
from models.exchange import Assignment
from models.grades import SAFETY_GRADES
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import Ask, EventKind, Recipient, Status
from tasks.assignment import next_round
from tasks.casebook import decided, standing
from tasks.clocks import stop_clocks
from tasks.hanging_up import check_may_wait, end_pause
from tasks.news_context import News, NewsRefusedError

WORKING = (Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.REWORK)


def acknowledged(news: News) -> None:
    """The acceptance clock stops; the lead's word makes the case ACCEPTED."""
    part = news.speaker_part()
    _accept(news, part)
    if part.leads:
        news.move_if_may(Status.ACCEPTED)


def contacted(news: News) -> None:
    """The first qualifying contact with the caller."""
    part = news.speaker_part()
    _accept(news, part)
    part.contacted_at = part.contacted_at or news.said_at
    _stop(news, ClockEvent.CONTACTED, part)
    news.move_if_may(Status.IN_PROGRESS)


def replied(news: News) -> None:
    """The lead's result. A reply that comes after the case moved on is kept as a supplement."""
    part = news.speaker_part()
    _accept(news, part)
    part.replied_at = news.said_at
    _stop(news, ClockEvent.REPLIED, part)
    if IS_WITH_DEPARTMENT[news.case.status]:
        end_pause(news)
        news.move(Status.REPLIED)


def co_replied(news: News) -> None:
    """A co-handler's share."""
    part = news.speaker_part()
    _accept(news, part)
    part.replied_at = news.said_at
    _stop(news, ClockEvent.CO_REPLIED, part)


def objected(news: News) -> None:
    """An objection opens a ruling; the duty holder and every clock stay as they are until then.

    A report of harm cannot be returned: the unit has accepted and recorded it by receiving it,
    and only a person may transfer it (Beijing minors regulation, art. 53). After a ruling the same
    unit may not object again (Weifang hotline regulation, art. 22).
    """
    news.require(*WORKING)
    part = news.speaker_part()
    if decided(news.session, news.case, f"ruling:{part.department}"):
        raise NewsRefusedError("already_ruled")
    news.case.dispute_count += 1
    news.move(Status.DISPUTED)
    news.tell(Recipient.DUTY_SUPERVISOR, Ask.DECIDE_OBJECTION)
    objections = news.place.rules_for(news.case).objections
    if news.case.dispute_count > objections.max_before_arbiter:
        news.tell(objections.arbiter, Ask.DECIDE_OBJECTION)
    keeps = "涉嫌侵害，不得退回，" if news.case.grade in SAFETY_GRADES else ""
    news.decide(
        "OBJECTION_OPEN",
        "objection",
        f"承办单位提出异议，{keeps}裁定前仍由其负责，时限照走。",
        "Objection received; the unit stays in charge and the clocks run until a person rules.",
    )


def extension_asked(news: News) -> None:
    """More time needs a person's decision; U0 and U1 have none to give."""
    news.require(Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.REWORK)
    rule = news.place.rules_for(news.case).extension_for(news.case.grade)
    if rule is None:
        raise NewsRefusedError("grade_has_no_extension", Ask.EXTENSION_DECIDED)
    if news.case.extension_count >= rule.how_many:
        raise NewsRefusedError("no_extension_left", Ask.EXTENSION_DECIDED)
    if not news.codes["caller_told"]:
        raise NewsRefusedError("caller_not_told")
    news.move(Status.EXTENSION_ASKED)
    news.tell(Recipient.DUTY_SUPERVISOR, Ask.DECIDE_EXTENSION)


def help_asked(news: News) -> None:
    """The lead whistles and another unit must report: it becomes a co-handler with its own clock."""
    if not IS_WITH_DEPARTMENT[news.case.status]:
        raise NewsRefusedError(f"not_while_{news.case.status.lower()}")
    called = str(news.codes["department"])
    if called not in news.place.catalogue.departments:
        raise NewsRefusedError("unknown_department")
    if called == news.case.complained_of:
        raise NewsRefusedError("conflict_of_interest")
    if called in {part.department for part in standing(news.session, news.case)}:
        raise NewsRefusedError("already_there")
    check_may_wait(news, called)
    number = next_round(news.session, news.case)
    news.session.add(
        Assignment(
            case_id=news.case.id, department=called, leads=False, round=number,
            ask=Ask.ANSWER_WHISTLE, assigned_at=news.now,
        )
    )  # fmt: skip
    journal.write(
        news.session, news.case, EventKind.ASSIGNED, news.now, news.row.actor,
        co_handlers=[called], round=number, whistle=True,
    )  # fmt: skip


def _accept(news: News, part: Assignment) -> None:
    if not IS_OPEN[news.case.status]:
        raise NewsRefusedError("case_is_closed")
    part.accepted_at = part.accepted_at or news.said_at
    news.session.add(part)
    _stop(news, ClockEvent.ACCEPTED, part)


def _stop(news: News, event: ClockEvent, part: Assignment) -> None:
    stop_clocks(
        news.place, news.session, news.case, event, news.said_at,
        department=part.department, actor=news.row.actor,
    )  # fmt: skip
