"""What departments say: received, spoken to the caller, done, not mine, need time, need help."""

from models import journal
from models.clock_table import ClockEvent
from models.exchange import Assignment
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import Ask, EventKind, Recipient, Status
from tasks.casebook import standing
from tasks.clocks.hanging_up import check_may_wait, end_pause
from tasks.clocks.running import stop_clocks
from tasks.closing.closure import hollow_share
from tasks.dispatch.absences import deputies_at, standing_in_for
from tasks.dispatch.assignment import next_round
from tasks.dispatch.conflict import is_kept_from
from tasks.dispatch.dispatching import share_of
from tasks.news.context import News, NewsRefusedError
from tasks.words.reaching_caller import lead_may_reach_caller


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
    # A case hangs until its review date for a reason of its own: speaking to the caller does not end it.
    if news.case.status is not Status.HUNG_UP:
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
    """A co-handler's share; one that says nothing is none, and its clock goes on."""
    part = news.speaker_part()
    if hollow := hollow_share(news.place, news.case, news.row):
        raise NewsRefusedError(f"share_{hollow}", Ask.REWORK)
    _accept(news, part)
    part.replied_at = news.said_at
    _stop(news, ClockEvent.CO_REPLIED, part)


def extension_asked(news: News) -> None:
    """More time needs a person's decision; U0 and U1 have none to give."""
    news.require(Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.REWORK)
    rule = news.place.rules_for(news.case).extension_for(news.case.grade)
    if rule is None:
        raise NewsRefusedError("grade_has_no_extension", Ask.EXTENSION_DECIDED)
    if news.case.extension_count >= rule.how_many:
        raise NewsRefusedError("no_extension_left", Ask.EXTENSION_DECIDED)
    if not news.codes.get("caller_told") and lead_may_reach_caller(news.session, news.case):
        raise NewsRefusedError("caller_not_told")
    news.move(Status.EXTENSION_ASKED)
    news.tell(Recipient.DUTY_SUPERVISOR, Ask.DECIDE_EXTENSION)


def help_asked(news: News) -> None:
    """The lead whistles and another unit must report: it becomes a co-handler with its own clock."""
    if not IS_WITH_DEPARTMENT[news.case.status]:
        raise NewsRefusedError(f"not_while_{news.case.status.lower()}")
    called = _unit_called(news)
    if called in {part.department for part in standing(news.session, news.case)}:
        raise NewsRefusedError("already_there")
    check_may_wait(news, called)
    number = next_round(news.session, news.case)
    news.session.add(
        Assignment(
            case_id=news.case.id, department=called, leads=False, round=number,
            share=share_of(called, str(news.case.kind), news.place.catalogue),
            ask=Ask.ANSWER_WHISTLE, assigned_at=news.now,
        )
    )  # fmt: skip
    journal.write(
        news.session, news.case, EventKind.ASSIGNED, news.now, news.row.actor,
        co_handlers=[called], round=number, whistle=True,
    )  # fmt: skip


def _unit_called(news: News) -> str:
    """The unit that must report, or its deputy while it is away.

    Raises:
        NewsRefusedError: There is no such unit, it handles nothing, or the case is kept from it.
    """
    called = str(news.codes["department"])
    unit = news.place.catalogue.departments.get(called)
    if unit is None:
        raise NewsRefusedError("unknown_department")
    if is_kept_from(news.case, called):
        raise NewsRefusedError("conflict_of_interest")
    if not unit.may_help:
        raise NewsRefusedError("unit_handles_nothing")
    acting = standing_in_for(called, deputies_at(news.session, news.now))
    return called if is_kept_from(news.case, acting) else acting


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
