"""One scenario's replica: made when first asked for, and brought up to date in one transaction at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.elevjournal.damage import Damage
from anslut_simulators.elevjournal.databases import table_statements
from anslut_simulators.elevjournal.parts import words
from anslut_simulators.elevjournal.people import NAME
from anslut_simulators.elevjournal.render import local_time, number_of, pupil_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from anslut_simulators.country import Person
    from anslut_simulators.elevjournal.databases import Database, Transaction
    from anslut_simulators.elevjournal.people import People
    from anslut_simulators.elevjournal.render import Renderer, Rows
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event

TYPES: Final = ("care-documentation", "growth-observations")
_PUPILS_OWN: Final = ("besok", "matning", "anteckning", "sokord")
_FIRST_SCHOOL_YEAR, _SCHOOL_YEARS = 1995, 60
_FEED_PAGE: Final = 1000
_QUIET: Final = 3


class Replica:
    """The rows of one scenario in *database*; not safe for two threads at once."""

    def __init__(self, database: Database, *, records: Records, people: People, renderer: Renderer) -> None:
        self.database = database
        self._records = records
        self._people = people
        self._renderer = renderer
        self._generation = 0
        self._as_of: datetime | None = None
        self._told = 0
        self._written: set[Any] = set()
        self._spoilt = False
        self._damage = Damage(database, renderer)

    def bring_up(self, state: State, now: datetime) -> None:
        """Make the replica show scenario *state* at *now*, with the faults that are asked for."""
        active = [fault for fault in state.faults if fault.system == NAME and fault.is_time(now)]
        self._damage.relieve()
        stale = self._damage.staleness(active)
        with self.database.write() as transaction:
            if self._generation == 0:
                self._make(transaction)
            self._damage.mend(transaction)
            if stale is None or self._as_of is None or self._generation != state.generation:
                self._fill(transaction, state, now, active)
            self._tell_state(transaction, now, active, stale)
            self._damage.carry_out(transaction, active)
        self._damage.hold(active)

    def close(self) -> None:
        """Remove the replica."""
        self._damage.relieve()
        self.database.remove()

    def _make(self, transaction: Transaction) -> None:
        schemas = [(part.schema, part.in_millimetres) for part in self._renderer.parts]
        for statement in table_statements(self.database, schemas):
            transaction.execute(statement)
        own = words()
        codes = [(title, kv, text) for kv, (title, text) in own["befattningar"].items()]
        codes += [(title, None, text) for title, text in own["ovriga_befattningar"].items()]
        self._insert(transaction, "", "befattning", codes)
        self._insert(transaction, "", "anteckningstyp", own["anteckningstypnamn"].items())
        self._insert(
            transaction,
            "",
            "mattyp",
            [(int(code), name, int(name == "BMI")) for code, name in own["mattypnamn"].items()],
        )
        self._insert(
            transaction,
            "",
            "kommundel",
            [
                (
                    part.schema,
                    part.place,
                    *(("mm", "g", own["mm_till"]) if part.in_millimetres else (None,) * 3),
                )
                for part in self._renderer.parts
            ],
        )
        years = range(_FIRST_SCHOOL_YEAR, _FIRST_SCHOOL_YEAR + _SCHOOL_YEARS)
        self._insert(
            transaction,
            "",
            "lasar",
            [(year, f"{year}/{(year + 1) % 100:02}", f"{year}-08-01") for year in years],
        )
        self._insert(transaction, "", "lasvecka", [row for year in years for row in school_weeks(year)])
        for part in self._renderer.parts:
            self._insert(transaction, part.schema, "skola", self._renderer.schools())

    def _fill(self, transaction: Transaction, state: State, now: datetime, active: list[Any]) -> None:
        people = {person.identity: person for person in (*self._people.written(state), *self._written)}
        before = self._as_of
        if before != now or active or self._spoilt:
            people |= {person.identity: person for person in self._people.personas()}
        if before is None:
            self._insert_all(transaction, self._pupils(state, now))
            self._forget(transaction, people.values())
        else:
            people |= {one.identity: one for one in self._people.changing(min(before, now), max(before, now))}
            self._forget(transaction, people.values())
        if self._generation != state.generation:
            transaction.execute(f"DELETE FROM {self.database.name('', 'handelse')}")  # noqa: S608 - names are the layout's own
            self._told = 0
        rows = self._rendered(state, now, people.values())
        self._damage.spoil(rows, active, people.values())
        self._insert_all(transaction, rows)
        self._follow(transaction, state, now)
        self._generation, self._as_of = state.generation, now
        self._written, self._spoilt = set(self._people.written(state)), bool(active)

    def _pupils(self, state: State, now: datetime) -> Rows:
        """Return the rows of everybody at school; at the world's first instant they are the same in any scenario."""
        if now != self._records.scenarios.start:
            return self._rendered(state, now, self._people.pupils())
        if self._people.pristine is None:
            untouched = replace(state, touched=frozenset())
            self._people.pristine = self._rendered(untouched, now, self._people.pupils())
        return self._people.pristine

    def _rendered(self, state: State, now: datetime, people: Iterable[Person]) -> Rows:
        rows: Rows = defaultdict(dict)
        for person in people:
            for place, found in self._renderer.pupil(person, self._events(state, person, now)).items():
                rows[place].update(found)
        return rows

    def _insert_all(self, transaction: Transaction, rows: Rows) -> None:
        for (schema, table), found in rows.items():
            new = found
            if table == "signatur":
                name = self.database.name(schema, table)
                known = {row[0] for row in transaction.execute(f"SELECT kod FROM {name}")}  # noqa: S608 - the layout's own
                new = {key: row for key, row in found.items() if key not in known}
            self._insert(transaction, schema, table, new.values())

    def _forget(self, transaction: Transaction, people: Iterable[Person]) -> None:
        for part in self._renderer.parts:
            keys = [
                (pupil_id(part.schema, identity),)
                for person in people
                for identity in (person.identity, *person.linked)
            ]
            for table in _PUPILS_OWN:
                transaction.many(
                    f"DELETE FROM {self.database.name(part.schema, table)} WHERE elev_id = ?",  # noqa: S608 - as below
                    keys,
                )
            transaction.many(f"DELETE FROM {self.database.name(part.schema, 'elev')} WHERE id = ?", keys)  # noqa: S608 - names are the layout's own

    def _events(self, state: State, person: Person, now: datetime) -> list[Event]:
        return [
            event
            for identity in dict.fromkeys((person.identity, *person.linked))
            for kind in TYPES
            for event in self._records.events(state, identity, kind, system=NAME, until=now)
        ]

    def _follow(self, transaction: Transaction, state: State, now: datetime) -> None:
        """Copy the change feed's new lines."""
        quiet = 0
        while quiet < _QUIET:
            page = self._records.feed.read(
                state, system=NAME, types=TYPES, now=now, after=self._told, at_most=_FEED_PAGE
            )
            quiet = 0 if page.changes else quiet + 1
            self._insert(
                transaction,
                "",
                "handelse",
                [
                    (
                        change.number,
                        local_time(change.time),
                        number_of(change.person),
                        words()["handelser"][change.type],
                        change.event_id,
                        change.kind,
                    )
                    for change in page.changes
                ],
            )
            if page.changes:
                self._told = page.changes[-1].number

    def _tell_state(
        self, transaction: Transaction, now: datetime, active: list[Any], stale: int | None
    ) -> None:
        loading = any(fault.fault == "half-written" for fault in active)
        as_of = now if stale is None else now - timedelta(seconds=stale)
        transaction.execute(f"DELETE FROM {self.database.name('', 'replika_status')}")  # noqa: S608 - names are the layout's own
        row = (1, "laddar" if loading else "klar", local_time(as_of), local_time(now))
        self._insert(transaction, "", "replika_status", [row])

    def _insert(
        self, transaction: Transaction, schema: str, table: str, rows: Iterable[tuple[Any, ...]]
    ) -> None:
        listed = list(rows)
        if listed:
            marks = ", ".join("?" * len(listed[0]))
            transaction.many(f"INSERT INTO {self.database.name(schema, table)} VALUES ({marks})", listed)  # noqa: S608 - names are the layout's own


def school_weeks(year: int) -> list[tuple[int, int, str]]:
    """Return the weeks of the school year that begins *year*: (year, week, its Monday)."""
    first = date(year, 8, 1)
    monday = first - timedelta(days=first.weekday())
    weeks: dict[int, date] = {}
    while monday < date(year + 1, 8, 1):
        weeks.setdefault(monday.isocalendar().week, monday)
        monday += timedelta(days=7)
    return [(year, week, day.isoformat()) for week, day in weeks.items()]
