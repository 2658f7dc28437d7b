"""The tables of the simulators' state, in the words that SQLite and PostgreSQL share.

Every statement of the product is written once for both: `?` for values, `ON CONFLICT` and `RETURNING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from anslut_simulators.store import Connection

LAYOUT: Final = 3
"""The number of this layout: state written under another one is left alone."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS world (name {text} PRIMARY KEY, value BIGINT NOT NULL) {compact};
CREATE TABLE IF NOT EXISTS scenario (
    name {text} PRIMARY KEY, generation BIGINT NOT NULL, version BIGINT NOT NULL, mode {text} NOT NULL,
    now_us BIGINT NOT NULL, anchor_us BIGINT NOT NULL, tokens_after_us BIGINT NOT NULL, speed BIGINT NOT NULL
) {compact};
CREATE TABLE IF NOT EXISTS entry (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, person {text} NOT NULL, id {text} NOT NULL,
    type {text} NOT NULL, number BIGINT NOT NULL, body {bytes},
    PRIMARY KEY (scenario, generation, person, id)
) {compact};
CREATE INDEX IF NOT EXISTS entry_number ON entry (scenario, generation, number);
CREATE TABLE IF NOT EXISTS feed (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, system {text} NOT NULL,
    told BIGINT NOT NULL, last BIGINT NOT NULL,
    PRIMARY KEY (scenario, generation, system)
) {compact};
CREATE TABLE IF NOT EXISTS change (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, system {text} NOT NULL, number BIGINT NOT NULL,
    person {text} NOT NULL, type {text} NOT NULL, id {text} NOT NULL, kind {text} NOT NULL, time BIGINT NOT NULL,
    PRIMARY KEY (scenario, generation, system, number)
) {compact};
CREATE TABLE IF NOT EXISTS followed (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, person {text} NOT NULL, since BIGINT NOT NULL,
    PRIMARY KEY (scenario, generation, person)
) {compact};
CREATE TABLE IF NOT EXISTS fault (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, id {text} NOT NULL, number BIGINT NOT NULL,
    body {bytes} NOT NULL, seen BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (scenario, generation, id)
) {compact};
CREATE TABLE IF NOT EXISTS call (
    number {counter}, scenario {text} NOT NULL, generation BIGINT NOT NULL, body {bytes} NOT NULL
);
CREATE INDEX IF NOT EXISTS call_scenario ON call (scenario, generation, number);
CREATE TABLE IF NOT EXISTS engagement (
    scenario {text} NOT NULL, generation BIGINT NOT NULL, key {text} NOT NULL, body {bytes} NOT NULL,
    PRIMARY KEY (scenario, generation, key)
) {compact};
CREATE TABLE IF NOT EXISTS index_transaction (
    number {counter}, scenario {text} NOT NULL, generation BIGINT NOT NULL, body {bytes} NOT NULL
);
CREATE INDEX IF NOT EXISTS index_transaction_scenario ON index_transaction (scenario, generation, number);
"""
_WORDS: Final = {
    "sqlite": {
        "text": "TEXT",
        "bytes": "BLOB",
        "counter": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "compact": "WITHOUT ROWID",
    },
    # Bytes are compared, not letters: the order is the same in both databases, whatever the server's language.
    "postgresql": {
        "text": 'TEXT COLLATE "C"',
        "bytes": "BYTEA",
        "counter": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "compact": "",
    },
}
_OLD_TABLES: Final = {
    "entry": "person, id",
    "feed": "system",
    "change": "system, number",
    "followed": "person",
    "fault": "id",
    "engagement": "key",
}
_OLD_COUNTED: Final = ("call", "index_transaction")


def table_statements(database: Literal["sqlite", "postgresql"]) -> list[str]:
    """Return the statements that make every table that is not there, in the words of *database*."""
    whole = _TABLES.format_map(_WORDS[database])
    return [statement.strip() for statement in whole.split(";") if statement.strip()]


def sweep(connection: Connection, *, scenario: str, generation: int, at_most: int = 500) -> None:
    """Delete some rows of generations before *generation*: what resets left behind goes bit by bit."""
    for table, columns in _OLD_TABLES.items():
        connection.execute(
            f"DELETE FROM {table} WHERE (scenario, generation, {columns}) IN"  # noqa: S608 - names are ours
            f" (SELECT scenario, generation, {columns} FROM {table}"
            " WHERE scenario = ? AND generation < ? LIMIT ?)",
            (scenario, generation, at_most),
        )
    connection.queue("call")
    for table in _OLD_COUNTED:
        connection.execute(
            f"DELETE FROM {table} WHERE number IN (SELECT number FROM {table}"  # noqa: S608 - names are ours
            " WHERE scenario = ? AND generation < ? LIMIT ?)",
            (scenario, generation, at_most),
        )
