"""A pg8000 connection that asks PostgreSQL once for what pg8000 asks in three turns.

pg8000 parses every statement anew, waits, has it described, waits, and only then runs it; it waits for `BEGIN` before the
first statement, and parses `COMMIT` like any other. An activation has dozens of transactions of two or three short
statements each, and most of its time went into that waiting. Here a statement that this connection has run before is
bound and run at once, a new one is parsed, described and run in one turn, and `BEGIN` travels with the first statement.
What is sent, in which order, and when a commit is known to be durable stays as it was.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import count
from typing import Any

from pg8000.converters import make_params
from pg8000.core import (
    CLOSE,
    FLUSH_MSG,
    IN_TRANSACTION,
    NULL_BYTE,
    STATEMENT,
    SYNC_MSG,
    Context,
    _flush,
    _write,
)
from pg8000.dbapi import Connection as PlainConnection
from pg8000.dbapi import IntegrityError, OperationalError
from pg8000.exceptions import DatabaseError

MOST_PREPARED = 250
BEGIN = "begin transaction"
OWN_PLANS = "SET plan_cache_mode = force_custom_plan"
"""A plan made once for all parameters would judge `wake_at <= ?` to hold for a third of the cases."""
STALE = frozenset({"0A000", "26000"})
"""The tables changed under a prepared statement, or a pooler gave us a server connection that does not know it."""

BY_CLASS: dict[str, type[DatabaseError]] = {
    "08": OperationalError,  # connections
    "23": IntegrityError,  # unique keys and the like
    "40": OperationalError,  # deadlocks, which somebody has to lose
    "53": OperationalError,  # no memory, no disk, too many connections
    "55": OperationalError,  # locked by somebody else
    "57": OperationalError,  # shutting down
}
"""What an error is by the first two letters of its code; pg8000 calls all of them `DatabaseError`, so that nobody who
expects a race to be lost, or a moment to pass, would know it from a defect."""

Key = tuple[str, tuple[int, ...]]


class Prepared:
    """A statement that the server knows by name, and what its rows look like."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.columns: list[dict[str, Any]] | None = None
        self.input_funcs: list[Any] = []


class PostgresConnection(PlainConnection):  # type: ignore[misc]  # pg8000 has no types
    """One connection; use it as pg8000's own, from one thread at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._prepared: OrderedDict[Key, Prepared] = OrderedDict()
        self._names = count()
        self._begins = False
        super().__init__(*args, **kwargs)
        super().execute_simple(OWN_PLANS)

    def execute_simple(self, statement: str) -> Context:
        """Run a statement without parameters; `BEGIN` waits for the first statement of its transaction."""
        if statement == BEGIN:
            self.send_QUERY(statement)
            self._begins, self._transaction_status = True, IN_TRANSACTION
            return Context(statement)
        context = Context(statement)
        self.send_QUERY(statement)
        self._ask(context)
        return context

    def execute_unnamed(
        self, statement: str, vals: Sequence[Any] = (), oids: Sequence[int] = (), stream: Any = None
    ) -> Context:
        """Run a statement, prepared if it can be."""
        if stream is not None:
            _flush(self._sock)
            if refused := self._read_begin():
                raise refused
            return super().execute_unnamed(statement, vals=vals, oids=oids, stream=stream)
        if not vals:
            return self.execute_simple(statement)
        params = make_params(self.py_types, vals)
        key = statement, tuple(oids)
        known = self._prepared.get(key)
        if known is None:
            return self._run_new(key, params)
        self._prepared.move_to_end(key)
        context = Context(statement, columns=known.columns, input_funcs=known.input_funcs)
        self._run(known.name, params, context)
        return context

    def _run_new(self, key: Key, params: Sequence[Any]) -> Context:
        statement, oids = key
        if len(self._prepared) >= MOST_PREPARED:
            _, oldest = self._prepared.popitem(last=False)
            self._send_message(CLOSE, STATEMENT + oldest.name)
            _write(self._sock, FLUSH_MSG)
        fresh = Prepared(f"whistle_{next(self._names)}".encode("ascii") + NULL_BYTE)
        context = Context(statement)
        self.send_PARSE(fresh.name, statement, oids)
        self.send_DESCRIBE_STATEMENT(fresh.name)
        try:
            self._run(fresh.name, params, context)
        finally:
            if getattr(context, "is_kept", False):
                fresh.columns, fresh.input_funcs = context.columns, context.input_funcs
                self._prepared[key] = fresh
        return context

    def _run(self, name: bytes, params: Sequence[Any], context: Context) -> None:
        self.send_BIND(name, params)
        self.send_EXECUTE()
        _write(self._sock, SYNC_MSG)
        try:
            self._ask(context)
        except DatabaseError as error:
            if _code_of(error) in STALE:
                self._prepared.clear()
            raise

    def _ask(self, context: Context) -> None:
        """Send what was written and read what answers it: first a waiting `BEGIN`, if there is one."""
        _flush(self._sock)
        refused = self._read_begin()
        self.handle_messages(context)
        if refused is not None:
            raise refused

    def _read_begin(self) -> DatabaseError | None:
        if self._begins:
            self._begins = False
            try:
                self.handle_messages(Context(BEGIN))
            except DatabaseError as error:
                # The answers to what was sent along come all the same, and must be read first.
                return error
        return None

    def handle_ERROR_RESPONSE(self, data: bytes, context: Context) -> None:
        """Keep the error, as the kind of error that it is."""
        super().handle_ERROR_RESPONSE(data, context)
        kind = BY_CLASS.get(_code_of(context.error)[:2])
        if kind is not None:
            context.error = kind(*context.error.args)

    def handle_PARSE_COMPLETE(self, data: bytes, context: Context) -> None:
        """Note that the server keeps this statement, whatever becomes of running it."""
        context.is_kept = True


def _code_of(error: DatabaseError) -> str:
    told = error.args[0] if error.args else None
    return str(told.get("C")) if isinstance(told, dict) else ""
