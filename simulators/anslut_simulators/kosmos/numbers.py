"""Kosmos' own way of writing identities: ten digits with a separator that turns to plus at a hundred."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from anslut_simulators.country import PERSONNUMMER, RESERVNUMMER, SAMORDNINGSNUMMER
from anslut_simulators.truth import Identity

_TEN: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([-+])([0-9]{4})\Z")
_RESERVE: Final = re.compile(r"[0-9]{8}[A-Z0-9]{4}\Z")
_COORDINATION_DAY: Final = 60
_PLUS_AT: Final = 100


class InvalidNumberError(Exception):
    """What was sent is not a number as Kosmos writes it; never quotes it."""


def read_number(text: str, *, today: date) -> Identity:
    """Return the identity written as *text*, such as `900101-2384`, at *today*'s date.

    The separator is `-` until the calendar year in which the person turns 100 and `+` from then on. Days
    above 60 make a samordningsnummer. Raise `InvalidNumberError` for anything else, a wrong check digit
    included.
    """
    match = _TEN.match(text)
    if match is None or not _luhn(match[1] + match[2] + match[3] + match[5]):
        raise InvalidNumberError
    year = today.year - (today.year - int(match[1])) % 100
    if match[4] == "+":
        year -= _PLUS_AT
    month, day = int(match[2]), int(match[3])
    extension = f"{year:04d}{match[2]}{match[3]}{match[5]}"
    if day >= _COORDINATION_DAY:
        # The official list holds month 00, day 60 and impossible days: a coordination number needs no real
        # date.
        if month > 12 or day > 91:  # noqa: PLR2004 - months and days of a calendar
            raise InvalidNumberError
        return Identity(root=SAMORDNINGSNUMMER, extension=extension)
    try:
        born = date(year, month, day)
    except ValueError:
        raise InvalidNumberError from None
    if born > today:
        # Born later this year, or a century ago: with a minus it can only be the former, which is not yet.
        raise InvalidNumberError
    return Identity(root=PERSONNUMMER, extension=extension)


def read_reserve(text: str) -> Identity:
    """Return the national reserve number *text* as an identity; raise `InvalidNumberError` otherwise."""
    if not _RESERVE.match(text):
        raise InvalidNumberError
    return Identity(root=RESERVNUMMER, extension=text)


def write_identity(identity: Identity, *, today: date) -> dict[str, str]:
    """Return *identity* as Kosmos writes it *today*: `{"personnummer": …}` or `{"reservnummer": …}`."""
    if identity.root == RESERVNUMMER:
        return {"reservnummer": identity.extension}
    extension = identity.extension
    separator = "+" if today.year - int(extension[:4]) >= _PLUS_AT else "-"
    return {"personnummer": f"{extension[2:8]}{separator}{extension[8:]}"}


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(digits):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product - 9 if product > 9 else product  # noqa: PLR2004 - the sum of two digits
    return total % 10 == 0
