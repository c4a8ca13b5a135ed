"""Facts as files that people read; the same facts give the same bytes."""

from collections.abc import Callable
from enum import StrEnum

from analysis.report.facts import Facts


class Format(StrEnum):
    """What a report is written as."""

    HTML = "html"
    DOCX = "docx"


WRITERS: dict[Format, Callable[[Facts, str], bytes]] = {}


def written(facts: Facts, language: str, form: Format) -> bytes:
    """The file's content; `language` is zh or en."""
    return WRITERS[form](facts, language)


def file_name(facts: Facts, language: str, form: Format) -> str:
    """What the file is called: what it is about and nothing else."""
    scope = facts.scope
    unit = f"-{scope.department.lower()}" if scope.department else ""
    return f"report-{scope.cadence.value}-{scope.first}{unit}-{language}.{form.value}"
