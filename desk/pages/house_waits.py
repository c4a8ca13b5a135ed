"""What a case waits for from the house itself: those forms stand open on its page, and its "waits for" names them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from catalogue.schema import Department
from desk.pages.translation import N_, NC_, Said
from desk.pages.unit_words import unit_words
from desk.pages.words import Words, due_time
from models.case import Case
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import EventKind, NewsKind, Safety, Status, Target
from tasks.clocks.page import TARGET_WORDS
from tasks.closing.closure import is_safety_settled
from tasks.closing.following_up import asked_follow_ups
from tasks.closing.police_report import owes_police_report
from tasks.dispatch.objections import TRANSFERABLE, decide_by, open_objection
from tasks.news.digestion import unread
from tasks.settling import APPROVAL, WAITS_FOR
from tasks.story.values import AssignmentStory, CaseStory
from tasks.words.summaries import is_summary_missing
from tasks.workplace import Workplace

OF_STATUS: dict[Status, NewsKind] = {
    Status.DISPUTED: NewsKind.OBJECTION_DECIDED,
    Status.EXTENSION_ASKED: NewsKind.EXTENSION_DECIDED,
    Status.NEEDS_REVIEW: NewsKind.REVIEW_DECIDED,
    Status.CALLBACK: NewsKind.CALLED_BACK,
}
"""What a case in this status waits for."""
OWED_WORDS: dict[NewsKind, Said] = {
    NewsKind.POLICE_NOTIFIED: N_("the mandatory report to the police, with its receipt"),
    NewsKind.SUMMARY_WRITTEN: N_("the summary for the departments"),
    NewsKind.SAFETY_RECORDED: N_("the child's safety on record"),
    NewsKind.RESUMED: N_("somebody who looks at why it stopped"),
    NewsKind.FOLLOWED_UP: N_("a look after closing"),
    NewsKind.OBJECTION_DECIDED: N_("a supervisor's decision whether another unit takes it"),
}
"""What the message of a parked case does not say, because no department is waited for."""
NOT_SAFE_YET: dict[Safety, Said] = {
    Safety.UNKNOWN: N_("that the child is safe, or in the hands of a named case owner"),
    Safety.UNSAFE: N_("that the child, who is unsafe, is safe or in the hands of a named case owner"),
    Safety.INTERIM: N_("that the child is safe, or in the hands of a named case owner: interim care alone is not enough to close"),
}
"""What closing wants to know of a child of whom something is known, or once the unit has answered."""
ACCEPTING, HELPING = NC_("awaited", "acceptance by those who help"), NC_("awaited", "answers of those who help")
RECORDS = N_("records that agree")
RECEIPT_RULE = "police-receipt"
"""The check on the records that finds nothing but the mandatory report that is owed."""
CLOCKS_OF: dict[NewsKind, tuple[Target, ...]] = {
    NewsKind.POLICE_NOTIFIED: (Target.MANDATORY_REPORT,),
    # Knowing stops the first; only that the child is safe, or at least in interim care, the second.
    NewsKind.SAFETY_RECORDED: (Target.SAFETY_KNOWN, Target.SUPERVISION),
}
"""The clocks that measure what is awaited."""


@dataclass(frozen=True)
class AtHouse:
    """What the house still has to do for a case; `unread` is what it has said and the case has not taken in yet.

    `transfer_by` is until when a person has to decide whether another unit takes an order that cannot be returned.
    """

    follow_up_asked: bool = False
    police_owed: bool = False
    summary_owed: bool = False
    transfer_by: datetime | None = None
    safety_owed: bool = False
    unread: frozenset[NewsKind] = frozenset()


def at_house(place: Workplace, session: Session, case: Case) -> AtHouse:
    """How the house stands with this case."""
    works = IS_OPEN[case.status] and case.status is not Status.LINKED
    return AtHouse(
        follow_up_asked=bool(asked_follow_ups(session, case)),
        police_owed=works and owes_police_report(session, case),
        transfer_by=_transfer_by(place, session, case),
        summary_owed=IS_WITH_DEPARTMENT[case.status] and is_summary_missing(case),
        safety_owed=works and case.is_grave and not is_safety_settled(place, session, case),
        unread=frozenset(each.kind for each in unread(session, case) if each.department is None),
    )


def _transfer_by(place: Workplace, session: Session, case: Case) -> datetime | None:
    objection = open_objection(session, case) if case.status in TRANSFERABLE else None
    return decide_by(place, case, objection.at) if objection is not None and objection.is_transfer else None


def waits_for(case: Case, at: AtHouse) -> tuple[NewsKind, ...]:
    """What the case waits for from the house, what the law wants at once before the rest."""
    approval = APPROVAL in case.waiting_for
    asked = (
        (at.police_owed, NewsKind.POLICE_NOTIFIED),
        (approval, NewsKind.CLOSING_DECIDED),
        (case.flag is not None and not approval, NewsKind.RESUMED),
        (at.transfer_by is not None, NewsKind.OBJECTION_DECIDED),
        (at.follow_up_asked and case.status is Status.CLOSED, NewsKind.FOLLOWED_UP),
        (not approval, OF_STATUS.get(case.status)),
        (at.summary_owed, NewsKind.SUMMARY_WRITTEN),
        # The desk's own clock for it runs from the first signal of harm on.
        (at.safety_owed, NewsKind.SAFETY_RECORDED),
    )
    return tuple(kind for is_asked, kind in asked if is_asked and kind is not None)


def all_awaited(
    story: CaseStory, case: Case, at: AtHouse, words: Words, departments: Mapping[str, Department], checks: Mapping[str, Said]
) -> list[str]:
    """Everything the case waits for, each once, with its time if a clock measures it; empty when nothing is.

    `checks` are the sentences of the checks on the records, by code.
    """
    also = [*_also_awaited(story, case, at, words, departments), *_of_records(story, at, words, checks)]
    told = words.waiting(story.waiting_for, departments)
    # "What closing still needs" is said only where nothing of it can be named.
    names_nothing = f"Awaiting {WAITS_FOR[Status.REPLIED]} " in story.waiting_for and also
    return also if names_nothing or not told else [told, *also]


def _also_awaited(
    story: CaseStory, case: Case, at: AtHouse, words: Words, departments: Mapping[str, Department]
) -> list[str]:
    """Everything awaited that the message of the parked case does not name."""
    # A disputed case says itself that it waits for the ruling.
    named = [kind for kind in waits_for(case, at) if kind in OWED_WORDS and kind not in at.unread and OF_STATUS.get(case.status) is not kind]
    told = [_with_time(words, _owed(kind, case), *_limits(story, words, kind, at)) for kind in named]
    return [*told, *_of_helpers(story, words, departments)]


def _limits(story: CaseStory, words: Words, kind: NewsKind, at: AtHouse) -> list[str]:
    """Until when each running clock lets it be, the one that runs out first in front; where several may run, which one it is."""
    if kind is NewsKind.OBJECTION_DECIDED and at.transfer_by is not None:
        return [_by(words, at.transfer_by)]
    targets = CLOCKS_OF.get(kind, ())
    due = {each.target: each.due_at for each in story.clocks if each.stopped_at is None}
    names = {each: f"{words.pick(TARGET_WORDS[each])} " if len(targets) > 1 else "" for each in targets}
    return [f"{names[each]}{_by(words, due[each])}" for each in sorted(due, key=lambda each: due[each]) if each in names]


def _owed(kind: NewsKind, case: Case) -> Said:
    answered = case.status is Status.REPLIED or case.safety is not Safety.UNKNOWN
    return NOT_SAFE_YET[case.safety] if kind is NewsKind.SAFETY_RECORDED and answered else OWED_WORDS[kind]


def _by(words: Words, due: datetime) -> str:
    return f"{words['order_by']} {due_time(due)}"


def _with_time(words: Words, awaited: Said, *limits: str) -> str:
    said = words.pick(awaited)
    return words.pick((f"{said}（{'；'.join(limits)}）", f"{said} ({'; '.join(limits)})")) if limits else said


def _of_helpers(story: CaseStory, words: Words, departments: Mapping[str, Department]) -> list[str]:
    """Who of the co-handlers must still accept, and who must still answer, by when; those with the same time together."""
    if not IS_OPEN[story.status]:
        return []
    silent = [each for each in story.assignments if not each.leads and each.withdrawn_at is None and each.replied_at is None]
    unaccepted = [each for each in silent if each.accepted_at is None]
    return [
        *_by_time(story, words, departments, ACCEPTING, Target.ACCEPTANCE, unaccepted),
        *_by_time(story, words, departments, HELPING, Target.CO_HANDLER, silent),
    ]


def _by_time(
    story: CaseStory, words: Words, departments: Mapping[str, Department], said: Said, target: Target,
    parts: Iterable[AssignmentStory],
) -> list[str]:  # fmt: skip
    due = {each.department: each.due_at for each in story.clocks if each.target is target and each.stopped_at is None}
    units: dict[datetime | None, list[str]] = {}
    for each in parts:
        units.setdefault(due.get(each.department), []).append(unit_words(each.department, words, departments))
    return [
        _with_time(words, (f"{words.pick(said)}：{'、'.join(names)}", f"{words.pick(said)}: {', '.join(names)}"), *([_by(words, at)] if at else []))
        for at, names in units.items()
    ]


def _of_records(story: CaseStory, at: AtHouse, words: Words, checks: Mapping[str, Said]) -> list[str]:
    """Which records the last look at closing found at odds; the rest of what it found missing is named above."""
    looks = [each for each in story.events if each.kind is EventKind.CLOSURE_CHECKED]
    codes = [code.removeprefix("rules=") for each in looks[-1:] for code in each.codes if code.startswith("rules=")]
    rules = [rule for code in codes for rule in code.split("+") if not (rule == RECEIPT_RULE and at.police_owed)]
    if story.status is not Status.REPLIED or not rules:
        return []
    named = [words.pick(checks[rule]).rstrip("。.") if rule in checks else rule for rule in rules]
    return [words.pick((f"{words.pick(RECORDS)}（{'、'.join(named)}）", f"{words.pick(RECORDS)} ({'; '.join(named)})"))]
