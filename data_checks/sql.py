"""The few things that SQLite and PostgreSQL write differently."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_CODE = re.compile(r"[A-Za-z0-9_:.-]+")


@dataclass(frozen=True)
class Sql:
    """SQL of one database, as text; `is_sqlite` tells which."""

    is_sqlite: bool

    def seconds(self, moment: str) -> str:
        """Seconds since 1970 of a moment column."""
        if self.is_sqlite:
            return f"CAST(strftime('%s', {moment}) AS INTEGER)"
        return f"CAST(EXTRACT(EPOCH FROM {moment}) AS BIGINT)"

    def seconds_of_text(self, text: str) -> str:
        """Seconds since 1970 of a moment written out with its offset, as facts of the journal have it."""
        return self.seconds(text if self.is_sqlite else f"CAST({text} AS TIMESTAMPTZ)")

    def moment(self, value: datetime) -> str:
        """A moment as this database stores it."""
        at = value.astimezone(UTC)
        if self.is_sqlite:
            return f"'{at:%Y-%m-%d %H:%M:%S.%f}'"
        return f"TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S.%f}+00'"

    def day(self, moment: str) -> str:
        """The calendar day of a moment in China, such as `2026-11-24`."""
        if self.is_sqlite:
            return f"strftime('%Y-%m-%d', {moment}, '+8 hours')"
        return f"to_char({moment} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"

    def order_number(self, reference: str) -> str:
        """The number in an order's reference such as `W-000123`; NULL if it has another form."""
        form = f"{reference} GLOB 'W-[0-9]*'" if self.is_sqlite else f"{reference} ~ '^W-[0-9]{{1,18}}$'"
        return f"CASE WHEN {form} THEN CAST(substr({reference}, 3) AS BIGINT) END"

    def fact(self, column: str, name: str) -> str:
        """One text out of a JSON object."""
        if self.is_sqlite:
            return f"json_extract({column}, '$.{name}')"
        return f"({column} ->> '{name}')"


def label(number: str) -> str:
    """The number people use, such as `W-000123`, of a case's number column."""
    padded = f"'000000' || CAST({number} AS TEXT)"
    short = f"substr({padded}, length({padded}) - 5)"
    return f"'W-' || CASE WHEN {number} < 1000000 THEN {short} ELSE CAST({number} AS TEXT) END"


def quoted(code: str) -> str:
    """A code as an SQL text.

    Raises:
        ValueError: It is no code; nothing else may get into a query this way.
    """
    if not _CODE.fullmatch(code):
        raise ValueError("not a code")
    return f"'{code}'"
