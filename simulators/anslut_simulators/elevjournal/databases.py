"""The two kinds of database that a replica can be: a SQLite file, and a database of a PostgreSQL server.

The same tables and the same statements; a table of a schema is `"fjallbo"."elev"` in PostgreSQL, and in SQLite,
whose files have no schemas, the table `"fjallbo.elev"`.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from anslut_simulators.credentials import credentials
from anslut_simulators.elevjournal.parts import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

NUMBER: Final = "NUMERIC(9,3)"
_PATIENCE_SECONDS: Final = 10
_PAUSE_SECONDS: Final = 0.005
_APPLICATION: Final = "elevjournal-simulator"


class Transaction(Protocol):
    """An open transaction on a replica."""

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Run one statement with `?` for each value; return its rows, if it has any."""
        ...

    def many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        ...


class Database(Protocol):
    """One scenario's replica."""

    address: str
    """What a connector's `ANSLUT_SOURCE_URL` shall be."""

    def name(self, schema: str, table: str) -> str:
        """Return the table's name in a statement; *schema* is empty for those that stand once."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Give a transaction; readers see all of it or nothing."""
        ...

    def take_away(self) -> None:
        """Make the replica impossible to open, as when its host is down."""
        ...

    def give_back(self) -> None:
        """Undo `take_away` and `lock`."""
        ...

    def lock(self) -> None:
        """Hold everything locked until `give_back`: a reader waits in vain."""
        ...

    def drop_connections(self) -> int:
        """Break every connection that a connector has open; return how many."""
        ...

    def remove(self) -> None:
        """Remove the replica for good."""
        ...


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Run one statement."""
        return self._connection.execute(statement, tuple(map(_plain, values))).fetchall()

    def many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        self._connection.executemany(statement, (tuple(map(_plain, row)) for row in rows))


class SqliteDatabase:
    """A replica in the file *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._away = path.with_name(f"{path.name}-borta")
        self._lock: sqlite3.Connection | None = None
        self.address = f"sqlite:///{path}"
        for left in (
            path,
            self._away,
            path.with_name(f"{path.name}-wal"),
            path.with_name(f"{path.name}-shm"),
        ):
            left.unlink(missing_ok=True)

    def name(self, schema: str, table: str) -> str:
        """Return the quoted name."""
        return f'"{schema}.{table}"' if schema else f'"{table}"'

    @contextmanager
    def write(self) -> Iterator[_SqliteTransaction]:
        """Give a transaction; a reader sees what was there before, until it is committed (WAL)."""
        path = self._away if self._away.exists() else self._path
        with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # it can be made again at any time
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteTransaction(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # a reader under way is not waited for

    def take_away(self) -> None:
        """Move the file."""
        if self._path.exists():
            self._path.rename(self._away)

    def give_back(self) -> None:
        """Move it back, and let go of the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        if self._away.exists():
            self._away.rename(self._path)

    def lock(self) -> None:
        """Take SQLite's exclusive lock and keep it."""
        if self._lock is None:
            connection = sqlite3.connect(
                self._path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _leave_wal(connection)
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error:
                connection.close()
                raise
            self._lock = connection

    def drop_connections(self) -> int:
        """Do nothing: a file has no connections to break."""
        return 0

    def remove(self) -> None:
        """Remove the files."""
        self.give_back()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(f"{self._path.name}{suffix}").unlink(missing_ok=True)


def _leave_wal(connection: sqlite3.Connection) -> None:
    """Change from WAL to a rollback journal, in which a lock stops readers; SQLite itself waits for no reader here."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


class _PostgresTransaction:
    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - the driver is loaded when it is needed
        self._connection = connection

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        """Run one statement."""
        cursor = self._connection.execute(statement.replace("?", "%s"), values or None)
        return list(cursor.fetchall()) if cursor.description else []

    def many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run one statement for each of *rows*."""
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s"), rows)


class PostgresDatabase:
    """A replica in a database of its own, at the server *url* whose user may make databases and roles.

    The scenario's client id is a role that may read; its client secret is the password.
    """

    def __init__(self, url: str, *, region: str, scenario: str, schemas: Iterable[str]) -> None:
        self._driver = import_module("psycopg")
        self._server = url
        digest = blake2b(f"{region}|{scenario}".encode(), digest_size=4).hexdigest()
        self._database = f"elevjournal_{region.replace('-', '_')}_{digest}"
        self._url = urlunsplit(urlsplit(url)._replace(path=f"/{self._database}"))
        login = credentials("elevjournal", scenario)
        self._role = login.client_id
        split = urlsplit(self._url)
        host = split.netloc.rpartition("@")[2]
        query = f"?{split.query}" if split.query else ""
        self.address = f"postgresql://{host}/{self._database}{query}"
        with self._connect(self._server) as connection:
            connection.autocommit = True
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (self._role,)).fetchone():
                connection.execute(
                    f"CREATE ROLE \"{self._role}\" LOGIN PASSWORD '{quote(login.client_secret)}'"
                )
            connection.execute(f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{self._database}"')
        with self._connect(self._url) as connection:
            for schema in schemas:
                connection.execute(f'CREATE SCHEMA "{schema}"')
                connection.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO "{self._role}"')
                connection.execute(
                    f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT SELECT ON TABLES TO "{self._role}"'
                )
            connection.execute(f'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "{self._role}"')
        self._lock: Any = None

    def name(self, schema: str, table: str) -> str:
        """Return the quoted name."""
        return f'"{schema}"."{table}"' if schema else f'"public"."{table}"'

    @contextmanager
    def write(self) -> Iterator[_PostgresTransaction]:
        """Give a transaction."""
        with self._connect(self._url) as connection:
            yield _PostgresTransaction(connection)

    def take_away(self) -> None:
        """Let nobody connect."""
        self._administer(f'ALTER ROLE "{self._role}" NOLOGIN')
        self.drop_connections()

    def give_back(self) -> None:
        """Let connectors connect again, and let go of the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self._administer(f'ALTER ROLE "{self._role}" LOGIN')

    def lock(self) -> None:
        """Lock the tables against readers and keep them locked."""
        if self._lock is None:
            self._lock = self._connect(self._url)
            tables = self._lock.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchall()
            self._lock.execute(f"LOCK TABLE {', '.join(row[0] for row in tables)} IN ACCESS EXCLUSIVE MODE")

    def drop_connections(self) -> int:
        """End every session of the scenario's role."""
        return len(
            self._administer(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND datname = %s",
                (self._role, self._database),
            )
        )

    def remove(self) -> None:
        """Drop the database and the role."""
        if self._lock is not None:
            self._lock.close()
        self._administer(f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)')
        self._administer(f'DROP ROLE IF EXISTS "{self._role}"')

    def _administer(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        with self._connect(self._server) as connection:
            connection.autocommit = True
            cursor = connection.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def _connect(self, url: str) -> Any:  # noqa: ANN401 - as above
        return self._driver.connect(url, connect_timeout=_PATIENCE_SECONDS, application_name=_APPLICATION)


def table_statements(database: Database, schemas: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Yield the statements that make the tables; *schemas* are (name, whether values are text)."""
    for table, columns in layout()["gemensam"].items():
        yield f"CREATE TABLE {database.name('', table)} ({columns})"
    for schema, as_text in schemas:
        for table, columns in layout()["kommundel"].items():
            typed = columns.replace("{varde}", "TEXT" if as_text else NUMBER)
            yield f"CREATE TABLE {database.name(schema, table)} ({typed})"
        for column in layout()["register"]:
            table, _, name = column.partition(".")
            yield f'CREATE INDEX "{schema}_{table}_{name}" ON {database.name(schema, table)} ({name})'


def _plain(value: object) -> object:
    """Return *value* as SQLite takes it: a decimal number as text, which a NUMERIC column makes a number of."""
    return value if value is None or isinstance(value, int | str) else str(value)
