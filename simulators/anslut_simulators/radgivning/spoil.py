"""What goes wrong in a stream when a fault says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.faults.changes import CHANGES
from anslut_simulators.faults.lies import lie

if TYPE_CHECKING:
    from anslut_simulators.calls import Call

FAULTS: Final = CHANGES | {
    "foreign-entry",
    "duplicate-ids",
    "future-dates",
    "missing-field",
    "types-that-lie",
    "wrong-code-system",
    "giant-line",
    "wrong-count",
    "no-end-line",
    "cut-line",
}
#: A mandatory field of each kind of line, and where it names a time.
_FIELDS: Final = {"samtal": "registrerat", "anteckning": "sparad", "utkast": "sparad"}
_WRONG: Final = {"samtal": ("satt", "RAD"), "anteckning": ("anteckningstyp", "TEL")}
_DAY_MS: Final = 86_400_000


def spoil(call: Call, lines: list[dict[str, Any]]) -> None:
    """Spoil one drawn line of *lines* for every fault that strikes *call*."""
    struck = [line for line in lines if line["typ"] in _WRONG]
    if not struck:
        return
    if call.fault("duplicate-ids"):
        lines.append(struck[0])
    if hit := call.fault("future-dates"):
        line = struck[hit.below(len(struck), "line")]
        now = int(call.state.now(call.real_us).timestamp()) * 1000
        line[_FIELDS[line["typ"]]] = now + hit.argument("days") * _DAY_MS
    if hit := call.fault("missing-field"):
        line = struck[hit.below(len(struck), "line")]
        line.pop(hit.argument("field") or _FIELDS[line["typ"]], None)
    if hit := call.fault("types-that-lie"):
        line = struck[hit.below(len(struck), "line")]
        field = hit.argument("field") or _FIELDS[line["typ"]]
        line[field] = lie(line.get(field))
    if hit := call.fault("wrong-code-system"):
        line = struck[hit.below(len(struck), "line")]
        field, wrong = _WRONG[line["typ"]]
        line[field] = wrong
    if hit := call.fault("giant-line"):
        struck[hit.below(len(struck), "line")]["rubrik"] = "Ö" * (hit.argument("size") // 2)


def spoil_end(call: Call, lines: list[bytes], end: dict[str, Any]) -> bool:
    """Spoil how the stream ends; return whether its end line *end* is to be sent."""
    if call.fault("wrong-count"):
        end["antal"] += 1
    if (hit := call.fault("cut-line")) and lines:
        place = hit.below(len(lines), "line")
        lines[place] = lines[place][: len(lines[place]) // 2]
        del lines[place + 1 :]
        return False
    return not call.fault("no-end-line")
