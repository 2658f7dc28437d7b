"""The change feed: what was written in a scenario, and what its moving clock brought, numbered from 1.

Each system numbers its own feed in each generation. Testers' writes are told about anybody, when they are
written. What the clock brings (a new note, its signing, a final answer, a removal, a newborn's personnummer)
is told when somebody reads the feed, of a bounded set: every persona, everybody written about, and the
first `MOST_FOLLOWED` people whom a call to a source asked about, from then on. Ten million records cannot be
asked at every tick; what a connector has seen can, and is. After a leap of years each reading tells one more.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.scenario import STOCKHOLM, identity_of_key, person_key
from anslut_simulators.unfolding import LINKED, Turn, turns_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.store import Connection
    from anslut_simulators.truth import Event, Identity

MOST_FOLLOWED: Final = 200
MOST_AT_ONCE: Final = 20_000
_DAY: Final = 86_400
_LEAP: Final = 366 * _DAY
_WINDOWS: Final = 16_384
_order = attrgetter("at", "person.root", "person.extension", "type", "event_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: *kind* is a word of the source systems' own, such as `signerad`."""

    number: int
    person: Identity
    type: str
    event_id: str
    kind: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some changes, oldest first, and the number of the latest there is."""

    changes: list[Change]
    latest: int


class Feed:
    """The change feeds of one region's systems, in any scenario."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._scenarios = records.scenarios
        self._start = int(records.scenarios.start.timestamp())
        self._windows: OrderedDict[tuple[object, ...], list[Turn]] = OrderedDict()
        self._seen: dict[tuple[str, int], set[Identity]] = {}

    def read(  # noqa: PLR0913 - what a reading depends on
        self, state: State, *, system: str, types: Sequence[str], now: datetime, after: int, at_most: int
    ) -> Page:
        """Return the changes of *system* numbered above *after*, once everything up to *now* is told."""
        told, last = self._position(state, system)
        second = int(now.timestamp())
        if told < second:
            until = min(second, told + _LEAP)
            last = self._catch_up(state, system=system, types=types, told=told, now=until)
        if after >= last:
            return Page(changes=[], latest=last)
        rows = self._scenarios.store.read(
            "SELECT number, person, type, id, kind, time FROM change WHERE scenario = ? AND generation = ?"
            " AND system = ? AND number > ? ORDER BY number LIMIT ?",
            (state.name, state.generation, system, after, at_most),
        )
        return Page(changes=[_change(row) for row in rows], latest=last)

    def follow(self, state: State, patient: Identity, *, now: datetime) -> None:
        """Tell of *patient* from *now* on, unless so many are followed already."""
        generation = (state.name, state.generation)
        seen = self._seen.get(generation)
        if seen is None:
            if len(self._seen) > 1000:  # noqa: PLR2004 - hostile names must not fill the memory
                self._seen = {}
            seen = self._seen[generation] = set()
        if len(seen) >= MOST_FOLLOWED or patient in seen:
            return
        seen.add(patient)
        with self._scenarios.store.write(seen_by_all=False) as connection:
            connection.execute(
                "INSERT INTO followed SELECT ?, ?, ?, ? WHERE"
                " (SELECT COUNT(*) FROM followed WHERE scenario = ? AND generation = ?) < ?"
                " ON CONFLICT DO NOTHING",
                (*generation, person_key(patient), int(now.timestamp()), *generation, MOST_FOLLOWED),
            )

    def _position(self, state: State, system: str) -> tuple[int, int]:
        rows = self._scenarios.store.read(
            "SELECT told, last FROM feed WHERE scenario = ? AND generation = ? AND system = ?",
            (state.name, state.generation, system),
        )
        return (rows[0][0], rows[0][1]) if rows else (self._start, 0)

    def _catch_up(self, state: State, *, system: str, types: Sequence[str], told: int, now: int) -> int:
        """Tell what happened after second *told* and by *now*, unless another worker did; return the last number."""
        turns = sorted(self._turns(state, system=system, types=types, told=told, now=now), key=_order)
        if len(turns) > MOST_AT_ONCE:
            # What happened at one second is told together, or the rest of it would never be.
            now = turns[MOST_AT_ONCE].at - 1 if turns[0].at < turns[MOST_AT_ONCE].at else turns[0].at
            turns = [turn for turn in turns if turn.at <= now]
        with self._scenarios.write(state.name, seen_by_all=False) as (connection, generation):
            if generation == state.generation and self._position(state, system)[0] == told:
                add_turns(
                    connection,
                    state.name,
                    generation,
                    system=system,
                    turns=turns,
                    told=now,
                    start=self._start,
                )
            return self._position(state, system)[1]

    def _turns(
        self, state: State, *, system: str, types: Sequence[str], told: int, now: int
    ) -> Iterator[Turn]:
        written = {
            (person, event_id)
            for person, event_id in self._scenarios.store.read(
                "SELECT person, id FROM entry WHERE scenario = ? AND generation = ?",
                (state.name, state.generation),
            )
        }
        for person, since in self._followed(state):
            if system not in person.systems:
                continue
            first = max(told, since)
            for type_ in types:
                for turn in self._window(person, type_, system=system, first=first, last=now):
                    # What a tester has written stands, whatever time would have brought.
                    if first < turn.at <= now and (person_key(turn.person), turn.event_id) not in written:
                        yield turn
            renumbered = person.renumbered_at
            if renumbered is not None and first < int(renumbered.timestamp()) <= now:
                yield from self._linked(state, person, renumbered, system=system, types=types)

    def _followed(self, state: State) -> list[tuple[Any, int]]:
        """Return everybody whose record is told, with the second from which it is."""
        rows = self._scenarios.store.read(
            "SELECT person, since FROM followed WHERE scenario = ? AND generation = ?",
            (state.name, state.generation),
        )
        since: dict[Identity, int] = {}
        people: dict[Identity, Any] = {}
        personas = self._records.population.personas().values()
        named = [(persona.identity, self._start) for persona in personas]
        for identity, second in (*named, *((identity_of_key(key), second) for key, second in rows)):
            person = self._records.person(identity)
            if person is not None:
                people[person.identity] = person
                since[person.identity] = min(second, since.get(person.identity, second))
        return [(person, since[identity]) for identity, person in people.items()]

    def _window(self, person: Any, type_: str, *, system: str, first: int, last: int) -> list[Turn]:  # noqa: ANN401 - the population's own
        """Return the turns of whole days: scenarios share them, and a clock that runs asks once a day."""
        begin, end = first // _DAY * _DAY, (last // _DAY + 1) * _DAY
        key = (person.identity, type_, system, begin, end)
        known = self._windows.get(key)
        if known is None:

            def tell(second: int) -> Mapping[str, Event]:
                until = datetime.fromtimestamp(second, STOCKHOLM)
                events = self._records.population.history(person, type_, system=system, until=until)
                return {event.id: event for event in events}

            known = self._windows[key] = turns_between(tell, begin, end)
            if len(self._windows) > _WINDOWS:
                self._windows.popitem(last=False)
        return known

    def _linked(
        self,
        state: State,
        person: Any,  # noqa: ANN401 - as above
        at: datetime,
        *,
        system: str,
        types: Sequence[str],
    ) -> Iterator[Turn]:
        """Yield what a newborn's personnummer brings: what was kept under the reserve number is found by it."""
        for identity in person.linked:
            for type_ in types:
                for event in self._records.events(state, identity, type_, system=system, until=at):
                    yield Turn(
                        at=int(at.timestamp()),
                        person=person.identity,
                        type=type_,
                        event_id=event.id,
                        kind=LINKED,
                    )


def add_turns(  # noqa: PLR0913 - one row of the feed, flat
    connection: Connection,
    scenario: str,
    generation: int,
    *,
    system: str,
    turns: Sequence[Turn],
    start: int,
    told: int | None = None,
) -> None:
    """Number *turns* and add them to the feed, in the caller's transaction.

    *told* is up to which second everything has been told then; *start* is where the scenario began.
    """
    where = (scenario, generation, system)
    connection.execute("INSERT INTO feed VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING", (*where, start))
    (last,) = connection.execute(
        "UPDATE feed SET last = last + ?, told = COALESCE(?, told)"
        " WHERE scenario = ? AND generation = ? AND system = ? RETURNING last",
        (len(turns), told, *where),
    ).fetchone()
    connection.executemany(
        "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*where, number, person_key(turn.person), turn.type, turn.event_id, turn.kind, turn.at)
            for number, turn in enumerate(turns, start=last - len(turns) + 1)
        ],
    )


def _change(row: Sequence[Any]) -> Change:
    number, person, type_, event_id, kind, second = row
    return Change(
        number=number,
        person=identity_of_key(person),
        type=type_,
        event_id=event_id,
        kind=kind,
        time=datetime.fromtimestamp(second, STOCKHOLM),
    )
