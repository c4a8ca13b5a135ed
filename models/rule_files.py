"""Reading the YAML that supervisors edit, with errors that name file, line, column and field."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

Model = TypeVar("Model", bound=BaseModel)


class RuleModel(BaseModel):
    """What every rule file is parsed into: frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleFileError(ValueError):
    """A rule file cannot be used; `problems` has one line for each thing to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_rule_file(path: Path, model: type[Model]) -> Model:
    """The file's content as `model`.

    Raises:
        RuleFileError: The file is missing, is not YAML, has a key twice, or does not fit the
            model; every problem says `file:line:column: field: what is wrong`.
    """
    raw = read_yaml(path)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise RuleFileError(_describe(path, raw, error)) from None


def read_yaml(path: Path) -> Any:
    """The file as ruamel's round-trip data, which remembers lines and columns.

    Raises:
        RuleFileError: The file is missing, not UTF-8, not YAML, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RuleFileError([f"{path}: file not found"]) from None
    except UnicodeDecodeError as error:
        raise RuleFileError([f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8"]) from None
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        problem = " ".join(str(error.problem or error.context).split())
        raise RuleFileError([f"{path}:{where}: not valid YAML: {problem}"]) from None


def line_of(raw: Any, location: Iterable[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of `location` that the file contains."""
    line, column = 0, 0
    node = raw
    for part in location:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            line, column = (
                position.key(part) if isinstance(node, dict) else position.item(part)
            )
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1


def digest_of(paths: Iterable[Path]) -> str:
    """One SHA-256, in hex, over the names and bytes of the given files in name order."""
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda each: each.name):
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _describe(path: Path, raw: Any, error: ValidationError) -> list[str]:
    problems = []
    for each in error.errors(include_url=False):
        line, column = line_of(raw, each["loc"])
        field = ".".join(str(part) for part in each["loc"]) or "file"
        problems.append(f"{path}:{line}:{column}: {field}: {_reason(each['type'], each['msg'])}")
    return problems


def _reason(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key; remove it or correct its spelling"
    return message.removeprefix("Value error, ")
