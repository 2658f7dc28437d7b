"""What goes wrong in Kosmos' entries and pages when a fault says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.faults.changes import CHANGES
from anslut_simulators.faults.lies import lie
from anslut_simulators.kosmos.wall_clock import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anslut_simulators.calls import Call

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
_FIELD: Final = "handelsetid"
#: Where an entry has a local code, and the list of another kind that the wrong one is taken from.
_WRONG_LISTS: Final = (("typ", "roller"), ("kod", "analyser"), ("enhet", "material"))


def spoil(
    call: Call, entries: list[dict[str, Any]], lists: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Spoil one drawn entry of *entries* for every fault that strikes *call*; *lists* are Kosmos' code lists."""
    if not entries:
        return
    if call.fault("duplicate-ids"):
        entries.insert(0, entries[0])
    if hit := call.fault("future-dates"):
        then = local_time(call.state.now(call.real_us) + timedelta(days=hit.argument("days")))
        entry = entries[hit.below(len(entries), "entry")]
        entry[_FIELD] = then
        for act in entry["handelser"]:
            act["tid"] = then
    if hit := call.fault("missing-field"):
        entries[hit.below(len(entries), "entry")].pop(hit.argument("field") or _FIELD, None)
    if hit := call.fault("types-that-lie"):
        entry, field = entries[hit.below(len(entries), "entry")], hit.argument("field") or _FIELD
        entry[field] = lie(entry.get(field))
    if hit := call.fault("wrong-code-system"):
        entry = entries[hit.below(len(entries), "entry")]
        field, wrong = next((field, wrong) for field, wrong in _WRONG_LISTS if field in entry)
        entry[field] = lists[wrong][0]["lokal"]
    if hit := call.fault("giant-line"):
        entries[hit.below(len(entries), "entry")]["mall"] = "Ö" * (hit.argument("size") // 2)
