"""The simulators' only database: scenarios and what was written on top of the computed country.

A file (SQLite, the default) serves the worker processes of one machine; `postgresql://…` serves workers on
any number of machines. Both give what `Store` promises, with the same statements.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from anslut_simulators.store.sqlite import SqliteStore
from anslut_simulators.store.tables import sweep

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

__all__ = ["Connection", "Rows", "Store", "is_url", "open_store", "sweep"]

Mark = bytes | int
_SCHEMES: Final = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Rows(Protocol):
    """What a statement found or did."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - a row holds what the statement asks for
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...


class Connection(Protocol):
    """An open transaction."""

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> Rows:
        """Run one statement, with `?` for each value."""
        ...

    def executemany(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        ...

    def queue(self, name: str) -> None:
        """Wait until no other transaction that queued for *name* is open: those who do cannot lock each other."""
        ...


class Store(Protocol):
    """The database of one region's simulators; safe to use from several threads and several processes."""

    def mark(self, scenario: str) -> Mark:
        """Return what has changed when somebody, anywhere, has committed a write to *scenario* that all must see."""
        ...

    def write(self, *, seen_by_all: bool = True) -> AbstractContextManager[Connection]:
        """Give a transaction, committed at the end of the block; inside another it is a part of that.

        With *seen_by_all* the scenario's mark changes, provided that its row has been given a new version.
        """
        ...

    def read(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows of one query."""
        ...

    def close(self) -> None:
        """Close the database; a temporary one is removed."""
        ...


def is_url(where: Path | str | None) -> bool:
    """Tell whether *where* is the address of a server rather than a file."""
    return isinstance(where, str) and "://" in where


def open_store(where: Path | str | None = None, *, region: str) -> Store:
    """Open the state of *region*: at a `postgresql://` address, in a file, or in a temporary one (None).

    Raise `StateError` when it cannot be opened; it says what to do and never quotes a password.
    """
    if isinstance(where, str) and is_url(where):
        if not where.startswith(_SCHEMES):
            from anslut_simulators.store.errors import StateError  # noqa: PLC0415 - rare

            raise StateError("the state is a file's path or a postgresql:// address")
        # The driver is an extra, and takes longer to load than a region takes to start.
        from anslut_simulators.store.postgresql import PostgresqlStore  # noqa: PLC0415 - see above

        return PostgresqlStore(where.replace("+psycopg", "", 1), region=region)
    return SqliteStore(Path(where) if where is not None else None)
