"""A case's life as data: who says what when, and how the case must stand after it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from models.vocabulary import NewsKind, Target


class Strict(BaseModel):
    """A misspelled key in a scenario is an error, or its expectation would never be checked."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Expected(Strict):
    """How one case must stand; what is not named is not looked at.

    `told` counts `RECIPIENT.ask` exactly; `never_told` names recipients or `RECIPIENT.ask`.
    `fired` and `passed_over` are the rungs of a target's ladder, in the order they were written.
    """

    status: str | None = None
    outcome: str | None = None
    grade: str | None = None
    kind: str | None = None
    safety: str | None = None
    callback: str | None = None
    flag: str | None = None
    cycle: int | None = None
    waits: str | None = None
    tags: list[str] = Field(default_factory=list)
    lead: str | None = None
    co_handlers: list[str] | None = Field(default=None, alias="with")
    told: dict[str, int] = Field(default_factory=dict)
    never_told: list[str] = Field(default_factory=list)
    fired: dict[Target, list[int]] = Field(default_factory=dict)
    passed_over: dict[Target, list[int]] = Field(default_factory=dict)
    breached: list[Target] | None = None
    refused: dict[NewsKind, str] | None = None
    happened: list[str] = Field(default_factory=list)
    decided: dict[str, str] = Field(default_factory=dict)
    due: dict[Target, str] = Field(default_factory=dict)


class Moment(Strict):
    """One moment of a life: time passes up to it, something is said, the desk works, all is checked.

    `who` may name several, who all say the same. `down` lets nobody work until then. `cannot` names the error that turns the saying away.
    """

    at: str
    down: bool = False
    case: str = "main"
    intake: dict[str, Any] | None = None
    who: str | None = None
    says: dict[NewsKind, dict[str, Any]] = Field(default_factory=dict)
    cannot: str | None = None
    expect: dict[str, Expected] | Expected = Field(default_factory=Expected)

    def expected(self) -> dict[str, Expected]:
        """By name of the case."""
        return self.expect if isinstance(self.expect, dict) else {self.case: self.expect}


class Scenario(Strict):
    """One life, or the lives of a few cases that touch each other."""

    name: str
    life: list[Moment] = Field(min_length=1)


def load_scenarios(folder: Path) -> list[Scenario]:
    """Every scenario of a folder."""
    files = sorted(folder.glob("*.yaml"))
    return [Scenario.model_validate(each) for path in files for each in yaml.safe_load(path.read_text("utf-8"))]
