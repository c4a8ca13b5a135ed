"""What two catalogues make of past cases, counted: codes and case numbers only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.grades import SAFETY_GRADES, is_graver
from models.vocabulary import Grade, Nature
from tasks.house.promotion import Report

MOST_LISTED = 200
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one catalogue makes of one case.

    `held` means that a person is asked because the two screens disagree about harm, while the
    graver reading holds. `lead` is empty where nobody is dispatched.
    """

    kind: str
    grade: Grade
    harm: bool
    held: bool
    nature: Nature
    review: bool
    lead: str
    helping: tuple[str, ...]

    @property
    def is_grave(self) -> bool:
        """Whether it is seen as harm or danger."""
        return self.harm or self.grade in SAFETY_GRADES

    def facets(self) -> dict[str, str]:
        """Everything that may change, as words for a report."""
        return {
            "kind": self.kind,
            "grade": self.grade,
            "harm": "harm" if self.harm else "held" if self.held else "none",
            "nature": self.nature,
            "review": "yes" if self.review else "no",
            "lead": self.lead or NOBODY,
            "helping": " ".join(sorted(self.helping)) or NOBODY,
        }


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What both make of one case. `is_harm`: it is kept as harm, U0 or U1 today, whatever made it so.

    `ruled_out`: a named person said last that no child is harmed.
    """

    case: str
    old: Outcome
    new: Outcome
    is_harm: bool
    ruled_out: bool

    @property
    def loses_harm(self) -> bool:
        """Whether the new catalogue sees less harm than the old, where nobody has ruled it out.

        Harm that the old one did not hear either is not the new one's loss.
        """
        seen = self.old.is_grave or (self.is_harm and self.old.held)
        return seen and not self.ruled_out and self._is_less

    @property
    def _is_less(self) -> bool:
        if is_graver(self.old.grade, self.new.grade) or (self.old.harm and not self.new.harm):
            return True
        return self.old.held and not (self.new.held or self.new.harm)

    def changed(self) -> dict[str, tuple[str, str]]:
        """What differs, old and new."""
        before, after = self.old.facets(), self.new.facets()
        return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


@dataclass(frozen=True)
class CatalogueWhatIf:
    """A whole comparison. `lost` are the cases whose harm the new catalogue no longer sees."""

    judged: int
    not_judged: int
    changed: Mapping[str, int]
    graver: int
    less_grave: int
    tables: Mapping[str, Mapping[tuple[str, str], int]]
    lost: tuple[Report, ...]
    lost_count: int
    ruled_out: int
    listed: tuple[Report, ...]
    digests: tuple[str, str, str]
    since: datetime

    def to_json(self) -> Report:
        """As plain data, to be printed or kept with a promotion."""
        old, new, model = self.digests
        return {
            "old": old,
            "new": new,
            "model": model,
            "since": self.since.isoformat(),
            "judged": self.judged,
            "not_judged": self.not_judged,
            "changed": dict(self.changed),
            "graver": self.graver,
            "less_grave": self.less_grave,
            "harm_lost": self.lost_count,
            "harm_lost_cases": list(self.lost),
            "harm_ruled_out_by_a_person": self.ruled_out,
            "tables": {
                name: [{"old": one, "new": two, "cases": many} for (one, two), many in table.items()]
                for name, table in self.tables.items()
            },
            "cases": list(self.listed),
        }


@dataclass
class Tally:
    """Counts while cases are judged."""

    not_judged: int = 0
    judged: int = 0
    graver: int = 0
    less_grave: int = 0
    ruled_out: int = 0
    lost_count: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    tables: dict[str, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {"kind": Counter(), "lead": Counter(), "grade": Counter()}
    )
    lost: list[Report] = field(default_factory=list)
    listed: list[Report] = field(default_factory=list)

    def add(self, found: Verdicts) -> None:
        """Count one case."""
        self.judged += 1
        changed, before, after = found.changed(), found.old.facets(), found.new.facets()
        for name, table in self.tables.items():
            table[before[name], after[name]] += 1
        if not changed:
            return
        self.changed.update(["any", *changed])
        self.graver += is_graver(found.new.grade, found.old.grade)
        self.less_grave += is_graver(found.old.grade, found.new.grade)
        self._keep(found, {name: list(pair) for name, pair in changed.items()})

    def done(self, old: str, new: str, since: datetime, model: str) -> CatalogueWhatIf:
        """The whole, tables with the commonest change first and without what stays."""
        tables = {
            name: {pair: many for pair, many in table.most_common() if pair[0] != pair[1]}
            for name, table in self.tables.items()
        }
        return CatalogueWhatIf(
            self.judged, self.not_judged, dict(self.changed), self.graver, self.less_grave, tables,
            tuple(self.lost), self.lost_count, self.ruled_out, tuple(self.listed), (old, new, model), since,
        )  # fmt: skip

    def _keep(self, found: Verdicts, changed: dict[str, list[str]]) -> None:
        row: Report = {"case": found.case, **changed}
        if found.loses_harm:
            self.lost_count += 1
            if len(self.lost) < MOST_LISTED:
                self.lost.append(row)
        elif found.ruled_out and found.old.is_grave and not found.new.is_grave:
            self.ruled_out += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(row)
