"""What stands in the working folder, compared with what is live."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from catalogue.loader import Catalogue
from models.house import Promotion
from sla_rules.snapshot import Snapshot, snapshot_of
from tasks.house.promoted_rules import live_number, promotion
from tasks.house.rule_folder import RuleFolderError, based_on
from tasks.house.rule_reports import Judged, judge
from tasks.story.timeline import shown_time

SHOWN = 50


@dataclass(frozen=True)
class FolderState:
    """The live version, and the edit in the folder if it differs from it.

    `edit` is None if the folder holds the live files, or none at all. `based_on` is the version
    the edit was drafted from, None if it does not say. `digest` is of all that was read.
    """

    live: Promotion
    edit: Judged | None
    based_on: int | None
    digest: str

    @property
    def is_broken(self) -> bool:
        """Whether the edit could not go live as it is."""
        return self.edit is not None and bool(self.problems)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the edit could not go live, one line each."""
        return (*self.edit.errors, *self.edit.failed) if self.edit else ()

    @property
    def is_overtaken(self) -> bool:
        """Whether another version went live since the edit was drafted."""
        return self.edit is not None and self.based_on != self.live.number


def look_at_folder(session: Session, catalogue: Catalogue, folder: Path, now: datetime) -> FolderState | None:
    """Read and judge the folder; None in a database that has no live version.

    Raises:
        RuleFileError: A file is being saved right now.
    """
    number = live_number(session)
    if number is None:
        return None
    live = promotion(session, number)
    found = snapshot_of(folder)
    same = not found.unreadable and found.files in ({}, live.files)
    return FolderState(live, None if same else judge(found, catalogue, now), _base(folder), _digest(found))


def board(state: FolderState) -> str:
    """The page that the Prefect UI shows about the rules: what is live, and what is in the folder."""
    live = state.live
    lines = [
        "# 时限规则 · SLA rules",
        "",
        f"- 现行版本 live: **{live.number}** (`{live.digest[:12]}`, calendar `{live.calendar_digest[:12]}`)",
        f"- 生效 since: {shown_time(live.at)}",
        f"- 发布人 by: {_cell(live.promoted_by)}",
        f"- 在办件 open cases: {live.open_cases}",
        "",
        "## 编辑区 · working folder",
        "",
    ]
    return "\n".join([*lines, *_of_edit(state), "", "时间为北京时间 · times are Asia/Shanghai", ""])


def _of_edit(state: FolderState) -> Iterator[str]:
    if state.edit is None:
        yield "与现行版本一致 · as live; nothing waits."
        return
    if state.is_broken:
        yield f"**有误，未生效 · BROKEN, not live**: {len(state.problems)} problems. 办件仍按现行版本 · cases go by what is live."
    else:
        yield "已修改，未生效 · edited, not live: `whistle rules promote`"
    if state.is_overtaken:
        yield ""
        yield f"草稿出自旧版本 · drafted from version {state.based_on or '?'}, not from the live one."
    yield ""
    for problem in state.problems[:SHOWN]:
        yield f"- ✗ {_cell(problem)}"
    for warning in state.edit.warnings[:SHOWN]:
        yield f"- ⚠ {_cell(warning)}"


def _cell(words: str) -> str:
    # What somebody wrote is shown as it stands, whatever Markdown would make of it.
    return "`" + " ".join(words.replace("`", "'").split()) + "`"


def _base(folder: Path) -> int | None:
    try:
        return based_on(folder)
    except RuleFolderError:
        return None


def _digest(found: Snapshot) -> str:
    read = json.dumps([dict(found.files), dict(found.unreadable)], sort_keys=True)
    return hashlib.sha256(read.encode()).hexdigest()
