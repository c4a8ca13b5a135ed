"""What a checking process is asked and what it answers, as JSON lines."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from data_checks.ledger_batches import LedgerTerms
from models.vocabulary import CheckScope, Severity


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Terms(_Message):
    """A department's terms of comparing, in seconds, as `LedgerTerms` has them."""

    department: str
    grace_s: int
    tolerance_s: int
    freshness_s: int

    def unpacked(self) -> LedgerTerms:
        """As durations."""
        grace, tolerance, freshness = (
            timedelta(seconds=each) for each in (self.grace_s, self.tolerance_s, self.freshness_s)
        )
        return LedgerTerms(self.department, grace, tolerance, freshness)


JOURNAL = "journal"
"""The part of our own tables that takes longest: every journal entry, its hashes and its clocks."""


class CheckRequest(_Message):
    """Check one part of the records: our own tables, their journals, or one department's ledger (`terms`).

    `database_url` is a SQLAlchemy URL; `now` aware; `known` the vocabularies that rules name;
    `site` the folder that Data Docs are published in, or None.
    """

    scope: CheckScope
    now: datetime
    database_url: str = Field(repr=False)
    known: dict[str, tuple[str, ...]]
    terms: Terms | None = None
    journals: bool = False
    site: str | None = None

    @property
    def part(self) -> str:
        """The department's code; empty for our own tables, `journal` for what their journals say."""
        return JOURNAL if self.journals else self.department

    @property
    def department(self) -> str:
        """The department's code that findings carry; empty for our own tables."""
        return self.terms.department if self.terms else ""


class RuleResult(_Message):
    """What became of one rule: how many records fell short, how many of them newly, how many no more."""

    rule: str
    batch: str
    severity: Severity
    success: bool
    count: int
    new: int = 0
    cleared: int = 0


class CheckOutcome(_Message):
    """What one part's check found. `error` is a code if it could not be finished, else None."""

    part: str
    seconds: float = 0.0
    run_id: int | None = None
    results: tuple[RuleResult, ...] = ()
    peak_mib: float = 0.0
    error: str | None = None

    @property
    def success(self) -> bool:
        """Whether it was finished and every expectation held."""
        return self.error is None and all(each.success for each in self.results)

    @property
    def blocked(self) -> bool:
        """Whether an expectation of severity block fell short."""
        return any(not each.success and each.severity is Severity.BLOCK for each in self.results)

    def stored(self) -> list[dict[str, Any]]:
        """The results as they are kept in the history."""
        return [each.model_dump(mode="json") for each in self.results]
