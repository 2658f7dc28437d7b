"""Reading a source over SQL: one moment, the deadline, and errors that quote nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from anslut import deadline
from anslut.errors import (
    SettingsError,
    SourceDataError,
    SourceFailedError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from anslut.source.sql import SqlSource

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "en hemlig anteckning"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a small database in a file whose path needs quoting."""
    path = tmp_path / "journal å?%.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute('CREATE TABLE "skola.anteckning" (id INTEGER, text TEXT)')
        connection.executemany('INSERT INTO "skola.anteckning" VALUES (?, ?)', [(1, "100 % å"), (2, SECRET)])
        connection.commit()
    return path


def source(path: Path, **settings: int) -> SqlSource:
    """Return a client for *path*."""
    quoted = str(path).replace("%", "%25").replace("?", "%3F")
    return SqlSource(f"sqlite:///{quoted}", source="SE1-X", **settings)  # type: ignore[arg-type]  # most_rows alone


def test_rows_come_by_name(file: Path) -> None:
    """Values are parameters, tables have a schema."""
    with source(file).reading() as reading:
        table = reading.table("skola", "anteckning")
        assert reading.rows(f"SELECT * FROM {table} WHERE id = ?", 1) == [{"id": 1, "text": "100 % å"}]  # noqa: S608 - a test's own
        assert reading.row(f"SELECT text FROM {table} WHERE text = ?", "' OR 1=1 --") is None  # noqa: S608 - as above


def test_a_reading_is_from_one_moment(file: Path) -> None:
    """What somebody writes meanwhile is not seen before the next reading."""
    count = 'SELECT COUNT(*) AS antal FROM "skola.anteckning"'
    client = source(file)
    with client.reading() as reading:
        before = reading.row(count)
        with closing(sqlite3.connect(file)) as writer:
            writer.execute('DELETE FROM "skola.anteckning"')
            writer.commit()
        assert reading.row(count) == before == {"antal": 2}
    with client.reading() as reading:
        assert reading.row(count) == {"antal": 0}


def test_nothing_can_be_written(file: Path) -> None:
    """The file is opened for reading."""
    with source(file).reading() as reading, pytest.raises(SourceFailedError):
        reading.rows('DELETE FROM "skola.anteckning"')


def test_an_endless_query_ends_with_the_deadline(file: Path) -> None:
    """SQLite is stopped in the middle of its work."""
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
    with deadline.limit(0.2), source(file).reading() as reading, pytest.raises(SourceTimeoutError):
        reading.rows(forever)


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ("missing", SourceUnavailableError),
        ("locked", SourceUnavailableError),
        ("no database", SourceFailedError),
        ("other tables", SourceFailedError),
        ("two rows", SourceDataError),
        ("too many rows", SourceDataError),
    ],
)
def test_what_is_wrong_with_a_source_is_told_without_quoting(
    file: Path, damage: str, error: type[Exception]
) -> None:
    """Each failure names the source and never what stands in it or was asked."""
    client = source(file, most_rows=1 if damage == "too many rows" else 100)
    statement = 'SELECT * FROM "skola.anteckning"'
    holder = None
    if damage == "missing":
        file.unlink()
    elif damage == "no database":
        file.write_text(SECRET * 100)
    elif damage == "locked":
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
    elif damage == "other tables":
        statement = f"SELECT kolumn FROM \"skola.anteckning\" WHERE text = '{SECRET}'"  # noqa: S608 - as above

    with pytest.raises(error) as caught, deadline.limit(0.5), client.reading() as reading:
        reading.row(statement) if damage == "two rows" else reading.rows(statement)

    if holder is not None:
        holder.close()
    assert getattr(caught.value, "source", None) == "SE1-X"
    assert SECRET not in str(caught.value)
    assert str(file) not in str(caught.value)


def test_names_of_tables_are_names(file: Path) -> None:
    """A name that could end a quotation is refused."""
    with source(file).reading() as reading, pytest.raises(SourceDataError):
        reading.table('skola"; DROP TABLE elev; --', "anteckning")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "sqlite:///", "elevjournal.sqlite", ""])
def test_an_address_that_is_no_database_is_refused(url: str) -> None:
    """The message names the setting."""
    with pytest.raises(SettingsError, match="ANSLUT_SOURCE_URL"):
        SqlSource(url, source="SE1-X")
