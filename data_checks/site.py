"""Data Docs: Great Expectations' own pages of what was expected and what fell short, readable offline.

Its templates load their looks and scripts from other people's servers. Here every page is one file
with a style sheet of ours beside it: nothing leaves the folder, no script runs. Records appear by
their keys only, because the results hold nothing else.

This module imports Great Expectations: only the checking process may.
"""

import html
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import view

DOCS = "docs"
STYLE = "style.css"
_CSS = Path(__file__).parent / "site.css"
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)
_FOREIGN = re.compile(r"<link\b[^>]*>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_AWAY = re.compile(r"<a\b[^>]*href=\"(?:https?:|mailto:)[^\"]*\"[^>]*>(.*?)</a>", re.DOTALL | re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s\"'<>)]*", re.IGNORECASE)
_FOOTER = re.compile(r"<footer\b.*?</footer>", re.DOTALL | re.IGNORECASE)
_HANDLER = re.compile(r"\son[a-z]+=\"[^\"]*\"", re.IGNORECASE)
_HEAD_END = re.compile(r"</head>", re.IGNORECASE)
_PART = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Page:
    """One batch's result as Great Expectations returned it, and how many expectations fell short."""

    batch: str
    validation: Any
    expectations: int
    failed: int


def publish(folder: Path, part: str, pages: Iterable[Page], now: datetime) -> Path:
    """Write the pages of one part and renew the index.

    Several checking processes may do so at once, each for its own part: a page is replaced whole.

    Args:
        folder: The site's folder; made if missing.
        part: A department's code, `journal`, or empty for our own tables.
        pages: One for each batch.
        now: When it was checked, aware.

    Returns:
        The index.

    Raises:
        OSError: The folder cannot be written.
        ValueError: The part's code is none.
    """
    name = part or "desk"
    if not _PART.fullmatch(name):
        raise ValueError("the code of a part has letters, digits, - and _ only")
    mine = folder / DOCS / name
    mine.mkdir(parents=True, exist_ok=True)
    _write(folder / DOCS / STYLE, _CSS.read_text(encoding="utf-8"))
    told = []
    for page in pages:
        _write(mine / f"{page.batch}.html", _offline(page.validation))
        told.append({"batch": page.batch, "expectations": page.expectations, "failed": page.failed})
    _write(mine / "about.json", json.dumps({"part": name, "at": now.isoformat(timespec="seconds"), "batches": told}))
    index = folder / DOCS / "index.html"
    _write(index, _index(folder / DOCS))
    return index


def _offline(validation: Any) -> str:
    document = ValidationResultsPageRenderer().render(validation)
    jinja: Any = view.DefaultJinjaPageView()
    page: str = jinja.render(document)
    for pattern in (_SCRIPT, _FOREIGN, _IMAGE, _FOOTER, _HANDLER):
        page = pattern.sub("", page)
    page = _ADDRESS.sub("", _AWAY.sub(r"\1", page))
    back = f'<link rel="stylesheet" href="../{STYLE}"></head>'
    return _HEAD_END.sub(back, page, count=1)


def _index(docs: Path) -> str:
    rows = []
    for about in sorted(docs.glob("*/about.json")):
        told = json.loads(about.read_text(encoding="utf-8"))
        part, at = html.escape(told["part"]), html.escape(told["at"])
        for batch in told["batches"]:
            name, failed = html.escape(batch["batch"]), int(batch["failed"])
            state = "有不符 fell short" if failed else "全部符合 all hold"
            rows.append(
                f'<tr class="{"bad" if failed else "good"}"><td>{part}</td><td><a href="{part}/{name}.html">{name}</a></td>'
                f"<td>{int(batch['expectations'])}</td><td>{failed}</td><td>{state}</td><td>{at}</td></tr>"
            )
    heads = ("部分 part", "批次 batch", "期望 expectations", "不符 failed", "结果 result", "时间 checked at")
    head = "".join(f"<th scope=\"col\">{each}</th>" for each in heads)
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>数据核对 Data Docs</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{STYLE}"></head>'
        f"<body><main><h1>数据核对 Data Docs</h1><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></main></body></html>"
    )


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
