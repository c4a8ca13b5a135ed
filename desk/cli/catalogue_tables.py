"""What a catalogue's what-if says, in lines and tables."""

import sys
from typing import Any

import typer

from desk.cli.tables import show_line, show_table

Report = dict[str, Any]
FACETS = ("kind", "grade", "harm", "lead", "helping", "nature", "review")
MOST_ROWS = 30


def progress_line(done: int, cases: int) -> None:
    """One line on stderr that counts; only for a person at a terminal."""
    if sys.stderr.isatty():
        typer.echo(f"\rjudged {done} of {cases} cases", nl=done >= cases, err=True)


def whatif_words(report: Report) -> str:
    """A report in a few words; empty if there was nothing to compare."""
    if not report:
        return ""
    changed = report["changed"]
    parts = ", ".join(f"{changed.get(name, 0)} {name}" for name in ("kind", "grade", "lead"))
    return (
        f"{changed.get('any', 0)} of {report['judged']} cases change ({parts}),"
        f" {report['not_judged']} not judged, {report['harm_lost']} lose harm"
    )


def show_whatif(report: Report) -> None:
    """Everything, harm that would be lost first."""
    show_lost(report)
    show_line(f"what-if: {whatif_words(report)}")
    show_line(f"judged since {report['since'][:10]}; {report['not_judged']} cases are sealed or have no words")
    if not report["changed"]:
        show_line("no case would go elsewhere")
        return
    rows = [(name, report["changed"].get(name, 0)) for name in FACETS]
    more = [("graver grade", report["graver"]), ("less grave grade", report["less_grave"])]
    show_table("Cases that change", ("what", "cases"), [*rows, *more])
    for name, table in report["tables"].items():
        found = [(each["old"], each["new"], each["cases"]) for each in table[:MOST_ROWS]]
        show_table(f"{name.capitalize()}: old and new", ("old", "new", "cases"), found)
    show_table("Cases (first 200)", ("case", *FACETS), [_row(each) for each in report["cases"]])


def show_lost(report: Report) -> None:
    """Cases whose harm would no longer be seen, or be graded lower."""
    if report["harm_ruled_out_by_a_person"]:
        show_line(f"{report['harm_ruled_out_by_a_person']} cases lose a harm that a person had ruled out already")
    if not report["harm_lost"]:
        return
    show_line(f"!!! HARM WOULD BE LOST in {report['harm_lost']} cases: this catalogue cannot be promoted !!!")
    show_table("Harm lost", ("case", *FACETS), [_row(each) for each in report["harm_lost_cases"]])


def _row(case: Report) -> tuple[str, ...]:
    return (case["case"], *(" → ".join(case[name]) if name in case else "" for name in FACETS))
