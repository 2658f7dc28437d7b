"""What goes wrong in Natal's bundles when a fault says so."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.faults.changes import CHANGES
from anslut_simulators.faults.lies import lie
from anslut_simulators.natal.parameters import DOCUMENTS
from anslut_simulators.natal.render import instant, narrative

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.calls import Call
    from anslut_simulators.faults.hit import Hit

    Entry = dict[str, Any]

FAULTS: Final = CHANGES | {
    "expire-tokens",
    "foreign-entry",
    "duplicate-ids",
    "future-dates",
    "missing-field",
    "types-that-lie",
    "wrong-code-system",
    "giant-line",
    "stale-cursor",
    "endless-pages",
}
_FIELD: Final = "subject"
_WRONG_SYSTEM: Final = "urn:oid:1.2.752.129.2.2.1.4"


def spoil(call: Call, entries: list[Entry]) -> None:
    """Spoil one drawn document among *entries* for every fault that strikes *call*."""
    places = [place for place, one in enumerate(entries) if one["resource"]["resourceType"] in DOCUMENTS]
    if not places or not call.faults:
        return
    for name, damage in _DAMAGES.items():
        if hit := call.fault(name):
            place = places[hit.below(len(places), "entry")]
            entries[place] = deepcopy(entries[place])  # codes are shared between resources
            damage(entries[place]["resource"], hit, call)
            if name == "future-dates":
                _follow(entries, entries[place]["resource"])
    if call.fault("duplicate-ids"):
        entries.insert(places[0], entries[places[0]])


def _future(document: Entry, hit: Hit, call: Call) -> None:
    then = instant(call.state.now(call.real_us) + timedelta(days=hit.argument("days")))
    document["date" if document["resourceType"] == "Composition" else "issued"] = then


def _follow(entries: list[Entry], document: Entry) -> None:
    """Let the acts of *document* be of the same future."""
    target = f"{document['resourceType']}/{document['id']}"
    for one in entries:
        acts = one["resource"]
        if acts["resourceType"] == "Provenance" and acts["target"][0]["reference"] == target:
            acts["recorded"] = document.get("date", document.get("issued"))


def _leave_out(document: Entry, hit: Hit, call: Call) -> None:
    del call
    document.pop(hit.argument("field") or _FIELD, None)


def _lie(document: Entry, hit: Hit, call: Call) -> None:
    del call
    field = hit.argument("field") or _FIELD
    document[field] = lie(document.get(field))


def _wrong_system(document: Entry, hit: Hit, call: Call) -> None:
    del hit, call
    for name in ("type", "code"):
        for coding in document.get(name, {}).get("coding", ()):
            coding["system"] = _WRONG_SYSTEM


def _giant(document: Entry, hit: Hit, call: Call) -> None:
    del call
    document["text"] = narrative("Ö" * (hit.argument("size") // 2))


_DAMAGES: Final[dict[str, Callable[[Entry, Hit, Call], None]]] = {
    "future-dates": _future,
    "missing-field": _leave_out,
    "types-that-lie": _lie,
    "wrong-code-system": _wrong_system,
    "giant-line": _giant,
}
