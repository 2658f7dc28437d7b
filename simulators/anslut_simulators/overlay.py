"""What testers wrote, on top of the computed country: the records as they stand in one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.feed import Feed, add_turns
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.scenario import State, person_key
from anslut_simulators.truth import Event, Identity
from anslut_simulators.unfolding import Turn

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.country import Person, Population
    from anslut_simulators.scenario import Scenarios

NEW: Final = "skapad"
_INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT"
_ADD: Final = f"{_INSERT} DO NOTHING"
_REPLACE: Final = (
    f"{_INSERT} (scenario, generation, person, id)"
    " DO UPDATE SET type = excluded.type, number = excluded.number, body = excluded.body"
)
_ENCODER: Final = msgspec.json.Encoder()


class IdTakenError(Exception):
    """The person has an entry with that id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the change feed: what happened (*kind*) to an event of *person*."""

    person: Identity
    event: Event
    kind: str


@dataclass(frozen=True, slots=True)
class _Newborn:
    """A child as a source knows it before it has a personnummer."""

    identity: Identity
    region: str
    systems: tuple[str, ...]
    linked: tuple[Identity, ...] = ()
    renumbered_at: datetime | None = None


class Records:
    """The records of one region: the population's histories with each scenario's writes on top."""

    def __init__(self, population: Population, scenarios: Scenarios, *, region: str) -> None:
        self.population = population
        self.scenarios = scenarios
        self.region = region
        self.feed = Feed(self)
        self._start = int(scenarios.start.timestamp())

    def follow(self, state: State, patient: Identity) -> None:
        """Let the change feed tell of *patient*, whom somebody has asked about, from now on."""
        self.feed.follow(state, patient, now=state.now(self.scenarios.real_us()))

    def person(self, identity: Identity, *, at: datetime | None = None) -> Person | None:
        """Return who had *identity* in this region at *at* (or at last), as known then, or None.

        A newborn is known by a reserve number alone until the personnummer comes.
        """
        person = self.population.person(identity)
        if person is None or person.region != self.region:
            return None
        if at is None or person.renumbered_at is None or at >= person.renumbered_at:
            return person
        return _Newborn(identity, person.region, person.systems) if identity in person.linked else None

    def known(self, identity: Identity, *, at: datetime | None = None) -> Person:
        """Return who had *identity* at *at*; raise a problem (422) for unsafe identities, (404) for strangers."""
        self.guard(identity)
        person = self.person(identity, at=at)
        if person is None:
            raise ProblemError(404, "unknown-person", "Nobody in this region has that identity")
        return person

    def guard(self, identity: Identity) -> None:
        """Refuse (422) an identity that could belong to a real person, without quoting it."""
        try:
            self.population.guard(identity)
        except Exception:  # noqa: BLE001 - the population's error may quote the number; whatever it is, refuse
            raise invalid("patientId: only official test numbers and never-issued reserve numbers") from None

    def events(  # noqa: PLR0913 - what a reading depends on
        self,
        state: State,
        identity: Identity,
        kind: str,
        *,
        system: str,
        until: datetime,
        newest: int | None = None,
    ) -> list[Event]:
        """Return the events of type *kind* kept under exactly *identity*, in no particular order.

        With *newest*, events older than that many may be left out.
        """
        person = self.person(identity)
        if person is None or system not in person.systems:
            return []
        key = person_key(identity)
        whole = person.linked or key in state.touched
        base = self.population.history(
            person, kind, system=system, until=until, newest=None if whole else newest
        )
        kept = [event for event in base if event.patient == identity] if person.linked else list(base)
        if key not in state.touched:
            return kept
        rows = self.scenarios.store.read(
            "SELECT id, type, body FROM entry WHERE scenario = ? AND generation = ? AND person = ?",
            (state.name, state.generation, key),
        )
        changed = {event_id for event_id, _, _ in rows}
        written = [Event.decode(body) for _, type_, body in rows if body is not None and type_ == kind]
        written = [event for event in written if event.system == system]
        return [event for event in kept if event.id not in changed] + written

    def record(self, name: str, *, steps: list[Step], leaves: tuple[Identity, str] | None = None) -> None:
        """Keep the events of *steps* in scenario *name* and tell the change feed; all or nothing.

        *leaves* is the identity and event id that a move takes the event away from. Raise `IdTakenError`
        when a new event's id is taken.
        """
        now = int(self.scenarios.now(name).timestamp())
        with self.scenarios.write(name) as (connection, generation):
            (last,) = connection.execute(
                "SELECT COALESCE(MAX(number), 0) FROM entry WHERE scenario = ? AND generation = ?",
                (name, generation),
            ).fetchone()
            for number, step in enumerate(steps, start=last + 1):
                key = person_key(step.person)
                gone = leaves == (step.person, step.event.id)
                body = None if gone else _ENCODER.encode(step.event)
                kept = connection.execute(
                    _ADD if step.kind == NEW else _REPLACE,
                    (name, generation, key, step.event.id, step.event.type, number, body),
                )
                if not kept.rowcount:
                    raise IdTakenError
                connection.execute(
                    "INSERT INTO followed VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (name, generation, key, now),
                )
                event = step.event
                turn = Turn(at=now, person=step.person, type=event.type, event_id=event.id, kind=step.kind)
                add_turns(connection, name, generation, system=event.system, turns=[turn], start=self._start)
