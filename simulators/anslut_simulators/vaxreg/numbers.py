"""Vaxreg's own way of writing identities: twelve digits with a hyphen, and reserve numbers as they are."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from anslut_simulators.country import PERSONNUMMER, RESERVNUMMER, SAMORDNINGSNUMMER
from anslut_simulators.truth import Identity

_TWELVE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{4})\Z")
_RESERVE: Final = re.compile(r"[0-9]{8}[A-Z0-9]{4}\Z")
_COORDINATION_DAY: Final = 60


class InvalidNumberError(Exception):
    """What was sent is not a number as Vaxreg writes it; never quotes it."""


def read_number(text: str) -> Identity:
    """Return the identity written as *text*: `19900102-2384`, a day above 60 for a samordningsnummer, or a reserve id.

    Raise `InvalidNumberError` for anything else, a wrong check digit included.
    """
    match = _TWELVE.match(text)
    if match is None:
        if _RESERVE.match(text) and not text.isdigit():
            return Identity(root=RESERVNUMMER, extension=text)
        raise InvalidNumberError
    year, month, day, rest = match.groups()
    if not _luhn(year[2:] + month + day + rest):
        raise InvalidNumberError
    if int(day) >= _COORDINATION_DAY:
        # The official list holds month 00, day 60 and impossible days.
        if int(month) > 12 or int(day) > 91:  # noqa: PLR2004 - months and days of a calendar
            raise InvalidNumberError
        return Identity(root=SAMORDNINGSNUMMER, extension=year + month + day + rest)
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        raise InvalidNumberError from None
    return Identity(root=PERSONNUMMER, extension=year + month + day + rest)


def write_number(identity: Identity) -> str:
    """Return *identity* as Vaxreg writes it."""
    extension = identity.extension
    return extension if identity.root == RESERVNUMMER else f"{extension[:8]}-{extension[8:]}"


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product - 9 if product > 9 else product  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0
