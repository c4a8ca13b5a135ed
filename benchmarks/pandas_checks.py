"""The same expectations on pandas: every batch read into a data frame and checked there.

What a rule says in SQL is evaluated on nullable columns, which know SQL's third truth value; Great
Expectations' pandas engine then judges. It is the yardstick of `benchmarks.data_checks`, in a process
of its own, as the checks themselves are.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations import expectations
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from sqlalchemy import create_engine, text

from data_checks.batches import HouseBatches
from data_checks.chains import altered_journals
from data_checks.ledger_batches import LedgerBatches
from data_checks.requests import CheckRequest
from data_checks.rule_files import (
    DEPARTMENT_BATCHES,
    HOUSE_BATCHES,
    JOURNAL_BATCHES,
    HouseRules,
    Rows,
    Rule,
    load_house_rules,
)
from data_checks.sql import Sql
from data_checks.suites import RESULT_FORMAT, expectation_of

gxe: Any = expectations
Column = Any
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<text>[^']*)'|(?P<word>[A-Za-z_]\w*)|(?P<sign><>|<=|>=|[=<>+\-*(),]))")


class Condition:
    """A rule's SQL condition, evaluated on a data frame.

    It knows what the rules use: AND, OR, NOT, comparisons, IN, IS [NOT] NULL, ABS, + - *.

    Raises:
        ValueError: The condition uses something else.
    """

    def __init__(self, said: str, frame: pd.DataFrame) -> None:
        self._tokens = _tokens(said)
        self._frame = frame

    def failing(self) -> pd.Series:
        """True where the condition is true; false where it is not, or unknown."""
        found = self._either()
        if self._tokens:
            raise ValueError(f"not understood from {self._tokens[0][1]}")
        return found.fillna(False).astype(bool)

    def _next(self, *wanted: str) -> str | None:
        if self._tokens and self._tokens[0][0] == "sign" and self._tokens[0][1] in wanted:
            return self._tokens.pop(0)[1]
        if self._tokens and self._tokens[0][0] == "word" and self._tokens[0][1].upper() in wanted:
            return self._tokens.pop(0)[1].upper()
        return None

    def _must(self, *wanted: str) -> None:
        for each in wanted:
            if not self._next(each):
                raise ValueError(f"{each} expected")

    def _either(self) -> Column:
        found = self._both()
        while self._next("OR"):
            found = found | self._both()
        return found

    def _both(self) -> Column:
        found = self._negated()
        while self._next("AND"):
            found = found & self._negated()
        return found

    def _negated(self) -> Column:
        return ~self._negated() if self._next("NOT") else self._compared()

    def _compared(self) -> Column:
        left = self._sum()
        if self._next("IS"):
            negated = self._next("NOT")
            self._must("NULL")
            return (left.notna() if negated else left.isna()).astype("boolean")
        if negated := self._next("NOT"):
            self._must("IN")
            return ~self._among(left)
        if self._next("IN"):
            return self._among(left)
        sign = self._next("=", "<>", "<", "<=", ">", ">=")
        return COMPARE[sign](left, self._sum()) if sign else left

    def _among(self, left: Column) -> Column:
        self._must("(")
        values = [self._value()]
        while self._next(","):
            values.append(self._value())
        self._must(")")
        return left.isin(values).astype("boolean").mask(left.isna())

    def _sum(self) -> Column:
        found = self._product()
        while sign := self._next("+", "-"):
            right = self._product()
            found = found + right if sign == "+" else found - right
        return found

    def _product(self) -> Column:
        found = self._value()
        while self._next("*"):
            found = found * self._value()
        return found

    def _value(self) -> Column:
        if self._next("("):
            found = self._either()
            self._must(")")
            return found
        if self._next("ABS"):
            self._must("(")
            found = self._sum()
            self._must(")")
            return abs(found)
        kind, said = self._tokens.pop(0)
        if kind == "word":
            return self._frame[said]
        return float(said) if kind == "number" else said


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _tokens(said: str) -> list[tuple[str, str]]:
    found, place = [], 0
    said = said.strip()
    while place < len(said):
        match = _TOKEN.match(said, place)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not understood: {said[place : place + 20]}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


@dataclass(frozen=True)
class OnPandas:
    """One part checked on data frames: seconds in all and of them for reading, and failing rows by rule."""

    part: str
    seconds: float
    reading: float
    failing: dict[str, int]


def check_on_pandas(request: CheckRequest) -> OnPandas:
    """Read the batches of one part and run its expectations on them."""
    rules, began = load_house_rules(), time.perf_counter()
    context: Any = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False), analytics_enabled=False
        ),
    )
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("frames")
    engine, reading, failing = create_engine(request.database_url), 0.0, dict[str, int]()
    sql = Sql(is_sqlite=engine.dialect.name == "sqlite")
    with engine.connect() as connection:
        for batch, select in _selects(request, sql, connection):
            asked = time.perf_counter()
            frame = pd.read_sql_query(text(select), connection).convert_dtypes()
            reading += time.perf_counter() - asked
            failing |= _judge(source, batch, frame, rules, request)
    engine.dispose()
    return OnPandas(request.part, time.perf_counter() - began, reading, failing)


def _selects(request: CheckRequest, sql: Sql, connection: Any) -> list[tuple[str, str]]:
    if request.terms:
        theirs = LedgerBatches(sql, request.terms.unpacked(), request.now)
        return [(each, theirs.select(each)) for each in DEPARTMENT_BATCHES]
    house = HouseBatches(sql, altered=altered_journals(connection) if request.journals else ())
    return [(each, house.select(each)) for each in (JOURNAL_BATCHES if request.journals else HOUSE_BATCHES)]


def _judge(source: Any, batch: str, frame: pd.DataFrame, rules: HouseRules, request: CheckRequest) -> dict[str, int]:
    of_batch = rules.of_batch(batch)  # type: ignore[arg-type]
    if frame.empty:
        return {each.id: 0 for each in of_batch}
    for column in [each for each in frame if str(frame[each].dtype) in {"boolean", "Int64"} and _is_truth(each, frame)]:
        frame[column] = frame[column].astype("boolean")
    for column in [each for each in frame if frame[each].isna().all()]:
        frame[column] = frame[column].astype("datetime64[ns]" if column.endswith("_at") else "Int64")
    suite = gx.ExpectationSuite(name=batch)
    for rule in of_batch:
        suite.add_expectation(_on_frame(rule, frame, request))
    asset = source.add_dataframe_asset(batch)
    data = asset.add_batch_definition_whole_dataframe("now").get_batch({"dataframe": frame})
    validation = data.validate(suite, result_format=RESULT_FORMAT)
    return {
        each.expectation_config.meta["rule"]: int(each.result["unexpected_count"]) for each in validation.results
    }


def _is_truth(column: Any, frame: pd.DataFrame) -> bool:
    """SQLite has no truth values: 0 and 1 in a column that is compared with nothing."""
    return column in TRUTHS and frame[column].dropna().isin([0, 1]).all()


TRUTHS = frozenset({
    "owes_police", "has_receipt", "is_linked", "main_known", "main_is_linked", "has_key", "has_words", "leads_part",
    "unit_known", "kept_from", "head_agrees", "altered", "withdrawn", "in_ours", "in_theirs", "case_known",
    "we_say_leads", "they_say_leads", "usual_known",
})  # fmt: skip


def _on_frame(rule: Rule, frame: pd.DataFrame, request: CheckRequest) -> Any:
    if not isinstance(rule.check, Rows):
        return expectation_of(rule, request.known)
    frame[f"fails {rule.id}"] = Condition(rule.check.fails_when, frame).failing()
    return gxe.ExpectColumnValuesToBeInSet(column=f"fails {rule.id}", value_set=[False], meta={"rule": rule.id})
