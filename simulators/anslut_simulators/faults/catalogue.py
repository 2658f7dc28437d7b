"""The faults that can be asked for, and the rule for when one strikes."""

from __future__ import annotations

import re
from hashlib import blake2b
from importlib import resources
from typing import Annotated, Any, Final, Literal

import msgspec

from anslut_simulators.problems import invalid
from anslut_simulators.truth import Identity

FaultName = Literal[
    "status",
    "latency",
    "stall",
    "truncate",
    "reset",
    "malformed",
    "foreign-entry",
    "duplicate-ids",
    "expire-tokens",
    "rate-limit",
]
_PARTS: Final = 1 << 32


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """One fault: what happens (*fault*), to which calls (*system*, *path*, *patient_id*), and which of them.

    *nth* is the first matching call that is hit, counted from 1; *times* how many matching calls are then
    candidates (1 when *nth* is given, else without end); *probability* hits a share of the candidates, drawn
    from *seed* and the call's number. *seconds* is how long a latency or stall lasts; *status*, *retry_after*
    and *per_second* shape the answer of a status fault and of a rate limit.
    """

    fault: FaultName
    system: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,30}\Z")]
    path: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    patient_id: Identity | None = None
    nth: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    times: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=_PARTS)] = 0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] | None = None
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=3600)] | None = None
    per_second: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    id: str = ""

    def hits(self, number: int) -> bool:
        """Tell whether the fault strikes the matching call *number*, counted from 1."""
        first = self.nth or 1
        times = self.times or (1 if self.nth is not None or self.fault == "expire-tokens" else None)
        if number < first or (times is not None and number >= first + times):
            return False
        if self.probability is None:
            return True
        draw = blake2b(
            f"{self.seed}|{self.fault}|{number}".encode(), digest_size=4, key=b"anslut-fault"
        ).digest()
        return int.from_bytes(draw, "big") < int(self.probability * _PARTS)

    def matches_path(self, path: str) -> bool:
        """Tell whether *path* (below the system's base URL, with a leading slash) is one the fault is for."""
        return self.path is None or re.search(self.path, path) is not None

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
    if fault.path is not None:
        _check_pattern(fault.path)
    return msgspec.structs.replace(fault, id=fault_id) if fault_id else fault


def catalogue() -> list[dict[str, Any]]:
    """Return every fault with its Swedish and English description."""
    text = resources.files(__package__).joinpath("catalogue.json").read_bytes()
    entries: list[dict[str, Any]] = msgspec.json.decode(text)["faults"]
    return entries


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
