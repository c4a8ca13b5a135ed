"""Our own requests, written and labelled by people: what the classifier learns from and is tested on."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from models.rule_files import RuleFileError
from models.vocabulary import Grade, Nature

HERE = Path(__file__).parent / "corpus"
HELD_OUT = "held_out*.jsonl"
TRAINING = "training_*.jsonl"

KindCode = Annotated[str, StringConstraints(pattern=r"^[FSCNGJX]\d\d$")]


class Example(BaseModel):
    """One request with what a careful child-protection worker makes of it.

    `kind` is the gravest kind, `also` are other acceptable ones. `harm` means that a child is
    suspected to be harmed or in danger. `lead` is the department's code, None where none leads.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=40)
    text: str = Field(max_length=200_000)
    lang: Literal["zh", "en"]
    kind: KindCode
    also: tuple[KindCode, ...] = ()
    grade: Grade
    harm: bool
    guardian_suspect: bool = False
    nature: Nature
    lead: str | None = None
    style: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """Every acceptable kind."""
        return frozenset({self.kind, *self.also})


def training_examples() -> tuple[Example, ...]:
    """The part of the corpus that is learned from.

    Raises:
        RuleFileError: A line cannot be read.
    """
    return read_examples(sorted(HERE.glob(TRAINING)))


def held_out_examples() -> tuple[Example, ...]:
    """The part that is kept apart: nobody who writes rules or training texts wrote it.

    Raises:
        RuleFileError: A line cannot be read.
    """
    return read_examples(sorted(HERE.glob(HELD_OUT)))


def read_examples(paths: Iterable[Path]) -> tuple[Example, ...]:
    """Every example of these files of JSON lines.

    Raises:
        RuleFileError: Lines that cannot be read, or ids used twice, each as `file:line: reason`;
            never with the words of the line.
    """
    problems: list[str] = []
    found: dict[str, Example] = {}
    for path in paths:
        for number, example in _lines(path, problems):
            if example.id in found:
                problems.append(f"{path}:{number}: id: {example.id} is there twice")
            found[example.id] = example
    if problems:
        raise RuleFileError(problems)
    return tuple(found.values())


def _lines(path: Path, problems: list[str]) -> Iterator[tuple[int, Example]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield number, Example.model_validate_json(line)
        except ValidationError as error:
            problems.extend(
                f"{path}:{number}: {'.'.join(map(str, each['loc'])) or 'line'}: {each['msg']}"
                for each in error.errors(include_input=False, include_url=False)
            )
