"""One row of an extract in our codes, or why it cannot be."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data_checks.contract import MOMENTS, NEEDED, Contract, SchemaVersion
from data_checks.extract_words import Problem

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,39}")
_ORDER = re.compile(r"[Ww]-?0*([1-9][0-9]{0,11})")
_KIND = re.compile(r"[A-Z][0-9]{2}")
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]|1[3-9][0-9]{9}")
_SHOWABLE = re.compile(r"[A-Za-z0-9_.:/-]{1,20}")
AHEAD = timedelta(minutes=10)
"""Clocks of two houses may differ by this much."""


@dataclass(frozen=True)
class Unfit:
    """Why a row cannot be landed. `shown` is the value only where it has the form of a code."""

    line: int
    field: str
    problem: Problem
    shown: str = ""
    their_ref: str | None = None
    order_ref: str | None = None


class _UnfitError(ValueError):
    def __init__(self, field: str, problem: Problem, value: str = "") -> None:
        self.field, self.problem = field, problem
        safe = _SHOWABLE.fullmatch(value) and not _IDENTITY.fullmatch(value)
        self.shown = value if safe else ""
        super().__init__(problem)


def row_of(contract: Contract, version: SchemaVersion, line: int, raw: dict[str, Any], taken_at: datetime) -> dict[str, Any] | Unfit:
    """The values of a `LedgerRow` but for its import, or why not.

    Args:
        contract: The agreement with the sender.
        version: The shape the extract has.
        line: Where the row stands.
        raw: The row's values by our field names.
        taken_at: When the extract was taken, aware; nothing in it can be later.
    """
    written = {name: _text(value) for name, value in raw.items()}
    try:
        return _read(contract, version, raw, written, taken_at)
    except _UnfitError as error:
        ref, order = written.get("their_ref", ""), written.get("order_ref", "")
        return Unfit(
            line, version.columns.get(error.field, error.field), error.problem, error.shown,  # type: ignore[call-overload]
            ref if _is_ref(ref) else None, order if _ORDER.fullmatch(order) else None,
        )  # fmt: skip


def _read(
    contract: Contract, version: SchemaVersion, raw: dict[str, Any], written: dict[str, str], taken_at: datetime
) -> dict[str, Any]:
    for name in sorted(NEEDED):
        if not written.get(name):
            raise _UnfitError(name, Problem.MISSING)
    found: dict[str, Any] = {
        "department": contract.department,
        "their_ref": _their_ref(written["their_ref"]),
        "order_ref": _order_ref(written["order_ref"]),
        "leads": _leads(contract, written.get("leads", "")),
        "kind": _kind(contract, written.get("kind", "")),
        "status": _status(contract, written["status"]),
    }
    for name in sorted(MOMENTS):
        found[name] = _moment(contract, version, name, raw.get(name), written.get(name, ""), taken_at)
    return found


def _their_ref(written: str) -> str:
    if _IDENTITY.fullmatch(written):
        raise _UnfitError("their_ref", Problem.IDENTITY)
    if not _is_ref(written):
        raise _UnfitError("their_ref", Problem.REF_FORM)
    return written


def _is_ref(written: str) -> bool:
    return bool(_REF.fullmatch(written)) and not _IDENTITY.fullmatch(written)


def _order_ref(written: str) -> str:
    found = _ORDER.fullmatch(written)
    if not found:
        raise _UnfitError("order_ref", Problem.ORDER_FORM, written)
    return f"W-{int(found[1]):06d}"


def _leads(contract: Contract, written: str) -> bool | None:
    if not written:
        return None
    if written in contract.lead_says:
        return True
    if written in contract.helper_says:
        return False
    raise _UnfitError("leads", Problem.UNKNOWN_CODE, written)


def _kind(contract: Contract, written: str) -> str | None:
    if not written:
        return None
    found = contract.kinds.get(written, "" if contract.kinds else written)
    if not _KIND.fullmatch(found):
        raise _UnfitError("kind", Problem.UNKNOWN_CODE, written)
    return found


def _status(contract: Contract, written: str) -> Any:
    if written not in contract.statuses:
        raise _UnfitError("status", Problem.UNKNOWN_CODE, written)
    return contract.statuses[written]


def _moment(
    contract: Contract, version: SchemaVersion, name: str, raw: Any, written: str, taken_at: datetime
) -> datetime | None:
    if not written:
        return None
    try:
        moment = raw if isinstance(raw, datetime) else parse_moment(written, version.time_format)
    except ValueError:
        raise _UnfitError(name, Problem.BAD_TIME) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=contract.zone)
    if moment > taken_at + AHEAD:
        raise _UnfitError(name, Problem.FUTURE_TIME)
    return moment


def parse_moment(written: str, time_format: str) -> datetime:
    """A moment as it is written; naive if it names no offset.

    Raises:
        ValueError: It has another form.
    """
    return datetime.fromisoformat(written) if time_format == "iso" else datetime.strptime(written, time_format)  # noqa: DTZ007


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
