"""`escalation.yaml`: who hears of a clock, when, and what is asked of them."""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from models.rule_files import RuleModel
from models.vocabulary import Ask, Grade, Recipient, Target
from sla_rules.firing import WrittenFiring
from sla_rules.written import Code, Source, Words

Addressee = Recipient | Literal["HANDLER"]


def parse_addressee(written: Any) -> Addressee:
    """HANDLER (whoever the clock runs against) or a `Recipient`."""
    if written == "HANDLER":
        return "HANDLER"
    known = [each.value for each in Recipient]
    if written not in known:
        raise ValueError(f"nobody is called {str(written)!r}; known are HANDLER, {', '.join(known)}")
    return Recipient(written)


class Rung(RuleModel):
    """One step of a ladder: when, who is told, and what is asked of them."""

    level: Annotated[int, Field(ge=1)]
    at: WrittenFiring
    tell: Annotated[tuple[Annotated[Addressee, PlainValidator(parse_addressee)], ...], Field(min_length=1)]
    ask: Ask
    name: Words


class Ladder(RuleModel):
    """The rungs that clocks of these targets climb; without `grades` those of every grade."""

    id: Code
    targets: Annotated[tuple[Target, ...], Field(min_length=1)]
    grades: tuple[Grade, ...] = tuple(Grade)
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]
    source: Source

    def covers(self, grade: Grade, target: Target) -> bool:
        """Whether a clock of this grade and target climbs this ladder."""
        return target in self.targets and grade in self.grades


class EscalationFile(RuleModel):
    """`escalation.yaml`; the first ladder that covers a clock is the one it climbs."""

    ladders: Annotated[tuple[Ladder, ...], Field(min_length=1)]
