"""What must hold between the rungs of `escalation.yaml`, and between it and the targets measured."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from models.grades import SAFETY_GRADES
from models.vocabulary import Grade, Recipient, Target
from sla_rules.firing import Anchor
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS, GradesFile
from sla_rules.ladder_rules import EscalationFile, Ladder
from sla_rules.problems import Location, Problem


def check_escalation(content: EscalationFile, grades: GradesFile | None) -> Iterator[Problem]:
    """Levels climb in time, every measured clock has a ladder, safety reaches the duty supervisor."""
    ids = Counter(ladder.id for ladder in content.ladders)
    for index, ladder in enumerate(content.ladders):
        if ids[ladder.id] > 1:
            yield Problem(("ladders", index, "id"), f"{ladder.id} is used {ids[ladder.id]} times")
        yield from _check_climbing(index, ladder)
    for grade in Grade:
        for target in Target:
            covering = [at for at, ladder in enumerate(content.ladders) if ladder.covers(grade, target)]
            if covering and grade in SAFETY_GRADES and target in NEVER_PAUSED_TARGETS:
                yield from _check_safety(covering[0], content.ladders[covering[0]], target)
            if not covering and grades is not None and _is_measured(grades, grade, target):
                yield Problem(("ladders",), f"no ladder covers {target} of {grade}")
            for extra in covering[1:]:
                yield Problem(
                    ("ladders", extra, "targets"),
                    f"{target} of {grade} already climbs {content.ladders[covering[0]].id}",
                )


def _is_measured(content: GradesFile, grade: Grade, target: Target) -> bool:
    rules = content.grades.get(grade)
    return rules is not None and any(rule.target is target for rule in rules.rules)


def _check_climbing(index: int, ladder: Ladder) -> Iterator[Problem]:
    for at, (lower, upper) in enumerate(pairwise(ladder.rungs), start=1):
        where: Location = ("ladders", index, "rungs", at)
        if upper.level <= lower.level:
            yield Problem((*where, "level"), f"{upper.level} must be above {lower.level}")
        if (lower.at.anchor is Anchor.START) != (upper.at.anchor is Anchor.START):
            yield Problem((*where, "at"), "one ladder counts from the start or around due, not both")
        elif _order(upper.at.anchor, upper.at.after, upper.at.percent) <= _order(
            lower.at.anchor, lower.at.after, lower.at.percent
        ):
            yield Problem((*where, "at"), "must come later than the rung below")


def _order(anchor: Anchor, after: timedelta, percent: int) -> tuple[int, timedelta, int]:
    return list(Anchor).index(anchor), after, percent


def _check_safety(index: int, ladder: Ladder, target: Target) -> Iterator[Problem]:
    for at, rung in enumerate(ladder.rungs):
        anchors = {Anchor.START} if target is Target.SUPERVISION else {Anchor.DUE}
        if rung.at.anchor in anchors and Recipient.DUTY_SUPERVISOR not in rung.tell:
            yield Problem(("ladders", index, "rungs", at, "tell"), f"{target} must reach the DUTY_SUPERVISOR")
    if target is Target.SUPERVISION and any(rung.at.anchor is not Anchor.START for rung in ladder.rungs):
        yield Problem(("ladders", index, "rungs"), "supervision counts in minutes after start")
    if target is not Target.SUPERVISION and all(rung.at.anchor is not Anchor.DUE for rung in ladder.rungs):
        yield Problem(("ladders", index, "rungs"), f"a breach of {target} needs a rung at due")
