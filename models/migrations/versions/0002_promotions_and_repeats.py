"""Rule sets go live by promotion; levels of a ladder repeat until acknowledged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "promotion",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("calendar_digest", sa.String(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("rolls_back_to", sa.Integer(), nullable=True),
        sa.Column("open_cases", sa.String(length=40), nullable=False),
        sa.Column("promoted_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked", sa.JSON(), nullable=False),
        sa.Column("checked_hash", sa.String(), nullable=False),
        sa.Column("tested", sa.JSON(), nullable=False),
        sa.Column("tested_hash", sa.String(), nullable=False),
        sa.Column("whatif", sa.JSON(), nullable=False),
        sa.Column("whatif_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(op.f("ix_promotion_digest"), "promotion", ["digest"], unique=False)
    op.add_column("case", sa.Column("rules_version", sa.Integer(), nullable=True))
    op.add_column("escalation", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("escalation", sa.Column("repeat_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalation", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalation", sa.Column("acknowledged_by", sa.String(), nullable=True))


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
