"""What must hold between the rules of `grades.yaml`, beyond the shape of each."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from models.clock_table import CLOCK_TABLE
from models.grades import NEVER_PAUSED, SAFETY_GRADES
from models.rule_problems import Location, Problem
from models.vocabulary import Grade, KindOfTime, Target
from sla_rules.grade_rules import NEVER_PAUSED_TARGETS, GradeRules, GradesFile, TargetRule
from sla_rules.known import Known

BY_THE_CLOCK = NEVER_PAUSED_TARGETS | {Target.ACCEPTANCE, Target.DISPATCH}
"""In the safety grades these run through nights and holidays, as danger does."""

SHOWN_KINDS = 8


def check_grades(content: GradesFile, known: Known | None = None) -> Iterator[Problem]:
    """Every grade there, every target measured or said not to be, ids unique, no hole in time."""
    yield from _check_grades_there(content)
    ids = Counter(rule.id for each in content.grades.values() for rule in each.rules)
    for grade, rules in content.grades.items():
        for index, rule in enumerate(rules.rules):
            where: Location = ("grades", grade.value, "rules", index)
            if ids[rule.id] > 1:
                yield Problem((*where, "id"), f"{rule.id} is used {ids[rule.id]} times; ids are unique")
            yield from _check_never(grade, rule, where)
        yield from _check_complete(grade, rules, _demanded(content, grade), known)


def _check_grades_there(content: GradesFile) -> Iterator[Problem]:
    for grade in content.only.grades if content.only else Grade:
        if grade not in content.grades:
            yield Problem(("grades",), f"grade {grade} is missing", f"add `{grade}:` with its rules")


def _demanded(content: GradesFile, grade: Grade) -> tuple[Target, ...]:
    """The targets that need a rule or a word that they are not measured."""
    if content.only is None:
        return tuple(Target)
    return content.only.targets if grade in content.only.grades else ()


def _check_never(grade: Grade, rule: TargetRule, where: Location) -> Iterator[Problem]:
    if rule.pausable and grade in NEVER_PAUSED:
        yield Problem((*where, "pausable"), f"clocks of {grade} are never paused; remove it")
    if rule.pausable and not CLOCK_TABLE[rule.target].may_pause:
        yield Problem((*where, "pausable"), f"the clock {rule.target} is never paused; remove it")
    if rule.roll_over and grade in NEVER_PAUSED:
        yield Problem((*where, "roll_over"), f"clocks of {grade} never roll over; remove it")
    if grade in SAFETY_GRADES and rule.target in BY_THE_CLOCK and rule.time is not KindOfTime.NATURAL:
        reason = f"{rule.target} of {grade} is counted by the clock, nights and holidays included"
        yield Problem((*where, "time"), reason, "write time: natural and a limit in min or h")


def _check_complete(
    grade: Grade, rules: GradeRules, demanded: tuple[Target, ...], known: Known | None
) -> Iterator[Problem]:
    where: Location = ("grades", grade.value)
    for target in Target:
        measured = rules.of(target)
        general = [(index, rule) for index, rule in measured if rule.is_general]
        if target in rules.not_measured:
            yield from _check_not_measured(grade, target, bool(measured), where)
        elif general:
            yield from _check_without_gap(general, where)
        elif measured or target in demanded:
            yield _no_default(grade, target, [rule for _, rule in measured], known)


def _no_default(grade: Grade, target: Target, rules: list[TargetRule], known: Known | None) -> Problem:
    # Only a rule without further conditions gives its kinds a limit whatever else the request is.
    covered = {kind for rule in rules if not (rule.departments or rule.natures) for kind in rule.kinds}
    missing = sorted(known.kinds - covered) if known and rules else []
    more = len(missing) - SHOWN_KINDS
    shown = ", ".join(missing[:SHOWN_KINDS]) + (f" and {more} more" if more > 0 else "")
    without = f", so kinds {shown} and requests of no kind yet may have no limit" if missing else ""
    return Problem(
        ("grades", grade.value, "rules"),
        f"{grade} has no general rule for {target}{without}",
        f"end with a rule for {target} that names no kinds, departments or natures",
    )


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
