"""From an error to one line and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from desk.bulk.files import BulkFileError
from desk.bulk.mapping import MappingError
from desk.people.accounts import AccountError
from desk.people.keys import KeyRequestError
from models.migrations.running import DatabaseTooNewError
from models.rule_files import RuleFileError
from models.vault import MasterKeyError, SealedForeverError
from notifications.outbox import NoticeNotDeadError
from tasks.dispatch.units import AbsenceNotPossibleError, UnitNotFoundError
from tasks.issues.ordering import IssueNotFoundError, IssueOrderRefusedError
from tasks.links.decisions import LinkRefusedError
from tasks.links.proposals import LinkNotFoundError
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError
from tasks.news.what_fits import NewsDoesNotFitError
from tasks.proactive.answering import OrderRefusedError
from tasks.proactive.book import OrderNotFoundError
from tasks.receiving.intake import IntakeError
from tasks.topics.moving import TopicNotFoundError, TopicRefusedError
from tasks.words.summaries import TellsReporterError

REFUSED = 1
SET_UP = 2
STOPPED = 130


class CommandError(ValueError):
    """What was asked on the command line cannot be done; the message says why."""


REFUSALS = (
    BulkFileError,
    CaseNotFoundError,
    CommandError,
    IntakeError,
    KeyRequestError,
    AccountError,
    TellsReporterError,
    LinkNotFoundError,
    LinkRefusedError,
    MappingError,
    NewsDoesNotFitError,
    NewsNotAllowedError,
    NoticeNotDeadError,
    SealedForeverError,
    AbsenceNotPossibleError,
    UnitNotFoundError,
    IssueNotFoundError,
    IssueOrderRefusedError,
    OrderNotFoundError,
    OrderRefusedError,
    TopicNotFoundError,
    TopicRefusedError,
)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the errors a person can act on into one line on stderr; also works as a decorator.

    It ends the program with the exit code of the error.
    """
    try:
        yield
    except REFUSALS as error:
        _end(str(error), REFUSED)
    except (MasterKeyError, DatabaseTooNewError) as error:
        _end(str(error), SET_UP)
    except RuleFileError as error:
        more = len(error.problems) - 1
        rest = f" (and {more} more: run `whistle rules check`)" if more else ""
        _end(f"{error.problems[0]}{rest}", SET_UP)
    except (OperationalError, ProgrammingError, InterfaceError):
        # The driver's own words repeat the statement and its values.
        _end("the case database cannot be used: see that it runs; `whistle doctor` says more, `whistle prepare` makes or migrates it", SET_UP)
    except OSError as error:
        _end(f"{error.filename}: {error.strerror}", SET_UP)


def _end(words: str, code: int) -> None:
    typer.echo(f"whistle: {' '.join(words.split())}", err=True)
    raise SystemExit(code)
