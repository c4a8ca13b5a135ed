"""A daily brief's one chapter on requests and handling: sentences only, so that the whole fits one page."""

from collections.abc import Iterator

from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Paragraph
from analysis.report.writing.demand import leading, overall
from analysis.report.writing.handling import stock
from analysis.report.writing.writer import Writer


def brief(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("受理与办理", "Requests and handling")))
    for runs in (w.join(overall(w), leading(w, "received.by_family", "family")), stock(w)):
        if runs:
            yield Paragraph(runs)
