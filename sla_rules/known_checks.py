"""Whether the kinds and departments that rules name exist."""

from collections.abc import Iterator

from models.rule_problems import Location, Problem
from models.spelling import did_you_mean
from sla_rules.grade_rules import GradesFile
from sla_rules.known import Known


def check_known(content: GradesFile, known: Known) -> Iterator[Problem]:
    """Every kind and department is in the catalogue; a rule for any other would never be reached."""
    for grade, rules in content.grades.items():
        for index, rule in enumerate(rules.rules):
            where: Location = ("grades", grade.value, "rules", index)
            for at, kind in enumerate(rule.kinds):
                if kind not in known.kinds:
                    hint = did_you_mean(kind, known.kinds, known.names)
                    yield Problem((*where, "kinds", at), f"the catalogue has no kind {kind!r}", hint)
            for at, department in enumerate(rule.departments):
                if department not in known.departments:
                    hint = did_you_mean(department, known.departments, known.names)
                    reason = f"the catalogue has no department {department!r}"
                    yield Problem((*where, "departments", at), reason, hint)
