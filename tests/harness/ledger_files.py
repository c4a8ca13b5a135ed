"""The files three departments send of their ledgers, each in the form its contract agrees."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from data_checks.contract import Contract, SchemaVersion, load_contracts

CONTRACTS = load_contracts()
Row = dict[str, Any]


def newest_version(contract: Contract) -> SchemaVersion:
    return max(contract.versions, key=lambda each: each.version)


def write_ledger(path: Path, department: str, rows: Sequence[Row], taken_at: datetime, *, encoding: str = "") -> Path:
    """One whole extract of a department, taken at `taken_at` (aware)."""
    contract = CONTRACTS[department]
    version = newest_version(contract)
    heads = list(version.columns.values())
    lines = [{version.columns[name]: _told(contract, version, name, row[name]) for name in version.columns} for row in rows]
    match contract.format:
        case "csv":
            text = io.StringIO()
            text.write(f"# taken_at: {taken_at.isoformat()}\n")
            writer = csv.DictWriter(text, heads)
            writer.writeheader()
            writer.writerows(lines)
            text.write(f"# rows: {len(lines)}\n")
            path.write_bytes(text.getvalue().encode(encoding or contract.encoding))
        case "jsonl":
            said = [{"taken_at": taken_at.isoformat()}, *lines, {"rows": len(lines)}]
            path.write_text("\n".join(json.dumps(each) for each in said) + "\n", encoding="utf-8")
        case _:
            book = Workbook()
            sheet = book.worksheets[0]
            sheet.append(heads)
            for line in lines:
                sheet.append([line[head] for head in heads])
            about = book.create_sheet("about")
            about.append(["taken_at", taken_at.isoformat()])
            book.save(path)
    return path


def later(row: Row, now: datetime, **changes: Any) -> Row:
    """The row after somebody at the department changed it, shortly before the extract of `now` was taken."""
    return row | changes | {"updated_at": now - timedelta(minutes=40)}


def _told(contract: Contract, version: SchemaVersion, name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name == "status":
        return next(theirs for theirs, ours in contract.statuses.items() if ours is value)
    if name == "leads":
        return (contract.lead_says if value else contract.helper_says)[0]
    if isinstance(value, datetime):
        local = value.astimezone(contract.zone)
        return local.isoformat() if version.time_format == "iso" else local.strftime(version.time_format)
    return value
