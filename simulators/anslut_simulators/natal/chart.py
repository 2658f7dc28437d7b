"""One person's chart in Natal: whose events it holds, newest first, a mother's with her newborns' among them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.maternity_pregnancies import FIRST_YEAR
from anslut_simulators.natal.bundles import place_of
from anslut_simulators.natal.parameters import DOCUMENTS
from anslut_simulators.natal.render import NAMES, TYPES
from anslut_simulators.population.identities import birth_date_of
from anslut_simulators.truth.maternity_records import MaternityRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_simulators.natal.parameters import Query
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity

NOTES: Final = "care-documentation"
SHEETS: Final = "maternity-records"
_NEWBORN: Final = timedelta(days=28)


class Charts:
    """Reads charts out of the records of one region."""

    def __init__(self, records: Records, *, system: str) -> None:
        self._records = records
        self._system = system

    def events(
        self, state: State, identity: Identity, query: Query, *, now: datetime, whole: bool
    ) -> tuple[list[Event], list[Identity]]:
        """Return the events that *query* needs, newest first, and whose births they tell of.

        In a *whole* chart of a mother stand the notes about the children she has given birth to, as a delivery
        ward keeps them: they are the children's, and their resources say so.
        """
        asked = {type_name for name, type_name in TYPES.items() if name in query.types}
        if not asked or query.types - DOCUMENTS - {"Provenance", "Encounter", "Patient", "Organization"}:
            asked = set(TYPES.values())
        newest = _enough(query, asked)
        read = [
            event
            for type_name in sorted(asked)
            for event in self._records.events(
                state, identity, type_name, system=self._system, until=now, newest=newest
            )
        ]
        if not whole:
            return sorted(read, key=place_of, reverse=True), []
        children = self._children(identity, read, now)
        if NOTES in asked:
            oldest = min((event.occurred_at for event in read), default=now)
            for child, born in children.items():
                if newest is None or born + _NEWBORN >= oldest:
                    read += self._newborn(state, child, born, now)
        return sorted(read, key=place_of, reverse=True), list(children)

    def _children(self, identity: Identity, read: list[Event], now: datetime) -> dict[Identity, datetime]:
        """Return the children that *identity* has given birth to, and when: those told of, and those known of."""
        found = _told_of(read)
        person = self._records.person(identity)
        if person is None or not read:
            return found
        for child in getattr(person, "children", ()):
            born = datetime.combine(birth_date_of(child.extension), time(), tzinfo=now.tzinfo)
            if born.year >= FIRST_YEAR and born <= now:
                found.setdefault(child, born)
        return found

    def _newborn(self, state: State, child: Identity, born: datetime, now: datetime) -> list[Event]:
        """Return the notes about a child from its first weeks: later ones are none of the delivery ward's."""
        person = self._records.person(child)
        if person is None or self._system not in person.systems:
            return []
        return [
            event
            for identity in (person.identity, *person.linked)
            for event in self._records.events(state, identity, NOTES, system=self._system, until=now)
            if event.occurred_at < born + _NEWBORN
        ]


def ends_of(events: Iterable[Event]) -> dict[str, Event]:
    """Return the oldest of *events*, newest first, that tells of each pregnancy's end, by pregnancy.

    Removed ones tell nothing.
    """
    found: dict[str, Event] = {}
    for event in events:
        said = event.content
        if isinstance(said, MaternityRecord) and said.after is not None and event.state != "removed":
            found[said.pregnancy] = event
    return found


def _enough(query: Query, asked: set[str]) -> int | None:
    """Return how many events of each type a first page can show and one more; None when all are needed.

    An event gives a page a document, and what was asked for beside it.
    """
    if query.page or query.since or query.until or not all(NAMES[name] in query.types for name in asked):
        return None
    acts = query.with_acts or "Provenance" in query.types
    return query.at_most // (1 + acts + ("Encounter" in query.types)) + 2


def _told_of(events: list[Event]) -> dict[Identity, datetime]:
    """Return the children whose birth is told of in *events*, and when each was born."""
    found: dict[Identity, datetime] = {}
    for event in events:
        said = event.content
        if isinstance(said, MaternityRecord) and said.after is not None:
            found |= {
                child.identity: child.born for child in said.after.children if child.identity is not None
            }
    return found
