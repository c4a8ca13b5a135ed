"""Rules that are never reached, and rules that contend for the same requests."""

from collections.abc import Iterator
from datetime import date

from models.rule_problems import Location, Problem
from models.vocabulary import Target
from sla_rules.grade_rules import GradesFile, TargetRule
from sla_rules.reach import Cell, Ground, Reach, common, shares, together, without

Numbered = list[tuple[int, TargetRule]]
"""The rules of one target, each with its place in the list of its grade."""


def check_overlaps(content: GradesFile) -> Iterator[Problem]:
    """The first rule that fits is taken, so the order of a target's rules must make sense."""
    for grade, rules in content.grades.items():
        for target in Target:
            of_target = rules.of(target)
            if len(of_target) > 1:
                yield from _check_target(of_target, ("grades", grade.value, "rules"))


def _check_target(numbered: Numbered, where: Location) -> Iterator[Problem]:
    ground = Ground([rule for _, rule in numbered])
    taken: Reach = {}
    for at, (index, rule) in enumerate(numbered):
        reach = ground.reach(rule)
        earlier = [each for _, each in numbered[:at]]
        # Two general rules on the same days have been told apart already, as what they are.
        if not without(reach, taken) and not (rule.is_general and any(each.is_general for each in earlier)):
            yield _unreachable(rule, earlier, ground, (*where, index))
        elif not rule.is_general and common(reach, taken):
            yield from _contended(rule, earlier, ground, (*where, index))
        taken = together(taken, reach)


def _unreachable(rule: TargetRule, earlier: list[TargetRule], ground: Ground, where: Location) -> Problem:
    reach = ground.reach(rule)
    takers = [
        each
        for each, share in zip(earlier, shares(earlier, ground), strict=True)
        if common(reach, share)
    ]
    names = ", ".join(each.id for each in takers)
    return Problem(
        where,
        f"{rule.id} is never reached: whatever it is meant for, {names} above it takes first",
        f"move it above {takers[0].id}, or remove it",
    )


def _contended(
    rule: TargetRule, earlier: list[TargetRule], ground: Ground, where: Location
) -> Iterator[Problem]:
    """A warning for each earlier rule that takes some, but not by being the more special one."""
    reach = ground.reach(rule)
    for other, share in zip(earlier, shares(earlier, ground), strict=True):
        both = common(reach, share)
        if other.is_general or not both or not without(ground.reach(other), reach):
            continue
        yield Problem(
            where,
            f"{rule.id} and {other.id} both fit {_example(both, ground, rule, other)}; the first,"
            f" {other.id}, wins",
            "keep this order if that is meant, else change it or narrow one of them",
            "warning",
        )


def _example(both: Reach, ground: Ground, rule: TargetRule, other: TargetRule) -> str:
    """One request that both rules fit, told by what they ask for."""
    cell, kinds = next(iter(both.items()))
    kind = ground.example(kinds)
    parts = [
        f"kind {kind}" if kind else "a request",
        f"with {cell.department}" if cell.department else "",
        f"of nature {cell.nature}" if cell.nature else "",
        f"received on {_day(cell)}" if _is_dated(rule) or _is_dated(other) else "",
    ]
    return " ".join(part for part in parts if part)


def _is_dated(rule: TargetRule) -> bool:
    return rule.effective_from is not None or rule.effective_to is not None


def _day(cell: Cell) -> str:
    return "any day so far" if cell.since == date.min else cell.since.isoformat()
