"""Taking news in: one transaction that writes the inbox row and makes the case due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.accounts import StaffTie
from models.case import Case
from models.exchange import Assignment, Inbox
from models.vocabulary import NewsKind, Role, Scope, Status
from tasks.closing.callback_plan import RECORDED_WITHIN, plan_now
from tasks.dispatch.conflict import is_kept_from
from tasks.news.forms import (
    LEAD_ONLY,
    NEWS_FORMS,
    ROLE_MATTERS,
    WHO_MAY_SAY,
    CalledBack,
    FollowedUp,
    NewsForm,
    ReviewDecided,
    codes_of,
)
from tasks.news.rows import drop_news, has_news
from tasks.news.what_fits import NewsDoesNotFitError, check_fits
from tasks.words.summaries import check_summary
from tasks.workplace import Workplace

Trial = Callable[[Workplace, Session, Case, Inbox, datetime], None]


@dataclass(frozen=True)
class Speaker:
    """Who says something: an API client with one role; departments speak for their own unit.

    `stands_for` are the units that its own one stands in for while they are away. `scopes` are what a
    key, or a browser, may be used for: the desk's doors look at them, nothing behind the doors does.
    """

    client: str
    role: Role
    department: str | None = None
    stands_for: tuple[str, ...] = ()
    scopes: frozenset[Scope] = frozenset()

    @property
    def actor(self) -> str:
        """The code the journal keeps."""
        return f"department:{self.department}" if self.department else f"client:{self.client}"


class CaseNotFoundError(LookupError):
    """There is no such case, or it is not this speaker's: the two are not told apart."""


class NewsNotAllowedError(PermissionError):
    """This speaker may not say this about this case; the message says why."""


@dataclass(frozen=True)
class Posted:
    """What became of one piece of news; `is_new` is false if it had been said before."""

    case_id: UUID
    label: str
    is_new: bool


def post_news(
    place: Workplace,
    label: str,
    kind: NewsKind,
    form: NewsForm,
    speaker: Speaker,
    news_key: str,
    now: datetime,
    *,
    trial: Trial | None = None,
) -> Posted:
    """Store one piece of news, durable when this returns; the case digests it within seconds.

    Args:
        place: The desk.
        label: The case's number, such as `W-000123`.
        kind: What kind of news.
        form: Its content, of the class `NEWS_FORMS[kind]`.
        speaker: Who says it.
        news_key: Unique within the case; saying it again with the same key changes nothing.
        now: Aware time of arrival.
        trial: `digestion.try_on` where somebody looks at a form: what the case would refuse as it rests is told at
            once, and not stored. While the case is at work only its digest can tell, and the journal will.

    Raises:
        NewsRefusedError: The case would refuse it; only with a trial.
        CaseNotFoundError: No such case, or one this department has no part in.
        NewsNotAllowedError: The speaker may not say this.
        NewsDoesNotFitError: A field does not fit the lists in force, or who says it.
        TellsReporterError: A summary for departments tells who reported.
        TypeError: The form is of another kind.
    """
    if not isinstance(form, NEWS_FORMS[kind]):
        raise TypeError(f"{kind} needs a {NEWS_FORMS[kind].__name__}")
    try:
        with place.database.writing() as session:
            case = find_case(session, label, speaker)
            check_may_say(session, case, kind, speaker)
            if _said_before(session, case, news_key):
                return Posted(case.id, case.label, is_new=False)
            _check_now(place, session, case, kind, form, speaker, now)
            check_fits(place, session, case, kind, form, speaker.actor)
            can_tell = trial is not None and _is_at_rest(session, case, now)
            row = _store(place, session, case, kind, form, speaker, news_key, now)
            if trial is not None and can_tell:
                trial(place, session, case, row, now)
            return Posted(case.id, case.label, is_new=True)
    except IntegrityError:
        # The same key arrived twice at once; the other one was stored.
        with place.database.reading() as session:
            case = find_case(session, label, speaker)
            if not _said_before(session, case, news_key):
                raise
            return Posted(case.id, case.label, is_new=False)


def _check_now(
    place: Workplace, session: Session, case: Case, kind: NewsKind, form: NewsForm, speaker: Speaker, now: datetime
) -> None:
    """What the speaker must hear at once, because a later refusal would come too late."""
    if kind is NewsKind.SUMMARY_WRITTEN:
        check_summary(place, session, case, form.text or "")
    if isinstance(form, ReviewDecided) and form.harm is False and speaker.role is Role.OPERATOR and case.is_grave:
        # Ruling harm out lowers a grade, and that is a supervisor's to do.
        raise NewsDoesNotFitError("harm", "supervisor_only", "only a supervisor rules harm out where the desk suspects it")
    if isinstance(form, CalledBack) and form.satisfied and case.guardian_suspect:
        # Whoever answers may be the one complained of, or sit beside that person.
        raise NewsNotAllowedError("satisfaction is not asked where a guardian may be the offender: leave it out")
    asks_reporter = isinstance(form, FollowedUp) and form.asked_of == "reporter"
    if asks_reporter or (kind is NewsKind.CALLED_BACK and case.status is Status.CALLBACK):
        plan = plan_now(place, session, case, now, RECORDED_WITHIN)
        if not plan.allowed:
            raise NewsNotAllowedError(f"no callback: {plan.code}")


