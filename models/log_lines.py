"""Log lines of the desk's own processes: one line a record, as JSON or to be read, and never what an error says.

The message of an exception may quote a row or a request, so that no log holds it: class and place do, and
are enough to find the line.
"""

import json
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

OURS = ("whistle", "desk")
"""The loggers whose level may be chosen; of everybody else only warnings are kept."""
FOREIGN = "foreign"
"""The event code of a line that a library said."""
FRAMES = 12
_about: ContextVar[tuple[str, str]] = ContextVar("about", default=("", ""))
log = logging.getLogger("whistle.log")


class LogFormat(StrEnum):
    """How a line is written: for people, or as one JSON object."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """From which level on our own lines are kept."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@contextmanager
def speaking_of(case_id: UUID, activation_id: str = "") -> Iterator[None]:
    """Every line said within the block carries these ids; threads started in it need a copy of its context."""
    token = _about.set((str(case_id), activation_id))
    try:
        yield
    finally:
        _about.reset(token)


class OneLine(logging.Formatter):
    """One record as one line: time in UTC, level, logger, event code, case and activation, message, error."""

    def __init__(self, form: LogFormat) -> None:
        super().__init__()
        self.form = form

    def format(self, record: logging.LogRecord) -> str:
        """The line, without an end of line."""
        facts = _facts_of(record)
        if self.form is LogFormat.JSON:
            return json.dumps(facts, ensure_ascii=False)
        at, level, logger, event, message = (facts.pop(name) for name in ("at", "level", "logger", "event", "message"))
        trail = " <- ".join(facts.pop("trail", ()))
        parts = [at, level, logger, event, message, *(f"{name}={fact}" for name, fact in facts.items()), trail]
        return " ".join(each for each in parts if each).replace("\r", "\\r").replace("\n", "\\n")


def start_logging(form: LogFormat, level: LogLevel) -> None:
    """Send everything this process says, uncaught errors too, to standard error in our lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    _take_handlers_away(root)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    warnings.showwarning = _warned


def _take_handlers_away(root: logging.Logger) -> None:
    """Libraries that were set up before us write to the same stream in lines of their own."""
    for name in list(root.manager.loggerDict):
        logger = logging.getLogger(name)
        own = [each for each in logger.handlers if isinstance(each, logging.StreamHandler)]
        for each in own:
            logger.removeHandler(each)
        logger.propagate = logger.propagate or bool(own)


def _facts_of(record: logging.LogRecord) -> dict[str, Any]:
    case, activation = _about.get()
    facts: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "event": getattr(record, "event", FOREIGN),
        "message": _message_of(record),
    }
    if case:
        facts["case"] = case
    if activation:
        facts["activation"] = activation
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        facts["error"], facts["trail"] = _classes(error), _trail(error)
    return facts


def _message_of(record: logging.LogRecord) -> str:
    """The message, with the class of an exception in place of its words."""
    args = record.args
    if isinstance(args, tuple) and any(isinstance(each, BaseException) for each in args):
        args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in args)
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    return str(record.msg) % args if args else str(record.msg)


def _classes(error: BaseException) -> str:
    """The error and what caused it, as in `RuntimeError from KeyError`."""
    names, seen = list[str](), set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        names.append(type(cause).__name__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return " from ".join(names)


def _trail(error: BaseException) -> list[str]:
    """Where it passed, innermost first: `module:line function`, without a source line or a value."""
    frames = list(traceback.walk_tb(error.__traceback__))[-FRAMES:]
    return [f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}" for frame, line in reversed(frames)]


def _uncaught(kind: type[BaseException], error: BaseException | None, trail: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        known = error or kind()
        log.critical("nobody caught this", exc_info=(kind, known, trail), extra={"event": "uncaught"})


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None, line: str | None = None
) -> None:
    # What it says may quote a value (Pydantic's do): category and place are enough.
    log.warning("%s at %s:%d", category.__name__, filename, lineno, extra={"event": "python_warning"})
