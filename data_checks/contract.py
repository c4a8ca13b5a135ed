"""What a department's extract of its ledger looks like, and how it is compared with our orders."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from models.rule_files import RuleFileError, RuleModel, read_rule_file
from models.vocabulary import LedgerStatus

FOLDER = Path(__file__).parent / "contracts"

Ours = Literal[
    "their_ref", "order_ref", "leads", "kind", "status",
    "received_at", "accepted_at", "replied_at", "closed_at", "updated_at",
]  # fmt: skip
NEEDED: frozenset[str] = frozenset({"their_ref", "order_ref", "status", "updated_at"})
"""What every row must have; without them it cannot be told whose it is, what it says, or which is newer."""
MOMENTS: frozenset[str] = frozenset({"received_at", "accepted_at", "replied_at", "closed_at", "updated_at"})


class SchemaVersion(RuleModel):
    """One shape of the extract. Which one a file has is told by its columns.

    `columns` maps our field to the heading of theirs; headings in `ignored` may be there as well and
    are not read. `time_format` is that of `datetime.strptime`, or `iso`.
    """

    version: int = Field(ge=1)
    columns: dict[Ours, str]
    ignored: tuple[str, ...] = ()
    time_format: str = "iso"

    @model_validator(mode="after")
    def _has_what_is_needed(self) -> "SchemaVersion":
        missing = sorted(NEEDED - set(self.columns))
        if missing:
            raise ValueError(f"columns: add {', '.join(missing)}; every ledger must have them")
        names = [*self.columns.values(), *self.ignored]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"columns: {', '.join(twice)} stands for two things; name each heading once")
        return self

    @property
    def headings(self) -> frozenset[str]:
        """Every heading a file of this version must have."""
        return frozenset(self.columns.values())


class Contract(RuleModel):
    """The agreement with one department.

    An extract older than `freshness_hours` is stale. An order told to the department less than
    `grace_hours` before the extract need not be in it yet. Moments may differ from ours by
    `tolerance_minutes`. A whole extract with fewer rows than `smallest_share` of the one before it
    is taken for half a file. Moments without an offset are in `time_zone`. `taken_at` is the key
    under which the file itself says when it was taken: in a first line `# taken_at: …` of a CSV
    file, in the first object of a JSONL file, in a sheet `about` of an XLSX file. `counted` asks
    that the file ends with how many rows it has, the same way under `rows`.
    """

    department: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    format: Literal["csv", "xlsx", "jsonl", "table"]
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    table: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$")
    counted: bool = False
    time_zone: str = "Asia/Shanghai"
    freshness_hours: int = Field(ge=1, le=24 * 31)
    grace_hours: int = Field(ge=0, le=24 * 14)
    tolerance_minutes: int = Field(ge=0, le=24 * 60)
    smallest_share: float = Field(gt=0, lt=1)
    statuses: dict[str, LedgerStatus]
    kinds: dict[str, str] = Field(default_factory=dict)
    lead_says: tuple[str, ...] = ()
    helper_says: tuple[str, ...] = ()
    versions: tuple[SchemaVersion, ...] = Field(min_length=1)

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, written: str) -> str:
        try:
            ZoneInfo(written)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no such time zone as {written}; write one such as Asia/Shanghai") from None
        return written

    @model_validator(mode="after")
    def _fits_together(self) -> "Contract":
        if self.format == "table" and self.table is None:
            raise ValueError("table: name the table or view to read; format is table")
        if not self.statuses:
            raise ValueError("statuses: map at least one of the department's codes to ours")
        numbers = [each.version for each in self.versions]
        if len(set(numbers)) != len(numbers):
            raise ValueError("versions: two have one number; count up by one for each change")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of moments that have no offset of their own."""
        return ZoneInfo(self.time_zone)


def load_contracts(folder: Path | None = None) -> dict[str, Contract]:
    """Every contract of a folder, by the department's code.

    Raises:
        RuleFileError: A file cannot be used, or two are about one department.
    """
    found: dict[str, Contract] = {}
    for path in sorted((folder or FOLDER).glob("*.yaml")):
        contract = read_rule_file(path, Contract)
        if contract.department in found:
            raise RuleFileError([f"{path.name}: department: {contract.department} has a contract already; keep one"])
        found[contract.department] = contract
    return found
