"""Facts as files that people read; the same facts give the same bytes."""

from collections.abc import Callable
from enum import StrEnum

from analysis.report.docx import write_docx
from analysis.report.facts import Facts
from analysis.report.html import write_html
from analysis.report.names import Names


class Format(StrEnum):
    """What a report is written as."""

    HTML = "html"
    DOCX = "docx"


WRITERS: dict[Format, Callable[[Facts, str, Names], bytes]] = {
    Format.HTML: write_html,
    Format.DOCX: write_docx,
}


def written(facts: Facts, language: str, form: Format, names: Names) -> bytes:
    """The file's content; `language` is zh or en, `names` what codes are called in it."""
    return WRITERS[form](facts, language, names)


def file_name(facts: Facts, language: str, form: Format) -> str:
    """What the file is called: what it is about and nothing else."""
    scope = facts.scope
    unit = f"-{scope.department.lower()}" if scope.department else ""
    return f"report-{scope.cadence.value}-{scope.first}{unit}-{language}.{form.value}"
