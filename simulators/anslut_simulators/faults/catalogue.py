"""The faults that can be asked for, and the rule for when one strikes."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from anslut_simulators.faults.hit import draw
from anslut_simulators.problems import invalid
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS: Final = 1 << 32
#: How the catalogue writes an argument's name, and the attribute of `Fault` that holds it.
_ATTRIBUTES: Final = {
    "status": "status",
    "seconds": "seconds",
    "sigma": "sigma",
    "retryAfter": "retry_after",
    "perSecond": "per_second",
    "days": "days",
    "size": "size",
    "field": "field",
}


class Argument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a fault may be told: a number from *min* to *max*, or a text when there are no bounds."""

    default: float | int | str | None
    min: float | int | None = None
    max: float | int | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue: *by* says who carries the fault out, the gate or the system itself."""

    fault: str
    by: Literal["gate", "system"]
    sv: str
    en: str
    arguments: dict[str, Argument] = {}


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """One fault: what happens (*fault*), to which calls (*system*, *path*, *patient_id*), and which of them.

    *nth* is the first matching call that is hit, counted from 1; *times* how many matching calls are then
    candidates (1 when *nth* is given, else without end); *probability* hits a share of the candidates, drawn
    from *seed* and the call's number. The other fields are arguments, and `catalogue.json` says which fault
    takes which of them, within what bounds and with what defaults.
    """

    fault: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z-]{0,30}\Z")]
    system: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,30}\Z")]
    path: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    patient_id: Identity | None = None
    nth: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=_PARTS)] = 0
    status: int | None = None
    seconds: float | None = None
    sigma: float | None = None
    retry_after: int | None = None
    per_second: int | None = None
    days: int | None = None
    size: int | None = None
    field: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,60}\Z")] | None = None
    id: str = ""

    def hits(self, number: int) -> bool:
        """Tell whether the fault strikes the matching call *number*, counted from 1."""
        first = self.nth or 1
        times = self.times or (1 if self.nth is not None or self.fault == "expire-tokens" else None)
        if number < first or (times is not None and number >= first + times):
            return False
        if self.probability is None:
            return True
        return draw(self.seed, self.fault, number) < int(self.probability * _PARTS)

    def matches_path(self, path: str) -> bool:
        """Tell whether *path* (below the system's base URL, with a leading slash) is one the fault is for."""
        return self.path is None or re.search(self.path, path) is not None

    def argument(self, name: str) -> Any:  # noqa: ANN401 - whatever the catalogue says the argument is
        """Return the argument called *name* as the catalogue writes it; its default when none was given."""
        known = rows()[self.fault].arguments[name]
        asked = getattr(self, _ATTRIBUTES[name])
        return known.default if asked is None else asked

    def to_json(self) -> dict[str, Any]:
        """Return the fault as plain JSON values, as it was asked for, with its id."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def read_fault(body: bytes, *, fault_id: str = "") -> Fault:
    """Read a fault from JSON bytes; raise a problem that says which part does not fit."""
    try:
        fault = msgspec.json.decode(body, type=Fault, strict=True)
    except msgspec.ValidationError as error:
        raise invalid(f"fault: {_where(error)}") from None
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise invalid("fault: not JSON") from None
    _check_arguments(fault)
    if fault.path is not None:
        _check_pattern(fault.path)
    return msgspec.structs.replace(fault, id=fault_id) if fault_id else fault


@cache
def rows() -> Mapping[str, Row]:
    """Return the catalogue by the fault's name, in the order in which faults are carried out."""
    text = resources.files(__package__).joinpath("catalogue.json").read_bytes()
    found: list[Row] = msgspec.json.decode(text, type=dict[str, list[Row]])["faults"]
    return {row.fault: row for row in found}


def catalogue() -> list[dict[str, Any]]:
    """Return every fault with its Swedish and English description and its arguments."""
    return [msgspec.to_builtins(row) for row in rows().values()]


def _check_arguments(fault: Fault) -> None:
    row = rows().get(fault.fault)
    if row is None:
        raise invalid(f"fault.fault: one of {', '.join(rows())}")
    for name, attribute in _ATTRIBUTES.items():
        value = getattr(fault, attribute)
        if value is None:
            continue
        known = row.arguments.get(name)
        if known is None:
            takes = ", ".join(row.arguments) or "none"
            raise invalid(f"fault.{name}: not an argument of {fault.fault}, whose arguments are: {takes}")
        if known.min is not None and known.max is not None and not known.min <= value <= known.max:
            raise invalid(f"fault.{name}: from {known.min} to {known.max}")


def _check_pattern(pattern: str) -> None:
    # A pattern is run on every call: nested repetition could hold a worker for minutes.
    if re.search(r"[*+}]\)?[*+{]", pattern):
        raise invalid("fault: path: a repetition of a repetition is not allowed")
    try:
        re.compile(pattern)
    except re.error:
        raise invalid("fault: path: not a regular expression") from None


def _where(error: msgspec.ValidationError) -> str:
    """Return where a document does not fit and why, without any value from it."""
    message = str(error)
    place = message.rsplit(" - at `", 1)
    path = place[1].rstrip("`") if len(place) > 1 else "$"
    reason = "Object contains unknown field" if "unknown field" in message else place[0]
    return f"{path}: {'not one of the allowed values' if 'Invalid enum' in reason else reason}"
