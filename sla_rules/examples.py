"""Running the examples that stand beside the rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.rule_files import RuleFileError
from sla_rules.due import Due, due_at
from sla_rules.example_file import Entry, WrittenExample, entries_of
from sla_rules.example_names import UnknownNameError, request_of
from sla_rules.explanation_words import moment_words
from sla_rules.firing import Anchor
from sla_rules.grade_rules import TargetRule
from sla_rules.ladder import Moment, moments
from sla_rules.matching import passed_over, rule_for
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import EXAMPLES, Snapshot
from sla_rules.stretches import WHOLE_DAYS
from sla_rules.written_moments import NoSuchTimeError, instant_in, interval_in

NOT_MEASURED = "not measured"
NO_PAUSE = " This clock never pauses."
WARNINGS = (Anchor.WARNING, Anchor.BEFORE)
"""The rungs before the due time; the earliest is the warning."""


@dataclass(frozen=True)
class ExampleResult:
    """What became of one example: `expected` and `found` have the same facts in the same order.

    Of an example that failed these are only the facts that differ.

    `line` counts from 1 in `examples.yaml`. `why` is the sentence of the due time, or what keeps
    the example from being run.
    """

    line: int
    say: str
    passed: bool
    expected: str
    found: str
    why: str


@dataclass(frozen=True)
class _Run:
    """One example on its way through the rules."""

    example: WrittenExample
    book: RuleBook
    rule: TargetRule
    start: datetime
    due: Due

    def words(self, moment: datetime) -> str:
        """The moment as the example would write it: a limit of days ends at 24:00."""
        ends = self.rule.time in WHOLE_DAYS
        return moment_words(moment, self.book.calendar, "en", ends=ends)


def run_examples(
    snapshot: Snapshot, book: RuleBook, names: Mapping[str, str] | None = None
) -> tuple[ExampleResult, ...]:
    """What the rules make of every example of their set; a set without examples has no results.

    A file that cannot be read is one result that failed: nothing goes live on it.

    Args:
        snapshot: The set that holds the examples.
        book: The same set, ready to be asked.
        names: Names of departments and kinds, in any language, each with its code.
    """
    if EXAMPLES not in snapshot.files and EXAMPLES not in snapshot.unreadable:
        return ()
    try:
        entries = entries_of(snapshot)
    except RuleFileError as error:
        return (ExampleResult(1, EXAMPLES, False, "a file of examples", "unreadable", str(error)),)
    return tuple(_result(entry, book, names or {}) for entry in entries)


def _result(entry: Entry, book: RuleBook, names: Mapping[str, str]) -> ExampleResult:
    if entry.example is None:
        return _unusable(entry, "; ".join(entry.problems))
    try:
        return _compared(entry, entry.example, book, names)
    except (UnknownNameError, NoSuchTimeError) as error:
        return _unusable(entry, str(error))


def _unusable(entry: Entry, why: str) -> ExampleResult:
    return ExampleResult(entry.line, entry.say, False, "an example", "cannot be run", why)


def _compared(
    entry: Entry, example: WrittenExample, book: RuleBook, names: Mapping[str, str]
) -> ExampleResult:
    request = request_of(example, book, names)
    rule = rule_for(book, request)
    if rule is None:
        passed = example.due == "none"
        others = "; ".join(f"{each.rule.id}: {each.en}" for each in passed_over(book, request))
        why = f"{request.grade} does not measure {request.target}"
        return ExampleResult(
            entry.line,
            entry.say,
            passed,
            NOT_MEASURED if example.due == "none" else f"due {example.due:%Y-%m-%d %H:%M}",
            NOT_MEASURED,
            f"{why} ({others})" if others else why,
        )
    run = _run(example, book, rule)
    facts = tuple(_facts(run))
    differing = [(expected, found) for expected, found in facts if expected != found]
    return ExampleResult(
        line=entry.line,
        say=entry.say,
        passed=not differing,
        expected=", ".join(expected for expected, _ in differing or facts),
        found=", ".join(found for _, found in differing or facts),
        why=f"{rule.id}: {run.due.reason_en}{NO_PAUSE if example.pauses and not rule.pausable else ''}",
    )


def _run(example: WrittenExample, book: RuleBook, rule: TargetRule) -> _Run:
    zone = book.calendar.zone
    start = instant_in(zone, example.received)
    pauses = [interval_in(zone, each) for each in example.pauses]
    return _Run(example, book, rule, start, due_at(start, rule, book.calendar, pauses if rule.pausable else ()))


def _facts(run: _Run) -> Iterator[tuple[str, str]]:
    """What is expected and what was found, pair by pair, in the same words."""
    example, zone = run.example, run.book.calendar.zone
    found = _due_words(run.words(run.due.at), run.due.provisional)
    if example.due == "none":
        yield NOT_MEASURED, found
    else:
        yield _due_words(run.words(instant_in(zone, example.due)), example.provisional), found
    if example.rule is not None:
        yield f"rule {example.rule}", f"rule {run.rule.id}"
    if example.warning is not None or example.levels:
        yield from _rungs(run)


def _rungs(run: _Run) -> Iterator[tuple[str, str]]:
    example, book = run.example, run.book
    ladder = book.ladder_for(example.grade, example.target)
    fired = moments(run.start, run.due.at, run.rule, ladder, book.calendar)
    if example.warning is not None:
        warned = next((each for each in fired if each.rung.at.anchor in WARNINGS), None)
        yield _rung(run, "warning", example.warning, warned)
    for level, expected in example.levels.items():
        met = next((each for each in fired if each.level == level), None)
        yield _rung(run, f"level {level}", expected, met)


def _rung(run: _Run, name: str, expected: datetime, found: Moment | None) -> tuple[str, str]:
    wanted = run.words(instant_in(run.book.calendar.zone, expected))
    return f"{name} {wanted}", f"{name} {run.words(found.at)}" if found else f"no {name}"


def _due_words(moment: str, provisional: bool) -> str:
    return f"due {moment} (provisional)" if provisional else f"due {moment}"
