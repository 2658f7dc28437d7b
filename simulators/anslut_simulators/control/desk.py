"""What the control plane does for a tester: tell the truth, write and change entries, set faults."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.control.reading import numbers_in
from anslut_simulators.country import identity_of_number
from anslut_simulators.new_entry import completed
from anslut_simulators.overlay import NEW, IdTakenError, Step
from anslut_simulators.personas.classic import classic_test_persons
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.scenario import person_key
from anslut_simulators.writing import KINDS, ChangeOrder, changed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from anslut_simulators.calls import System
    from anslut_simulators.country import Region
    from anslut_simulators.overlay import Records
    from anslut_simulators.truth import Event, Identity

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")


class Desk:
    """Reads and writes the records of one region in any scenario."""

    def __init__(self, records: Records, *, systems: Mapping[str, System], region: Region) -> None:
        self._records = records
        self._systems = systems
        self._region = region

    def personas(self) -> list[dict[str, Any]]:
        """Return the personas: who they are, why they exist, the rules they are for, their identity.

        *role* is which of the classic test persons one plays, such as `TC4`.
        """
        roles = {one.persona: role for role, one in classic_test_persons().items()}
        return [
            {
                "name": name,
                "sv": persona.sv,
                "why": persona.why,
                "rules": list(persona.rules),
                "patientId": msgspec.to_builtins(persona.identity),
                **({"role": roles[name]} if name in roles else {}),
            }
            for name, persona in sorted(self._records.population.personas().items())
            if self._records.person(persona.identity) is not None
        ]

    def truth(self, scenario: str, patient: Identity, kind: str | None) -> dict[str, Any]:
        """Return every event of the person, linked identities included, oldest first.

        A stranger has none.
        """
        self._records.guard(patient)
        known = {type_ for system in self._systems.values() for type_ in system.types}
        if kind is not None and kind not in known:
            raise invalid(f"type: one of {', '.join(sorted(known))}")
        now = self._records.scenarios.now(scenario)
        events = list(self._events(scenario, patient, kinds={kind} if kind else known))
        events.sort(key=lambda event: (event.occurred_at, event.id))
        return {"events": [event.to_json() for event in events], "now": now.isoformat()}

    def events(self, scenario: str, patient: Identity) -> list[Event]:
        """Return every event of the person, linked identities included, in no particular order."""
        self._records.guard(patient)
        return list(self._events(scenario, patient))

    def _events(
        self, scenario: str, patient: Identity, *, kinds: Collection[str] | None = None
    ) -> Iterator[Event]:
        state = self._records.scenarios.state(scenario)
        now = state.now(self._records.scenarios.real_us())
        for identity in self._identities(patient, at=now):
            for name, system in self._systems.items():
                for type_ in system.types if kinds is None else set(system.types).intersection(kinds):
                    yield from self._records.events(state, identity, type_, system=name, until=now)

    def write(self, scenario: str, patient: Identity, partial: Mapping[str, Any]) -> Event:
        """Write a new entry of *patient* now and return it whole."""
        with self._records.scenarios.alone(scenario):
            return self._write(scenario, patient, partial)

    def _write(self, scenario: str, patient: Identity, partial: Mapping[str, Any]) -> Event:
        self._records.known(patient, at=self._records.scenarios.now(scenario))
        self._no_strangers(
            {name: value for name, value in partial.items() if name not in {"patient", "patientId"}}
        )
        state = self._records.scenarios.state(scenario)
        digest = blake2b(
            f"{scenario}|{state.generation}|{state.last_number}|{person_key(patient)}".encode(),
            digest_size=6,
            key=b"anslut-entry",
        )
        given = partial.get("id")
        if given is not None and not (isinstance(given, str) and _ID.match(given)):
            raise invalid("event.id: 1 to 64 letters, digits, dot, colon, underscore or hyphen")
        event = completed(
            partial,
            patient=patient,
            event_id=f"n{digest.hexdigest()}",
            now=state.now(self._records.scenarios.real_us()),
            region=self._region,
            system=self._keeper(partial.get("type")),
        )
        if given is not None and self._has(scenario, patient, given):
            raise ProblemError(409, "event-exists", "The person has an event with that id")
        self._writable(event)
        try:
            self._records.record(scenario, steps=[Step(person=patient, event=event, kind=NEW)])
        except IdTakenError:
            raise ProblemError(409, "event-exists", "The person has an event with that id") from None
        return event

    def _keeper(self, type_name: object) -> str:
        """Return the first of the region's systems that keeps *type_name*, or the first of all."""
        there = [entry.system for entry in self._region.systems if entry.system in self._systems]
        return next((name for name in there if type_name in self._systems[name].types), there[0])

    def change(self, scenario: str, order: ChangeOrder) -> Event:
        """Change an entry now and return it as it has become."""
        with self._records.scenarios.alone(scenario):
            return self._change(scenario, order)

    def _change(self, scenario: str, order: ChangeOrder) -> Event:
        self._records.known(order.patient_id, at=self._records.scenarios.now(scenario))
        self._no_strangers(
            [
                msgspec.to_builtins(order.atoms),
                order.content,
                order.title,
                order.template,
                order.keyword,
                order.by and (order.by.hsa_id, order.by.name),
            ]
        )
        event = self._find(scenario, order.patient_id, order.event_id)
        now = self._records.scenarios.now(scenario)
        if order.change == "move" and order.to_patient_id is not None:
            return self._move(scenario, event, order.to_patient_id)
        new = changed(event, order, now=now, keyword=self._systems[event.system].keyword)
        self._writable(new)
        self._records.record(
            scenario, steps=[Step(person=event.patient, event=new, kind=KINDS[order.change])]
        )
        return new

    def _move(self, scenario: str, event: Event, target: Identity) -> Event:
        self._records.known(target, at=self._records.scenarios.now(scenario))
        if target == event.patient:
            raise ProblemError(409, "same-person", "The event is kept under that identity already")
        new = msgspec.structs.replace(event, patient=target)
        self._writable(new)
        steps = [
            Step(person=event.patient, event=event, kind="flyttad_harifran"),
            Step(person=target, event=new, kind="flyttad_hit"),
        ]
        self._records.record(scenario, steps=steps, leaves=(event.patient, event.id))
        return new

    def _find(self, scenario: str, patient: Identity, event_id: str) -> Event:
        for event in self._events(scenario, patient):
            if event.id == event_id:
                return event
        raise ProblemError(404, "unknown-event", "The person has no such event")

    def _has(self, scenario: str, patient: Identity, event_id: str) -> bool:
        try:
            self._find(scenario, patient, event_id)
        except ProblemError:
            return False
        return True

    def _identities(self, patient: Identity, *, at: datetime) -> list[Identity]:
        person = self._records.person(patient, at=at)
        if person is None:
            return []
        return list(dict.fromkeys((patient, person.identity, *person.linked)))

    def _writable(self, event: Event) -> None:
        system = self._systems.get(event.system)
        if system is None:
            raise invalid("event.system: no such system in the region")
        person = self._records.person(event.patient)
        if person is None or event.system not in person.systems:
            raise ProblemError(404, "unknown-person", "The system does not know the person")
        missing = system.missing(event)
        if missing:
            raise invalid(f"The system's code lists lack: {', '.join(missing)}")

    def _no_strangers(self, document: object) -> None:
        for number in numbers_in(document):
            try:
                self._records.guard(identity_of_number(number))
            except ProblemError:
                raise invalid("A text holds a number that could be a real person's") from None
