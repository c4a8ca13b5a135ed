"""What kind of call a case came by, where its answer was taken from, and forms that are not finished."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("case", sa.Column("call_type", sa.String(length=40), nullable=True))
    op.add_column("case", sa.Column("knowledge_entry", sa.String(), nullable=True))
    op.add_column("case", sa.Column("knowledge_version", sa.String(), nullable=True))
    op.create_table(
        "intake_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("typed_ct", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_intake_draft_owner"), "intake_draft", ["owner"], unique=False)
    op.create_index(op.f("ix_intake_draft_kept_at"), "intake_draft", ["kept_at"], unique=False)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