def find_case(session: Session, label: str, speaker: Speaker) -> Case:
    """The case with this number, if the speaker may know that it exists.

    Raises:
        CaseNotFoundError: It does not exist, the speaker's department has no part in it, or the
            speaker is kept away from it.
    """
    digits = label.removeprefix("W-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise CaseNotFoundError(f"there is no case {label[:20]!r} for you")
    case = session.exec(select(Case).where(col(Case.number) == int(digits))).first()
    if case is None or (speaker.role is Role.DEPARTMENT and not part_of(session, case, speaker)):
        raise CaseNotFoundError(f"there is no case {label} for you")
    if speaker.department is None and is_tied(session, case.id, speaker.client):
        raise CaseNotFoundError(f"there is no case {label} for you")
    return case


def is_tied(session: Session, case_id: UUID, holder: str) -> bool:
    """Whether somebody of the house is kept away from the case, so that it does not exist for them."""
    wanted = select(StaffTie.id).where(StaffTie.case_id == case_id, StaffTie.holder == holder)
    return session.exec(wanted).first() is not None


def not_tied(holder: str) -> ColumnElement[bool]:
    """Cases that this person of the house is not kept away from, as a condition for a query over cases."""
    return col(Case.id).not_in(select(StaffTie.case_id).where(StaffTie.holder == holder))


def part_of(session: Session, case: Case, speaker: Speaker) -> Assignment | None:
    """The standing assignment the speaker answers for: its own, else that of a unit it stands in for.

    Never one for a unit that the case is kept from, nor for a deputy of its.
    """
    if speaker.department is None or is_kept_from(case, speaker.department):
        return None
    for unit in (speaker.department, *speaker.stands_for):
        wanted = (
            select(Assignment)
            .where(
                Assignment.case_id == case.id,
                Assignment.department == unit,
                col(Assignment.withdrawn_at).is_(None),
            )
            .order_by(col(Assignment.round).desc())
        )
        part = session.exec(wanted).first()
        if part is not None and not is_kept_from(case, unit):
            return part
    return None


def check_may_say(session: Session, case: Case, kind: NewsKind, speaker: Speaker) -> None:
    """Return if the speaker's role, and its part in the case, allow this kind of news.

    Raises:
        NewsNotAllowedError: They do not.
    """
    if speaker.role not in WHO_MAY_SAY[kind]:
        raise NewsNotAllowedError(f"{kind} is not for the role {speaker.role}")
    if case.status is Status.SEALED:
        raise NewsNotAllowedError(f"{case.label} is sealed")
    if speaker.role is not Role.DEPARTMENT:
        return
    part = part_of(session, case, speaker)
    if kind in LEAD_ONLY and (part is None or not part.leads):
        raise NewsNotAllowedError(f"{kind} is for the lead department")
    if kind is NewsKind.CO_REPLIED and (part is None or part.leads):
        raise NewsNotAllowedError(f"{kind} is for a co-handler")


def _is_at_rest(session: Session, case: Case, now: datetime) -> bool:
    """Whether nothing is about to change the case: no activation, none due, nothing unread."""
    is_due = case.wake_at is not None and case.wake_at <= now
    return case.lease_until is None and not is_due and not has_news(session, case.id)


def _said_before(session: Session, case: Case, news_key: str) -> bool:
    wanted = select(Inbox.id).where(Inbox.case_id == case.id, Inbox.news_key == news_key)
    return session.exec(wanted).first() is not None


def _store(
    place: Workplace,
    session: Session,
    case: Case,
    kind: NewsKind,
    form: NewsForm,
    speaker: Speaker,
    news_key: str,
    now: datetime,
) -> Inbox:
    sealed = None
    if form.text:
        sealed = place.vault.seal(case.id, case.wrapped_key, "inbox.text", form.text)
    row = Inbox(
        case_id=case.id,
        news_key=news_key,
        kind=kind,
        actor=speaker.actor,
        department=_answers_for(session, case, speaker),
        codes=codes_of(form) | ({"role": speaker.role.value} if kind in ROLE_MATTERS else {}),
        text_ct=sealed,
        received_at=now,
    )
    drop_news(session, row)
    return row


def _answers_for(session: Session, case: Case, speaker: Speaker) -> str | None:
    part = part_of(session, case, speaker)
    return part.department if part else speaker.department
