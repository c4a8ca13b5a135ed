"""What `settings.yaml` may say about candidates."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from models.rule_files import RuleModel, read_rule_file


class Sign(StrEnum):
    """What speaks for taking a topic up."""

    MANY = "many"
    HOT = "hot"
    GROWING = "growing"
    LASTING = "lasting"
    SEVERAL_UNITS = "several_units"
    SEASON_AHEAD = "season_ahead"


class SignRule(RuleModel):
    """How much a sign counts, and from which value on it holds."""

    sign: Sign
    points: int = Field(ge=0, le=100)
    at_least: float = Field(allow_inf_nan=False)


class CandidateSettings(RuleModel):
    """The whole file."""

    fewest_matters: int = Field(ge=5, le=10_000)
    most: int = Field(ge=1, le=1_000)
    signs: tuple[SignRule, ...]

    @model_validator(mode="after")
    def every_sign_once(self) -> Self:
        """All of them, in any order, and a full score is a hundred."""
        if sorted(each.sign for each in self.signs) != sorted(Sign):
            raise ValueError(f"signs must name each of {', '.join(sorted(Sign))} once")
        if (total := sum(each.points for each in self.signs)) != 100:
            raise ValueError(f"the points add up to {total}, not to 100")
        return self


@cache
def delivered_settings() -> CandidateSettings:
    """The settings that come with the desk, read once."""
    return read_rule_file(Path(__file__).parent / "settings.yaml", CandidateSettings)
