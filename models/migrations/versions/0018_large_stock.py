"""Indexes for a large stock: the order that workers take cases in, and what the desk need not keep for good."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

RANK = (
    "(CASE WHEN import_batch_id IS NULL THEN 0 ELSE 10 END"
    " + CASE WHEN status = 'RECEIVED' AND danger_now THEN 0 WHEN status = 'RECEIVED' THEN 1 WHEN grade IN ('U0', 'U1') THEN 0"
    " WHEN grade = 'U2' THEN 2 WHEN grade = 'U3' THEN 3 WHEN grade = 'U4' THEN 4 ELSE 5 END)"
)


def upgrade() -> None:
    """Go to this version."""
    wakes = sa.text("wake_at IS NOT NULL")
    op.create_index("case_claim", "case", [sa.text(RANK), "wake_at"], unique=False, sqlite_where=wakes, postgresql_where=wakes)
    op.create_index("access_log_at", "access_log", ["at"], unique=False)
    op.create_index(op.f("ix_written_once_at"), "written_once", ["at"], unique=False)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
