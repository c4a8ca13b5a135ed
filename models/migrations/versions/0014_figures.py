"""Indexes that figures over all cases are counted from; those that a unique key made superfluous are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Each of these tables has a unique key that begins with the case, and finds its rows just as well.
SUPERFLUOUS = ("assignment", "clock", "decision", "event")
HELD = ["case_id", "leads", "withdrawn_at", "department", "assigned_at", "contacted_at", "replied_at"]
CLOCK = ["case_id", "due_at", "target", "grade", "department", "provisional", "stopped_at", "stop_reason", "breached_at"]
CASE = [
    "id", "received_at", "grade", "kind", "district", "nature", "callback_class", "guardian_suspect",
    "harm", "safety", "rework_count", "reopen_count", "closed_at",
]  # fmt: skip


def upgrade() -> None:
    """Go to this version."""
    for table in SUPERFLUOUS:
        op.drop_index(op.f(f"ix_{table}_case_id"), table)
    op.drop_index("assignment_held", "assignment")
    op.create_index("assignment_held", "assignment", HELD, unique=False)
    op.create_index("clock_figures", "clock", CLOCK, unique=False)
    op.create_index("case_figures", "case", CASE, unique=False)
    _partial("case_hung_up", "case", ["id"], "hung_up_until IS NOT NULL")
    _partial("decision_not_called", "decision", ["at", "case_id", "rule_id"], "kind = 'callback' AND outcome = 'SUPPRESSED'")
    _partial("match_token_contact", "match_token", ["case_number", "token"], "field = 'reporter_contact'")
    if op.get_bind().dialect.name == "sqlite":
        for kind in ("called_back", "safety_recorded"):
            _partial(f"inbox_{kind}", "inbox", ["case_id", "received_at", "read_at", "refused", "codes", "kind"], f"kind = '{kind}'")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
