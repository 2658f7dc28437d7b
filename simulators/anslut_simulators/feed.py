"""The change feed: what was written in a scenario, numbered from 1 in each generation, removals included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anslut_simulators.scenario import STOCKHOLM
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from anslut_simulators.scenario import State
    from anslut_simulators.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: *kind* is a word of the source systems' own, such as `signerad`."""

    number: int
    person: Identity
    type: str
    event_id: str
    kind: str
    time: datetime


def changes(store: Store, state: State, *, system: str, after: int, at_most: int) -> list[Change]:
    """Return the changes of *system* numbered above *after*, oldest first."""
    if after >= state.last_number:
        return []
    rows = store.read(
        "SELECT number, person, type, id, kind, time FROM change"
        " WHERE scenario = ? AND generation = ? AND number > ? AND system = ? ORDER BY number LIMIT ?",
        (state.name, state.generation, after, system, at_most),
    )
    return [
        Change(
            number=number,
            person=Identity(root=person.partition("|")[0], extension=person.partition("|")[2]),
            type=type_,
            event_id=event_id,
            kind=kind,
            time=datetime.fromisoformat(time).astimezone(STOCKHOLM),
        )
        for number, person, type_, event_id, kind, time in rows
    ]
