"""Whether PostgreSQL's log is copied away, so that a backup leads to any moment."""

from sqlalchemy import text

from desk.doctor.findings import Finding, Level, fine, worse
from models.database import Database

_ARCHIVED = text("""
    SELECT current_setting('archive_mode') <> 'off', last_archived_time, failed_count,
           last_failed_time IS NOT NULL AND last_failed_time > coalesce(last_archived_time, '-infinity')
    FROM pg_stat_archiver
""")


def look_at_archive(database: Database) -> Finding:
    """What the server says of its archive; whether base backups are made it does not know."""
    name = "archive"
    with database.reading() as session:
        is_on, last, failures, fails = session.execute(_ARCHIVED).one()
    if not is_on:
        return fine(name, "PostgreSQL keeps none: something else must make the backups")
    if fails:
        words = f"the log is not copied away ({failures} failures so far); PostgreSQL keeps it, until its own disk is full"
        return worse(name, Level.BAD, words, "see PostgreSQL's log; make room in /var/backups/whistle, or mend its rights")
    return fine(name, f"the log is copied away, last {last:%Y-%m-%d %H:%M} UTC" if last else "on, and nothing to copy yet")
