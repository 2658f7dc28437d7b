"""The change feed as FHIR's history of the whole server: what was done, to which document, about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.natal.people import identifier
from anslut_simulators.natal.render import NAMES, instant
from anslut_simulators.natal.words import ACT, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.feed import Change
    from anslut_simulators.truth import Identity

_GONE: Final = frozenset({"borttagen", "flyttad_harifran"})
_NEW: Final = frozenset({"skapad", "flyttad_hit"})


def history_entry(change: Change, base: str, *, seal: Callable[[Identity], str]) -> dict[str, Any]:
    """Return *change* as an entry of a history: a Provenance whose targets are the document and the person."""
    document = f"{NAMES[change.type]}/{change.event_id}"
    method = "DELETE" if change.kind in _GONE else "POST" if change.kind in _NEW else "PUT"
    told = {
        "resourceType": "Provenance",
        "id": f"A{change.number}",
        "target": [
            {"reference": document},
            {
                "reference": f"Patient/{seal(change.person)}",
                "type": "Patient",
                "identifier": identifier(change.person),
            },
        ],
        "recorded": instant(change.time),
        "activity": {
            "coding": [
                {
                    "system": ACT,
                    "code": change.kind,
                    "display": words()["acts"].get(change.kind, change.kind),
                }
            ]
        },
        "agent": [{"who": {"display": "Natal"}}],
    }
    return {
        "fullUrl": f"{base}/Provenance/A{change.number}",
        "resource": told,
        "request": {"method": method, "url": document},
        "response": {"status": "204" if method == "DELETE" else "200", "lastModified": instant(change.time)},
    }
