"""Everything that is wrong with a rule set, all at once, each with its place and what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.rule_files import NotYamlError, line_of
from sla_rules.calendar import CalendarWithoutOpenTimeError, WorkingCalendar
from sla_rules.calendar_checks import check_calendar
from sla_rules.calendar_end import check_calendar_end
from sla_rules.calendar_file import CalendarFile, calendar_of
from sla_rules.file_checks import check_end, missing_file, stray_files
from sla_rules.grade_checks import check_grades
from sla_rules.grade_rules import GradesFile
from sla_rules.hints import reason_and_hint, yaml_hint
from sla_rules.known import Known
from sla_rules.known_checks import check_known
from sla_rules.ladder_checks import check_channels, check_escalation
from sla_rules.ladder_rules import EscalationFile
from sla_rules.overlap_checks import check_overlaps
from sla_rules.pause_checks import check_pauses
from sla_rules.pause_rules import PausesFile
from sla_rules.problems import Problem, Severity
from sla_rules.procedure_checks import check_procedure
from sla_rules.procedure_rules import ProcedureFile
from sla_rules.snapshot import ESCALATION, GRADES, PAUSES, PROCEDURE, Snapshot
from sla_rules.sub_clock_checks import check_sub_clocks

MAX_FINDINGS = 200
"""Nobody reads more; a file of another kind, put here by mistake, could yield thousands."""
MAX_REASON = 300

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Finding:
    """One thing to mend (or, as a warning, to weigh), with line and column from 1."""

    file: str
    line: int
    column: int
    field: str
    reason: str
    hint: str
    severity: Severity

    def __str__(self) -> str:
        """One line: `file:line:column: field: reason; hint`."""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.field}: {self.reason}{hint}"


@dataclass(frozen=True)
class Contents:
    """What the files of a set say; None for one that could not be read or does not fit."""

    grades: GradesFile | None
    pauses: PausesFile | None
    escalation: EscalationFile | None
    procedure: ProcedureFile | None
    calendar: WorkingCalendar | None


def findings_of(snapshot: Snapshot, known: Known | None, today: date | None) -> tuple[Finding, ...]:
    """Errors first, each group in the order of files and lines.

    Args:
        snapshot: The rule set.
        known: The catalogue's codes; without them kinds and departments are not compared. A
            partial set (`only`) may speak of another city's, and is not compared either.
        today: Without it nothing is said of the calendar's end, nor of holidays ahead.
    """
    return look_at(snapshot, known, today)[1]


def look_at(
    snapshot: Snapshot, known: Known | None = None, today: date | None = None
) -> tuple[Contents, tuple[Finding, ...]]:
    """What the set says, as far as it can be read, and what `findings_of` says of it."""
    reading = _Reading(snapshot, None if snapshot.is_partial else known)
    grades = reading.read(GRADES, GradesFile)
    pauses = reading.read(PAUSES, PausesFile)
    escalation = reading.read(ESCALATION, EscalationFile)
    procedure = reading.read(PROCEDURE, ProcedureFile)
    dates = reading.read(snapshot.calendar_path, CalendarFile)

    calendar = reading.calendar(dates) if dates else None
    if grades:
        reading.note(GRADES, check_grades(grades, reading.known))
        reading.note(GRADES, check_overlaps(grades))
        if reading.known:
            reading.note(GRADES, check_known(grades, reading.known))
        if calendar:
            reading.note(GRADES, check_sub_clocks(grades, calendar, today))
    if pauses:
        reading.note(PAUSES, check_pauses(pauses))
    if escalation:
        reading.note(ESCALATION, check_escalation(escalation, grades))
        if reading.known and reading.known.channels:
            reading.note(ESCALATION, check_channels(escalation, reading.known.channels))
    if procedure:
        reading.note(PROCEDURE, check_procedure(procedure))
    # A partial set looks at its own years, often long past; nothing live waits for its next one.
    if dates and today and not snapshot.is_partial:
        reading.note(snapshot.calendar_path, check_calendar_end(dates, today))
    reading.note_strays()
    return Contents(grades, pauses, escalation, procedure, calendar), reading.sorted_findings()


class _Reading:
    """One pass over the files of a set, which notes what is wrong instead of stopping at the first."""

    def __init__(self, snapshot: Snapshot, known: Known | None) -> None:
        self.snapshot = snapshot
        self.known = known
        self._findings: list[Finding] = []

    def read(self, path: str, model: type[Model]) -> Model | None:
        """The file as `model`, or None after what keeps it from being one has been noted."""
        text = self.snapshot.text(path)
        if text is None:
            self._add(path, (1, 1), "file", *missing_file(self.snapshot, path))
            return None
        try:
            raw = self.snapshot.parsed(path)
        except NotYamlError as error:
            self._add(path, (error.line, error.column), "file", str(error), yaml_hint(error))
            return None
        if path in self.snapshot.files:
            self.note(path, check_end(text, self.snapshot.is_partial))
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for each in _of_their_own(error):
                reason, hint = reason_and_hint(each, model, self.known)
                self._add(path, line_of(raw, each["loc"]), _dotted(each["loc"]), reason, hint)
            return None

    def calendar(self, content: CalendarFile) -> WorkingCalendar | None:
        """The calendar that the file describes, unless its days contradict each other."""
        path = self.snapshot.calendar_path
        problems = list(check_calendar(content))
        self.note(path, problems)
        if any(problem.severity == "error" for problem in problems):
            return None
        try:
            return calendar_of(content)
        except CalendarWithoutOpenTimeError as error:
            self.note(path, [Problem(("published_to",), str(error))])
            return None

    def note(self, path: str, problems: Iterable[Problem]) -> None:
        """Adds problems found between entries, with the line each entry stands on."""
        for problem in problems:
            where = problem.line_column or line_of(self.snapshot.parsed(path), problem.location)
            self._add(path, where, _dotted(problem.location), problem.reason, problem.hint, problem.severity)

    def note_strays(self) -> None:
        """Adds the files that somebody may believe in and nothing reads."""
        for path, reason, hint in stray_files(self.snapshot):
            self._add(path, (1, 1), "file", reason, hint, "warning")

    def sorted_findings(self) -> tuple[Finding, ...]:
        """Errors first, then by file and line; what is above the number anybody reads is counted."""
        # An anchor's mistake comes back wherever it is used, at the same line.
        once = {(each.file, each.line, each.column, each.reason): each for each in reversed(self._findings)}
        found = sorted(once.values(), key=lambda each: (each.severity, each.file, each.line, each.column))
        if len(found) > MAX_FINDINGS:
            last = found[MAX_FINDINGS]
            more = f"{len(found) - MAX_FINDINGS} more findings are not listed"
            found[MAX_FINDINGS:] = [
                Finding(last.file, last.line, last.column, last.field, more, "", last.severity)
            ]
        return tuple(found)

    def _add(
        self,
        path: str,
        where: tuple[int, int],
        field: str,
        reason: str,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        file = f"{self.snapshot.name}/{path}"
        self._findings.append(Finding(file, *where, _short(field), _short(reason), _short(hint), severity))


def _of_their_own(error: ValidationError) -> Iterator[Any]:
    """Pydantic's errors; a list is not told to be empty because its entries were refused."""
    for each in error.errors(include_url=False):
        if each["type"] != "too_short" or not each["input"]:
            yield each


def _dotted(location: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in location if part != "[key]") or "file"


def _short(words: str) -> str:
    """One line that a terminal can show, whatever stood in the file."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return line if len(line) <= MAX_REASON else f"{line[:MAX_REASON]} …"
