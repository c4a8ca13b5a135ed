"""Fingerprints that find two reports of one matter, and proposals to link them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FORGET = (
    "DELETE FROM match_token WHERE case_number = NEW.number",
    "DELETE FROM link_proposal WHERE state = 'proposed' AND (case_id = NEW.id OR other_id = NEW.id)",
    "UPDATE link_proposal SET reasons = '[]' WHERE case_id = NEW.id OR other_id = NEW.id",
)
"""What a sealed case leaves behind: that it was linked, not by what it was recognised."""
_SEALED = "NEW.status = 'SEALED' OR NEW.wrapped_key IS NULL"


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "match_token",
        sa.Column("case_number", sa.Integer(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_number"], ["case.number"]),
        sa.PrimaryKeyConstraint("case_number", "token"),
    )
    op.create_index("match_token_block", "match_token", ["token", "at"], unique=False)
    op.create_table(
        "link_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rule_hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "other_id"),
    )
    op.create_index("link_proposal_state", "link_proposal", ["state", "id"], unique=False)
    op.create_index(op.f("ix_link_proposal_other_id"), "link_proposal", ["other_id"], unique=False)
    op.add_column("case", sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True))
    _forget_what_is_sealed()


def _forget_what_is_sealed() -> None:
    """Whoever seals a case, by whatever way: the database deletes its fingerprints with it.

    A later migration that lets Alembic copy the table `case` on SQLite must add this again.
    """
    acts = "; ".join(_FORGET)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            'CREATE TRIGGER case_sealed_is_forgotten AFTER UPDATE OF status, wrapped_key ON "case"'
            f" WHEN {_SEALED} BEGIN {acts}; END"
        )
        return
    op.execute(
        "CREATE FUNCTION whistle_forget_sealed() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {acts}; RETURN NULL; END $$"
    )
    op.execute(
        'CREATE TRIGGER case_sealed_is_forgotten AFTER UPDATE OF status, wrapped_key ON "case"'
        f" FOR EACH ROW WHEN ({_SEALED}) EXECUTE FUNCTION whistle_forget_sealed()"
    )


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
