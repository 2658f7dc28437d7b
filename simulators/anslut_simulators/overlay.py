"""What testers wrote, on top of the computed country: the records as they stand in one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.scenario import State, person_key
from anslut_simulators.truth import Event, Identity

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from anslut_simulators.country import Person, Population
    from anslut_simulators.scenario import Scenarios

NEW: Final = "skapad"
_INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"
_REPLACE: Final = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the change feed: what happened (*kind*) to an event of *person*."""

    person: Identity
    event: Event
    kind: str


class Records:
    """The records of one region: the population's histories with each scenario's writes on top."""

    def __init__(self, population: Population, scenarios: Scenarios, *, region: str) -> None:
        self.population = population
        self.scenarios = scenarios
        self.region = region

    def person(self, identity: Identity) -> Person | None:
        """Return who has *identity* in this region, or None."""
        person = self.population.person(identity)
        return person if person is not None and person.region == self.region else None

    def known(self, identity: Identity) -> Person:
        """Return who has *identity*; raise a problem (422) for unsafe identities and (404) for strangers."""
        self.guard(identity)
        person = self.person(identity)
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

        *leaves* is the identity and event id that a move takes the event away from. Raise
        `sqlite3.IntegrityError` when a new event's id is taken.
        """
        now = self.scenarios.now(name)
        with self.scenarios.store.write() as connection:
            generation = self.scenarios.ensure(connection, name)
            for step in steps:
                number = _next_number(connection, name, generation)
                connection.execute(
                    "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        name,
                        generation,
                        number,
                        person_key(step.person),
                        step.event.system,
                        step.event.type,
                        step.event.id,
                        step.kind,
                        now.astimezone(UTC).isoformat(),
                    ),
                )
                gone = leaves == (step.person, step.event.id)
                connection.execute(
                    _INSERT if step.kind == NEW else _REPLACE,
                    (
                        name,
                        generation,
                        person_key(step.person),
                        step.event.id,
                        step.event.type,
                        number,
                        None if gone else _ENCODER.encode(step.event),
                    ),
                )


def _next_number(connection: sqlite3.Connection, name: str, generation: int) -> int:
    row = connection.execute(
        "SELECT COALESCE(MAX(number), 0) + 1 FROM change WHERE scenario = ? AND generation = ?",
        (name, generation),
    ).fetchone()
    return int(row[0])
