"""The client for a source system that is read over SQL: a SQLite file, or PostgreSQL (extra `postgresql`).

    with self.source.reading() as reading:
        for row in reading.rows(f"SELECT id, text FROM {reading.table('skola', 'anteckning')} WHERE elev = ?", key):
            ...

Values are always parameters, `?` in either database. A reading sees the database as it stands at one moment.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self
from urllib.parse import quote, unquote, urlsplit
from weakref import finalize

from anslut import deadline
from anslut.errors import (
    AnslutError,
    SettingsError,
    SourceDataError,
    SourceFailedError,
    SourceTimeoutError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut.settings import Settings

__all__ = ["SqlReading", "SqlSource"]

Row = dict[str, Any]

_CONNECT_SECONDS: Final = 5.0
_MOST_IDLE: Final = 16
_STEPS_BETWEEN_LOOKS: Final = 20_000
_FETCHED_AT_ONCE: Final = 500
_CONNECTION_LOST: Final = "the connection to the source failed"


class SqlSource:
    """Reads one source's database, from any number of threads; it can change nothing there.

    *url* is `sqlite:///` and the file's path, or `postgresql://host/database`. Every reading keeps to the deadline
    of the search it serves, and an answer of more than *most_rows* is refused whole. Raise
    `SourceUnavailableError` (not there, locked, connection lost), `SourceTimeoutError`, `SourceFailedError` (the
    tables are not those asked for) or `SourceDataError`; none says what was asked or answered.
    """

    def __init__(  # noqa: PLR0913 - settings of a client, all named at the call
        self,
        url: str,
        *,
        source: str,
        user: str = "",
        password: str = "",
        ca_file: str | None = None,
        most_rows: int = 50_000,
    ) -> None:
        """Prepare for *url*; *source* is the HSA-id that errors name. Nothing is asked yet."""
        self._source = source
        self._most_rows = most_rows
        self._database = _database(url, source=source, user=user, password=password, ca_file=ca_file)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return a client for the source in *settings*: in PostgreSQL the client id is the user."""
        return cls(
            settings.source_url,
            source=settings.source_system_ids[0],
            user=settings.source_client_id,
            password=settings.source_client_secret,
            ca_file=settings.ca_file,
        )

    @contextmanager
    def reading(self) -> Iterator[SqlReading]:
        """Give a reading; everything read inside the block is from the same moment."""
        deadline.current().check(source=self._source)
        with self._database.cursor() as run:
            yield SqlReading(run, named=self._database.named, source=self._source, most_rows=self._most_rows)


class SqlReading:
    """One reading of a source's database."""

    def __init__(self, run: Run, *, named: Named, source: str, most_rows: int) -> None:
        self._run = run
        self._named = named
        self._source = source
        self._most_rows = most_rows

    def table(self, schema: str, table: str) -> str:
        """Return the name of *table* in *schema*, quoted as the database wants; neither may come from a caller."""
        for name in (schema, table):
            if not name.isidentifier():
                raise SourceDataError("a name in the source's database is no name", source=self._source)
        return self._named(schema, table)

    def rows(self, statement: str, *values: str | int) -> list[Row]:
        """Return what *statement* selects, by the columns' names; each `?` in it stands for the next of *values*."""
        found: list[Row] = []
        for row in self._run(statement, values):
            if len(found) >= self._most_rows:
                raise SourceDataError(
                    f"the source gives more than {self._most_rows} rows; ask for less at a time",
                    source=self._source,
                )
            found.append(row)
        return found

    def row(self, statement: str, *values: str | int) -> Row | None:
        """Return the one row that *statement* selects, or None; more than one is an error of the source."""
        found = self.rows(statement, *values)
        if len(found) > 1:
            raise SourceDataError("the source has two rows where one should be", source=self._source)
        return found[0] if found else None


class Run(Protocol):
    """Runs a statement."""

    def __call__(self, statement: str, values: tuple[str | int, ...]) -> Iterator[Row]:
        """Yield its rows."""
        ...


class Named(Protocol):
    """Knows how a database writes the name of a table."""

    def __call__(self, schema: str, table: str) -> str:
        """Return the quoted name."""
        ...


class _SqliteFile:
    """A SQLite file, opened for each reading: a replica may be replaced by another file at any time."""

    def __init__(self, path: Path, *, source: str) -> None:
        self._uri = f"file:{quote(str(path))}?mode=ro"
        self._source = source

    def named(self, schema: str, table: str) -> str:
        """Return the name; a file has no schemas, so the schema's name is a part of the table's."""
        return f'"{schema}.{table}"'

    @contextmanager
    def cursor(self) -> Iterator[Run]:
        """Give what runs statements in one read transaction."""
        try:
            patience = min(_CONNECT_SECONDS, deadline.current().seconds_left())
            opened = sqlite3.connect(self._uri, uri=True, timeout=patience, isolation_level=None)
        except sqlite3.Error as error:
            raise self._meaning(error) from None
        with closing(opened) as connection:
            connection.row_factory = sqlite3.Row
            limit = deadline.current()
            connection.set_progress_handler(lambda: limit.seconds_left() <= 0, _STEPS_BETWEEN_LOOKS)

            def run(statement: str, values: tuple[str | int, ...]) -> Iterator[Row]:
                try:
                    for row in connection.execute(statement, values):
                        yield dict(row)
                except sqlite3.Error as error:
                    raise self._meaning(error) from None

            try:
                connection.execute("BEGIN")
            except sqlite3.Error as error:
                raise self._meaning(error) from None
            yield run

    def _meaning(self, error: sqlite3.Error) -> AnslutError:
        """Return what SQLite's *error* means; its text may quote a statement, so it is not passed on."""
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_INTERRUPT:
            return SourceTimeoutError("the source did not answer in time", source=self._source)
        if code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return SourceUnavailableError("the source's database is locked", source=self._source)
        if code is not None and code & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
            return SourceUnavailableError("the source's database is not there", source=self._source)
        if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError):
            return SourceFailedError("the source's tables are not the ones expected", source=self._source)
        return SourceFailedError("the source's database cannot be read", source=self._source)


