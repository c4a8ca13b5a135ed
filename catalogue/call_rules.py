"""`catalogue/calls/calls.yaml`: what becomes of calls in which nobody asks for anything."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from catalogue.schema import KindCode, Words
from models.rule_files import RuleModel, own_or_delivered, read_rule_file
from models.vocabulary import NO_REQUEST, CallType

SHIPPED = Path(__file__).with_name("calls") / "calls.yaml"


class CallSignal(RuleModel):
    """From how many calls on one number stands for a child who dares not speak."""

    types: tuple[CallType, ...] = Field(min_length=1)
    calls: int = Field(ge=2, le=10)
    within_days: int = Field(ge=1, le=60)
    source: Words

    @model_validator(mode="after")
    def only_calls_without_a_request(self) -> Self:
        """Whoever speaks is classified by what they say."""
        if others := sorted(set(self.types) - NO_REQUEST):
            raise ValueError(f"types: in {', '.join(others)} somebody speaks; only {', '.join(sorted(NO_REQUEST))}")
        return self


class CallRules(RuleModel):
    """The whole file."""

    kinds: dict[CallType, KindCode]
    signal: CallSignal

    @model_validator(mode="after")
    def every_call_without_a_request_has_a_kind(self) -> Self:
        """One left out would be filed by whatever its one line happens to say."""
        if set(self.kinds) != NO_REQUEST:
            wrong = ", ".join(sorted(set(self.kinds) ^ NO_REQUEST))
            raise ValueError(f"kinds: exactly {', '.join(sorted(NO_REQUEST))} need one; look at {wrong}")
        return self


def load_calls(home: Path | None = None) -> CallRules:
    """The desk's own file in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(own_or_delivered(home, SHIPPED, "calls.yaml"), CallRules)
