"""Everything that is wrong with a rule set, all at once, each with its place and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from models.rule_files import NotYamlError
from models.rule_notes import Notes
from models.rule_problems import Finding, Problem
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
from sla_rules.procedure_checks import check_procedure
from sla_rules.procedure_rules import ProcedureFile
from sla_rules.snapshot import ESCALATION, GRADES, PAUSES, PROCEDURE, Snapshot
from sla_rules.sub_clock_checks import check_sub_clocks


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


class _Reading(Notes):
    """One pass over the files of a rule set."""

    def __init__(self, snapshot: Snapshot, known: Known | None) -> None:
        super().__init__(snapshot)
        self.snapshot = snapshot
        self.known = known

    def missing(self, path: str) -> tuple[str, str]:
        """Why a file that must be there has no text, and what to do."""
        return missing_file(self.snapshot, path)

    def yaml_hint(self, error: NotYamlError) -> str:
        """What to look for in a text that is not YAML."""
        return yaml_hint(error)

    def look_over(self, path: str, text: str) -> Iterable[Problem]:
        """Whether the file is whole; what a partial set borrows was looked at where it belongs."""
        return check_end(text, self.snapshot.is_partial) if path in self.snapshot.files else ()

    def explain(self, error: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
        """What is wrong, and what to write instead."""
        return reason_and_hint(error, model, self.known)

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

    def note_strays(self) -> None:
        """Adds the files that somebody may believe in and nothing reads."""
        for path, reason, hint in stray_files(self.snapshot):
            self.note_file(path, reason, hint, "warning")
