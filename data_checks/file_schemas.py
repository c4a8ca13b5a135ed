"""`python -m data_checks.file_schemas`: JSON Schemas of contracts and rules, for editors that complete and check YAML."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from data_checks import contract, rule_files


def schemas() -> dict[Path, dict[str, Any]]:
    """What each schema file must hold, by its path."""
    return {
        contract.FOLDER / "schema.json": _schema(contract.Contract, "A department's contract for its ledger"),
        rule_files.FOLDER / "schema.json": _schema(rule_files.RuleFile, "Rules of one batch of records"),
    }


def _schema(model: Any, title: str) -> dict[str, Any]:
    made = TypeAdapter(model).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}


def main() -> None:
    """Write them beside the files they are about."""
    for path, schema in schemas().items():
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
