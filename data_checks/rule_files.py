"""House rules of the records: what must hold, how bad it is if not, and who sets it right.

One YAML file per batch in `data_checks/rules/`. A rule is data with one sentence in Chinese and one
in English; what it asks is either a condition over the batch's columns, in the SQL that SQLite and
PostgreSQL share, or one of four plain forms. Both Great Expectations and the closing gate are given
the same condition: `failing_sql` is the one place it is made.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.rule_files import RuleFileError, RuleModel, read_rule_file
from models.vocabulary import Severity

FOLDER = Path(__file__).parent / "rules"

Batch = Literal["cases", "parts", "clocks", "journals", "joint", "ledger", "orders", "extracts", "days"]
HOUSE_BATCHES: tuple[Batch, ...] = ("cases", "parts", "joint")
JOURNAL_BATCHES: tuple[Batch, ...] = ("clocks", "journals")
"""Batches that read every journal entry: by night and by hand only."""
DEPARTMENT_BATCHES: tuple[Batch, ...] = ("ledger", "orders", "extracts", "days")
FOR_ONE_CASE: frozenset[Batch] = frozenset({"cases", "parts", "clocks", "journals", "orders"})

Who = Literal["department", "DESK", "DUTY_SUPERVISOR", "ADMINISTRATOR"]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
KnownList = Literal["kinds", "departments", "statuses", "grades"]


class Rows(RuleModel):
    """Rows fall short for which this condition is true."""

    form: Literal["rows"] = "rows"
    fails_when: str = Field(min_length=3)


class NotNull(RuleModel):
    """A column is never empty."""

    form: Literal["not_null"]
    column: Column


class InSet(RuleModel):
    """A column holds known codes only; an empty cell is another rule's matter."""

    form: Literal["in_set"]
    column: Column
    known: KnownList


class Unique(RuleModel):
    """No two rows agree in all these columns."""

    form: Literal["unique"]
    columns: tuple[Column, ...] = Field(min_length=1)


class Order(RuleModel):
    """One moment is not after the other, where both are known."""

    form: Literal["order"]
    earlier: Column
    later: Column


Check = Annotated[Rows | NotNull | InSet | Unique | Order, Field(discriminator="form")]


class Rule(RuleModel):
    """One expectation of the house."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    severity: Severity
    who: Who
    within_working_hours: int = Field(default=16, ge=1, le=400)
    check: Check
    zh: str = Field(min_length=4)
    en: str = Field(min_length=8)

    @model_validator(mode="after")
    def _a_block_can_be_asked_of_one_case(self) -> "Rule":
        if self.severity is Severity.BLOCK and not isinstance(self.check, Rows | Order | NotNull):
            raise ValueError(
                "severity block is asked of one case alone, which `unique` and `in_set` cannot be:"
                " write it as `form: rows`, or use severity task"
            )
        return self


class RuleFile(RuleModel):
    """One file of rules, all about one batch."""

    batch: Batch
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class HouseRules:
    """Every rule by its id, and of which batch; `digest` is the SHA-256 of the files, in hex."""

    rules: dict[str, Rule]
    batch_of: dict[str, Batch]
    digest: str

    def of_batch(self, batch: Batch) -> list[Rule]:
        """The rules of one batch, in the order of their file."""
        return [rule for rule in self.rules.values() if self.batch_of[rule.id] == batch]


def load_house_rules(folder: Path = FOLDER) -> HouseRules:
    """Read every rule file of a folder.

    Raises:
        RuleFileError: A file cannot be used, or two rules have one id.
    """
    total, rules, batch_of = hashlib.sha256(), dict[str, Rule](), dict[str, Batch]()
    for path in sorted(folder.glob("*.yaml")):
        total.update(path.read_bytes())
        found = read_rule_file(path, RuleFile)
        for rule in found.rules:
            _check_fits(path.name, found.batch, rule, rules)
            rules[rule.id], batch_of[rule.id] = rule, found.batch
    return HouseRules(rules, batch_of, total.hexdigest())


def _check_fits(file: str, batch: Batch, rule: Rule, others: dict[str, Rule]) -> None:
    if rule.id in others:
        raise RuleFileError([f"{file}: {rule.id}: two rules have this id; rename one"])
    if rule.severity is Severity.BLOCK and batch not in FOR_ONE_CASE:
        raise RuleFileError(
            [f"{file}: {rule.id}: severity: batch {batch} cannot be asked about one case alone; use task"]
        )


def failing_sql(check: Check, known: dict[str, tuple[str, ...]], table: str) -> str:
    """The condition, true for each row of `table` that falls short.

    Args:
        check: What the rule asks.
        known: The values of each `KnownList`.
        table: Name of the batch, for the forms that look at other rows of it.
    """
    match check:
        case Rows():
            return f"({check.fails_when.strip()})"
        case NotNull():
            return f"({check.column} IS NULL)"
        case InSet():
            values = ", ".join("'" + value.replace("'", "''") + "'" for value in known[check.known])
            return f"({check.column} IS NOT NULL AND {check.column} NOT IN ({values}))"
        case Order():
            return f"({check.earlier} > {check.later})"
        case Unique():
            names = ", ".join(check.columns)
            present = " AND ".join(f"{each} IS NOT NULL" for each in check.columns)
            again = f"SELECT {names} FROM {table} WHERE {present} GROUP BY {names} HAVING COUNT(*) > 1"
            return f"(({names}) IN ({again}))"
