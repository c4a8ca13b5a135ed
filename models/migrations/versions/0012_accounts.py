"""Keys have scopes, an expiry and a last use; accounts may sign in at the house's own provider."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As the vocabulary was on the day of this migration: keys that exist keep all that their role had.
HOUSE = {"cases:read", "words:read", "words:full", "news:write", "units:read", "notices:read", "pages"}
SEAT = {"cases:write", "links:read", "links:write"}
OVERSEER = {"units:write", "notices:write"}
SCOPES = {
    "operator": HOUSE | SEAT,
    "supervisor": HOUSE | SEAT | OVERSEER,
    "administrator": HOUSE | OVERSEER,
    "department": {"cases:read", "slice:read", "news:write", "copies:read", "pages"},
}


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("api_client") as client:
        client.add_column(sa.Column("scopes", sa.String(), nullable=False, server_default=""))
        client.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        client.add_column(sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    fill = sa.text("UPDATE api_client SET scopes = :scopes WHERE role = :role")
    for role, scopes in SCOPES.items():
        op.get_bind().execute(fill, {"role": role, "scopes": " ".join(sorted(scopes))})
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("oidc", sa.Boolean(), nullable=False, server_default=sa.false()))
        account.add_column(sa.Column("oidc_subject", sa.String(), nullable=True))


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
