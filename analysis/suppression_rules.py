"""`suppression.yaml`: what is too small to be published and what may be crossed; within bounds no file can cross."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from analysis.grouping import Dimension
from models.rule_files import RuleModel, digest_of, own_or_delivered, read_rule_file
from sla_rules.written import Source

SHIPPED = Path(__file__).with_name("suppression.yaml")
SMALLEST_LIMIT = 3
"""A pair can tell each other apart from a third: no file may publish less."""
NEVER = frozenset({"age", "child_age", "street", "town", "address", "school", "venue"})


class Zeros(StrEnum):
    """Whether a count of nobody is printed."""

    HIDDEN = "hidden"
    SHOWN = "shown"


def _may_be_published(value: Any) -> Any:
    if value in NEVER:
        raise ValueError(f"{value} tells children apart and is in no published table")
    return value


Published = Annotated[Dimension, BeforeValidator(_may_be_published)]


class SuppressionRules(RuleModel):
    """The whole file."""

    limit: int = Field(ge=SMALLEST_LIMIT, le=100)
    width: int = Field(ge=SMALLEST_LIMIT, le=100)
    zeros: Zeros
    tables: tuple[tuple[Published, ...], ...] = Field(min_length=1)
    source: Source

    @field_validator("tables")
    @classmethod
    def _are_no_finer_than_pairs(cls, tables: tuple[tuple[Dimension, ...], ...]) -> tuple[tuple[Dimension, ...], ...]:
        for each in tables:
            if len(each) > 2:
                raise ValueError(f"{' × '.join(each)}: at most two may be crossed")
            if len(set(each)) < len(each):
                raise ValueError(f"{each[0]} is crossed with itself")
        if {Dimension.KIND, Dimension.FAMILY} <= {dimension for each in tables for dimension in each}:
            raise ValueError("kinds add up to families: publish one of the two")
        check_no_circle(tables)
        return tables

    @model_validator(mode="after")
    def _leaves_more_doubt_than_the_limit(self) -> Self:
        if self.width < self.limit:
            raise ValueError(f"width {self.width} would let a reader be sure of a count under the limit of {self.limit}")
        return self


def check_no_circle(tables: tuple[tuple[str, ...], ...]) -> None:
    """Return if the crossed tables form no circle such as A × B, B × C, A × C.

    In a circle the tables bind each other in ways that looking at each of them does not show, and the audit would
    be too easy on them.

    Raises:
        ValueError: They do.
    """
    group = {each: each for table in tables for each in table}

    def root(each: str) -> str:
        while group[each] != each:
            each = group[each]
        return each

    for one, other in sorted({tuple(sorted(table)) for table in tables if len(table) == 2}):
        if root(one) == root(other):
            raise ValueError(f"{one} × {other} closes a circle of crossed tables; leave one of them out")
        group[root(one)] = root(other)


def load_suppression(home: Path | None = None) -> SuppressionRules:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(suppression_file(home), SuppressionRules)


def suppression_file(home: Path | None = None) -> Path:
    """Where the rules of suppression stand."""
    return own_or_delivered(home, SHIPPED, "suppression.yaml")


def suppression_digest(home: Path | None = None) -> str:
    """Names the very content of the file."""
    return digest_of([suppression_file(home)])
