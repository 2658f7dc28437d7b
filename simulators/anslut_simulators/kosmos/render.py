"""Truth in Kosmos' dialect: Swedish words, local codes, naive local times; `resources` has what each type adds.

A connector has to undo exactly this. Every function returns plain values ready for JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.resources import resource_of
from anslut_simulators.kosmos.wall_clock import local_time

if TYPE_CHECKING:
    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Actor, Event

_STATUS: Final = {"entered": "klar", "draft": "utkast", "removed": "borttagen"}


class Renderer:
    """Writes events as the Kosmos of one region."""

    def __init__(self, codes: CodeLists) -> None:
        self._codes = codes

    def entry(self, event: Event, patient_key: str) -> dict[str, Any]:
        """Return *event* as a Kosmos entry kept under *patient_key*."""
        entry = {
            "id": event.id,
            "version": 1
            + len(event.revisions)
            + (event.signature is not None)
            + (event.countersignature is not None),
            "patientnyckel": patient_key,
            "status": _STATUS[event.state],
            "handelsetid": local_time(event.occurred_at),
            "enhet": self._codes.unit(event.unit.hsa_id),
            "vardkontakt": event.care_contact_id,
            "skyddsniva": event.staff_sensitivity,
            "mall": event.template,
        }
        resource = resource_of(event.type)
        if resource is None:
            raise ValueError(f"Kosmos keeps no {event.type}")
        resource.write(event, entry, self._codes)
        entry["handelser"] = self._acts(event)
        return entry

    def _acts(self, event: Event) -> list[dict[str, Any]]:
        author = self._actor(event.author)
        times = [*event.revisions, event.author.time]
        acts = [
            {"typ": "andrad" if place else "skapad", "tid": local_time(time), "av": author}
            for place, time in enumerate(times)
        ]
        for kind, actor in (("signerad", event.signature), ("vidimerad", event.countersignature)):
            if actor is not None:
                acts.append({"typ": kind, "tid": local_time(actor.time), "av": self._actor(actor)})
        return acts

    def _actor(self, actor: Actor) -> dict[str, Any]:
        return {"id": actor.hsa_id, "namn": actor.name, "roll": self._codes.local("roller", actor.role)}
