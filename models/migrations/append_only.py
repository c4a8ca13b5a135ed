"""Tables whose rows are never changed or removed, whoever asks: the database itself refuses."""

from alembic import op

_SQLITE = """
CREATE TRIGGER {table}_keeps_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_REFUSE = """
CREATE OR REPLACE FUNCTION whistle_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
# For each statement, because TRUNCATE touches no row.
_POSTGRES = """
CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION whistle_append_only()
"""


def make_append_only(*tables: str) -> None:
    """Add the triggers; called by the migration that makes the tables.

    A later migration that lets Alembic copy one of these tables on SQLite must add them again.
    """
    if op.get_bind().dialect.name == "sqlite":
        for table in tables:
            for act in ("UPDATE", "DELETE"):
                op.execute(_SQLITE.format(table=table, act=act))
        return
    op.execute(_POSTGRES_REFUSE)
    for table in tables:
        op.execute(_POSTGRES.format(table=table))
