"""Whether the reporter may be called back at all, and now: only where that is safe; pure but for what it reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from models.case import Case, Person
from models.vocabulary import CallbackClass, Nature, PersonRole
from tasks.story.timeline import ZONE
from tasks.workplace import Workplace

LENGTH_OF_A_NUMBER, SHORTEST_NUMBER = 11, 7
NOT_CALLED = frozenset({Nature.SUGGEST, Nature.PRAISE})


@dataclass(frozen=True)
class Reporter:
    """What a callback needs to know of the reporter, without knowing who that is.

    `contact_is_suspects` says that the number given is also that of the person complained of,
    `contact_is_childs` that it is the one noted for the child.
    """

    has_contact: bool
    may_call_back: bool
    contact_is_suspects: bool = False
    contact_is_childs: bool = False


@dataclass(frozen=True)
class CallbackPlan:
    """Whether the reporter is called, and the reason when not."""

    allowed: bool
    code: str
    zh: str
    en: str


ALLOWED = CallbackPlan(True, "allowed", "按报告人同意的方式回访。", "The reporter is called back in the way they agreed to.")
NO_CLASS = CallbackPlan(
    False, "class_forbids", "该类诉求不得主动回访，由来电人凭编号查询。",
    "No outbound contact in this class; the caller may ask with the case number.",
)  # fmt: skip
NO_CONSENT = CallbackPlan(
    False, "not_agreed", "可能危及儿童或报告人，未约定安全联系方式，不回访。",
    "Calling could endanger the child or the reporter and no safe contact was agreed: no callback.",
)  # fmt: skip
NO_CONTACT = CallbackPlan(False, "no_contact", "报告人未留联系方式，无法回访。", "The reporter left no contact.")
NO_NEED = CallbackPlan(False, "nothing_to_ask", "意见建议或表扬不作办理结果回访。", "Opinions and praise have no result to ask about.")


SUSPECTS_NUMBER = CallbackPlan(
    False, "contact_is_suspects",
    "报告人所留号码同时是被反映人的号码，回访可能惊动被反映人，不回访。",
    "The number the reporter left is also that of the person complained of: calling it would warn that person.",
)  # fmt: skip


OUTSIDE_HOURS = CallbackPlan(
    False, "outside_safe_hours", "现在不在约定的安全时段内，不得拨打。", "It is not one of the hours that are safe for the caller: do not call now.",
)  # fmt: skip
UNUSUAL_HOUR = CallbackPlan(
    False, "unusual_hour", "来电人没有约定时段，而现在不是通常的回访时间。", "The caller named no hours, and it is not the usual time for a callback.",
)  # fmt: skip
HOUSEHOLDS_NUMBER = CallbackPlan(
    False, "contact_is_households", "监护人涉嫌，且所留号码是家里或孩子的号码，不得拨打。",
    "A guardian may be the offender and the number is the household's: it must not be called.",
)  # fmt: skip
PLANS = {
    each.code: each
    for each in (ALLOWED, NO_CLASS, NO_CONSENT, NO_CONTACT, NO_NEED, SUSPECTS_NUMBER, OUTSIDE_HOURS, HOUSEHOLDS_NUMBER)
}
"""Every answer by its code."""
RECORDED_WITHIN = timedelta(minutes=30)
"""How long after the safe hours a call that was made in them may still be written down."""


def plan_now(
    place: Workplace, session: Session, case: Case, now: datetime, slack: timedelta = timedelta(0)
) -> CallbackPlan:
    """Whether somebody may call the reporter now; with `slack`, whether somebody might have until so long ago."""
    plan = plan_callback(case.callback_class, case.nature, case.guardian_suspect, reporter_of_case(place, session, case))
    if not plan.allowed:
        return plan
    person = session.exec(select(Person).where(Person.case_id == case.id, Person.role == PersonRole.REPORTER)).one()
    return plan if _is_safe_hour(person, now) or _is_safe_hour(person, now - slack) else OUTSIDE_HOURS


def _is_safe_hour(person: Person, now: datetime) -> bool:
    """Whether the reporter's own hours allow a call; who named none may be called, and the seat is warned of unusual hours."""
    hours = own_hours(person)
    if hours is None:
        return True
    (begins, ends), at = hours, f"{now.astimezone(ZONE):%H:%M}"
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def own_hours(person: Person) -> tuple[str, str] | None:
    """The hours the reporter named as safe, if both ends are known."""
    return (person.safe_from, person.safe_to) if person.safe_from and person.safe_to else None


def plan_callback(callback_class: CallbackClass, nature: Nature, guardian_suspect: bool, reporter: Reporter) -> CallbackPlan:
    """Whether the reporter may be called back; when in doubt, not."""
    if nature in NOT_CALLED:
        return NO_NEED
    if reporter.contact_is_suspects:
        return SUSPECTS_NUMBER
    if callback_class is CallbackClass.NONE:
        return NO_CLASS
    if guardian_suspect and reporter.contact_is_childs:
        return HOUSEHOLDS_NUMBER
    guarded = callback_class is CallbackClass.REPORTER_ONLY or guardian_suspect
    if guarded and not reporter.may_call_back:
        return NO_CONSENT
    return ALLOWED if reporter.has_contact else NO_CONTACT


def reporter_of_case(place: Workplace, session: Session, case: Case) -> Reporter:
    """What a callback needs to know of this case's reporter."""
    people = {each.role: each for each in session.exec(select(Person).where(Person.case_id == case.id))}
    person = people.get(PersonRole.REPORTER)
    if person is None:
        return Reporter(has_contact=False, may_call_back=False)
    own = _comparable(place, case, person)
    same = {
        role: bool(own) and role in people and own == _comparable(place, case, people[role])
        for role in (PersonRole.SUSPECT, PersonRole.CHILD)
    }
    return Reporter(person.contact_ct is not None, person.may_call_back, same[PersonRole.SUSPECT], same[PersonRole.CHILD])


def _comparable(place: Workplace, case: Case, person: Person) -> str:
    """Somebody's contact for comparing, and forgotten here: a number without what people write around it."""
    if person.contact_ct is None:
        return ""
    contact = place.vault.open(case.id, case.wrapped_key, f"person.{person.role}.contact", person.contact_ct)
    digits = "".join(each for each in contact if each.isdigit())
    # A number with and without its country code is one; a name at a messenger has few figures or none.
    return digits[-LENGTH_OF_A_NUMBER:] if len(digits) >= SHORTEST_NUMBER else contact.strip().casefold()
