"""State in PostgreSQL: for workers on several machines. Needs the extra `postgresql`.

A region has a schema of its own. A scenario's row carries a version that every write others must see raises
in its own transaction, so one small query at each call tells whether anything was committed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from anslut_simulators.store.errors import StateError, StateUnreachableError
from anslut_simulators.store.tables import LAYOUT, table_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import psycopg

_MOST_CONNECTIONS: Final = 16
_CONNECT_SECONDS: Final = 5
_Answer = TypeVar("_Answer")


class _Connection:
    """A connection inside a transaction, that takes `?` for values."""

    def __init__(self, connection: psycopg.Connection[Any], *, lock_prefix: str) -> None:
        self._connection = connection
        self._lock_prefix = lock_prefix

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> psycopg.Cursor[Any]:
        """Run one statement."""
        return self._connection.execute(_asked(statement), values)

    def executemany(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        with self._connection.cursor() as cursor:
            cursor.executemany(_asked(statement), rows)

    def queue(self, name: str) -> None:
        """Wait until no other transaction that queued for *name* is open."""
        self.execute("SELECT pg_advisory_xact_lock(?)", (_lock_number(f"{self._lock_prefix}/{name}"),))


class PostgresqlStore:
    """The state of *region* in the database at *url*."""

    def __init__(self, url: str, *, region: str) -> None:
        self._driver = _load_driver()
        self._url = url
        self._schema = f"anslut_{region.replace('-', '_')}_{LAYOUT}"
        self._idle: list[psycopg.Connection[Any]] = []
        self._slots = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        self._here = threading.local()
        try:
            self._prepare()
        except self._driver.Error as error:
            self.close()
            raise StateError(_advice(url, error)) from None

    def mark(self, scenario: str) -> int:
        """Return the version of *scenario*; 0 while nobody has written."""
        rows = self.read("SELECT version FROM scenario WHERE name = ?", (scenario,))
        return int(rows[0][0]) if rows else 0

    @contextmanager
    def write(self, *, seen_by_all: bool = True) -> Iterator[_Connection]:
        """Give a connection inside one transaction; inside another it is a part of that."""
        del seen_by_all  # the scenario's version tells, and is raised by whoever writes
        outer: _Connection | None = getattr(self._here, "transaction", None)
        if outer is not None:
            yield outer
            return
        with self._slots:
            connection = self._begun()
            try:
                self._here.transaction = _Connection(connection, lock_prefix=self._schema)
                yield self._here.transaction
                connection.execute("COMMIT")
            except self._driver.OperationalError:
                connection.close()
                raise StateUnreachableError from None
            except BaseException:
                self._roll_back(connection)
                raise
            finally:
                self._here.transaction = None
                self._give_back(connection)

    def read(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows of one query; inside a transaction of this thread, with what that has written."""
        outer: _Connection | None = getattr(self._here, "transaction", None)
        if outer is not None:
            return outer.execute(statement, values).fetchall()
        with self._slots:
            connection, rows = self._answered(
                lambda open_: open_.execute(_asked(statement), values).fetchall()
            )
            self._give_back(connection)
        return rows

    def close(self) -> None:
        """Close every connection that is not in use."""
        while self._idle:
            self._idle.pop().close()

    def _begun(self) -> psycopg.Connection[Any]:
        connection, _ = self._answered(lambda open_: open_.execute("BEGIN"))
        return connection

    def _answered(
        self, ask: Callable[[psycopg.Connection[Any]], _Answer]
    ) -> tuple[psycopg.Connection[Any], _Answer]:
        """Return what *ask* gives and the connection that gave it; when an idle one has died, a new one."""
        while True:
            connection = self._take()
            fresh = connection is None
            try:
                if connection is None:
                    connection = self._connect()
                return connection, ask(connection)
            except self._driver.OperationalError:
                # The server went away, perhaps to come back: the others that are idle died with it.
                if connection is not None:
                    connection.close()
                self.close()
                if fresh:
                    raise StateUnreachableError from None
            except BaseException:
                if connection is not None:
                    self._give_back(connection)
                raise

    def _take(self) -> psycopg.Connection[Any] | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        if not connection.closed:
            self._idle.append(connection)

    def _roll_back(self, connection: psycopg.Connection[Any]) -> None:
        try:
            connection.execute("ROLLBACK")
        except self._driver.Error:
            connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = self._driver.connect(
            self._url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c search_path={self._schema}",
            application_name="anslut",
        )
        return connection

    def _prepare(self) -> None:
        """Make the region's schema and tables; workers that start together take turns."""
        with self._connect() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_number(self._schema),))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}".encode())
            for statement in table_statements("postgresql"):
                connection.execute(statement.encode())


def _load_driver() -> Any:  # noqa: ANN401 - a module that need not be installed
    try:
        return import_module("psycopg")
    except ImportError:
        raise StateError('state in PostgreSQL needs a driver: pip install "anslut[postgresql]"') from None


def _advice(url: str, error: psycopg.Error) -> str:
    """Return what to do about *error*, whose own words may quote the password."""
    said = str(error)
    if "authentication failed" in said or "no password supplied" in said:
        trouble = "refuses the user or the password: check them"
    elif "permission denied" in said:
        trouble = "does not let the user make a schema: grant CREATE on the database, or name another user"
    elif "does not exist" in said:
        trouble = "has no such database or user: create it (createdb), or name another"
    else:
        trouble = "does not answer: start it, or check host and port"
    return f"the PostgreSQL server at {_place(url)} {trouble} (--state or ANSLUT_SIMULATOR_STATE)"


def _place(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "this machine", parts.port or 5432
    except ValueError:
        return "the address given"
    return f"{host}:{port}{parts.path}"


@lru_cache(maxsize=256)
def _asked(statement: str) -> bytes:
    """Return *statement* with psycopg's sign for values; none of ours holds either sign for anything else."""
    return statement.replace("?", "%s").encode()


def _lock_number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
