"""Reports as files: always whole, and the same bytes for the same facts."""

import os
from pathlib import Path

from analysis.rate_rules import load_rate_rules
from analysis.report.facts import facts_from_json
from analysis.report.files import Format, written
from analysis.report.names import names_of
from models.reports import Report
from tasks.workplace import Workplace


def file_of(place: Workplace, report: Report, language: str, form: Format) -> bytes:
    """The report's file, in the words that the desk's catalogue has for its codes."""
    names = names_of(place.catalogue, load_rate_rules(place.settings.home))
    return written(facts_from_json(report.facts), language, form, names)


def write_file(path: Path, content: bytes) -> None:
    """Put a file in its place at once: whoever looks finds the whole of it or none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
