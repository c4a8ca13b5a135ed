"""From a folder of YAML to a rule book, or to the list of everything that is wrong with it."""

from pathlib import Path

from models.rule_files import RuleFileError
from sla_rules.findings import look_at
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import HERE, Snapshot, snapshot_of


def load_rule_book(folder: Path | None = None) -> RuleBook:
    """The rule book in `folder`: `rules/*.yaml` and the `calendars/` file that grades.yaml names.

    Args:
        folder: Laid out like this package, which is what is read without it.

    Raises:
        RuleFileError: With every problem of every file, each as `file:line:column: field: why`,
            or because a file is being saved at this moment.
    """
    return rule_book_of(snapshot_of(folder or HERE))


def rule_book_of(snapshot: Snapshot) -> RuleBook:
    """The rule book that these files are.

    Warnings do not keep it from being read; `findings.findings_of` lists them.

    Raises:
        RuleFileError: With every error of every file, each as `file:line:column: field: why`.
    """
    contents, findings = look_at(snapshot)
    grades, pauses, escalation = contents.grades, contents.pauses, contents.escalation
    procedure, calendar = contents.procedure, contents.calendar
    errors = [str(each) for each in findings if each.severity == "error"]
    # Whatever could not be read has left an error; naming them tells the type checker so.
    if errors or not (grades and pauses and escalation and procedure and calendar):
        raise RuleFileError(errors)
    return RuleBook(
        digest=snapshot.digest,
        calendar_digest=snapshot.calendar_digest,
        calendar=calendar,
        grades=grades.grades,
        ladders=escalation.ladders,
        pauses=pauses,
        extensions=procedure.extensions,
        objections=procedure.objections,
        callback=procedure.callback,
        closing=procedure.closing,
        follow_ups=procedure.follow_ups,
        reasons=procedure.reasons,
        only=grades.only,
    )
