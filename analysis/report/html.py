"""A paper as one HTML file: nothing from outside, no script that runs, made to be read and printed on A4."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from analysis.charts.svg import svg_of
from analysis.report.composing import compose
from analysis.report.facts import Facts
from analysis.report.footer import html_footer
from analysis.report.names import Names
from analysis.report.paper import (
    Block,
    Cell,
    Grid,
    Heading,
    Listing,
    NewPage,
    Num,
    Paper,
    Paragraph,
    Picture,
    Run,
    Runs,
    Text,
    Tone,
)

_STYLE = Path(__file__).with_name("report.css")
SHORT = 16
"""A table of no more rows stays on one page."""
_CLASSES = {
    Tone.BODY: "",
    Tone.LEAD: ' class="lead"',
    Tone.NOTE: ' class="note"',
    Tone.SIGNED: ' class="signed"',
}


def write_html(facts: Facts, language: str, names: Names | None = None, home: Path | None = None) -> bytes:
    """The report in `zh` or `en`; the same facts always give the same bytes.

    Names and home as in `compose`.

    Raises:
        ValueError: There is no such language.
        RuleFileError: One of the desk's own files cannot be used.
    """
    return html_of(compose(facts, language, names, home))


def html_of(paper: Paper) -> bytes:
    """The file, in UTF-8."""
    return "".join(f"{line}\n" for line in _lines(paper)).encode()


def _lines(paper: Paper) -> Iterator[str]:
    language = "zh-CN" if paper.language == "zh" else "en"
    title = "".join(each.text for each in paper.title)
    yield "<!DOCTYPE html>"
    yield f'<html lang="{language}">'
    yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_clean(title)}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"
    yield f'{html_footer(paper.footer)}</head>\n<body class="{escape(str(paper.footer["cadence"]))}">'
    yield f'<header><p class="masthead">{_clean(paper.masthead)}</p>'
    yield f'<div class="issued"><span>{_clean(paper.issuer)}</span><span>{_runs(paper.dated)}</span></div>'
    period = f'<p class="period">{_runs(paper.period)}</p>' if paper.period else ""
    yield f"<h1>{_runs(paper.title)}</h1>{period}</header>\n<main>"
    is_new_page = False
    for block in paper.blocks:
        if isinstance(block, NewPage):
            is_new_page = True
            continue
        yield _block(block, is_new_page)
        is_new_page = False
    yield "</main>\n<footer>"
    for each in paper.small_print:
        yield f'<p class="small">{_runs(each)}</p>'
    yield "</footer>\n</body>\n</html>"


def _block(block: Block, is_new_page: bool) -> str:
    match block:
        case Heading():
            named = ' class="new-page"' if is_new_page else ""
            space = "" if block.mark.endswith(("、", "）", "")) and not block.mark.isascii() else " "
            return f"<h{block.level + 1}{named}>{_clean(block.mark + space + block.text).strip()}</h{block.level + 1}>"
        case Paragraph():
            return f"<p{_CLASSES[block.tone]}>{_runs(block.runs)}</p>"
        case Listing():
            return f"<ol>{''.join(_item(head, rest) for head, rest in block.items)}</ol>"
        case Grid():
            return _grid(block)
        case Picture():
            caption = f"{_clean(block.mark)}&ensp;{_clean(block.caption)}"
            return f"<figure>{svg_of(block.drawing)}<figcaption>{caption}</figcaption></figure>"
        case NewPage():
            return ""


def _item(head: Runs, rest: tuple[Runs, ...]) -> str:
    first = f'<p class="head">{_runs(head)}</p>' if head else ""
    kind = ' class="because"' if head and rest and _is_because(rest[0]) else ""
    return f"<li>{first}{''.join(f'<p{kind}>{_runs(each)}</p>' for each in rest)}</li>"


def _is_because(runs: Runs) -> bool:
    return bool(runs) and runs[0].text.startswith(("（", "("))


def _grid(block: Grid) -> str:
    narrow = ' class="narrow"' if len(block.heads) <= 4 else ""
    widths = "".join(f'<col width="{each}%">' for each in block.widths)
    columns = f"<colgroup>{widths}</colgroup>" if widths else ""
    numbers = {at for line in block.rows for at, cell in enumerate(line) if cell.is_number}
    heads = "".join(
        f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if at in numbers else ""}>{_clean(head)}</th>'
        for at, head in enumerate(block.heads)
    )
    lines = "".join(
        f"<tr>{''.join(_cell(cell, at < block.row_heads) for at, cell in enumerate(line))}</tr>\n"
        for line in block.rows
    )
    note = f'<p class="note">{_runs(block.note)}</p>' if block.note else ""
    caption = f"<caption>{_clean(block.mark)}&ensp;{_clean(block.caption)}</caption>"
    fits = " short" if len(block.rows) <= SHORT else ""
    fits += " two" if len(block.heads) == 2 else ""
    return f'<div class="scroll{fits}"><table{narrow}>{caption}{columns}<thead><tr>{heads}</tr></thead>\n<tbody>\n{lines}</tbody></table>{note}</div>'


def _cell(cell: Cell, is_head: bool) -> str:
    tag, scope = ("th", ' scope="row"') if is_head else ("td", "")
    kind = ' class="number"' if cell.is_number else ' class="code"' if cell.is_code else ""
    inside = svg_of(cell.drawing) if cell.drawing else _runs(cell.runs)
    return f"<{tag}{scope}{kind}>{inside}</{tag}>"


def _runs(runs: Runs) -> str:
    return "".join(_run(each) for each in runs)


def _run(run: Run) -> str:
    if isinstance(run, Text):
        return _clean(run.text)
    kind = "data-figure" if isinstance(run, Num) else "data-word"
    return f'<span {kind}="{_clean(run.figure)}">{_clean(run.text)}</span>'


def _clean(text: str) -> str:
    """Escaped, without characters that a page may not hold or that turn the direction of writing."""
    return escape("".join(each for each in text if each.isprintable() or each == " "))
