"""Indexes for the list of cases and the page of units."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    replied = sa.text("target = 'feedback' AND stop_reason = 'replied'")
    op.create_index("clock_replied", "clock", ["stopped_at"], unique=False, sqlite_where=replied, postgresql_where=replied)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
