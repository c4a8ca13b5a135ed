"""`catalogue/knowledge/`: what operators may answer on the call, each text with its sources and until when it holds."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from catalogue.normalise import normalise
from catalogue.schema import KindCode, Phrase, Words
from models.folder_texts import texts_of
from models.rule_files import NotYamlError, RuleFileError, RuleModel, line_of, parse_yaml, plain_reason

SHIPPED = Path(__file__).with_name("knowledge")
LONGEST_HOLDS_DAYS = 366
"""Nobody may declare a text good for longer without looking at it again."""
EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
SourceKey = Annotated[str, StringConstraints(pattern=r"^([LW]-[A-Z0-9]+( \d{1,3}(\(\d{1,2}\))?)?|desk practice)$")]
Said = Annotated[str, StringConstraints(min_length=10, max_length=1500, strip_whitespace=True)]


class Keywords(RuleModel):
    """What callers say when they ask this."""

    zh: tuple[Phrase, ...] = Field(min_length=1)
    en: tuple[Phrase, ...] = Field(min_length=1)


class KnowledgeEntry(RuleModel):
    """One question and its answer in both languages; good until the day `review_by`, that day included.

    `sources` are keys such as `L-MPL 11` (law and article); `desk practice` is said by nobody but the desk.
    """

    id: EntryId
    title_zh: Words
    title_en: Words
    answer_zh: Said
    answer_en: Said
    sources: tuple[SourceKey, ...] = Field(min_length=1)
    kinds: tuple[KindCode, ...] = Field(min_length=1)
    keywords: Keywords
    reviewed_on: date
    review_by: date

    @model_validator(mode="after")
    def the_dates_fit(self) -> Self:
        """Refuse a text that is out of date at birth, or never looked at again."""
        if not 0 < (self.review_by - self.reviewed_on).days <= LONGEST_HOLDS_DAYS:
            raise ValueError(f"review_by must lie after reviewed_on, by at most {LONGEST_HOLDS_DAYS} days")
        return self

    @property
    def version(self) -> str:
        """A fingerprint of what is said and on what ground: it changes with every word."""
        said = (self.title_zh, self.title_en, self.answer_zh, self.answer_en, *self.sources, str(self.reviewed_on))
        return hashlib.sha256("\0".join(said).encode()).hexdigest()[:12]

    def is_stale(self, today: date) -> bool:
        """Whether somebody should have looked at it again by now."""
        return today > self.review_by


class KnowledgeFile(RuleModel):
    """One file of the folder."""

    entries: tuple[KnowledgeEntry, ...]


@dataclass(frozen=True)
class KnowledgeBase:
    """All entries by id, in the order of their files."""

    entries: Mapping[str, KnowledgeEntry]

    def found(self, words: str, kind: str | None = None, most: int = 5) -> tuple[KnowledgeEntry, ...]:
        """The entries that fit best, best first; those of a kind if nothing is asked in words.

        Args:
            words: What was asked; of any length, kept nowhere.
            kind: The kind the operator chose: its entries come first among equals.
            most: How many at most.
        """
        clean = normalise(words[:5000])
        scored = ((each, _score(each, clean) if clean else int(kind in each.kinds)) for each in self.entries.values())
        fitting = [(each, score) for each, score in scored if score]
        fitting.sort(key=lambda pair: (-pair[1], kind not in pair[0].kinds))
        return tuple(each for each, _ in fitting[:most])


def _score(entry: KnowledgeEntry, clean: str) -> int:
    """A keyword heard counts most; a short question that stands in the entry's own words counts too."""
    keywords = [normalise(each) for each in (*entry.keywords.zh, *entry.keywords.en)]
    heard = sum(3 for each in keywords if each in clean)
    if len(clean) < 2 or len(clean) > 40:
        return heard
    titles = normalise(f"{entry.title_zh} {entry.title_en}")
    answers = normalise(f"{entry.answer_zh} {entry.answer_en} {' '.join(entry.sources)}")
    return heard + (3 if clean in titles or any(clean in each for each in keywords) else 0) + (clean in answers)


def load_knowledge(home: Path | None = None, kinds: Iterable[str] | None = None) -> KnowledgeBase:
    """The desk's own folder `knowledge/` in `home`, else the one delivered.

    Args:
        home: The desk's data folder.
        kinds: The kinds of the catalogue in force; an entry of another one is an error. None asks nothing.

    Raises:
        RuleFileError: Something cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    own = home / "knowledge" if home else None
    folder = own if own and own.is_dir() else SHIPPED
    texts = texts_of(folder, lambda inside: sorted(inside.glob("*.yaml")))
    if texts.unreadable:
        raise RuleFileError(f"{folder / name}: {why}" for name, why in texts.unreadable.items())
    return _read(str(folder), tuple(texts.files.items()), frozenset(kinds) if kinds is not None else None)


@lru_cache(maxsize=4)
def _read(folder: str, texts: tuple[tuple[str, str], ...], kinds: frozenset[str] | None) -> KnowledgeBase:
    """Read anew only when a file was changed: pages ask for it all the time."""
    problems: list[str] = []
    entries: dict[str, KnowledgeEntry] = {}
    for name, text in texts:
        for each in _entries_of(f"{folder}/{name}", text, kinds, entries, problems):
            entries[each.id] = each
    if not texts:
        problems.append(f"{folder}: no file found; copy the delivered ones")
    if problems:
        raise RuleFileError(problems)
    return KnowledgeBase(entries)


def _entries_of(
    name: str, text: str, kinds: frozenset[str] | None, known: Mapping[str, KnowledgeEntry], problems: list[str]
) -> Iterator[KnowledgeEntry]:
    try:
        raw = parse_yaml(text)
        file = KnowledgeFile.model_validate(raw)
    except NotYamlError as error:
        problems.append(f"{name}:{error.line}:{error.column}: {error}")
        return
    except ValidationError as error:
        for each in error.errors(include_url=False):
            problems.append(_problem(name, raw, each["loc"], plain_reason(each["type"], each["msg"])))
        return
    seen = set(known)
    for number, entry in enumerate(file.entries):
        if entry.id in seen:
            problems.append(_problem(name, raw, ("entries", number, "id"), f"{entry.id} is taken by another entry"))
        for kind in entry.kinds:
            if kinds is not None and kind not in kinds:
                problems.append(_problem(name, raw, ("entries", number, "kinds"), f"no kind {kind} in the catalogue"))
        seen.add(entry.id)
        yield entry


def _problem(name: str, raw: object, location: tuple[str | int, ...], reason: str) -> str:
    line, column = line_of(raw, location)
    field = ".".join(str(part) for part in location) or "file"
    return f"{name}:{line}:{column}: {field}: {reason}"
