"""What people ruled beside what the machine had said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind_said", sa.String(), nullable=True),
        sa.Column("kind_ruled", sa.String(), nullable=False),
        sa.Column("grade_said", sa.String(length=40), nullable=False),
        sa.Column("grade_ruled", sa.String(length=40), nullable=False),
        sa.Column("harm_said", sa.Boolean(), nullable=False),
        sa.Column("harm_ruled", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "key"),
    )
    op.create_index(op.f("ix_confirmation_at"), "confirmation", ["at"], unique=False)
    op.create_index(op.f("ix_confirmation_case_id"), "confirmation", ["case_id"], unique=False)


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
