"""Reads what testers send to the control plane: strictly, saying where it does not fit, never quoting it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

import msgspec
import orjson

from anslut_simulators.problems import ProblemError, invalid, malformed
from anslut_simulators.truth import Identity
from anslut_simulators.writing import ChangeOrder

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER: Final = re.compile(r"(?<!\d)((?:18|19|20)?\d{6})[-+ ]?(\d{4})(?!\d)")
_DEEPEST: Final = 40
T = TypeVar("T")


class ClockOrder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a clock shall stand: each part may be left out."""

    now: datetime | None = None
    mode: Literal["frozen", "running"] | None = None
    scale: Annotated[float, msgspec.Meta(ge=0.001, le=100_000)] | None = None


class _Advance(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    seconds: int


class _Truth(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    patient_id: Identity
    type: str | None = None


def read_body(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in *raw*; raise a problem (400) otherwise."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise malformed("Send a JSON object in UTF-8") from None
    if not isinstance(document, dict):
        raise malformed("Send a JSON object")
    if _depth(document) > _DEEPEST:
        raise malformed(f"Nested deeper than {_DEEPEST}")
    return document


def read_clock(document: dict[str, Any]) -> ClockOrder:
    """Return the time, the mode and the scale asked for; at least one of them."""
    wanted = _convert(document, ClockOrder)
    if wanted == ClockOrder():
        raise invalid("Give now, mode, scale or several of them")
    return wanted


def read_seconds(document: dict[str, Any]) -> int:
    """Return how far to advance the clock."""
    return _convert(document, _Advance).seconds


def read_truth(document: dict[str, Any]) -> tuple[Identity, str | None]:
    """Return whose truth is asked for, and of which type."""
    wanted = _convert(document, _Truth)
    return wanted.patient_id, wanted.type


def read_change(document: dict[str, Any]) -> ChangeOrder:
    """Return the change asked for."""
    return _convert(document, ChangeOrder)


def read_partial(document: dict[str, Any]) -> tuple[Identity, dict[str, Any]]:
    """Return whom a new entry is about, and what the tester wrote of it."""
    partial = document.get("event")
    if not isinstance(partial, dict) or len(document) != 1:
        raise invalid('Send {"event": {…}}')
    given = partial.get("patientId", partial.get("patient"))
    if not isinstance(given, dict):
        raise invalid("event.patientId: root and extension are needed")
    return _convert(given, Identity), partial


def numbers_in(document: object) -> Iterator[str]:
    """Yield everything in *document*'s texts that is written like a person's number, as twelve digits."""
    for text in _texts(document):
        for match in _NUMBER.finditer(text):
            head, tail = match[1], match[2]
            for century in ("",) if len(head) == 8 else ("19", "20"):  # noqa: PLR2004 - with a century
                number = f"{century}{head}{tail}"
                if _is_formal(number):
                    yield number


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _texts(value)


def _is_formal(number: str) -> bool:
    day = int(number[6:8])
    try:
        date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)  # noqa: PLR2004 - samordningsnummer
    except ValueError:
        return False
    total = 0
    for place, digit in enumerate(number[2:]):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0


def _depth(document: object) -> int:
    deepest, level = 0, [document]
    while level:
        deepest += 1
        if deepest > _DEEPEST:
            break
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return deepest


def _convert(document: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(document, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _misfit(error) from None


def _misfit(error: msgspec.ValidationError) -> ProblemError:
    message = str(error)
    reason, _, place = message.rpartition(" - at `")
    if not reason:
        reason, place = message, "$"
    for quoting in ("unknown field", "Invalid enum value", "Invalid value"):
        if quoting in reason:
            reason = "an unknown field" if quoting == "unknown field" else "not one of the allowed values"
    return invalid(f"{place.rstrip('`')}: {reason}")
