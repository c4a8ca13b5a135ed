"""Whether the master key, the files the desk decides by, the calendar, the channels and the disk do."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from catalogue.loader import load_catalogue
from desk.doctor.findings import Finding, Level, fine, worse
from models.database import Database
from models.key_change import Remembered, Stage, remembered, vault_of
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vault import MasterKeyError, Vault, read_master_key
from notifications.channels import Channels, load_channels
from notifications.sending import unusable_channels
from sla_rules.calendar import WorkingCalendar
from sla_rules.loader import load_rule_book

CALENDAR_WARNING = timedelta(days=60)
GIB = 1 << 30
LITTLE_DISK = 5 * GIB
NO_DISK = GIB
SHOWN = 3


def look_at_master_key(database: Database, settings: DeskSettings) -> Finding:
    """Whether the key is there, is a key, and opens this database; and how far a change of it is."""
    name = "master key"
    try:
        key = read_master_key(settings.home, settings.master_key, may_create=False, from_file=settings.master_key_file)
    except MasterKeyError as error:
        return worse(name, Level.BAD, str(error), "put the right key back; without it nothing can be read")
    with database.reading() as session:
        known = remembered(session)
    if known.check is None:
        return worse(name, Level.WARN, "this database has never been unlocked", "run `whistle prepare`")
    if vault_of(known, key) is None:
        words = "it is not the key this database was made with"
        return worse(name, Level.BAD, words, "restore master.key from your backup, or set WHISTLE_MASTER_KEY; after a change of the key, the new one")
    return _of_change(name, known, Vault(key))


def _of_change(name: str, known: Remembered, alone: Vault) -> Finding:
    if known.stage is Stage.IN_FORCE:
        words = "opens this database; the key before it is kept there, sealed"
        return worse(name, Level.WARN, words, "`whistle custody rewrap` until nothing is left, then `whistle custody retire`")
    if known.stage is Stage.PREPARED:
        which = "the old one of two" if known.check and alone.recognises(known.check) else "the new one of two"
        advice = "give every desk and worker the new key, start them again, then `whistle custody rewrap`"
        return worse(name, Level.WARN, f"opens this database, as {which}: a change is prepared", advice)
    return fine(name, "opens this database" + (f", since {known.changed_at:%Y-%m-%d}" if known.changed_at else ""))


def look_at_rules(settings: DeskSettings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """The catalogue, the rules that came with the release, and the channels."""
    try:
        catalogue = load_catalogue()
    except RuleFileError as error:
        yield _not_read("catalogue", error)
    else:
        yield fine("catalogue", f"{len(catalogue.kinds)} kinds, {len(catalogue.departments)} departments")
    try:
        rules = load_rule_book()
    except RuleFileError as error:
        yield _not_read("shipped rules", error)
    else:
        yield fine("shipped rules", f"{len(rules.grades)} grades")
    try:
        channels = load_channels(None, environment, settings.home)
    except RuleFileError as error:
        yield _not_read("channels", error)
    else:
        yield look_at_channels(channels)
        yield look_at_addresses(channels)


def look_at_calendar(calendar: WorkingCalendar, now: datetime) -> Finding:
    """Whether holidays are known far enough ahead; past them due times are provisional."""
    name = "calendar"
    last = calendar.published_to
    left = last - calendar.local_day(now)
    advice = f"when the holidays of {last.year + 1} are announced, add them to the calendar file"
    if left < timedelta():
        return worse(name, Level.BAD, f"its last published day was {last}; due times are guesses", advice)
    if left <= CALENDAR_WARNING:
        words = f"its last published day, {last}, is {left.days} days away"
        return worse(name, Level.WARN, words, advice)
    return fine(name, f"published until {last}")


def look_at_channels(channels: Channels) -> Finding:
    """Whether everybody has a channel of their own; who has none is reached by the default one."""
    name = "channels"
    unset = channels.unset_variables()
    if not unset:
        return fine(name, f"{len(channels.recipients)} recipients have their own")
    variables = sorted({variable for each in unset.values() for variable in each})
    shown = ", ".join(variables[:SHOWN]) + (" …" if len(variables) > SHOWN else "")
    words = f"{len(unset)} of {len(channels.recipients)} recipients have none of their own"
    return worse(name, Level.WARN, words, f"set {shown}; until then their alerts go to the default channel")


def look_at_addresses(channels: Channels) -> Finding:
    """Whether every address that is configured is one that can be sent to; nothing is sent."""
    name = "channel addresses"
    bad = unusable_channels(channels)
    if bad:
        words = f"{len(bad)} cannot be read, such as {bad[0]}"
        return worse(name, Level.BAD, words, "correct the variable; the first part says the service, as in mailtos://")
    return fine(name, "every one can be read; `whistle doctor --send-test CODE` sends to one")


def look_at_modes(home: Path, master_key_file: Path | None = None) -> Finding:
    """Whether the keys on the disk are for their owner alone."""
    name = "key files"
    master = master_key_file or home / "master.key"
    files = [each for each in (master, *sorted((home / "keys").glob("*.key"))) if each.exists()]
    open_ones = [each for each in files if each.stat().st_mode & 0o077]
    if open_ones:
        return worse(name, Level.BAD, f"others on this machine may read {open_ones[0]}", f"chmod 600 {open_ones[0]}")
    return fine(name, f"{len(files)} are for their owner alone")


def look_at_disk(home: Path) -> Finding:
    """Whether the disk under the desk's data has room."""
    name = "disk"
    free = shutil.disk_usage(home if home.exists() else home.absolute().parent).free
    words = f"{free / GIB:.1f} GiB free for {home}"
    if free < LITTLE_DISK:
        level = Level.BAD if free < NO_DISK else Level.WARN
        return worse(name, level, words, "make room, or move WHISTLE_HOME: without room nothing is taken in")
    return fine(name, words)


def _not_read(name: str, error: RuleFileError) -> Finding:
    words = f"{len(error.problems)} problems, first: {error.problems[0]}"
    return worse(name, Level.BAD, words, "mend what `whistle rules check` lists")
