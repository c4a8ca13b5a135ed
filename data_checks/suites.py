"""House rules as Great Expectations: one suite a batch, run inside the database.

This module imports Great Expectations, which takes seconds: only the checking process may.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import great_expectations as gx
from great_expectations import expectations

from data_checks.rule_files import Check, InSet, NotNull, Order, Rows, Rule, Unique, failing_sql

gxe: Any = expectations  # its package re-exports them in a way that type checkers do not follow
KEY = "subject"
RESULT_FORMAT = {
    "result_format": "SUMMARY",
    "unexpected_index_column_names": [KEY],
    "exclude_unexpected_values": True,
}
"""What falls short is shown by its key, never by its value."""


def suite_of(name: str, rules: Sequence[Rule], known: Mapping[str, tuple[str, ...]]) -> gx.ExpectationSuite:
    """The expectations of one batch; each carries its rule's id, severity and sentences as `meta`."""
    suite = gx.ExpectationSuite(name=name)
    for rule in rules:
        suite.add_expectation(expectation_of(rule, known))
    return suite


def expectation_of(rule: Rule, known: Mapping[str, tuple[str, ...]]) -> Any:
    """The expectation that says the same as the rule's condition."""
    meta = {"rule": rule.id, "severity": rule.severity.value, "who": rule.who, "zh": rule.zh, "en": rule.en}
    check: Check = rule.check
    match check:
        case Rows():
            query = f"SELECT {KEY} FROM {{batch}} WHERE {failing_sql(check, dict(known), '{batch}')}"
            words = f"{rule.zh} {rule.en}"
            return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=words, meta=meta)
        case NotNull():
            return gxe.ExpectColumnValuesToNotBeNull(column=check.column, meta=meta)
        case InSet():
            return gxe.ExpectColumnValuesToBeInSet(column=check.column, value_set=list(known[check.known]), meta=meta)
        case Unique():
            if len(check.columns) == 1:
                return gxe.ExpectColumnValuesToBeUnique(column=check.columns[0], meta=meta)
            return gxe.ExpectCompoundColumnsToBeUnique(
                column_list=list(check.columns), ignore_row_if="any_value_is_missing", meta=meta
            )
        case Order():
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=check.later, column_B=check.earlier, or_equal=True,
                ignore_row_if="either_value_is_missing", meta=meta,
            )  # fmt: skip
