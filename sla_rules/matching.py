"""Which rule a request goes by, and why the rules above it were passed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from models.vocabulary import Grade, Nature, Target
from sla_rules.grade_rules import TargetRule
from sla_rules.rule_book import RuleBook

MOST_NAMED = 6
"""Of a rule for many kinds only so many are named; the file has them all."""


@dataclass(frozen=True)
class Request:
    """What rules ask of a request; `on` is the day it was received in the calendar's zone."""

    grade: Grade
    target: Target
    on: date
    kind: str | None = None
    department: str | None = None
    nature: Nature | None = None


@dataclass(frozen=True)
class PassedOver:
    """A rule of the target that stands above the one taken, with what keeps it from fitting."""

    rule: TargetRule
    zh: str
    en: str


def rule_for(book: RuleBook, request: Request) -> TargetRule | None:
    """The rule that the request goes by; None if its grade does not measure the target."""
    return book.target_rule(
        request.grade,
        request.target,
        on=request.on,
        kind=request.kind,
        department=request.department,
        nature=request.nature,
    )


def passed_over(book: RuleBook, request: Request) -> tuple[PassedOver, ...]:
    """The target's rules above the one that fits, in the order of the file; all of them if none fits."""
    taken = rule_for(book, request)
    found = []
    for rule in book.grades[request.grade].rules if request.grade in book.grades else ():
        if rule == taken:
            break
        if rule.target is request.target:
            reasons = tuple(_against(rule, request))
            found.append(
                PassedOver(rule, "；".join(zh for zh, _ in reasons), "; ".join(en for _, en in reasons))
            )
    return tuple(found)


def _against(rule: TargetRule, request: Request) -> Iterator[tuple[str, str]]:
    if rule.effective_from and request.on < rule.effective_from:
        yield f"{rule.effective_from}起才有效", f"in force only from {rule.effective_from}"
    if rule.effective_to and request.on > rule.effective_to:
        yield f"仅有效至{rule.effective_to}", f"in force only until {rule.effective_to}"
    for zh, en, wanted, given in (
        ("事项", "kinds", rule.kinds, request.kind),
        ("单位", "departments", rule.departments, request.department),
        ("性质", "natures", rule.natures, request.nature),
    ):
        if wanted and given not in wanted:
            more = len(wanted) - MOST_NAMED
            rest_zh, rest_en = (f"等{len(wanted)}项", f" and {more} more") if more > 0 else ("", "")
            shown = wanted[:MOST_NAMED]
            yield f"仅限{zh}{'、'.join(shown)}{rest_zh}", f"only {en} {', '.join(shown)}{rest_en}"
