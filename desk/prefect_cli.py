"""`python -m desk.prefect_cli server start …`: Prefect's own command line, for a server whose scheduler works.

Prefect 3.8.8 plans the runs of a schedule with one bulk insert of rows that also name `state`, which is no column: SQLAlchemy
2.0 passes it over, 2.1 refuses the whole statement, at every turn and in the server's log alone. Then nothing that is to run by
the clock ever does. Told that `state` is to be passed over, 2.1 does what 2.0 did.

SQLAlchemy 2.0 itself is no way out: with it the server drops cursors of SQLite unclosed, and freezes for as long as another
thread waits for the lock of the same connection, up to a minute.
"""

from collections.abc import MutableMapping
from typing import Any

from prefect.cli import app
from prefect.server.database.orm_models import FlowRun


def let_schedules_be_planned() -> None:
    """Let a bulk insert of flow runs pass over `state`; the scheduler stores the states itself, right after."""
    hybrid: Any = vars(FlowRun)["state"]
    hybrid.inplace.bulk_dml(_pass_over)


def _pass_over(_cls: Any, _row: MutableMapping[str, Any], _state: Any) -> None:
    """Nothing: the row stays as it is, for the scheduler reads its state again."""


if __name__ == "__main__":
    let_schedules_be_planned()
    app()
