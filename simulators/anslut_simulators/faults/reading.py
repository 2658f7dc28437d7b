"""Reads a fault that somebody asks for, and says what does not fit: a fault that cannot strike proves nothing."""

from __future__ import annotations

import re

import msgspec

from anslut_simulators.faults.catalogue import Argument, rows
from anslut_simulators.faults.fault import ARGUMENTS, Fault
from anslut_simulators.problems import invalid


def read_fault(body: bytes, *, fault_id: str = "") -> Fault:
    """Read a fault from JSON bytes; raise a problem that says which part does not fit."""
    try:
        fault = msgspec.json.decode(body, type=Fault, strict=True)
    except msgspec.ValidationError as error:
        raise invalid(f"fault: {_where(error)}") from None
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise invalid("fault: not JSON") from None
    _check_arguments(fault)
    _check_times(fault)
    if fault.path is not None:
        _check_pattern(fault.path)
    return msgspec.structs.replace(fault, id=fault_id) if fault_id else fault


def _check_arguments(fault: Fault) -> None:
    row = rows().get(fault.fault)
    if row is None:
        raise invalid(f"fault.fault: one of {', '.join(rows())}")
    for name, attribute in ARGUMENTS.items():
        value = getattr(fault, attribute)
        if value is None:
            continue
        known = row.arguments.get(name)
        if known is None:
            takes = ", ".join(row.arguments) or "none"
            raise invalid(f"fault.{name}: not an argument of {fault.fault}, whose arguments are: {takes}")
        _check_bounds(name, value, known)


def _check_bounds(name: str, value: object, known: Argument) -> None:
    if isinstance(value, int | float):
        if known.min is not None and known.max is not None and not known.min <= value <= known.max:
            raise invalid(f"fault.{name}: from {known.min} to {known.max}")
    elif known.values and value not in known.values:
        raise invalid(f"fault.{name}: one of {', '.join(known.values)}")


def _check_times(fault: Fault) -> None:
    if fault.since is not None and fault.until is not None and fault.since >= fault.until:
        raise invalid("fault.until: later than since")
    if (fault.cycle_seconds is None) != (fault.down_seconds is None):
        raise invalid("fault.cycleSeconds: goes with downSeconds")
    if fault.down_seconds is not None and fault.down_seconds >= (fault.cycle_seconds or 0):
        raise invalid("fault.downSeconds: less than cycleSeconds")
    if fault.every is not None and (fault.times or 1) >= fault.every:
        raise invalid("fault.every: more than times")


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
