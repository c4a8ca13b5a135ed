"""What must hold between the rules of `grades.yaml`, beyond the shape of each."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from models.grades import NEVER_PAUSED, SAFETY_GRADES
from models.vocabulary import Grade, Target
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS, GradeRules, GradesFile, TargetRule
from sla_rules.problems import Location, Problem


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
        general = [(index, rule) for index, rule in measured if not (rule.kinds or rule.departments or rule.natures)]
        if target in rules.not_measured:
            yield from _check_not_measured(grade, target, bool(measured), where)
        elif not general:
            yield Problem((*where, "rules"), f"{grade} has no general rule for {target}")
        else:
            yield from _check_without_gap(general, where)


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
