"""Elevjournal: rows over SQL, out of the scenario's read replica (SQLite only)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.native.door import Door, Native
from anslut_simulators.population.identities import NATIONAL_RESERVE_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Identity

_SCHEME: Final = "sqlite:///"


def person(door: Door, identity: Identity) -> Iterator[Native]:
    """Yield the pupil's rows, table by table, in every part of the municipality."""
    with closing(_open(door)) as connection:
        tables = _tables(connection)
        for pupils in (name for name in tables if name.endswith(".elev")):
            schema = pupils.removesuffix(".elev")
            rows = _rows(connection, pupils, "personnummer IN (?, ?)", _written(identity))
            yield _native(pupils, rows)
            for table in tables:
                if not table.startswith(f"{schema}.") or table == pupils:
                    continue
                if "elev_id" in _columns(connection, table):
                    for pupil in rows:
                        yield _native(table, _rows(connection, table, "elev_id = ?", (pupil["id"],)))


def rest(door: Door) -> Iterator[Native]:
    """Yield every row of every table."""
    with closing(_open(door)) as connection:
        for table in _tables(connection):
            yield _native(table, _rows(connection, table, "1 = 1", ()))


def _open(door: Door) -> sqlite3.Connection:
    if not door.address.startswith(_SCHEME):
        raise ValueError("only a replica in SQLite can be shown")
    connection = sqlite3.connect(f"file:{door.address.removeprefix(_SCHEME)}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [
        row[0]
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}


def _rows(
    connection: sqlite3.Connection, table: str, where: str, values: tuple[object, ...]
) -> list[dict[str, object]]:
    found = connection.execute(f'SELECT * FROM "{table}" WHERE {where}', values)  # noqa: S608 - names of our own tables
    return [dict(row) for row in found]


def _native(table: str, rows: list[dict[str, object]]) -> Native:
    return Native(what=f'"{table}"', form="rows", body=b"\n".join(msgspec.json.encode(row) for row in rows))


def _written(identity: Identity) -> tuple[str, str]:
    """Return the number as it stands, and with a sign before the last four."""
    number = identity.extension
    if identity.root == NATIONAL_RESERVE_ID:
        return number, number
    return number, f"{number[:8]}-{number[8:]}"
