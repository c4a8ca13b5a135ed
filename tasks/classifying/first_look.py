"""The first look at a request: is a child in danger, and what kind of request is it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from catalogue.normalise import normalise
from models import journal
from models.case import Case
from models.grades import graver
from models.journal import MACHINE
from models.vocabulary import NO_REQUEST, DecisionKind, EventKind, Grade, Nature, Status
from tasks.case_task import case_task
from tasks.casebook import Verdict, decide, editing, move
from tasks.classifying.classification import Classification
from tasks.classifying.emergency import ask_for_police_report, hand_over_if_needed
from tasks.classifying.judgement import judge
from tasks.classifying.screening import KnownFacts, Screening, screen_clean
from tasks.clocks.running import refit_clocks
from tasks.clocks.starts import start_missing_clocks
from tasks.workplace import Workplace, workplace


@case_task
def screen_for_danger(case_id: UUID, now: datetime) -> None:
    """Look for danger before anything else; what is found can only raise the grade."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.status is not Status.RECEIVED:
            return
        found = _screen(place, case)
        _keep_screening(case, found)
        verdict = _screen_verdict(found)
        decide(place, session, case, "screen", verdict, now)
        journal.write(session, case, EventKind.SCREENED, now, MACHINE, **verdict.facts)
        move(session, case, Status.SCREENED, now)
        _raise_to(session, case, found.grade_floor, now)
        _act_on_danger(place, session, case, now)


@case_task
def classify_request(case_id: UUID, now: datetime) -> None:
    """Find the kind, nature and grade; the gravest kind leads, and nothing lowers the grade."""
    place = workplace()
    with editing(place, case_id) as (session, case):
        if case.kind is not None:
            return
        found = _judge(place, case)
        _keep_classification(case, found)
        verdict = _classify_verdict(place, found)
        decide(place, session, case, f"classify:{case.reopen_count}", verdict, now)
        journal.write(session, case, EventKind.CLASSIFIED, now, MACHINE, kind=found.kind, grade=found.grade)
        _raise_to(session, case, found.grade, now)
        refit_clocks(place, session, case, now)
        _act_on_danger(place, session, case, now)


def _judge(place: Workplace, case: Case) -> Classification:
    """What the request is; where nobody asked for anything the nature stays open, unless harm is heard after all."""
    silent = Nature.OTHER if case.call_type in NO_REQUEST and not case.harm else None
    given = silent if case.nature is Nature.OTHER else case.nature
    text, known = _text(place, case), _known(case)

    def judged(nature: Nature | None) -> Classification:
        found = judge(text, place.catalogue, place.reader, given_kind=case.given_kind, nature=nature, known=known)
        return found.classification

    found = judged(given)
    return judged(None) if silent and found.harm else found


def _text(place: Workplace, case: Case) -> str:
    if case.text_ct is None:
        return ""
    return place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)


def _screen(place: Workplace, case: Case) -> Screening:
    return screen_clean(normalise(_text(place, case)), place.catalogue, _known(case))


def _known(case: Case) -> KnownFacts:
    return KnownFacts(
        danger_now=case.danger_now, suspect_is_guardian=case.guardian_suspect, child_age=case.child_age
    )


def _keep_screening(case: Case, found: Screening) -> None:
    case.harm = case.harm or found.harm
    case.danger_now = case.danger_now or found.danger_now
    case.guardian_suspect = case.guardian_suspect or found.guardian_suspect
    case.mandatory_report = sorted({*case.mandatory_report, *found.mandatory_report})
    # Nothing is known yet of a new request but its danger, so the screen's floor starts from the
    # least urgent grade and the classification raises it.
    case.grade = Grade.UC


def _keep_classification(case: Case, found: Classification) -> None:
    case.kind, case.also, case.nature = found.kind, list(found.also), found.nature
    case.harm = case.harm or found.harm
    case.guardian_suspect = case.guardian_suspect or found.guardian_suspect
    case.callback_class = found.callback
    case.mandatory_report = sorted({*case.mandatory_report, *found.mandatory_report})


def _raise_to(session: Session, case: Case, wanted: Grade | None, now: datetime) -> None:
    raised = graver(case.grade, wanted) if wanted else case.grade
    if raised is not case.grade:
        journal.write(session, case, EventKind.GRADE_RAISED, now, MACHINE, old=case.grade, new=raised)
        case.grade = raised


def _act_on_danger(place: Workplace, session: Session, case: Case, now: datetime) -> None:
    start_missing_clocks(place, session, case, now)
    hand_over_if_needed(place, session, case, now)
    ask_for_police_report(place, session, case, now)


def _screen_verdict(found: Screening) -> Verdict:
    if found.grade_floor:
        zh = f"安全筛查发现风险信号，等级不低于{found.grade_floor}。"
        en = f"The safety screen heard signals of risk: not below {found.grade_floor}."
    else:
        zh, en = "安全筛查未发现风险信号。", "The safety screen heard no signal of risk."
    facts = {
        "signals": list(found.signals),
        "floor": found.grade_floor,
        "harm": found.harm,
        "danger_now": found.danger_now,
        "mandatory_report": list(found.mandatory_report),
    }
    return Verdict(DecisionKind.SCREEN, found.grade_floor or "CLEAR", "safety-screen", zh, en, facts)


def _classify_verdict(place: Workplace, found: Classification) -> Verdict:
    kind = place.catalogue.kinds[found.kind]
    unsure_zh, unsure_en = ("，需人工研判", ", to be reviewed by a person") if found.needs_review else ("", "")
    return Verdict(
        DecisionKind.CLASSIFY, found.kind, f"kind:{found.kind}",
        f"归为{found.kind}“{kind.name_zh}”，等级{found.grade}{unsure_zh}。",
        f"Kind {found.kind} “{kind.name_en}”, grade {found.grade}{unsure_en}.",
        {
            "also": list(found.also), "grade": found.grade, "cues": list(found.cues),
            "confidence": round(found.confidence, 3), "needs_review": found.needs_review,
            "doubts": list(found.doubts), "likelihood": found.likelihood, "model": found.model,
        },
    )  # fmt: skip
