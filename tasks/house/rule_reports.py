"""Whether a rule set may go live: what its check and its examples say, as reports to be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalogue.loader import Catalogue
from models.rule_problems import Finding, lines_of
from sla_rules.examples import ExampleResult, run_examples
from sla_rules.findings import findings_of
from sla_rules.loader import rule_book_of
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import Snapshot
from tasks.house.known_codes import known_of
from tasks.house.promotion import Candidate, PromotionRefusedError, Report
from tasks.story.timeline import ZONE

NOTHING_TO_COMPARE: Report = {}
"""The what-if report of a set with no readable one before it."""
SET_NAME = "rules"
"""What reports call a set's folder: the true path says something of a machine, nothing of the rules."""


class NotSoundError(PromotionRefusedError):
    """A rule set has errors or fails its examples; `problems` has one line for each."""

    def __init__(self, why: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(why)


@dataclass(frozen=True)
class Judged:
    """What check and examples say of a set; `book` is None for one that cannot be read."""

    snapshot: Snapshot
    book: RuleBook | None
    findings: tuple[Finding, ...]
    examples: tuple[ExampleResult, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for each error of the check."""
        return lines_of(self.findings, "error")

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each warning of the check."""
        return lines_of(self.findings, "warning")

    @property
    def failed(self) -> tuple[str, ...]:
        """One line for each example that comes out otherwise than written."""
        return tuple(_failure(each) for each in self.examples if not each.passed)


def judge(snapshot: Snapshot, catalogue: Catalogue, now: datetime) -> Judged:
    """Check a set and, if it can be read, run its examples."""
    named = Snapshot(SET_NAME, snapshot.files, snapshot.unreadable)
    known = known_of(catalogue)
    findings = findings_of(named, known, now.astimezone(ZONE).date())
    if any(each.severity == "error" for each in findings):
        return Judged(named, None, findings, ())
    book = rule_book_of(named)
    return Judged(named, book, findings, run_examples(named, book, known.names))


def candidate_of(judged: Judged, whatif: Report) -> Candidate:
    """A judged set with all its reports, ready to go live.

    Raises:
        NotSoundError: It has errors or fails its examples.
        PromotionRefusedError: It is no whole set.
    """
    book = check_sound(judged)
    return Candidate(
        files=dict(judged.snapshot.files),
        digest=book.digest,
        calendar_digest=book.calendar_digest,
        checked=_checked(judged),
        tested=_tested(judged),
        whatif=whatif,
    )


def check_sound(judged: Judged) -> RuleBook:
    """The book of a set that may go live.

    Raises:
        NotSoundError: It has errors or fails its examples.
        PromotionRefusedError: It is no whole set.
    """
    if judged.errors or judged.book is None:
        raise NotSoundError(f"{len(judged.errors)} errors in the rules: nothing goes live", judged.errors)
    if judged.book.only is not None:
        raise PromotionRefusedError("this set says `only` and leaves rules out: it can be looked at, never go live")
    if judged.failed:
        raise NotSoundError(f"{len(judged.failed)} examples come out otherwise: nothing goes live", judged.failed)
    return judged.book


def whatif_words(report: Report) -> str:
    """A what-if report in a few words; empty if there was nothing to compare."""
    if report == NOTHING_TO_COMPARE:
        return ""
    due, late = report["due"], report["late"]
    return (
        f"{due['earlier'] + due['later']} of {report['clocks']} due times move"
        f" ({due['earlier']} earlier, {due['later']} later), {late.get('late_at_once', 0)} late at once"
    )


def _checked(judged: Judged) -> Report:
    return {"errors": len(judged.errors), "warnings": list(judged.warnings)}


def _tested(judged: Judged) -> Report:
    return {
        "examples": len(judged.examples),
        "passed": len(judged.examples) - len(judged.failed),
        "results": [
            {"line": each.line, "say": each.say, "expected": each.expected, "found": each.found}
            for each in judged.examples
        ],
    }


def _failure(example: ExampleResult) -> str:
    return (
        f"{SET_NAME}/examples.yaml:{example.line}: {example.say}: expected {example.expected},"
        f" found {example.found}"
    )
