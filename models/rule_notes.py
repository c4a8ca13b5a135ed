"""One pass over files that people edit, which notes all that is wrong instead of stopping at the first."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.folder_texts import FolderSnapshot
from models.rule_files import NotYamlError, line_of, plain_reason
from models.rule_problems import Finding, Problem, Severity

MAX_FINDINGS = 200
"""Nobody reads more; a file of another kind, put here by mistake, could yield thousands."""
MAX_REASON = 300

Model = TypeVar("Model", bound=BaseModel)


class Notes:
    """What is wrong with the files of a set, gathered while they are read.

    A set with words of its own for what is missing or misspelt overrides `missing`, `errors_of`,
    `explain` and `look_over`.
    """

    def __init__(self, texts: FolderSnapshot) -> None:
        self._texts = texts
        self._findings: list[Finding] = []

    def read(self, path: str, model: type[Model]) -> Model | None:
        """The file as `model`, or None after what keeps it from being one has been noted."""
        text = self._texts.text(path)
        if text is None:
            self._add(path, (1, 1), "file", *self.missing(path))
            return None
        try:
            raw = self._texts.parsed(path)
        except NotYamlError as error:
            self._add(path, (error.line, error.column), "file", str(error), self.yaml_hint(error))
            return None
        self.note(path, self.look_over(path, text))
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for each in self.errors_of(error):
                reason, hint = self.explain(each, model)
                self._add(path, line_of(raw, each["loc"]), _dotted(each["loc"]), reason, hint)
            return None

    def missing(self, path: str) -> tuple[str, str]:
        """Why a file that must be there has no text, and what to do."""
        return "file not found", f"put {path} back"

    def yaml_hint(self, error: NotYamlError) -> str:
        """What to look for in a text that is not YAML."""
        return ""

    def look_over(self, path: str, text: str) -> Iterable[Problem]:
        """What is wrong with the text as such."""
        return ()

    def errors_of(self, error: ValidationError) -> Iterator[Mapping[str, Any]]:
        """Pydantic's errors; a list is not told to be empty because its entries were refused."""
        for each in error.errors(include_url=False):
            if each["type"] != "too_short" or not each["input"]:
                yield dict(each)

    def explain(self, error: Mapping[str, Any], model: type[BaseModel]) -> tuple[str, str]:
        """What is wrong, and what to write instead."""
        return plain_reason(error["type"], error["msg"]), ""

    def note(self, path: str, problems: Iterable[Problem]) -> None:
        """Adds problems found between entries, with the line each entry stands on."""
        for problem in problems:
            where = problem.line_column or line_of(self._texts.parsed(path), problem.location)
            self._add(path, where, _dotted(problem.location), problem.reason, problem.hint, problem.severity)

    def note_file(self, path: str, reason: str, hint: str, severity: Severity = "error") -> None:
        """Adds what is to be said of a file as a whole."""
        self._add(path, (1, 1), "file", reason, hint, severity)

    def sorted_findings(self) -> tuple[Finding, ...]:
        """Errors first, then by file and line; what is above the number anybody reads is counted."""
        # An anchor's mistake comes back wherever it is used, at the same line.
        once = {(each.file, each.line, each.column, each.reason): each for each in reversed(self._findings)}
        found = sorted(once.values(), key=lambda each: (each.severity, each.file, each.line, each.column))
        if len(found) > MAX_FINDINGS:
            last = found[MAX_FINDINGS]
            more = f"{len(found) - MAX_FINDINGS} more findings are not listed"
            found[MAX_FINDINGS:] = [
                Finding(last.file, last.line, last.column, last.field, more, "", last.severity)
            ]
        return tuple(found)

    def _add(
        self,
        path: str,
        where: tuple[int, int],
        field: str,
        reason: str,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        file = f"{self._texts.name}/{path}"
        self._findings.append(Finding(file, *where, _short(field), _short(reason), _short(hint), severity))


def _dotted(location: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in location if part != "[key]") or "file"


def _short(words: str) -> str:
    """One line that a terminal can show, whatever stood in the file."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return line if len(line) <= MAX_REASON else f"{line[:MAX_REASON]} …"
