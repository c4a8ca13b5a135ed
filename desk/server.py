"""`python -m desk.server`: the desk's HTTP side in one process."""

import gc
import logging
import sys

import uvicorn
from sqlalchemy.exc import DBAPIError

from desk.app import make_app
from models.log_lines import start_logging
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vault import MasterKeyError
from tasks.workplace import open_workplace, use_workplace

REFUSED = 2
log = logging.getLogger("desk")


def main() -> int:
    """Serve until told to stop; 2 if the desk cannot be opened, with the reason in the log."""
    settings = DeskSettings()
    start_logging(settings.log_format, settings.log_level)
    try:
        place = open_workplace(settings)
    except (MasterKeyError, RuleFileError) as error:
        log.critical("cannot start: %s", str(error), extra={"event": "cannot_start"})
        return REFUSED
    except DBAPIError as error:
        reason = type(error.orig).__name__
        message = "cannot start: the case database cannot be used (%s); run `whistle prepare`"
        log.critical(message, reason, extra={"event": "cannot_start"})
        return REFUSED
    use_workplace(place)
    # No access log: the address of an order is what lets one see it.
    config = uvicorn.Config(
        make_app(place),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        # Behind a proxy nothing here depends on the caller's address.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    keep_for_good()
    try:
        uvicorn.Server(config).run()
    finally:
        place.database.close()
    return 0


def keep_for_good() -> None:
    """What is loaded by now stays until the end: looked through for garbage, it held a page up for a fifth of a second every few requests."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
