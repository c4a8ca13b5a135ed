"""`retention.yaml`: how long words are kept; read as data, within bounds that no file can cross."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import model_validator

from models.rule_files import RuleModel, own_or_delivered, read_rule_file
from models.vocabulary import Grade
from sla_rules.limits import Unit, WrittenLimit
from sla_rules.written import Code, Source, Words

SHIPPED = Path(__file__).with_name("retention.yaml")
SHORTEST, SHORTEST_HARM = timedelta(days=90), timedelta(days=1825)
"""A file may not seal sooner: a case may be reopened, and harm is proved late."""


class OrderWords(RuleModel):
    """How long the words in proactive orders are kept once an order is over."""

    seal_after: WrittenLimit
    source: Source

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        _check_is_long_enough(self.seal_after, SHORTEST)
        return self


class RetentionClass(RuleModel):
    """Cases that are kept equally long; what is left out fits every case."""

    code: Code
    name: Words
    harm: bool | None = None
    grades: tuple[Grade, ...] = ()
    seal_after: WrittenLimit
    source: Source

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        _check_is_long_enough(self.seal_after, SHORTEST_HARM if self.harm else SHORTEST)
        return self

    def fits(self, grade: Grade, *, harm: bool) -> bool:
        """Whether a case of this grade belongs here."""
        return self.harm in (None, harm) and (not self.grades or grade in self.grades)


def _check_is_long_enough(kept: WrittenLimit, shortest: timedelta) -> None:
    if kept.unit is not Unit.DAYS:
        raise ValueError(f"{kept}: write how long words are kept in days, such as 365 d")
    if kept.length < shortest:
        raise ValueError(f"{kept}: at least {shortest.days} d; what is sealed never comes back")


class Retention(RuleModel):
    """The whole file; the first class that fits decides. Without `orders` the words of proactive orders are kept."""

    orders: OrderWords | None = None
    classes: tuple[RetentionClass, ...]

    @model_validator(mode="after")
    def _ends_with_every_case_and_keeps_harm_long(self) -> Self:
        codes = [each.code for each in self.classes]
        if len(set(codes)) < len(codes):
            raise ValueError("two classes have the same code")
        if not self.classes or self.classes[-1].harm is not None or self.classes[-1].grades:
            raise ValueError("the last class must fit every case: leave harm and grades out of it")
        for grade in Grade:
            found = self.class_of(grade, harm=True)
            if found.seal_after.length < SHORTEST_HARM:
                raise ValueError(f"{found.code}: suspected harm of grade {grade} falls into it and needs at least {SHORTEST_HARM.days} d")
        return self

    def class_of(self, grade: Grade, *, harm: bool) -> RetentionClass:
        """The class of a case of this grade."""
        return next(each for each in self.classes if each.fits(grade, harm=harm))


def load_retention(home: Path | None = None) -> Retention:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(own_or_delivered(home, SHIPPED, "retention.yaml"), Retention)
