"""What must hold between the entries of `procedure.yaml`."""

from collections.abc import Iterator

from models.grades import NEVER_PAUSED, SAFETY_GRADES
from models.rule_problems import Problem
from models.vocabulary import Grade
from sla_rules.procedure_rules import ProcedureFile


def check_procedure(content: ProcedureFile) -> Iterator[Problem]:
    """Each grade may be extended or never is; U0 and U1 never are, and only a supervisor closes them."""
    for grade in Grade:
        if grade in SAFETY_GRADES and grade in content.extensions:
            yield Problem(("extensions", grade.value), f"{grade} is never extended; remove it")
        if grade in NEVER_PAUSED and grade in content.extensions and content.extensions[grade].roll_over:
            yield Problem(("extensions", grade.value, "roll_over"), f"clocks of {grade} never roll over")
        if (grade in content.extensions) == (grade in content.never_extended):
            yield Problem(("never_extended",), f"{grade} stands either here or under extensions, not in both")
    approval = content.closing.approval
    for grade in sorted(SAFETY_GRADES - set(approval.grades)):
        yield Problem(("closing", "approval", "grades"), f"{grade} is closed by a supervisor only; add it")
    if approval.leader_after.length < approval.again_every.length:
        yield Problem(("closing", "approval", "leader_after"), "the leader hears no sooner than the supervisor does again")
    yield from _check_follow_ups(content)
    yield from _check_reasons(content)


def _check_follow_ups(content: ProcedureFile) -> Iterator[Problem]:
    ids = [each.id for each in content.follow_ups]
    for place, rule in enumerate(content.follow_ups):
        if rule.id in ids[:place]:
            yield Problem(("follow_ups", place, "id"), f"{rule.id}: this id is taken")
        lengths = [each.length for each in rule.after]
        if lengths != sorted(set(lengths)):
            yield Problem(("follow_ups", place, "after"), "write each once, the soonest first")


def _check_reasons(content: ProcedureFile) -> Iterator[Problem]:
    for name in type(content.reasons).model_fields:
        listed = [each.code for each in getattr(content.reasons, name)]
        for place, code in enumerate(listed):
            if code in listed[:place]:
                yield Problem(("reasons", name, place, "code"), f"{code}: this code is taken")
