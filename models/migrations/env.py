"""What Alembic runs for every upgrade; `models.migrations.running` gives it its connection."""

from alembic import context
from sqlalchemy import Connection

from models.tables import METADATA


def upgrade(connection: Connection) -> None:
    """Run the migrations in the transaction the caller has begun and will commit."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        # SQLite cannot alter most things of a table: Alembic then copies it.
        render_as_batch=True,
    )
    context.run_migrations()


upgrade(context.config.attributes["connection"])
