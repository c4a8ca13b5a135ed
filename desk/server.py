"""`python -m desk.server`: the desk's HTTP side in one process."""

import logging
import sys

import uvicorn
from sqlalchemy.exc import DBAPIError

from desk.app import make_app
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vault import MasterKeyError
from tasks.workplace import open_workplace, use_workplace

REFUSED = 2


def main() -> int:
    """Serve until told to stop; 2 if the desk cannot be opened, with the reason on stderr."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.WARNING)
    settings = DeskSettings()
    try:
        place = open_workplace(settings)
    except (MasterKeyError, RuleFileError) as error:
        print(f"cannot start: {error}", file=sys.stderr)  # noqa: T201 - for the person who starts it
        return REFUSED
    except DBAPIError as error:
        reason = type(error.orig).__name__
        message = f"cannot start: the case database cannot be used ({reason}); run `whistle prepare`"
        print(message, file=sys.stderr)  # noqa: T201 - as above
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
    try:
        uvicorn.Server(config).run()
    finally:
        place.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
