"""The body of a Word file: a paper's blocks as WordprocessingML, with a bookmark on every number.

Bookmarks are called `_n1`, `_n2` … (hidden ones, so that Word does not list them); which figure each tells stands in a
custom XML part, because a bookmark's name is too short for a path.
"""

from dataclasses import dataclass, field
from html import escape

from analysis.charts.drawing import Drawing
from analysis.report import paper as layout
from analysis.report.docx_parts import R, W

FIGURES = "urn:whistle:report:figures"
TEXT_WIDTH = 8844
"""Between the margins, in twentieths of a point."""
_EMU_PER_PIXEL, _WIDEST = 9525, 5_616_000
_STYLES = {
    layout.Tone.BODY: "BodyText",
    layout.Tone.LEAD: "BodyText",
    layout.Tone.NOTE: "Note",
    layout.Tone.SIGNED: "Signed",
}
_SPACES = {
    "w": W,
    "r": R,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
_SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"


def declared() -> str:
    """The namespaces of a part, as attributes."""
    return " ".join(f'xmlns:{name}="{uri}"' for name, uri in _SPACES.items())


@dataclass
class Body:
    """Writes blocks, and remembers the figures and drawings that it met, in their order."""

    figures: list[str] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)

    def document(self, paper: layout.Paper) -> str:
        """Everything between the margins."""
        title = self.paragraph(paper.title, "Title")
        opening = [
            self.paragraph((layout.Text(paper.masthead),), "Masthead"),
            _styled(
                "Issued",
                self.runs((layout.Text(paper.issuer),)) + "<w:r><w:tab/></w:r>" + self.runs(paper.dated),
            ),
            title,
            self.paragraph(paper.period, "Subtitle") if paper.period else "",
        ]
        is_new_page = False
        for block in paper.blocks:
            if isinstance(block, layout.NewPage):
                is_new_page = True
                continue
            opening.append(self.block(block, is_new_page))
            is_new_page = False
        opening.append(
            _styled(
                "SmallPrint",
                "",
                '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="8A8A8A"/></w:pBdr>',
            )
        )
        opening.extend(self.paragraph(each, "SmallPrint") for each in paper.small_print)
        return "".join(opening)

    def block(self, block: layout.Block, is_new_page: bool) -> str:
        """One block."""
        match block:
            case layout.Heading():
                space = " " if block.mark.isascii() and block.mark else ""
                extra = "<w:pageBreakBefore/>" if is_new_page else ""
                return _styled(
                    f"Heading{block.level}",
                    self.runs((layout.Text(f"{block.mark}{space}{block.text}"),)),
                    extra,
                )
            case layout.Paragraph():
                return self.paragraph(block.runs, _STYLES[block.tone])
            case layout.Listing():
                return "".join(
                    self._item(mark, *each) for mark, each in zip(block.marks, block.items, strict=True)
                )
            case layout.Grid():
                return self._grid(block)
            case layout.Picture():
                caption = self.paragraph((layout.Text(f"{block.mark}  {block.caption}"),), "ChartCaption")
                return _styled("Chart", self._picture(block.drawing)) + caption
            case layout.NewPage():
                return ""

    def paragraph(self, runs: layout.Runs, style: str) -> str:
        """One paragraph."""
        return _styled(style, self.runs(runs))

    def runs(self, runs: layout.Runs, properties: str = "", *, is_code: bool = False) -> str:
        """Runs in a row; numbers and words of data inside bookmarks."""
        return "".join(self._run(each, properties, is_code) for each in runs)

    def _run(self, run: layout.Run, properties: str, is_code: bool) -> str:
        inside = _plain(run.text, properties)
        if is_code:
            # A number of a record or a day is not to be broken at its hyphens.
            inside = inside.replace("-", '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">')
        if isinstance(run, layout.Text):
            return inside
        self.figures.append(f"{'figure' if isinstance(run, layout.Num) else 'word'}:{run.figure}")
        number = len(self.figures)
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="_n{number}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'
        )

    def _item(self, mark: str, head: layout.Runs, rest: tuple[layout.Runs, ...]) -> str:
        numbered = _plain(mark, "") + "<w:r><w:tab/></w:r>"
        is_because = bool(rest and rest[0]) and rest[0][0].text.startswith(("（", "("))
        if not head:
            first, *others = rest
            return _styled("ListItem", numbered + self.runs(first)) + "".join(
                self.paragraph(each, "ListMore") for each in others
            )
        following = "Because" if is_because else "ListMore"
        first_line = _styled("ListItem", numbered + self.runs(head, "<w:b/>"), "<w:keepNext/>")
        return first_line + "".join(self.paragraph(each, following) for each in rest)

    def _grid(self, grid: layout.Grid) -> str:
        count = len(grid.heads)
        shares = grid.widths or _even(count, grid.row_heads)
        whole = TEXT_WIDTH if count > 2 else TEXT_WIDTH * 7 // 10
        widths = [whole * each // sum(shares) for each in shares]
        numbers = {at for line in grid.rows for at, cell in enumerate(line) if cell.is_number}
        heads = "".join(
            _cell(
                _styled(
                    "HeadSmall" if count > 5 else "TableHead",
                    _plain(head, ""),
                    '<w:jc w:val="right"/>' if at in numbers else "",
                ),
                widths[at],
                is_head=True,
            )
            for at, head in enumerate(grid.heads)
        )
        caption = self.paragraph((layout.Text(f"{grid.mark}  {grid.caption}"),), "Caption")
        lines = []
        for number, line in enumerate(grid.rows):
            # A short table stays on one page; a long one keeps its first and its last two rows together.
            keep = number < len(grid.rows) - 1 and (
                len(grid.rows) <= 16 or number < 1 or number == len(grid.rows) - 2
            )
            cells = "".join(
                self._cell(cell, widths[at], "TableSmall" if count > 6 else "TableText", keep=keep)
                for at, cell in enumerate(line)
            )
            lines.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
        columns = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
        described = f'<w:tblCaption w:val="{_attribute(grid.caption)}"/>'
        table = (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1"/>{described}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
            f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heads}</w:tr>{''.join(lines)}</w:tbl>"
        )
        # Word joins two tables that nothing stands between.
        after = self.paragraph(grid.note, "Note") if grid.note else _styled("SmallPrint", "")
        return caption + table + after

    def _cell(self, cell: layout.Cell, width: int, style: str, *, keep: bool) -> str:
        inside = (
            self._picture(cell.drawing, share=0.42)
            if cell.drawing
            else self.runs(cell.runs, is_code=cell.is_code)
        )
        extra = ("<w:keepNext/>" if keep else "") + ('<w:jc w:val="right"/>' if cell.is_number else "")
        return _cell(_styled(style, inside, extra), width)

    def _picture(self, drawing: Drawing, share: float = 1.0) -> str:
        self.drawings.append(drawing)
        number = len(self.drawings)
        width = min(round(drawing.width * _EMU_PER_PIXEL * (1 if share == 1.0 else 0.85)), _WIDEST)
        height = round(width * drawing.height / drawing.width)
        title, summary = _attribute(drawing.title), _attribute(f"{drawing.title} {drawing.summary}"[:2000])
        svg = f'<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip xmlns:asvg="{_SVG}" r:embed="rIdSvg{number}"/></a:ext>'
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{number}" name="Chart {number}" descr="{summary}" title="{title}"/>'
            f'<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
            f'<a:graphic><a:graphicData uri="{_SPACES["pic"]}"><pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name="Chart {number}"/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="rIdEmf{number}"><a:extLst>{svg}</a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
            f"</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def figures_part(self) -> str:
        """Which figure each bookmark tells."""
        inside = "".join(
            f'<n name="_n{at}" path="{_attribute(path)}"/>' for at, path in enumerate(self.figures, start=1)
        )
        return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<figures xmlns="{FIGURES}">{inside}</figures>'


def _even(count: int, row_heads: int) -> tuple[int, ...]:
    """The columns of names are wider than those of numbers."""
    return tuple(20 if at < row_heads else 10 for at in range(count))


def _styled(style: str, inside: str, extra: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{inside}</w:p>'


def _plain(text: str, properties: str) -> str:
    set_so = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{set_so}<w:t xml:space="preserve">{clean(text)}</w:t></w:r>'


def _cell(paragraph: str, width: int, *, is_head: bool = False) -> str:
    line = (
        '<w:tcBorders><w:bottom w:val="single" w:sz="6" w:space="0" w:color="1B1B1B"/></w:tcBorders>'
        if is_head
        else ""
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{line}<w:vAlign w:val="center"/></w:tcPr>{paragraph}</w:tc>'


def clean(text: str) -> str:
    """Escaped, without characters that XML does not know or that turn the direction of writing."""
    return escape("".join(each for each in text if each.isprintable()), quote=True)


def _attribute(text: str) -> str:
    return clean(text)
