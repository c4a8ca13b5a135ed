"""Indexes for what is watched and asked all the time: leases that are held, news that nobody has read."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    held, unread = sa.text("lease_until IS NOT NULL"), sa.text("read_at IS NULL")
    op.create_index("case_leased", "case", ["lease_until"], unique=False, sqlite_where=held, postgresql_where=held)
    op.create_index("inbox_waiting", "inbox", ["received_at"], unique=False, sqlite_where=unread, postgresql_where=unread)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
