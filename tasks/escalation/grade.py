"""A rung that raises the grade of its case: by one step of gravity, never down, never to suspected harm."""

from datetime import datetime

from sqlmodel import Session

from models import journal
from models.case import Case
from models.grades import raised_by_machine
from models.journal import MACHINE
from models.record import Clock
from models.vocabulary import Ask, DecisionKind, EventKind, Status
from sla_rules.ladder import Moment
from tasks.casebook import Verdict, decide, decided, lead_of, tell
from tasks.clocks.page import TARGET_WORDS
from tasks.clocks.running import refit_clocks
from tasks.escalation.alerts import level_key
from tasks.workplace import Workplace


def raise_grade(
    place: Workplace, session: Session, case: Case, clock: Clock, moment: Moment, now: datetime
) -> None:
    """Raise the case by one step for this level, once, and count its running clocks by the new grade.

    A case that a person has hung up keeps its grade: U2 is never paused, and a machine does not
    undo what a person decided.
    """
    wanted = raised_by_machine(case.grade)
    key = f"raise:{level_key(clock, moment.level)}"
    if wanted is case.grade or case.status is Status.HUNG_UP or decided(session, case, key):
        return
    journal.write(
        session, case, EventKind.GRADE_RAISED, now, MACHINE,
        old=case.grade, new=wanted, target=clock.target, level=moment.level,
    )  # fmt: skip
    case.grade = wanted
    verdict = Verdict(
        DecisionKind.ESCALATE, f"GRADE_{wanted}", clock.rule_id,
        f"{TARGET_WORDS[clock.target][0]}第 {moment.level} 级已到，等级提高为 {wanted}。",
        f"Level {moment.level} of {TARGET_WORDS[clock.target][1]} has come: the grade is raised to {wanted}.",
        {"target": str(clock.target), "level": moment.level},
    )  # fmt: skip
    decide(place, session, case, key, verdict, now)
    refit_clocks(place, session, case, now)
    lead = lead_of(session, case)
    if lead:
        tell(place, session, case, lead.department, Ask.GRADE_CHANGED, key, now)
