"""What a case's story tells of its assignment: whom each dispatch thought of, and every objection."""

from sqlmodel import Session, col, select

from catalogue.loader import Catalogue
from models.assigning import Objection
from models.case import Case
from models.exchange import Inbox
from models.record import Decision
from models.vocabulary import DecisionKind, NewsKind
from tasks.dispatch.dispatch_words import WORDS, considered_in, name_of
from tasks.story.values import ConsideredStory, ObjectionStory


def considered_told(decision: Decision, catalogue: Catalogue) -> tuple[ConsideredStory, ...]:
    """Everybody an assignment thought of, in that order; empty for every other decision."""
    if decision.kind is not DecisionKind.ASSIGN:
        return ()
    told = []
    for each in considered_in(decision.facts):
        name_zh, name_en = name_of(each.unit, catalogue.departments)
        zh, en = WORDS[each.why]
        told.append(
            ConsideredStory(each.unit, each.part, each.why, each.is_taken, f"{name_zh}{zh}", f"{name_en} {en}")
        )
    return tuple(told)


def objections_told(session: Session, case: Case, catalogue: Catalogue) -> tuple[ObjectionStory, ...]:
    """Every objection side by side, oldest first, with those that an earlier ruling turned down.

    Codes only; what a unit wrote beside them is read with a purpose, like all words of the case.
    """
    made = session.exec(select(Objection).where(Objection.case_id == case.id).order_by(col(Objection.id)))
    tried = session.exec(
        select(Inbox).where(
            Inbox.case_id == case.id, Inbox.kind == NewsKind.OBJECTED, col(Inbox.refused).is_not(None)
        )
    )
    told = [_told(each, catalogue) for each in made] + [_turned_down(each, catalogue) for each in tried]
    return tuple(sorted(told, key=lambda each: each.at))


def _told(objection: Objection, catalogue: Catalogue) -> ObjectionStory:
    zh, en = _words(str(objection.reason), catalogue)
    ruled = {None: "open", True: "upheld", False: "refused"}[objection.upheld]
    return ObjectionStory(
        objection.department, objection.round, str(objection.reason), zh, en, objection.evidence,
        objection.suggests, objection.is_transfer, objection.at, objection.arbiter_since, ruled,
        objection.given_to, objection.adjudicator, objection.decided_at,
    )  # fmt: skip


def _turned_down(news: Inbox, catalogue: Catalogue) -> ObjectionStory:
    reason = str(news.codes["reason"])
    zh, en = _words(reason, catalogue)
    return ObjectionStory(
        news.department or "", 0, reason, zh, en, news.codes.get("evidence"), news.codes.get("suggests"), False,
        news.received_at, None, "turned_down", None, None, news.read_at,
    )  # fmt: skip


def _words(reason: str, catalogue: Catalogue) -> tuple[str, str]:
    lines = {str(each.code): each for each in catalogue.dispatch.objection_reasons}
    return (lines[reason].zh, lines[reason].en) if reason in lines else (reason, reason)
