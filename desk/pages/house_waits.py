"""What a case waits for from the house itself: those forms stand open on its page, and its "waits for" names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from catalogue.schema import Department
from desk.pages.translation import N_, NC_, Said
from desk.pages.words import Words, due_time
from models.case import Case
from models.grades import SAFETY_GRADES
from models.transitions import IS_OPEN, IS_WITH_DEPARTMENT
from models.vocabulary import NewsKind, Safety, Status, Target
from tasks.closing.following_up import asked_follow_ups
from tasks.closing.police_report import owes_police_report
from tasks.news.digestion import unread
from tasks.settling import APPROVAL
from tasks.story.values import CaseStory
from tasks.words.summaries import is_summary_missing

OF_STATUS: dict[Status, NewsKind] = {
    Status.DISPUTED: NewsKind.OBJECTION_DECIDED,
    Status.EXTENSION_ASKED: NewsKind.EXTENSION_DECIDED,
    Status.NEEDS_REVIEW: NewsKind.REVIEW_DECIDED,
    Status.CALLBACK: NewsKind.CALLED_BACK,
}
"""What a case in this status waits for."""
OWED_WORDS: dict[NewsKind, Said] = {
    NewsKind.POLICE_NOTIFIED: N_("the desk's report to the police"),
    NewsKind.SUMMARY_WRITTEN: N_("the summary for the departments"),
    NewsKind.SAFETY_RECORDED: N_("the child's safety on record"),
    NewsKind.RESUMED: N_("somebody who looks at why it stopped"),
    NewsKind.FOLLOWED_UP: N_("a look after closing"),
}
"""What the message of a parked case does not say, because no department is waited for."""
HELPERS = NC_("awaited", "answers of those who help")
CLOCK_OF = {NewsKind.POLICE_NOTIFIED: Target.MANDATORY_REPORT, NewsKind.SAFETY_RECORDED: Target.SAFETY_KNOWN}


@dataclass(frozen=True)
class AtHouse:
    """What the house still has to do for a case; `unread` is what it has said and the case has not taken in yet."""

    follow_up_asked: bool = False
    police_owed: bool = False
    summary_owed: bool = False
    unread: frozenset[NewsKind] = frozenset()


def at_house(session: Session, case: Case) -> AtHouse:
    """How the house stands with this case."""
    is_open = IS_OPEN[case.status]
    return AtHouse(
        follow_up_asked=bool(asked_follow_ups(session, case)),
        police_owed=is_open and case.status is not Status.LINKED and owes_police_report(session, case),
        summary_owed=IS_WITH_DEPARTMENT[case.status] and is_summary_missing(case),
        unread=frozenset(each.kind for each in unread(session, case) if each.department is None),
    )


def waits_for(case: Case, at: AtHouse) -> tuple[NewsKind, ...]:
    """What the case waits for from the house, what the law wants at once before the rest."""
    approval = APPROVAL in case.waiting_for
    asked = (
        (at.police_owed, NewsKind.POLICE_NOTIFIED),
        (approval, NewsKind.CLOSING_DECIDED),
        (case.flag is not None and not approval, NewsKind.RESUMED),
        (at.follow_up_asked and case.status is Status.CLOSED, NewsKind.FOLLOWED_UP),
        (not approval, OF_STATUS.get(case.status)),
        (at.summary_owed, NewsKind.SUMMARY_WRITTEN),
        (case.status is Status.REPLIED and is_safety_owed(case), NewsKind.SAFETY_RECORDED),
    )
    return tuple(kind for is_asked, kind in asked if is_asked and kind is not None)


def is_safety_owed(case: Case) -> bool:
    """Whether harm is suspected and nobody knows the child to be safe yet."""
    grave = case.harm or case.grade in SAFETY_GRADES
    open_still = IS_OPEN[case.status] and case.status is not Status.LINKED
    return grave and open_still and case.safety in {Safety.UNKNOWN, Safety.UNSAFE}


def also_awaited(
    story: CaseStory, case: Case, at: AtHouse, words: Words, departments: Mapping[str, Department]
) -> list[str]:
    """Everything awaited that the message of the parked case does not name, each with its time if a clock measures it."""
    kinds = [kind for kind in waits_for(case, at) if kind in OWED_WORDS]
    if is_safety_owed(case) and NewsKind.SAFETY_RECORDED not in kinds:
        kinds.append(NewsKind.SAFETY_RECORDED)
    due = {each.target: each.due_at for each in story.clocks if each.stopped_at is None}
    told = [_with_time(words, kind, due.get(CLOCK_OF[kind]) if kind in CLOCK_OF else None) for kind in kinds if kind not in at.unread]
    return [*told, *_of_helpers(story, words, departments), *_of_closing(story, words)]


def _with_time(words: Words, kind: NewsKind, due: datetime | None) -> str:
    said = words.pick(OWED_WORDS[kind])
    return said if due is None else _beside(words, said, f"{words['order_by']} {due_time(due)}")


def _beside(words: Words, said: str, more: str) -> str:
    return words.pick((f"{said}（{more}）", f"{said} ({more})"))


def _of_helpers(story: CaseStory, words: Words, departments: Mapping[str, Department]) -> list[str]:
    waiting = [each for each in story.assignments if not each.leads and each.withdrawn_at is None and each.replied_at is None]
    if not waiting or not IS_OPEN[story.status]:
        return []
    names = [_name(each.department, words, departments) for each in waiting]
    return [_beside(words, words.pick(HELPERS), words.pick(("、".join(names), ", ".join(names))))]


def _of_closing(story: CaseStory, words: Words) -> list[str]:
    """What the last look at closing found missing, while that is what the case waits for."""
    judged = [each for each in story.decisions if each.key.startswith("closure:")]
    if story.status is not Status.REPLIED or not judged or judged[-1].outcome != "WAITING":
        return []
    return [words.pick((judged[-1].reason_zh.rstrip("。"), judged[-1].reason_en.rstrip(".")))]


def _name(code: str, words: Words, departments: Mapping[str, Department]) -> str:
    return words.pick((departments[code].name_zh, departments[code].name_en)) if code in departments else code
