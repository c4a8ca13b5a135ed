"""From a folder of YAML to a rule book, or to the list of everything that is wrong with it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from models.rule_files import RuleFileError, digest_of, line_of, read_rule_file, read_yaml
from sla_rules.calendar import CalendarWithoutOpenTimeError, WorkingCalendar
from sla_rules.calendar_checks import check_calendar
from sla_rules.calendar_file import CalendarFile, calendar_of
from sla_rules.grade_checks import check_grades
from sla_rules.grade_rules import GradesFile
from sla_rules.ladder_checks import check_escalation
from sla_rules.ladder_rules import EscalationFile
from sla_rules.pause_checks import check_pauses
from sla_rules.pause_rules import PausesFile
from sla_rules.problems import Problem
from sla_rules.procedure_checks import check_procedure
from sla_rules.procedure_rules import ProcedureFile
from sla_rules.rule_book import RuleBook

HERE = Path(__file__).parent

Model = TypeVar("Model", bound=BaseModel)


def load_rule_book(folder: Path | None = None) -> RuleBook:
    """The rule book in `folder`: `rules/*.yaml` and the `calendars/` file that grades.yaml names.

    Args:
        folder: Laid out like this package, which is what is read without it.

    Raises:
        RuleFileError: With every problem of every file, each as `file:line:column: field: why`.
    """
    reading = _Reading(folder or HERE)
    grades = reading.read("rules/grades.yaml", GradesFile)
    pauses = reading.read("rules/pauses.yaml", PausesFile)
    escalation = reading.read("rules/escalation.yaml", EscalationFile)
    procedure = reading.read("rules/procedure.yaml", ProcedureFile)
    calendar_name = f"calendars/{grades.calendar if grades else 'china'}.yaml"
    calendar = reading.read(calendar_name, CalendarFile)

    if grades:
        reading.note("rules/grades.yaml", check_grades(grades))
    if pauses:
        reading.note("rules/pauses.yaml", check_pauses(pauses))
    if escalation:
        reading.note("rules/escalation.yaml", check_escalation(escalation, grades))
    if procedure:
        reading.note("rules/procedure.yaml", check_procedure(procedure))
    if calendar:
        reading.note(calendar_name, check_calendar(calendar))

    # Whatever could not be read has left a problem; naming them tells the type checker so.
    if reading.problems or not (grades and pauses and escalation and procedure and calendar):
        raise RuleFileError(reading.problems)
    return RuleBook(
        digest=digest_of((reading.folder / "rules").glob("*.yaml")),
        calendar_digest=digest_of([reading.folder / calendar_name]),
        calendar=reading.calendar(calendar_name, calendar),
        grades=grades.grades,
        ladders=escalation.ladders,
        pauses=pauses,
        extensions=procedure.extensions,
        objections=procedure.objections,
        callback=procedure.callback,
    )


class _Reading:
    """One pass over the files of a folder, which notes problems instead of stopping at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def read(self, name: str, model: type[Model]) -> Model | None:
        """The file as `model`, or None after its problems have been noted."""
        try:
            return read_rule_file(self.folder / name, model)
        except RuleFileError as error:
            self.problems += error.problems
            return None

    def note(self, name: str, problems: Iterable[Problem]) -> None:
        """Adds problems found between entries, with the line each entry stands on."""
        found = tuple(problems)
        if not found:
            return
        # Read once more only now: a sound folder should not pay for its line numbers.
        raw = read_yaml(self.folder / name)
        for problem in found:
            line, column = line_of(raw, problem.location)
            field = ".".join(str(part) for part in problem.location)
            self.problems.append(f"{self.folder / name}:{line}:{column}: {field}: {problem.reason}")

    def calendar(self, name: str, content: CalendarFile) -> WorkingCalendar:
        """The calendar that the file describes; a span of nothing but days off is found only here."""
        try:
            return calendar_of(content)
        except CalendarWithoutOpenTimeError as error:
            self.note(name, [Problem(("published_to",), str(error))])
            raise RuleFileError(self.problems) from None
