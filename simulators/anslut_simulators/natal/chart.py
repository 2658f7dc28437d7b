"""One person's chart in Natal: whose events it holds, newest first, a mother's with her newborns' among them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from anslut_simulators.natal.bundles import place_of
from anslut_simulators.natal.parameters import DOCUMENTS
from anslut_simulators.natal.render import NAMES, TYPES
from anslut_simulators.truth.maternity_records import MaternityRecord

if TYPE_CHECKING:
    from datetime import datetime

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
        # A page needs few events where each of them gives it a document.
        is_bounded = all(NAMES[type_name] in query.types for type_name in asked)
        is_first = not (query.page or query.since or query.until)
        newest = query.at_most + 1 if is_bounded and is_first else None
        read = {
            type_name: self._records.events(
                state,
                identity,
                type_name,
                system=self._system,
                until=now,
                # Who was born stands in any of a chart's sheets.
                newest=None if whole and type_name == SHEETS else newest,
            )
            for type_name in (TYPES.values() if whole else sorted(asked))
        }
        found = [event for type_name in sorted(asked) for event in read[type_name]]
        children = _children(read[SHEETS]) if whole else {}
        if NOTES in asked:
            for child, born in children.items():
                found += self._newborn(state, child, born, now)
        return sorted(found, key=place_of, reverse=True), list(children)

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


def _children(events: list[Event]) -> dict[Identity, datetime]:
    """Return the children whose birth is told of in *events*, and when each was born."""
    found: dict[Identity, datetime] = {}
    for event in events:
        said = event.content
        if isinstance(said, MaternityRecord) and said.after is not None:
            found |= {
                child.identity: child.born for child in said.after.children if child.identity is not None
            }
    return found
