"""What a report was made from, so that it can be made again: in small print for people, and for machines.

`read_footer` gets it back out of either file.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from analysis.report.facts import Facts
from analysis.report.names import Pair
from analysis.report.numbers import day
from analysis.report.paper import Num, Runs, Text
from analysis.report.writing.writer import words_of_data
from models.wall_clock import DESK_ZONE

FORMAT = "whistle-report/1"
HTML_ID = "report-sources"
PROPERTY = "WhistleReportSources"
CUSTOM_PART = "docProps/custom.xml"
_SCRIPT = re.compile(rf'<script type="application/json" id="{HTML_ID}">(.*?)</script>', re.DOTALL)
_LARGEST_PART = 1_000_000


class FooterError(ValueError):
    """A file does not tell what it was made from."""


def footer_of(facts: Facts, language: str, recommendations: str) -> dict[str, Any]:
    """Everything that the bytes of a report depend on, but the facts themselves, of which it has the digest."""
    scope, sources = facts.scope, facts.sources
    return {
        "format": FORMAT,
        "digest": facts.digest,
        "language": language,
        "cadence": scope.cadence.value,
        "first": scope.first.isoformat(),
        "last": scope.last.isoformat(),
        "department": scope.department,
        "made_at": sources.made_at.isoformat(),
        "code_version": sources.code_version,
        "rule_set": sources.rule_set,
        "catalogue": sources.catalogue,
        "calendar": sources.calendar,
        "rate_rules": sources.rate_rules,
        "suppression_rules": sources.suppression_rules,
        "recommendations": recommendations,
        "parameters": dict(sorted(sources.parameters.items())),
    }


_LABELS: Mapping[str, Pair] = {
    "digest": Pair("数据快照", "data snapshot"),
    "code_version": Pair("程序版本", "code version"),
    "rule_set": Pair("时限规则", "time-limit rules"),
    "catalogue": Pair("派单目录", "catalogue"),
    "calendar": Pair("工作日历", "calendar"),
    "rate_rules": Pair("三率规则", "rate rules"),
    "suppression_rules": Pair("小数目保护规则", "suppression rules"),
    "recommendations": Pair("建议规则", "recommendation rules"),
}


def small_print(footer: Mapping[str, Any], facts: Facts) -> tuple[Runs, ...]:
    """The same for people: three short paragraphs."""
    language = footer["language"]
    zh = language == "zh"
    between, end = ("；", "。") if zh else ("; ", ".")
    opening = "本报告可复核重制。" if zh else "This report can be checked and made again. "
    made = (
        Text("生成时间：" if zh else "Made at "),
        Num(f"{facts.sources.made_at.astimezone(DESK_ZONE):%Y-%m-%d %H:%M}", "source/made_at"),
        Text("（北京时间）" if zh else " (Beijing time)"),
    )
    runs: list[Any] = [Text(opening), *made]
    for name, label in _LABELS.items():
        runs += [
            Text(between + label.in_(language) + " "),
            words_of_data(_short(str(footer[name])), f"source/{name}"),
        ]
    runs.append(Text(end))
    paragraphs: list[Runs] = [tuple(runs)]
    if parameters := footer["parameters"]:
        listed: list[Any] = [Text("参数：" if zh else "Parameters: ")]
        for at, (name, value) in enumerate(parameters.items()):
            listed += [Text(between)] if at else []
            listed.append(words_of_data(f"{name}={value}", f"source/parameters/{name}"))
        paragraphs.append((*listed, Text(end)))
    return tuple(paragraphs)


def _short(name: str) -> str:
    """A hash by its first twelve figures, as one says it on the telephone; the whole one is embedded."""
    return name[:12] if re.fullmatch(r"[0-9a-f]{40,}", name) else name


def made_on(facts: Facts, language: str) -> Num:
    """The day it was made on, by the desk's clock."""
    return Num(day(facts.sources.made_at.astimezone(DESK_ZONE).date(), language), "source/made_at")


def footer_text(footer: Mapping[str, Any]) -> str:
    """One canonical text."""
    return json.dumps(footer, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def html_footer(footer: Mapping[str, Any]) -> str:
    """An element that no browser runs or shows; nothing in it can end it early."""
    safe = footer_text(footer).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<script type="application/json" id="{HTML_ID}">{safe}</script>'


def read_footer(report: Path | bytes) -> dict[str, Any]:
    """What a report in HTML or DOCX was made from.

    Raises:
        FooterError: It is no such report, or its footer is damaged; the message says what was looked for.
    """
    content = report.read_bytes() if isinstance(report, Path) else report
    text = _from_docx(content) if content[:4] == b"PK\x03\x04" else _from_html(content)
    try:
        footer = json.loads(text)
    except ValueError:
        raise FooterError("the report's footer is damaged: it is not JSON") from None
    if not isinstance(footer, dict) or footer.get("format") != FORMAT:
        raise FooterError(f"the report's footer is not of the format {FORMAT}")
    return footer


def _from_html(content: bytes) -> str:
    try:
        found = _SCRIPT.search(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise FooterError("neither an HTML nor a DOCX report: it is not UTF-8 and no ZIP file") from None
    if not found:
        raise FooterError(
            f'no <script id="{HTML_ID}"> in it: not a report of this desk, or saved again by another program'
        )
    return found[1]


def _from_docx(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(CUSTOM_PART).file_size > _LARGEST_PART:
                raise FooterError(f"{CUSTOM_PART} is too large to be ours")
            part = archive.read(CUSTOM_PART)
    except KeyError:
        raise FooterError(
            f"no {CUSTOM_PART} in it: not a report of this desk, or saved again by another program"
        ) from None
    except zipfile.BadZipFile:
        raise FooterError("a damaged ZIP file, so no DOCX report") from None
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise FooterError(f"{CUSTOM_PART} declares entities; ours never does")
    try:
        properties = ElementTree.fromstring(part)
    except ElementTree.ParseError:
        raise FooterError(f"{CUSTOM_PART} is not XML") from None
    for each in properties:
        if each.get("name") == PROPERTY:
            return "".join(each.itertext()).strip()
    raise FooterError(f"no property {PROPERTY} in it: not a report of this desk")
