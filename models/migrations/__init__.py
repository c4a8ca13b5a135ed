"""The case database's versions: Alembic's folder, and the code that runs it."""
