"""The simulators' only database: scenarios and what was written on top of the computed country.

One SQLite file (WAL) is shared by all worker processes. An untouched person must cost nothing, so beside the
file lies an eight-byte mark in shared memory that changes after every committed write that others must see;
a worker re-reads a scenario only when the mark has changed.
"""

from __future__ import annotations

import mmap
import os
import sqlite3
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK_BYTES: Final = 8
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS scenario (
    name TEXT PRIMARY KEY, generation INTEGER NOT NULL, mode TEXT NOT NULL,
    now_us INTEGER NOT NULL, anchor_us INTEGER NOT NULL, tokens_after_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, person TEXT NOT NULL, id TEXT NOT NULL,
    type TEXT NOT NULL, number INTEGER NOT NULL, body BLOB,
    PRIMARY KEY (scenario, generation, person, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_number ON entry (scenario, generation, number);
CREATE TABLE IF NOT EXISTS change (
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, number INTEGER NOT NULL, person TEXT NOT NULL,
    system TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, time TEXT NOT NULL,
    PRIMARY KEY (scenario, generation, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fault (
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
    body BLOB NOT NULL, seen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scenario, generation, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS call (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS call_scenario ON call (scenario, generation, number);
CREATE TABLE IF NOT EXISTS engagement (
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (scenario, generation, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS index_transaction (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    scenario TEXT NOT NULL, generation INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS index_transaction_scenario ON index_transaction (scenario, generation, number);
"""
_OLD_TABLES: Final = {
    "entry": "person, id",
    "change": "number",
    "fault": "id",
    "engagement": "key",
}
_OLD_ROWED: Final = ("call", "index_transaction")


class Store:
    """The database of one region's simulators; safe to use from several threads and several processes.

    *path* None means a temporary file of this process, removed by `close` or at the process's end.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._folder = None if path else tempfile.TemporaryDirectory(prefix="anslut-simulator-")
        self.path = path or Path(self._folder.name if self._folder else "", "state.sqlite")
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            self.path, timeout=20, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_SCHEMA)
        mark = self.path.with_name(self.path.name + "-mark")
        with mark.open("ab") as file:
            if file.tell() < _MARK_BYTES:
                file.write(b"\0" * _MARK_BYTES)
        with mark.open("r+b") as file:
            self._mark = mmap.mmap(file.fileno(), _MARK_BYTES)

    def mark(self) -> bytes:
        """Return the eight bytes that differ after every committed write."""
        return self._mark[:_MARK_BYTES]

    @contextmanager
    def write(self, *, seen_by_all: bool = True) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction; with *seen_by_all* the mark changes after it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            if seen_by_all:
                self._mark[:_MARK_BYTES] = os.urandom(_MARK_BYTES)

    def read(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
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


def sweep(connection: sqlite3.Connection, *, scenario: str, generation: int, at_most: int = 500) -> None:
    """Delete some rows of generations before *generation*: what resets left behind goes bit by bit."""
    for table, columns in _OLD_TABLES.items():
        connection.execute(
            f"DELETE FROM {table} WHERE (scenario, generation, {columns}) IN"  # noqa: S608 - names are ours
            f" (SELECT scenario, generation, {columns} FROM {table}"
            " WHERE scenario = ? AND generation < ? LIMIT ?)",
            (scenario, generation, at_most),
        )
    for table in _OLD_ROWED:
        connection.execute(
            f"DELETE FROM {table} WHERE number IN (SELECT number FROM {table}"  # noqa: S608 - names are ours
            " WHERE scenario = ? AND generation < ? LIMIT ?)",
            (scenario, generation, at_most),
        )
