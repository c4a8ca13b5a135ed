"""`recommendations.yaml`: when a report gives which advice, on what legal basis and to whom; read as data."""

import re
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from models.rule_files import RuleModel, digest_of, own_or_delivered, read_rule_file
from sla_rules.written import Code, Words

SHIPPED = Path(__file__).with_name("recommendations.yaml")
PLACES = frozenset({"subjects", "season"})
"""What advice may name in braces: the rows or topics that brought it about, and the season ahead."""
_DIGIT = re.compile(r"\d")
_PLACE = re.compile(r"\{([^{}]*)\}")
_FIGURE = r"^[a-z_]+(\.[a-z_]+)+$"


def _as_written(value: Any) -> Any:
    # YAML reads 0.5 as a float; its shortest text is what was written, its value is not.
    return str(value) if isinstance(value, float | int) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_as_written), Field(allow_inf_nan=False, max_digits=9)]
FigureName = Annotated[str, StringConstraints(pattern=_FIGURE)]
Department = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,12}$")]


class Comparison(StrEnum):
    """How a number is held against the threshold."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"

    def holds(self, value: Decimal, threshold: Decimal) -> bool:
        """Whether it is so."""
        return {
            Comparison.AT_LEAST: value >= threshold,
            Comparison.ABOVE: value > threshold,
            Comparison.AT_MOST: value <= threshold,
            Comparison.BELOW: value < threshold,
        }[self]


class RecordSort(StrEnum):
    """Lists of the facts."""

    ISSUE = "issue"
    WARNING = "warning"
    CANDIDATE = "candidate"
    ORDER = "order"


class Condition(RuleModel):
    """One thing that must be so; exactly one of `figure`, `table`, `record` and `season` says what is looked at.

    `minus` takes another number away, `over` tells by how many percent the number is greater than another. The number
    is held against `threshold` or against the number that `than` names. `row: any` looks at every row of the table,
    a record condition at every record: those that fit are the subjects of the advice.
    """

    said: Words
    figure: FigureName | None = None
    table: FigureName | None = None
    row: tuple[str, ...] | Literal["any"] | None = None
    column: Code | None = None
    record: RecordSort | None = None
    field: Code | None = None
    equals: tuple[str, ...] = ()
    season: tuple[str, ...] = ()
    within_days: int | None = Field(default=None, ge=1, le=120)
    minus: str | None = None
    over: str | None = None
    compare: Comparison | None = Field(default=None, alias="is")
    threshold: Number | None = None
    than: FigureName | None = None

    @model_validator(mode="after")
    def _says_what_is_looked_at(self) -> Self:
        looked_at = [name for name in ("figure", "table", "record") if getattr(self, name) is not None]
        looked_at += ["season"] if self.season else []
        if len(looked_at) != 1:
            raise ValueError("name exactly one of figure, table, record and season")
        needs = {
            "figure": (),
            "table": ("row", "column"),
            "record": ("field",),
            "season": ("within_days",),
        }[looked_at[0]]
        if missing := [each for each in needs if getattr(self, each) is None]:
            raise ValueError(f"a condition on a {looked_at[0]} also needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _says_how_it_is_compared(self) -> Self:
        if self.season or self.equals:
            if self.compare or self.threshold is not None or self.than:
                raise ValueError("nothing is compared here; remove `is`, `threshold` and `than`")
            return self
        if self.compare is None or (self.threshold is None) is (self.than is None):
            raise ValueError("say `is:` with either `threshold:` or `than:`")
        if self.minus and self.over:
            raise ValueError("use either `minus` or `over`")
        return self


class Basis(RuleModel):
    """An article of a law that stands in `laws`; 0 for a document as a whole."""

    law: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+$")]
    article: int = Field(ge=0, le=199)


class Rule(RuleModel):
    """When to say what to whom; all conditions must hold, and a held-back or missing number never does.

    `to` is a department's code, DESK, LEADS (every lead; in a unit's report the unit) or OWNER (of the records).
    """

    id: Code
    when: tuple[Condition, ...] = Field(min_length=1, max_length=4)
    to: Department
    advice: Words
    basis: tuple[Basis, ...] = Field(min_length=1)

    @field_validator("advice")
    @classmethod
    def _holds_no_number(cls, advice: Words) -> Words:
        for text in (advice.zh, advice.en):
            places = set(_PLACE.findall(text))
            if unknown := sorted(places - PLACES):
                raise ValueError(f"{{{unknown[0]}}} is unknown; advice may name {', '.join(sorted(PLACES))}")
            if _DIGIT.search(_PLACE.sub("", text)):
                raise ValueError("advice holds no figures: the report adds those that brought it about")
        return advice

    @model_validator(mode="after")
    def _names_what_it_has(self) -> Self:
        has_subjects = any(each.row == "any" or each.record for each in self.when)
        for text in (self.advice.zh, self.advice.en):
            if "{subjects}" in text and not has_subjects:
                raise ValueError("{subjects} needs a condition with `row: any` or on a record")
            if "{season}" in text and not any(each.season for each in self.when):
                raise ValueError("{season} needs a condition with `season`")
        if self.to == "OWNER" and not any(each.record for each in self.when):
            raise ValueError("`to: OWNER` needs a condition on a record")
        return self


class RecommendationRules(RuleModel):
    """The whole file."""

    laws: dict[str, Words]
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_told_apart_and_based(self) -> Self:
        ids = [each.id for each in self.rules]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"two rules are called {twice[0]}; give one of them another id")
        for rule in self.rules:
            if unknown := [each.law for each in rule.basis if each.law not in self.laws]:
                raise ValueError(f"rule {rule.id}: add {unknown[0]} to `laws`, or correct its key")
        return self


def load_recommendations(home: Path | None = None) -> RecommendationRules:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(recommendation_file(home), RecommendationRules)


def recommendation_file(home: Path | None = None) -> Path:
    """Where the rules of the recommendations stand."""
    return own_or_delivered(home, SHIPPED, "recommendations.yaml")


def recommendations_digest(home: Path | None = None) -> str:
    """Names the very content of the file."""
    return digest_of([recommendation_file(home)])
