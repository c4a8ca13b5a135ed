"""The page of `rules whatif`: one file with its charts, which needs nothing else to be shown."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from desk.cli.tables import Language
from desk.front import HERE, TEMPLATES
from desk.whatif import charts as whatif_charts
from desk.whatif.tables import headline, share, summary
from desk.whatif.words import TEXTS, WEEKDAYS, Pair, group_pair

MOST_ROWS = 40
"""Of one table on the page; the JSON has all."""

MOST_KINDS_OF_AGREEMENT = 60
TILES = ("cases", "cases_changed", "earlier", "later", "late_at_once", "no_longer_late")
GROUPS = ("grade", "target", "department", "kind")


def write_page(path: Path, outcome: Mapping[str, Any], lang: Language) -> None:
    """Write the page whole or not at all; readers see it in `lang` first and may switch.

    Raises:
        OSError: The folder is missing or may not be written to.
    """
    page = draw_page(outcome, lang)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    ) as draft:
        unfinished = Path(draft.name)
        try:
            draft.write(page)
            draft.close()
            # A temporary file is private to its maker; a page is made to be shown around.
            unfinished.chmod(0o666 & ~_umask())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def draw_page(outcome: Mapping[str, Any], lang: Language) -> str:
    """The page's HTML."""
    alerts, due = outcome["alerts"], outcome["due"]
    return TEMPLATES.get_template("whatif.html").render(
        lang=lang,
        outcome=outcome,
        words=TEXTS,
        weekdays=WEEKDAYS,
        style=(HERE / "templates" / "desk.css").read_text(encoding="utf-8"),
        headline=tuple(headline(outcome, each) for each in (Language.ZH, Language.EN)),
        tiles=[(TEXTS[name], _tile(outcome, name), name) for name in TILES],
        summary=[(TEXTS[name], before or 0, after or 0) for name, before, after in summary(outcome)],
        shifts=whatif_charts.shift_columns(due) if due["earlier"] or due["later"] else None,
        hours=whatif_charts.hour_columns(alerts),
        has_alerts=bool(alerts["before"]["total"] or alerts["after"]["total"]),
        weeks=[(TEXTS[side], whatif_charts.week_cells(alerts, side), alerts[side]) for side in ("before", "after")],
        cell=whatif_charts.CELL,
        told=whatif_charts.told_pairs(alerts["before"]["to"], alerts["after"]["to"]),
        levels=whatif_charts.level_pairs(outcome["levels"]),
        groups=[(TEXTS[f"by_{name}"], TEXTS[name], _group(outcome["by"][name], name)) for name in GROUPS],
        agreement=_agreement(outcome),
        share=share,
    )


def _tile(outcome: Mapping[str, Any], name: str) -> int:
    for part in (outcome, outcome["due"], outcome["late"]):
        if name in part:
            return int(part[name])
    return 0


def _group(group: Mapping[str, Mapping[str, int]], column: str) -> list[tuple[Pair, str, Mapping[str, int]]]:
    """Names, codes and counts, the most frequent first."""
    return [(group_pair(word, column), word, counts) for word, counts in list(group.items())[:MOST_ROWS]]


def _agreement(outcome: Mapping[str, Any]) -> dict[str, Any] | None:
    if not outcome.get("compared_all"):
        return None
    named = (
        ("compared", "agree_within_90s"), ("compared_all", "agree_all_within_90s"), ("flag_compared", "flag_agree")
    )  # fmt: skip
    return {
        "totals": [(TEXTS[both], outcome[both], outcome[agree]) for both, agree in named],
        "kinds": list(outcome["agreement_by_kind"].items())[:MOST_KINDS_OF_AGREEMENT],
    }


def _umask() -> int:
    """What this process keeps from others; the only way to learn it is to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
