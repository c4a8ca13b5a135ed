"""Indexes for the list of cases and the page of units."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_index("assignment_held", "assignment", ["case_id", "leads", "withdrawn_at", "department"], unique=False)
    replied = sa.text("target = 'feedback' AND stop_reason = 'replied'")
    op.create_index("case_status_number", "case", ["status", "number"], unique=False)
    columns = ["stopped_at", "due_at", "breached_at", "case_id"]
    op.create_index("clock_replied", "clock", columns, unique=False, sqlite_where=replied, postgresql_where=replied)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
