"""Persons' identities: which series a number belongs to, and whether it has that series' form.

Form only: whether a number was ever issued is not asked. No error quotes a number.
The series and their rules are data: codes/v1/identity-types.json.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import read_json
from anslut_contracts.errors import IdentityError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LOCAL_ID",
    "NRID",
    "PERSONNUMMER",
    "SAMORDNINGSNUMMER",
    "IdentityError",
    "PersonId",
    "check_digit",
    "is_reserve",
    "normalise",
    "parse",
]

PERSONNUMMER = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.3"
NRID = "1.2.752.74.9.1"
LOCAL_ID = "1.2.752.129.2.1.2.1"

_OID = re.compile(r"[0-2](\.(0|[1-9]\d{0,12})){2,20}", re.ASCII)
_OTHER_SERIES = re.compile(r"[0-9A-Za-z:._-]{1,64}")
_TEN_DIGITS = re.compile(r"(\d{6})([-+])(\d{4})", re.ASCII)
_TWELVE = re.compile(r"(\d{8})-?([0-9A-Z]{4})", re.ASCII)
_COORDINATION_OFFSET = 60
_NRID_UNKNOWN_BIRTH = re.compile(r"00\d\d[2-9]\d(4|5)\d", re.ASCII)
_FIRST_CENTURY = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonId:
    """A person's identity: *root* is the OID of its series, *extension* the number without separator."""

    root: str
    extension: str

    def __repr__(self) -> str:
        """Return the series without the number, so that no log can hold it by accident."""
        return f"PersonId(root={self.root!r}, extension=…)"

    def to_json(self) -> dict[str, str]:
        """Return the contract's `{root, extension}`."""
        return {"root": self.root, "extension": self.extension}


def parse(root: str, extension: str) -> PersonId:
    """Return the identity when *extension* has the form that its series, *root*, demands.

    Known series are checked for form, calendar date and check digit; of others only the characters are.
    Raise `IdentityError` with `rule` `form`, `date` or `check-digit`.
    """
    series = _series().get(root)
    if series is None:
        if not _OID.fullmatch(root) or not _OTHER_SERIES.fullmatch(extension):
            raise IdentityError("an identity without the form of any series", rule="form")
        return PersonId(root=root, extension=extension)
    if not re.fullmatch(series["pattern"], extension, re.ASCII):
        raise IdentityError(f"an identity without the form of {series['en']}", rule="form")
    if not _has_date(series["date"], extension):
        raise IdentityError(f"an identity without a calendar date where {series['en']} has one", rule="date")
    if series["check"] == "luhn" and check_digit(extension[series["luhnFrom"] : -1]) != int(extension[-1]):
        raise IdentityError(f"an identity with a wrong check digit for {series['en']}", rule="check-digit")
    return PersonId(root=root, extension=extension)


def normalise(text: str, *, today: date) -> PersonId:
    """Return the identity that people write as `900101-2384`, `19900101-2384`, `199001012384` or an NRID.

    Ten digits need *today* to tell the century: `-` is under a hundred years old, `+` a hundred or more
    (by calendar year, as the tax agency writes it). A day over 60 makes it a samordningsnummer.
    """
    written = text.strip()
    if ten := _TEN_DIGITS.fullmatch(written):
        digits = _century(int(ten[1][:2]), ten[2], today.year) + ten[1] + ten[3]
    elif twelve := _TWELVE.fullmatch(written):
        digits = twelve[1] + twelve[2]
    else:
        raise IdentityError("an identity that is written in no known way", rule="form")
    if not digits.isdigit():
        return parse(NRID, digits)
    return parse(SAMORDNINGSNUMMER if int(digits[6:8]) >= _COORDINATION_OFFSET else PERSONNUMMER, digits)


def is_reserve(identity: PersonId) -> bool:
    """Say whether *identity* is neither personnummer nor samordningsnummer: reserve numbers and local ids."""
    series = _series().get(identity.root)
    return series is None or not series["national"]


def check_digit(characters: str) -> int:
    """Return the Luhn check digit for *characters*; a letter counts as its ASCII value (A is 65)."""
    doubled = sum(map(_DIGIT_SUM_DOUBLED.__getitem__, characters[::-2]))
    return -(doubled + sum(map(_DIGIT_SUM.__getitem__, characters[-2::-2]))) % 10


def _digit_sums(factor: int) -> dict[str, int]:
    values = {chr(code): int(chr(code)) if chr(code).isdigit() else code for code in range(128)}
    return {one: sum(int(digit) for digit in str(value * factor)) for one, value in values.items()}


_DIGIT_SUM, _DIGIT_SUM_DOUBLED = _digit_sums(1), _digit_sums(2)


@cache
def _series() -> Mapping[str, Mapping[str, Any]]:
    return {entry["root"]: entry for entry in read_json("codes/v1/identity-types.json")["types"]}


def _has_date(kind: str | None, extension: str) -> bool:
    if kind is None:
        return True
    century, year, month, day = (int(extension[place : place + 2]) for place in (0, 2, 4, 6))
    if kind == "nrid":
        if century == 0:
            return _NRID_UNKNOWN_BIRTH.match(extension) is not None
        if century < _FIRST_CENTURY + 3:
            return False
        century = _FIRST_CENTURY + (century - _FIRST_CENTURY) % 3
    if kind == "birth+60":
        # The tax agency leaves out what it does not know, and its own test numbers have a day in months without it.
        return 0 <= month <= 12 and 0 <= day - _COORDINATION_OFFSET <= 31  # noqa: PLR2004 - months and days
    try:
        date(century * 100 + year, month, day)
    except ValueError:
        return False
    return True


def _century(two_digit_year: int, separator: str, this_year: int) -> str:
    youngest = this_year - (this_year - two_digit_year) % 100
    return str((youngest if separator == "-" else youngest - 100) // 100)
