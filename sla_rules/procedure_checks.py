"""What must hold between the entries of `procedure.yaml`."""

from collections.abc import Iterator

from models.grades import NEVER_PAUSED, SAFETY_GRADES
from models.rule_problems import Problem
from models.vocabulary import Grade
from sla_rules.procedure_rules import ProcedureFile


def check_procedure(content: ProcedureFile) -> Iterator[Problem]:
    """Each grade may be extended or never is; U0 and U1 never are."""
    for grade in Grade:
        if grade in SAFETY_GRADES and grade in content.extensions:
            yield Problem(("extensions", grade.value), f"{grade} is never extended; remove it")
        if grade in NEVER_PAUSED and grade in content.extensions and content.extensions[grade].roll_over:
            yield Problem(("extensions", grade.value, "roll_over"), f"clocks of {grade} never roll over")
        if (grade in content.extensions) == (grade in content.never_extended):
            yield Problem(("never_extended",), f"{grade} stands either here or under extensions, not in both")
