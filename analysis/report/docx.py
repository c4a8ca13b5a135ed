"""A paper as a Word file with styles, tables, charts, header and page numbers; the same facts give the same bytes."""

from datetime import UTC, datetime
from pathlib import Path

from analysis.charts.emf import emf_of
from analysis.charts.svg import svg_of
from analysis.report.composing import compose
from analysis.report.docx_parts import (
    XML,
    archive,
    content_types,
    font_table,
    relations,
    settings,
    styles,
    word_type,
)
from analysis.report.docx_words import Body, clean, declared
from analysis.report.facts import Facts
from analysis.report.footer import CUSTOM_PART, PROPERTY, footer_text
from analysis.report.names import Names
from analysis.report.paper import Paper

_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006"
_CORE = "http://schemas.openxmlformats.org/package/2006"


def write_docx(facts: Facts, language: str, names: Names | None = None, home: Path | None = None) -> bytes:
    """The report in `zh` or `en`; the same facts always give the same bytes.

    Names and home as in `compose`.

    Raises:
        ValueError: There is no such language.
        RuleFileError: One of the desk's own files cannot be used.
    """
    return docx_of(compose(facts, language, names, home))


def docx_of(paper: Paper) -> bytes:
    """The file."""
    body = Body()
    is_brief = paper.footer["cadence"] == "daily"
    document = _document(body.document(paper), is_brief)
    parts: list[tuple[str, str]] = [
        ("[Content_Types].xml", content_types(_TYPES)),
        ("_rels/.rels", relations(_PACKAGE_RELATIONS)),
        ("docProps/core.xml", _core(paper)),
        (
            "docProps/app.xml",
            f'{XML}<Properties xmlns="{_PROPERTIES}/extended-properties"><Application>Whistle</Application></Properties>',
        ),
        (CUSTOM_PART, _custom(paper)),
        ("word/document.xml", document),
        ("word/styles.xml", styles(paper.language, is_brief)),
        ("word/settings.xml", settings()),
        ("word/fontTable.xml", font_table(paper.language)),
        ("word/header1.xml", _header(paper)),
        ("word/footer1.xml", _footer(paper)),
        ("word/_rels/document.xml.rels", relations(_document_relations(len(body.drawings)))),
        ("customXml/item1.xml", body.figures_part()),
        ("customXml/itemProps1.xml", _ITEM),
        ("customXml/_rels/item1.xml.rels", relations((("rId1", "customXmlProps", "itemProps1.xml"),))),
    ]
    files = [(name, text.encode()) for name, text in parts]
    for number, drawing in enumerate(body.drawings, start=1):
        svg = '<?xml version="1.0" encoding="UTF-8"?>\n' + svg_of(drawing, standalone=True)
        files += [
            (f"word/media/chart{number}.svg", svg.encode()),
            (f"word/media/chart{number}.emf", emf_of(drawing)),
        ]
    return archive(files)


_TYPES = {
    "word/document.xml": word_type("document.main"),
    "word/styles.xml": word_type("styles"),
    "word/settings.xml": word_type("settings"),
    "word/fontTable.xml": word_type("fontTable"),
    "word/header1.xml": word_type("header"),
    "word/footer1.xml": word_type("footer"),
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    CUSTOM_PART: "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    "customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
}
_PACKAGE_RELATIONS = (
    ("rId1", "officeDocument", "word/document.xml"),
    ("rId2", f"{_CORE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ("rId3", "extended-properties", "docProps/app.xml"),
    ("rId4", "custom-properties", CUSTOM_PART),
)
_ITEM = (
    f'{XML}<ds:datastoreItem xmlns:ds="{_PROPERTIES}/customXml" ds:itemID="{{6F2B7E1C-5A0D-4C0E-9C57-57414E495354}}">'
    '<ds:schemaRefs><ds:schemaRef ds:uri="urn:whistle:report:figures"/></ds:schemaRefs></ds:datastoreItem>'
)


def _document_relations(drawings: int) -> list[tuple[str, str, str]]:
    targets = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdFonts", "fontTable", "fontTable.xml"),
        ("rIdHeader", "header", "header1.xml"),
        ("rIdFooter", "footer", "footer1.xml"),
        ("rIdFigures", "customXml", "../customXml/item1.xml"),
    ]
    for number in range(1, drawings + 1):
        targets.append((f"rIdSvg{number}", "image", f"media/chart{number}.svg"))
        targets.append((f"rIdEmf{number}", "image", f"media/chart{number}.emf"))
    return targets


def _document(inside: str, is_brief: bool) -> str:
    # Margins as GB/T 9704 has them for official documents, smaller ones for a brief; header and footer stand in them.
    top, bottom, header, footer = (1191, 907, 567, 397) if is_brief else (2098, 1984, 1134, 1134)
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/><w:footerReference w:type="default" r:id="rIdFooter"/>'
        f'<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="{top}" w:right="1474" w:bottom="{bottom}" w:left="1588"'
        f' w:header="{header}" w:footer="{footer}" w:gutter="0"/></w:sectPr>'
    )
    return f"{XML}<w:document {declared()}><w:body>{inside}{section}</w:body></w:document>"


def _header(paper: Paper) -> str:
    left, right = clean(paper.issuer), clean("".join(each.text for each in paper.title))
    inside = f'<w:r><w:t xml:space="preserve">{left}</w:t></w:r><w:r><w:tab/></w:r><w:r><w:t xml:space="preserve">{right}</w:t></w:r>'
    return f'{XML}<w:hdr {declared()}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>{inside}</w:p></w:hdr>'


def _footer(paper: Paper) -> str:
    def words(text: str) -> str:
        return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'

    def counted(name: str) -> str:
        return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    if paper.language == "zh":
        inside = words("— ") + counted("PAGE") + words(" —")
    else:
        inside = words("Page ") + counted("PAGE") + words(" of ") + counted("NUMPAGES")
    return f'{XML}<w:ftr {declared()}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{inside}</w:p></w:ftr>'


def _core(paper: Paper) -> str:
    title, issuer = clean("".join(each.text for each in paper.title)), clean(paper.issuer)
    made = datetime.fromisoformat(paper.footer["made_at"]).astimezone(UTC)
    language = "zh-CN" if paper.language == "zh" else "en-GB"
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{_CORE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:creator>{issuer}</dc:creator><dc:language>{language}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made:%Y-%m-%dT%H:%M:%SZ}</dcterms:created></cp:coreProperties>'
    )


def _custom(paper: Paper) -> str:
    return (
        f'{XML}<Properties xmlns="{_PROPERTIES}/custom-properties" xmlns:vt="{_PROPERTIES}/docPropsVTypes">'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{PROPERTY}">'
        f"<vt:lpwstr>{clean(footer_text(paper.footer))}</vt:lpwstr></property></Properties>"
    )
