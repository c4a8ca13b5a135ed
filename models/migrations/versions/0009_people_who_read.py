"""Accounts and sessions, special access, summaries for departments, and whose file it is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_ct", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("pending_ct", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_web_session_holder"), "web_session", ["holder"], unique=False)
    op.create_table(
        "special_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("justified", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("special_access_case", "special_access", ["case_id", "holder"], unique=False)
    op.create_table(
        "staff_tie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "holder"),
    )
    op.create_index(op.f("ix_staff_tie_case_id"), "staff_tie", ["case_id"], unique=False)
    op.create_index(op.f("ix_staff_tie_holder"), "staff_tie", ["holder"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_legal_hold_case_id"), "legal_hold", ["case_id"], unique=False)
    op.create_table(
        "seal_proof",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retention_class", sa.String(), nullable=False),
        sa.Column("rules_digest", sa.String(), nullable=False),
        sa.Column("journal_head", sa.String(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.add_column("case", sa.Column("summary_ct", sa.LargeBinary(), nullable=True))
    op.add_column("case", sa.Column("summary_by", sa.String(), nullable=True))
    op.add_column("case", sa.Column("summary_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("access_log") as log:
        log.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)
        log.add_column(sa.Column("subject", sa.String(), nullable=False, server_default=""))
    op.create_index("access_log_client", "access_log", ["client", "at"], unique=False)
    running = sa.text("stopped_at IS NULL")
    op.create_index("clock_running", "clock", ["due_at"], unique=False, sqlite_where=running, postgresql_where=running)
    flagged = sa.text("flag IS NOT NULL")
    op.create_index("case_flag", "case", ["flag"], unique=False, sqlite_where=flagged, postgresql_where=flagged)
    with op.batch_alter_table("evidence") as evidence:
        evidence.add_column(sa.Column("name_ct", sa.LargeBinary(), nullable=True))
        evidence.add_column(sa.Column("by", sa.String(), nullable=False, server_default=""))
        evidence.add_column(sa.Column("department", sa.String(), nullable=True))
        evidence.add_column(sa.Column("upload_key", sa.String(), nullable=True))
        evidence.create_unique_constraint("evidence_upload", ["upload_key"])


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
