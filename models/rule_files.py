"""Reading the YAML that supervisors edit, with errors that name file, line, column and field."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

_DATE = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)\b", re.ASCII)
_TOO_DEEP = re.compile(r"(?:[\[{]\s*){50}")

Model = TypeVar("Model", bound=BaseModel)


class RuleModel(BaseModel):
    """What every rule file is parsed into: frozen, and a key nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleFileError(ValueError):
    """A rule file cannot be used; `problems` has one line for each thing to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class NotYamlError(ValueError):
    """A text is not YAML; the message says why, `line` and `column` (from 1) where."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        self.line, self.column, self.reason = line, column, reason
        super().__init__(f"not valid YAML: {reason}")


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


def own_or_delivered(home: Path | None, delivered: Path, name: str) -> Path:
    """The file of this name in the desk's `home`, or the delivered one if the desk has none of its own."""
    own = home / name if home else None
    return own if own and own.exists() else delivered


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
        return parse_yaml(text)
    except NotYamlError as error:
        raise RuleFileError([f"{path}:{error.line}:{error.column}: {error}"]) from None


def parse_yaml(text: str) -> Any:
    """YAML as ruamel's round-trip data, which remembers lines and columns; None for no content.

    Raises:
        NotYamlError: It is not YAML, has a key twice, a date that no calendar has, or is nested
            deeper than anybody writes by hand.
    """
    if bomb := _TOO_DEEP.search(text):
        # Ruamel gives up on it too, after ten seconds of trying.
        raise NotYamlError(text.count("\n", 0, bomb.start()) + 1, 1, "nested too deeply")
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = " ".join(str(error.problem or error.context).split())
        raise NotYamlError(line, column, problem) from None
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        raise NotYamlError(line, column, f"character U+{error.character:04X} may not stand here") from None
    except ValueError as error:
        raise NotYamlError(*_impossible_date(text), f"{error}") from None
    except RecursionError:
        raise NotYamlError(1, 1, "nested too deeply") from None
    except (AttributeError, TypeError):
        # Seen where an alias is merged into the very mapping that it names.
        raise NotYamlError(1, 1, "an alias (*name) leads back to itself") from None


def line_of(raw: Any, location: Iterable[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of `location` that the file contains."""
    line, column = 0, 0
    node = raw
    for part in location:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            # A day is a date as a key of the file and text in a location.
            is_mapping = isinstance(node, dict)
            key = next((each for each in node if str(each) == str(part)), part) if is_mapping else part
            line, column = position.key(key) if is_mapping else position.item(key)
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1


def digest_of(paths: Iterable[Path]) -> str:
    """One SHA-256, in hex, over the names and bytes of the given files in name order."""
    return _digest((path.name, path.read_bytes()) for path in paths)


def digest_of_texts(texts: Mapping[str, str]) -> str:
    """What `digest_of` says of files with these paths and texts, saved as UTF-8."""
    return _digest((PurePosixPath(path).name, text.encode()) for path, text in texts.items())


def _digest(contents: Iterable[tuple[str, bytes]]) -> str:
    total = hashlib.sha256()
    for name, content in sorted(contents, key=lambda each: each[0]):
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _impossible_date(text: str) -> tuple[int, int]:
    """Where 2026-02-30 stands: ruamel fails on it without saying at which line."""
    for found in _DATE.finditer(text):
        try:
            date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            before = text[: found.start()]
            return before.count("\n") + 1, found.start() - before.rfind("\n")
    return 1, 1


def _describe(path: Path, raw: Any, error: ValidationError) -> list[str]:
    problems = []
    for each in error.errors(include_url=False):
        line, column = line_of(raw, each["loc"])
        field = ".".join(str(part) for part in each["loc"]) or "file"
        problems.append(f"{path}:{line}:{column}: {field}: {plain_reason(each['type'], each['msg'])}")
    return problems


def plain_reason(kind: str, message: str) -> str:
    """One of pydantic's errors in words for whoever edits the file."""
    if kind == "extra_forbidden":
        return "unknown key; remove it or correct its spelling"
    return message.removeprefix("Value error, ")
