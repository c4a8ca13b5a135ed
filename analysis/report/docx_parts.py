"""The parts of a Word file that do not depend on its words: styles, fonts, settings, relations, and the archive itself.

Written by hand as ECMA-376 describes them, because a file that can be made again byte for byte may hold no clock and
no order of a library's own. Nothing is compressed: what a compressor makes differs from one version of it to the next.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)
RED, GREY = "B4121B", "595959"


@dataclass(frozen=True)
class Fonts:
    """Faces of one language, as (Latin, East Asian); sizes in half points."""

    body: tuple[str, str]
    head: tuple[str, str]
    subhead: tuple[str, str]
    title: tuple[str, str]
    size: int
    indent: int
    """First line, in hundredths of a character."""
    locale: str


FONTS: Mapping[str, Fonts] = {
    "zh": Fonts(
        ("Times New Roman", "仿宋"),
        ("Arial", "黑体"),
        ("Times New Roman", "楷体"),
        ("Times New Roman", "宋体"),
        24,
        200,
        "en-US",
    ),
    "en": Fonts(
        ("Times New Roman", "宋体"),
        ("Arial", "黑体"),
        ("Arial", "黑体"),
        ("Times New Roman", "宋体"),
        23,
        0,
        "en-GB",
    ),
}
_ALTERNATIVES = {"仿宋": "FangSong", "黑体": "SimHei", "楷体": "KaiTi", "宋体": "SimSun"}


def archive(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """One file of these parts, in this order, all of the same age."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 0, 0
            file.writestr(entry, content)
    return out.getvalue()


def content_types(overrides: Mapping[str, str]) -> str:
    """Which part is of what type."""
    defaults = {
        "rels": f"{_type('package')}.relationships+xml",
        "xml": "application/xml",
        "emf": "image/x-emf",
        "svg": "image/svg+xml",
    }
    inside = "".join(f'<Default Extension="{each}" ContentType="{kind}"/>' for each, kind in defaults.items())
    inside += "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items()
    )
    return f'{XML}<Types xmlns="{_PACKAGE}/content-types">{inside}</Types>'


def _type(family: str) -> str:
    return f"application/vnd.openxmlformats-{family}"


def word_type(name: str) -> str:
    """The type of a part of Word's own."""
    return f"application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml"


