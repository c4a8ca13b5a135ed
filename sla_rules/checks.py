"""What must hold between entries of the rule files, beyond the shape of each."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from models.grades import NEVER_PAUSED, SAFETY_GRADES
from models.vocabulary import Grade, Recipient, Target
from sla_rules.firing import Anchor
from sla_rules.problems import Location, Problem
from sla_rules.schema import (
    NEVER_PAUSED_TARGETS,
    EscalationFile,
    GradeRules,
    GradesFile,
    Ladder,
    PausesFile,
    ProcedureFile,
    TargetRule,
)


def check_grades(content: GradesFile) -> Iterator[Problem]:
    """Every grade there, every target measured or said not to be, ids unique, no hole in time."""
    for grade in Grade:
        if grade not in content.grades:
            yield Problem(("grades",), f"grade {grade} is missing")
    ids = Counter(rule.id for each in content.grades.values() for rule in each.rules)
    for grade, rules in content.grades.items():
        for index, rule in enumerate(rules.rules):
            where: Location = ("grades", grade.value, "rules", index)
            if ids[rule.id] > 1:
                yield Problem((*where, "id"), f"{rule.id} is used {ids[rule.id]} times; ids are unique")
            yield from _check_never(grade, rule, where)
        yield from _check_complete(grade, rules)


def _check_never(grade: Grade, rule: TargetRule, where: Location) -> Iterator[Problem]:
    if rule.pausable and grade in NEVER_PAUSED:
        yield Problem((*where, "pausable"), f"clocks of {grade} are never paused; remove it")
    if rule.pausable and rule.target in NEVER_PAUSED_TARGETS:
        yield Problem((*where, "pausable"), f"the clock {rule.target} is never paused; remove it")
    if rule.roll_over and grade in NEVER_PAUSED:
        yield Problem((*where, "roll_over"), f"clocks of {grade} never roll over; remove it")


def _check_complete(grade: Grade, rules: GradeRules) -> Iterator[Problem]:
    where: Location = ("grades", grade.value)
    for target in Target:
        measured = [(index, rule) for index, rule in enumerate(rules.rules) if rule.target is target]
        general = [(index, rule) for index, rule in measured if rule.department is None]
        if target in rules.not_measured:
            yield from _check_not_measured(grade, target, bool(measured), where)
        elif not general:
            yield Problem((*where, "rules"), f"{grade} has no general rule for {target}")
        else:
            yield from _check_without_gap(general, where)
        for department in {rule.department for _, rule in measured if rule.department}:
            own = [(index, rule) for index, rule in measured if rule.department == department]
            yield from _check_without_overlap(own, where)


def _check_not_measured(grade: Grade, target: Target, measured: bool, where: Location) -> Iterator[Problem]:
    if measured:
        yield Problem((*where, "not_measured"), f"{target} has a rule, so it is measured")
    if grade in SAFETY_GRADES and target in NEVER_PAUSED_TARGETS:
        yield Problem((*where, "not_measured"), f"{grade} must measure {target}")


def _check_without_gap(rules: list[tuple[int, TargetRule]], where: Location) -> Iterator[Problem]:
    """A case of any day has exactly one rule."""
    yield from _check_without_overlap(rules, where)
    ordered = _by_first_day(rules)
    (first_index, first), (last_index, last) = ordered[0], ordered[-1]
    if first.effective_from is not None:
        yield Problem(
            (*where, "rules", first_index, "effective_from"),
            f"no rule for {first.target} before {first.effective_from}; leave it out of the first rule",
        )
    if last.effective_to is not None:
        yield Problem(
            (*where, "rules", last_index, "effective_to"),
            f"no rule for {last.target} after {last.effective_to}; leave it out of the last rule",
        )
    for (_, earlier), (index, later) in pairwise(ordered):
        if _last_day(earlier) + timedelta(days=1) < _first_day(later):
            yield Problem(
                (*where, "rules", index, "effective_from"),
                f"no rule for {later.target} between {earlier.effective_to} and {later.effective_from}",
            )


def _check_without_overlap(rules: list[tuple[int, TargetRule]], where: Location) -> Iterator[Problem]:
    for (_, earlier), (index, later) in pairwise(_by_first_day(rules)):
        if _first_day(later) <= _last_day(earlier):
            yield Problem(
                (*where, "rules", index, "target"),
                f"{later.id} and {earlier.id} are in force on the same days; give the older one an"
                " effective_to and the newer one an effective_from",
            )


def _by_first_day(rules: list[tuple[int, TargetRule]]) -> list[tuple[int, TargetRule]]:
    return sorted(rules, key=lambda each: _first_day(each[1]))


def _first_day(rule: TargetRule) -> date:
    return rule.effective_from or date.min


def _last_day(rule: TargetRule) -> date:
    # One day short of the end of time, so that "the day after" still exists.
    return rule.effective_to or date.max - timedelta(days=1)


def check_pauses(content: PausesFile) -> Iterator[Problem]:
    """Codes unique, and no single cap above the total."""
    codes = Counter(reason.code for reason in content.reasons)
    for index, reason in enumerate(content.reasons):
        if codes[reason.code] > 1:
            yield Problem(("reasons", index, "code"), f"{reason.code} is used {codes[reason.code]} times")
        if reason.cap.length > content.total_cap.length:
            yield Problem(("reasons", index, "cap"), f"{reason.cap} is above total_cap {content.total_cap}")


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


def check_procedure(content: ProcedureFile) -> Iterator[Problem]:
    """Each grade may be extended or never is; U0 and U1 never are."""
    for grade in Grade:
        if grade in SAFETY_GRADES and grade in content.extensions:
            yield Problem(("extensions", grade.value), f"{grade} is never extended; remove it")
        if grade in NEVER_PAUSED and grade in content.extensions and content.extensions[grade].roll_over:
            yield Problem(("extensions", grade.value, "roll_over"), f"clocks of {grade} never roll over")
        if (grade in content.extensions) == (grade in content.never_extended):
            yield Problem(("never_extended",), f"{grade} stands either here or under extensions, not in both")
