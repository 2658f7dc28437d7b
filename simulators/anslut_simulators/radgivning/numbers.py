"""Rådgivningsstödet's way of writing identities: `{"typ": "PNR", "nummer": "19900102-2384"}`."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from anslut_simulators.country import PERSONNUMMER, RESERVNUMMER, SAMORDNINGSNUMMER
from anslut_simulators.truth import Identity

_TWELVE: Final = re.compile(r"([0-9]{8})-([0-9]{4})\Z")
_RESERVE: Final = re.compile(r"[0-9]{8}[A-Z0-9]{4}\Z")
_ROOTS: Final = {"PNR": PERSONNUMMER, "SAM": SAMORDNINGSNUMMER, "RES": RESERVNUMMER}
_KINDS: Final = {root: kind for kind, root in _ROOTS.items()}
_COORDINATION_DAY: Final = 60


class InvalidNumberError(Exception):
    """What was sent is not a number as the system writes it; never quotes it."""


def read_identity(wanted: Any) -> Identity:  # noqa: ANN401 - any JSON value
    """Return the identity that *wanted* says; raise `InvalidNumberError` for anything not quite right."""
    if not isinstance(wanted, dict) or wanted.keys() != {"typ", "nummer"}:
        raise InvalidNumberError
    kind, number = wanted["typ"], wanted["nummer"]
    if not isinstance(kind, str) or kind not in _ROOTS or not isinstance(number, str):
        raise InvalidNumberError
    if kind == "RES":
        if not _RESERVE.match(number):
            raise InvalidNumberError
        return Identity(root=RESERVNUMMER, extension=number)
    match = _TWELVE.match(number)
    if match is None or not _luhn(match[1][2:] + match[2]):
        raise InvalidNumberError
    day = int(match[1][6:])
    if (day >= _COORDINATION_DAY) != (kind == "SAM"):
        raise InvalidNumberError
    if kind == "PNR":
        try:
            date(int(match[1][:4]), int(match[1][4:6]), day)
        except ValueError:
            raise InvalidNumberError from None
    return Identity(root=_ROOTS[kind], extension=match[1] + match[2])


def write_identity(identity: Identity) -> dict[str, str]:
    """Return *identity* as the system writes it."""
    return {"typ": _KINDS[identity.root], "nummer": write_number(identity)}


def write_number(identity: Identity) -> str:
    """Return the number as the system writes it: a hyphen before the last four, none in a reserve number."""
    if identity.root == RESERVNUMMER:
        return identity.extension
    return f"{identity.extension[:8]}-{identity.extension[8:]}"


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product - 9 if product > 9 else product  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0