def relations(targets: Sequence[tuple[str, str, str]]) -> str:
    """From one part to others: id, kind and target."""
    inside = "".join(
        f'<Relationship Id="{each}" Type="{kind if "://" in kind else f"{R}/{kind}"}" Target="{target}"/>'
        for each, kind, target in targets
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def faces(pair: tuple[str, str]) -> str:
    """The element that names both faces."""
    latin, east = pair
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{east}" w:cs="{latin}"/>'


def _style(
    name: str,
    title: str,
    paragraph: str,
    run: str,
    *,
    base: str = "Normal",
    kind: str = "paragraph",
    after: str = "",
) -> str:
    based = f'<w:basedOn w:val="{base}"/>' if base else ""
    following = f'<w:next w:val="{after}"/>' if after else ""
    default = ' w:default="1"' if name == "Normal" else ""
    inside = f"<w:pPr>{paragraph}</w:pPr>" if paragraph else ""
    return (
        f'<w:style w:type="{kind}"{default} w:styleId="{name}"><w:name w:val="{title}"/>{based}{following}<w:qFormat/>'
        f"{inside}<w:rPr>{run}</w:rPr></w:style>"
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def styles(language: str, is_brief: bool) -> str:
    """Everything a paragraph of the report can look like; `is_brief` sets all of it smaller, to fit a page."""
    fonts = FONTS[language]
    size = fonts.size - (4 if is_brief else 0)
    lines = 245 if is_brief else 340 if language == "zh" else 310
    body = f'<w:spacing w:after="60" w:line="{lines}" w:lineRule="auto"/>'
    indent = f'<w:ind w:firstLineChars="{fonts.indent}" w:firstLine="{size * 20 if fonts.indent else 0}"/>'
    tight = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    inside = "".join(
        (
            (f'<w:docDefaults><w:rPrDefault><w:rPr>{faces(fonts.body)}{_size(size)}<w:lang w:val="{fonts.locale}" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault>'
            "<w:pPrDefault/></w:docDefaults>"),
            _style("Normal", "Normal", body, "", base=""),
            _style("BodyText", "Body Text", f'<w:widowControl/>{indent}<w:jc w:val="{"both" if language == "zh" else "left"}"/>', ""),
            _style("Masthead", "Masthead", f'{tight.replace("after=" + chr(34) + "0", "after=" + chr(34) + "160")}<w:jc w:val="center"/>', f'{faces(fonts.title)}<w:b/><w:color w:val="{RED}"/>{_size(36 if is_brief else 52)}'),
            _style("Issued", "Issued", f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="4" w:color="{RED}"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="8844"/></w:tabs>', _size(24)),
            _style("Title", "Title", f'<w:keepNext/><w:spacing w:before="{100 if is_brief else 240}" w:after="40" w:line="{260 if is_brief else 300}" w:lineRule="auto"/><w:jc w:val="center"/>', f"{faces(fonts.title)}<w:b/>{_size(32 if is_brief else 34)}"),
            _style("Subtitle", "Subtitle", f'<w:spacing w:after="{20 if is_brief else 120}"/><w:jc w:val="center"/>', f'<w:color w:val="{GREY}"/>{_size(24)}'),
            _style("Heading1", "heading 1", f'<w:keepNext/><w:keepLines/><w:spacing w:before="{140 if is_brief else 280}" w:after="{40 if is_brief else 100}"/><w:outlineLvl w:val="0"/>', f"{faces(fonts.head)}<w:b/>{_size(size + 4)}", after="BodyText"),
            _style("Heading2", "heading 2", '<w:keepNext/><w:keepLines/><w:spacing w:before="160" w:after="60"/><w:outlineLvl w:val="1"/>', f"{faces(fonts.subhead)}<w:b/>{_size(size)}", after="BodyText"),
            _style("Note", "Note", f'<w:spacing w:before="40" w:after="{60 if is_brief else 120}" w:line="{250 if is_brief else 280}" w:lineRule="auto"/>', f'<w:color w:val="{GREY}"/>{_size(18)}'),
            _style("SmallPrint", "Small Print", '<w:spacing w:before="0" w:after="40" w:line="240" w:lineRule="auto"/>', f'<w:color w:val="{GREY}"/>{_size(15)}'),
            _style("Caption", "caption", f'<w:keepNext/><w:spacing w:before="{80 if is_brief else 200}" w:after="{40 if is_brief else 80}"/><w:jc w:val="center"/>', f"{faces(fonts.head)}{_size(21)}"),
            _style("ChartCaption", "Chart Caption", '<w:spacing w:before="40" w:after="200"/><w:jc w:val="center"/>', f"{faces(fonts.head)}{_size(21)}"),
            _style("Chart", "Chart", '<w:keepNext/><w:spacing w:before="200" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>', ""),
            _style("ListItem", "List Item", '<w:keepLines/><w:spacing w:before="80" w:after="20"/><w:ind w:left="480" w:hanging="480"/>', ""),
            _style("ListMore", "List More", '<w:keepLines/><w:spacing w:after="80" w:line="300" w:lineRule="auto"/><w:ind w:left="480"/>', ""),
            _style("Because", "Because", '<w:keepLines/><w:spacing w:after="100" w:line="280" w:lineRule="auto"/><w:ind w:left="480"/>', f'<w:color w:val="{GREY}"/>{_size(max(19, size - 7))}'),
            _style("Signed", "Signed", '<w:keepLines/><w:spacing w:before="60" w:after="0"/><w:jc w:val="right"/>', ""),
            _style("TableText", "Table Text", f'<w:spacing w:before="{6 if is_brief else 30}" w:after="{6 if is_brief else 30}" w:line="{232 if is_brief else 250}" w:lineRule="auto"/>', _size(20 if language == "zh" else 19)),
            _style("TableSmall", "Table Small", "", _size(18), base="TableText"),
            _style("HeadSmall", "Head Small", "", _size(18), base="TableHead"),
            _style("TableHead", "Table Head", "<w:keepNext/>", faces(fonts.head) + ("" if language == "zh" else "<w:b/>"), base="TableText"),
            _style("Header", "header", '<w:tabs><w:tab w:val="right" w:pos="8844"/></w:tabs><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>', f'<w:color w:val="{GREY}"/>{_size(17)}'),
            _style("Footer", "footer", '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>', f"{faces(fonts.title)}{_size(21)}"),
            '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>',
            ('<w:style w:type="table" w:styleId="ReportTable"><w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
            '<w:top w:val="single" w:sz="12" w:space="0" w:color="1B1B1B"/><w:bottom w:val="single" w:sz="12" w:space="0" w:color="1B1B1B"/><w:insideH w:val="single" w:sz="2" w:space="0" w:color="D9D9D9"/></w:tblBorders></w:tblPr></w:style>'),
        )
    )  # fmt: skip
    return f'{XML}<w:styles xmlns:w="{W}">{inside}</w:styles>'


def font_table(language: str) -> str:
    """The faces with the names that other systems know them by."""
    fonts = FONTS[language]
    named = sorted({each for pair in (fonts.body, fonts.head, fonts.subhead, fonts.title) for each in pair})
    inside = "".join(
        f'<w:font w:name="{each}">'
        + (f'<w:altName w:val="{_ALTERNATIVES[each]}"/>' if each in _ALTERNATIVES else "")
        + "</w:font>"
        for each in named
    )
    return f'{XML}<w:fonts xmlns:w="{W}">{inside}</w:fonts>'


def settings() -> str:
    """What Word itself needs to know."""
    return (
        f'{XML}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:characterSpacingControl w:val="compressPunctuation"/>'
        '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
    )
