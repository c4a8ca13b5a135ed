"""`python -m models.migrations.draft`: write a migration from what the models say now.

Without words it writes 0001 anew: only until the first release, because databases that exist
know it already. With words, such as `draft "cases remember their school"`, it writes the next
version, to be read and corrected by a person.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic.autogenerate import api, produce_migrations
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Enum, create_engine
from sqlmodel.sql.sqltypes import AutoString

from models.columns import UtcDateTime
from models.database import Database
from models.migrations.running import HERE, migrate, newest_version, unreadable_indexes
from models.tables import METADATA

FIRST = "0001"
APPEND_ONLY = ("event", "decision")
_SHAPE = '''"""{words}, drafted from the models."""

import sqlalchemy as sa
from alembic import op
{more_imports}
revision = "{revision}"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version."""
    {steps}


def downgrade() -> None:
    """There is no way back that keeps every word: restore the backup made before."""
    raise NotImplementedError("restore the backup made before the upgrade")
'''


def draft_first() -> Path:
    """Write 0001 from nothing: every table, then the triggers that keep the journal."""
    with create_engine("sqlite://").connect() as connection:
        steps = steps_from(connection)
    protect = f"make_append_only({', '.join(repr(each) for each in APPEND_ONLY)})"
    helper = "\nfrom models.migrations.append_only import make_append_only\n"
    text = _shape("Every table of the first release", FIRST, None, f"{steps}\n    {protect}", helper)
    return _write("0001_first.py", text)


def draft_next(words: str, scratch: Path) -> Path:
    """Write the version after the newest one; `scratch` is a path for a throw-away database."""
    database = Database(f"sqlite:///{scratch}")
    migrate(database)
    with database.engine.connect() as connection:
        steps = steps_from(connection)
    database.close()
    before = newest_version()
    revision = f"{int(before) + 1:04d}"
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40]
    return _write(f"{revision}_{name}.py", _shape(words, revision, before, steps, ""))


def steps_from(connection: Connection) -> str:
    """The Python that turns this database into what the models say."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "render_item": _plain_type, "user_module_prefix": None}
    )
    with unreadable_indexes():
        script: MigrationScript = produce_migrations(context, METADATA)
    if script.upgrade_ops is None:
        raise RuntimeError("Alembic compared nothing; its version does not fit this code")
    code = str(api.render_python_code(script.upgrade_ops, render_item=_plain_type))
    return "\n".join(line for line in code.splitlines() if "# ###" not in line)


def _plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Types as a database knows them: a migration must mean the same when our classes have changed."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return "sa.String()" if isinstance(item, AutoString) else False


def _shape(words: str, revision: str, before: str | None, steps: str, more_imports: str) -> str:
    return _SHAPE.format(
        words=words, revision=revision, before=before, steps=steps.strip(), more_imports=more_imports
    )


def _write(name: str, text: str) -> Path:
    path = HERE / "versions" / name
    path.write_text(text, encoding="utf-8")
    return path


def main(arguments: list[str]) -> int:
    """Draft, and say which file was written."""
    if not arguments:
        path = draft_first()
    else:
        with TemporaryDirectory() as folder:
            path = draft_next(" ".join(arguments), Path(folder) / "scratch.db")
    sys.stdout.write(f"{path}\nformat it: ruff check --fix {path.name} && ruff format {path.name}; then read it\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
