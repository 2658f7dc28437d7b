"""State in a file: SQLite (WAL), shared by the worker processes of one machine.

An untouched person must cost nothing, so beside the file lies an eight-byte mark in shared memory that
changes after every committed write that others must see; a worker re-reads a scenario only when the mark
has changed.
"""

from __future__ import annotations

import mmap
import os
import sqlite3
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.store.errors import StateError
from anslut_simulators.store.tables import LAYOUT, table_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARK_BYTES: Final = 8
_PATIENCE_SECONDS: Final = 20.0


class _Connection:
    """SQLite's connection inside a transaction, which is the only one there is."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.execute = connection.execute

    def executemany(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        self._connection.executemany(statement, rows)

    def queue(self, name: str) -> None:
        """Wait for nobody: SQLite has one writer at a time."""


class SqliteStore:
    """A file of state; *path* None means a temporary one, removed by `close` or at the process's end."""

    def __init__(self, path: Path | None = None) -> None:
        self._folder = None if path else tempfile.TemporaryDirectory(prefix="anslut-simulator-")
        self.path = path or Path(self._folder.name if self._folder else "", "state.sqlite")
        self._lock = threading.RLock()
        try:
            self._connection = _opened(self.path)
        except sqlite3.DatabaseError as error:
            raise StateError(
                f"the state file cannot be opened ({type(error).__name__}); name another with --state or"
                " ANSLUT_SIMULATOR_STATE"
            ) from None
        self._open: _Connection | None = None
        self._announce = False
        mark = self.path.with_name(self.path.name + "-mark")
        with mark.open("ab") as file:
            if file.tell() < _MARK_BYTES:
                file.write(b"\0" * _MARK_BYTES)
        with mark.open("r+b") as file:
            self._mark = mmap.mmap(file.fileno(), _MARK_BYTES)

    def mark(self, scenario: str) -> bytes:  # noqa: ARG002 - one mark serves them all
        """Return the eight bytes that differ after every committed write."""
        return self._mark[:_MARK_BYTES]

    @contextmanager
    def write(self, *, seen_by_all: bool = True) -> Iterator[_Connection]:
        """Give the connection inside one transaction; with *seen_by_all* the mark changes after it."""
        with self._lock:
            if self._open is not None:
                self._announce = self._announce or seen_by_all
                yield self._open
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._open, self._announce = _Connection(self._connection), seen_by_all
            try:
                yield self._open
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            finally:
                self._open = None
            if self._announce:
                self._mark[:_MARK_BYTES] = os.urandom(_MARK_BYTES)

    def read(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows of one query."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the database; a temporary one is removed."""
        with self._lock:
            self._connection.close()
            self._mark.close()
        if self._folder:
            self._folder.cleanup()


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection to the file at *path*, with every table in place."""
    connection = sqlite3.connect(
        path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make every table that is not there; raise StateError when the file is somebody else's."""
    _share(connection)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN IMMEDIATE")
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and layout != LAYOUT:
        raise StateError(
            "the state file was written by another version of Anslut, or by something else; remove it, or"
            " name another with --state or ANSLUT_SIMULATOR_STATE"
        )
    for statement in table_statements("sqlite"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={LAYOUT}")
    connection.execute("COMMIT")


def _share(connection: sqlite3.Connection) -> None:
    """Put the file into WAL mode; SQLite does not wait for another process that is just doing that."""
    last = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.01)
        else:
            return
