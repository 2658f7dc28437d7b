"""What can go wrong with a replica, on purpose: faults that strike the rows, the tables or the connection.

A query of a connector is nothing that the simulator sees, so a fault is a state of the replica for as long as it
is asked for. Those that spoil rows strike the personas and whoever has been written about in the scenario.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.elevjournal.parts import layout
from anslut_simulators.elevjournal.render import pupil_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anslut_simulators.country import Person
    from anslut_simulators.elevjournal.databases import Database, Transaction
    from anslut_simulators.elevjournal.render import Renderer, Rows

FAULTS: Final = frozenset(
    {
        "replica-missing",
        "replica-locked",
        "connection-dropped",
        "renamed-column",
        "stale-replica",
        "half-written",
        "wrong-unit",
        "types-that-lie",
        "missing-field",
        "duplicate-ids",
        "foreign-entry",
        "future-dates",
    }
)
_DROP_SECONDS: Final = 0.02
_RENAMED: Final = ("matning", "varde", "matvarde")
_TOO_MUCH: Final = 10


class Damage:
    """The damage that one replica has at present."""

    def __init__(self, database: Database, renderer: Renderer) -> None:
        self._database = database
        self._renderer = renderer
        self._renamed = False
        self._held = False
        self._dropping: threading.Event | None = None

    def staleness(self, active: list[Any]) -> int | None:
        """Return by how many seconds the replica lags behind, or None when it keeps up."""
        return next((int(one.argument("seconds")) for one in active if one.fault == "stale-replica"), None)

    def relieve(self) -> None:
        """Make the replica reachable, so that it can be brought up to date."""
        if self._dropping is not None:
            self._dropping.set()
            self._dropping = None
        if self._held:
            self._database.give_back()
            self._held = False

    def mend(self, transaction: Transaction) -> None:
        """Give a renamed column its name again."""
        if self._renamed:
            self._rename(transaction, _RENAMED[2], _RENAMED[1])
            self._renamed = False

    def carry_out(self, transaction: Transaction, active: list[Any]) -> None:
        """Do what is done to the tables."""
        wanted = {fault.fault for fault in active}
        if "renamed-column" in wanted:
            self._rename(transaction, _RENAMED[1], _RENAMED[2])
            self._renamed = True
        if "half-written" in wanted:
            for part in self._renderer.parts:
                table = self._database.name(part.schema, "matning")
                transaction.execute(f"DELETE FROM {table} WHERE id > '8'")  # noqa: S608 - names are the layout's own

    def hold(self, active: list[Any]) -> None:
        """Do what is done to the connection, until `relieve`."""
        wanted = {fault.fault for fault in active}
        if "replica-locked" in wanted:
            self._database.lock()
            self._held = True
        if "replica-missing" in wanted:
            self._database.take_away()
            self._held = True
        if "connection-dropped" in wanted:
            self._dropping = threading.Event()
            threading.Thread(
                target=self._drop, args=(self._dropping,), name="elevjournal-drop", daemon=True
            ).start()

    def spoil(self, rows: Rows, active: list[Any], people: Iterable[Person]) -> None:
        """Change *rows* as the faults want; a fault for one person strikes that person only."""
        listed = list(people)
        for fault in active:
            change = _SPOILED.get(fault.fault)
            for person in listed if change else ():
                if fault.patient_id in {None, *_identities(person)} and change is not None:
                    for schema, table, keys in self._own(rows, person):
                        change(rows[schema, table], keys, fault, _Places(rows, schema, table, listed, person))

    def _own(self, rows: Rows, person: Person) -> Iterable[tuple[str, str, list[object]]]:
        """Yield where *person*'s entries stand, where there are any: (schema, table, their keys)."""
        for part in self._renderer.parts:
            pupils = {pupil_id(part.schema, identity) for identity in _identities(person)}
            for table in ("matning", "anteckning"):
                at = _column(table, "elev_id")
                found = rows.get((part.schema, table), {})
                keys = [key for key, row in found.items() if row[at] in pupils]
                if keys:
                    yield part.schema, table, sorted(keys, key=str)

    def _rename(self, transaction: Transaction, old: str, new: str) -> None:
        for part in self._renderer.parts:
            table = self._database.name(part.schema, _RENAMED[0])
            transaction.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")

    def _drop(self, stop: threading.Event) -> None:
        while not stop.wait(_DROP_SECONDS):
            self._database.drop_connections()


class _Places:
    """Where an entry stands, and whose it is, for the faults that need to know."""

    def __init__(self, rows: Rows, schema: str, table: str, people: list[Person], person: Person) -> None:
        self.rows = rows
        self.schema = schema
        self.table = table
        self.people = people
        self.person = person


def _duplicate(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    del fault, at
    found[keys[0], "igen"] = found[keys[0]]


def _future(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    year = 2023 + 1 + int(fault.argument("days")) // 365
    _set(found, keys[0], at.table, "reg_tid", f"{year}-06-01 12:00:00")


def _lie(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    field = fault.argument("field") or "datum"
    if field in _columns(at.table):
        _set(found, keys[0], at.table, field, "NaN" if field == "varde" else "31 februari")
        return
    visits = at.rows[at.schema, "besok"]
    key = found[keys[0]][_column(at.table, "besok_id")]
    _set(visits, key, "besok", "datum", "2023-02-31")
    _set(visits, key, "besok", "klockan", "25:61:00")


def _lose(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    field = fault.argument("field")
    if field in _columns(at.table):
        _set(found, keys[0], at.table, field, "")
        return
    key = found[keys[0]][_column(at.table, "besok_id")]
    at.rows[at.schema, "besok"].pop(key, None)


def _wrong_unit(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    del fault
    if at.table == "matning":
        for key in keys:
            value = str(found[key][_column("matning", "varde")])
            if found[key][_column("matning", "enhet")] in {"cm", "kg"}:
                shifted = f"{float(value.replace(',', '.')) * _TOO_MUCH:g}"
                _set(found, key, "matning", "varde", shifted)


def _foreign(found: dict[object, Any], keys: list[object], fault: Any, at: _Places) -> None:  # noqa: ANN401
    """Put another pupil's entry under the person's key; the visit still says whose it is."""
    del fault
    pupil = found[keys[0]][_column(at.table, "elev_id")]
    own = {pupil_id(at.schema, identity) for identity in _identities(at.person)}
    column = _column(at.table, "elev_id")
    for key, row in sorted(found.items(), key=lambda item: str(item[0])):
        if row[column] not in own:
            moved = list(row)
            moved[column] = pupil
            found[key, "fel elev", pupil] = tuple(moved)
            return


_SPOILED: Final[dict[str, Callable[[dict[object, Any], list[object], Any, _Places], None]]] = {
    "duplicate-ids": _duplicate,
    "foreign-entry": _foreign,
    "future-dates": _future,
    "missing-field": _lose,
    "types-that-lie": _lie,
    "wrong-unit": _wrong_unit,
}


def _set(found: dict[object, Any], key: object, table: str, column: str, value: object) -> None:
    row = list(found[key])
    row[_column(table, column)] = value
    found[key] = tuple(row)


def _columns(table: str) -> list[str]:
    return [column.split()[0] for column in layout()["kommundel"][table].split(", ")]


def _column(table: str, name: str) -> int:
    return _columns(table).index(name)


def _identities(person: Person) -> tuple[Any, ...]:
    return (person.identity, *person.linked)