class _PostgresServer:
    """A PostgreSQL database; connections that worked are used again."""

    def __init__(self, url: str, *, source: str, user: str, password: str, ca_file: str | None) -> None:
        try:
            self._driver = import_module("psycopg")
        except ModuleNotFoundError:
            raise SettingsError(
                "reading PostgreSQL needs the extra: pip install 'anslut[postgresql]'"
            ) from None
        self._rows = import_module("psycopg.rows").dict_row
        self._url = url
        self._source = source
        login = {"user": user, "password": password} if user else {}
        trust = {"sslmode": "verify-full", "sslrootcert": ca_file} if ca_file else {}
        self._options: dict[str, Any] = {**login, **trust}
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        finalize(self, _close_all, self._idle)

    def named(self, schema: str, table: str) -> str:
        """Return the name."""
        return f'"{schema}"."{table}"'

    @contextmanager
    def cursor(self) -> Iterator[Run]:
        """Give what runs statements in one read-only transaction with one snapshot."""
        connection = self._begun()

        def run(statement: str, values: tuple[str | int, ...]) -> Iterator[Row]:
            try:
                cursor = connection.execute(_marked(statement), values)
                while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
                    yield from rows
            except self._driver.Error as error:
                raise self._meaning(error) from None

        try:
            yield run
            connection.rollback()
        except self._driver.Error as error:
            raise self._meaning(error) from None
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def _begun(self) -> Any:  # noqa: ANN401 - the driver is loaded when it is needed
        """Return a connection inside a transaction: an idle one that still works, else a new one."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            fresh = connection is None
            try:
                connection = connection or self._connect()
                left = max(1, int(deadline.current().seconds_left() * 1000))
                lock = min(left, int(_CONNECT_SECONDS * 1000))
                connection.execute(f"SET LOCAL statement_timeout = {left}; SET LOCAL lock_timeout = {lock}")
            except self._driver.Error as error:
                if connection is not None:
                    connection.close()
                if fresh:
                    raise self._meaning(error) from None
                continue
            return connection

    def _connect(self) -> Any:  # noqa: ANN401 - as above
        patience = max(1, int(min(_CONNECT_SECONDS, deadline.current().seconds_left())))
        connection = self._driver.connect(
            self._url,
            connect_timeout=patience,
            row_factory=self._rows,
            application_name="anslut",
            **self._options,
        )
        connection.read_only = True
        connection.isolation_level = self._driver.IsolationLevel.REPEATABLE_READ
        return connection

    def _keep(self, connection: Any) -> None:  # noqa: ANN401 - as above
        with self._lock:
            if len(self._idle) < _MOST_IDLE and not connection.closed:
                self._idle.append(connection)
                return
        connection.close()

    def _meaning(self, error: Exception) -> AnslutError:
        """Return what the driver's *error* means; its text may quote a row, so it is not passed on."""
        errors = self._driver.errors
        if isinstance(error, errors.QueryCanceled):
            return SourceTimeoutError("the source did not answer in time", source=self._source)
        if isinstance(error, errors.LockNotAvailable):
            return SourceUnavailableError("the source's database is locked", source=self._source)
        if isinstance(error, self._driver.OperationalError | self._driver.InterfaceError):
            if deadline.current().seconds_left() <= 0:
                return SourceTimeoutError("the source did not answer in time", source=self._source)
            return SourceUnavailableError(_CONNECTION_LOST, source=self._source)
        if isinstance(error, self._driver.ProgrammingError):
            return SourceFailedError("the source's tables are not the ones expected", source=self._source)
        return SourceFailedError("the source's database cannot be read", source=self._source)


def _close_all(connections: list[Any]) -> None:
    for connection in connections:
        connection.close()


def _database(
    url: str, *, source: str, user: str, password: str, ca_file: str | None
) -> _SqliteFile | _PostgresServer:
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = unquote(urlsplit(url).path)[1:]
        if path:
            return _SqliteFile(Path(path), source=source)
    elif scheme in {"postgresql", "postgres"}:
        return _PostgresServer(url, source=source, user=user, password=password, ca_file=ca_file)
    raise SettingsError("ANSLUT_SOURCE_URL must be sqlite:///path/to/file or postgresql://host/database")


def _marked(statement: str) -> str:
    """Return *statement* with the driver's own marks for values."""
    return statement.replace("%", "%%").replace("?", "%s")
