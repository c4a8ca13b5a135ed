"""What must hold between the rungs of `escalation.yaml`, and between it and the targets measured."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import pairwise

from models.grades import SAFETY_GRADES, raised_by_machine
from models.rule_problems import Location, Problem
from models.vocabulary import Grade, KindOfTime, Recipient, Target
from sla_rules.firing import Anchor
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS, GradesFile, TargetRule
from sla_rules.ladder_order import climbs, problem_with_length
from sla_rules.ladder_rules import EscalationFile, Ladder, Rung


def check_escalation(content: EscalationFile, grades: GradesFile | None) -> Iterator[Problem]:
    """Levels climb in time, every measured clock has a ladder, safety reaches the duty supervisor."""
    ids = Counter(ladder.id for ladder in content.ladders)
    for index, ladder in enumerate(content.ladders):
        if ids[ladder.id] > 1:
            yield Problem(("ladders", index, "id"), f"{ladder.id} is used {ids[ladder.id]} times")
        rules = _rules_of(content, ladder, grades)
        yield from _check_climbing(index, ladder, rules)
        for at, rung in enumerate(ladder.rungs):
            yield from _check_rung(("ladders", index, "rungs", at), rung, ladder, rules)
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


def check_channels(content: EscalationFile, known: Collection[str]) -> Iterator[Problem]:
    """Every `channel` of a rung is one of `known`, the names in the desk's channels.yaml."""
    for index, ladder in enumerate(content.ladders):
        for at, rung in enumerate(ladder.rungs):
            if rung.channel is not None and rung.channel not in known:
                yield Problem(
                    ("ladders", index, "rungs", at, "channel"),
                    f"there is no channel named {rung.channel}; known are {', '.join(sorted(known))}",
                )


def _is_measured(content: GradesFile, grade: Grade, target: Target) -> bool:
    rules = content.grades.get(grade)
    return rules is not None and any(rule.target is target for rule in rules.rules)


def _rules_of(content: EscalationFile, ladder: Ladder, grades: GradesFile | None) -> list[TargetRule]:
    """The rules whose clocks climb this ladder, and not an earlier one that covers them too."""
    return [
        rule
        for grade, each in (grades.grades if grades else {}).items()
        for rule in each.rules
        if next((one for one in content.ladders if one.covers(grade, rule.target)), None) is ladder
    ]


def _check_climbing(index: int, ladder: Ladder, rules: list[TargetRule]) -> Iterator[Problem]:
    for at, (lower, upper) in enumerate(pairwise(ladder.rungs), start=1):
        where: Location = ("ladders", index, "rungs", at)
        if upper.level <= lower.level:
            yield Problem((*where, "level"), f"{upper.level} must be above {lower.level}")
        if (lower.at.anchor is Anchor.START) != (upper.at.anchor is Anchor.START):
            yield Problem((*where, "at"), "one ladder counts from the start or around due, not both")
        elif not climbs(lower.at, upper.at, None):
            yield Problem((*where, "at"), "must come later than the rung below")
        elif not_for := next((each for each in rules if not climbs(lower.at, upper.at, each)), None):
            yield Problem(
                (*where, "at"),
                f"must come later than the rung below, also for {not_for.id} ({not_for.limit})",
            )


def _check_rung(
    where: Location, rung: Rung, ladder: Ladder, rules: list[TargetRule]
) -> Iterator[Problem]:
    problem = next((found for each in rules if (found := problem_with_length(rung.at, each))), None)
    if problem:
        yield Problem((*where, "at"), problem)
    if rung.raise_grade and all(raised_by_machine(grade) is grade for grade in ladder.grades):
        yield Problem(
            (*where, "raise_grade"),
            f"raises nobody: only a person or the words of a case raise {', '.join(ladder.grades)}; remove it",
        )


def _check_safety(index: int, ladder: Ladder, target: Target) -> Iterator[Problem]:
    for at, rung in enumerate(ladder.rungs):
        where: Location = ("ladders", index, "rungs", at)
        anchors = {Anchor.START} if target is Target.SUPERVISION else {Anchor.DUE}
        if rung.at.anchor in anchors and Recipient.DUTY_SUPERVISOR not in rung.tell:
            yield Problem((*where, "tell"), f"{target} must reach the DUTY_SUPERVISOR")
        if rung.repeat is not None and rung.repeat.time is not KindOfTime.NATURAL:
            yield Problem((*where, "repeat", "time"), f"{target} is repeated by the clock, also at night")
    if target is Target.SUPERVISION and any(rung.at.anchor is not Anchor.START for rung in ladder.rungs):
        yield Problem(("ladders", index, "rungs"), "supervision counts in minutes after start")
    if target is not Target.SUPERVISION and all(rung.at.anchor is not Anchor.DUE for rung in ladder.rungs):
        yield Problem(("ladders", index, "rungs"), f"a breach of {target} needs a rung at due")
