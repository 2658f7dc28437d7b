"""The two series of numbers the fake country may use, and their forms.

Official: membership in Skatteverket's published list of test numbers (never a pattern). Scale: national
reserve ids (NRID, `XXYYMMDDNNGC`) with the century digits 97 and 98, which are never issued.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from anslut_simulators.population.tables import read_bytes
from anslut_simulators.truth import Identity

PERSONNUMMER: Final = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER: Final = "1.2.752.129.2.1.3.3"
NATIONAL_RESERVE_ID: Final = "1.2.752.74.9.1"

Sex = Literal["F", "M"]

_LENGTH = 12
_COORDINATION_DAY = 60
_LETTERS = "ABCDEFGHJKLMNPRSTUXYZ"
_SERIES = {19: 97, 20: 98}
_CENTURIES = {97: 19, 98: 20}
_DIGITS = {"F": "02468", "M": "13579"}
SERIALS_PER_DAY: Final = len(_LETTERS) ** 2 * 5


class UnsafeIdentityError(ValueError):
    """A number that could belong to a real person. The number itself is never in the message."""


@lru_cache(maxsize=1)
def official_numbers() -> tuple[int, ...]:
    """Return every number on the official list, sorted, as integers of twelve digits."""
    return tuple(map(int, read_bytes("official_numbers.txt.gz").split()))


def official_index(extension: str) -> int | None:
    """Return the place of *extension* in the official list, or None."""
    if len(extension) != _LENGTH or not (extension.isascii() and extension.isdigit()):
        return None
    numbers, wanted = official_numbers(), int(extension)
    index = bisect_left(numbers, wanted)
    return index if index < len(numbers) and numbers[index] == wanted else None


def official_born(born: date) -> range:
    """Return the places in the official list of the personnummer of that birth date."""
    numbers = official_numbers()
    first = int(f"{born:%Y%m%d}") * 10_000
    return range(bisect_left(numbers, first), bisect_left(numbers, first + 10_000))


def official_identity(index: int) -> Identity:
    """Return the identity at *index* of the official list."""
    extension = str(official_numbers()[index])
    day = int(extension[6:8])
    return Identity(root=SAMORDNINGSNUMMER if day >= _COORDINATION_DAY else PERSONNUMMER, extension=extension)


def birth_date_of(extension: str) -> date:
    """Return the birth date that an official number tells.

    A samordningsnummer may lack month, day or both (month 00, day 60) or name a day that the month does not
    have; the first, or the last, possible day stands in.
    """
    year, month, day = int(extension[:4]), int(extension[4:6]), int(extension[6:8])
    if day >= _COORDINATION_DAY:
        day -= _COORDINATION_DAY
    month = max(1, month)
    return date(year, month, min(max(1, day), monthrange(year, month)[1]))


def sex_of(extension: str) -> Sex:
    """Return the sex that the eleventh character tells: odd is a man."""
    return "M" if int(extension[10]) % 2 else "F"


def nrid_check_digit(eleven: str) -> str:
    """Return the check digit over *eleven* characters: Luhn, letters counted by their ASCII value."""
    total = 0
    for place, character in enumerate(eleven):
        value = int(character) if character.isdigit() else ord(character)
        if place % 2 == 0:
            value *= 2
        while value:
            total += value % 10
            value //= 10
    return str(-total % 10)


def encode_nrid(*, born: date, sex: Sex, serial: int) -> str:
    """Return the never-issued reserve id number *serial* (0 … 2 204) of that day and sex."""
    letters, digit = divmod(serial, 5)
    first, second = divmod(letters, len(_LETTERS))
    century, year = divmod(born.year, 100)
    day = f"{_SERIES[century]}{year:02}{born.month:02}{born.day:02}"
    eleven = day + _LETTERS[first] + _LETTERS[second] + _DIGITS[sex][digit]
    return eleven + nrid_check_digit(eleven)


def decode_nrid(extension: str) -> tuple[date, Sex, int] | None:
    """Return (birth date, sex, serial) of a never-issued reserve id, or None when it is not one."""
    head, letters, tail = extension[:8], extension[8:10], extension[10:]
    if len(extension) != _LENGTH or not (head + tail).isascii() or not (head + tail).isdigit():
        return None
    century = _CENTURIES.get(int(head[:2]))
    first, second = _LETTERS.find(letters[0]), _LETTERS.find(letters[1])
    if century is None or first < 0 or second < 0 or nrid_check_digit(extension[:11]) != extension[11]:
        return None
    try:
        born = date(century * 100 + int(head[2:4]), int(head[4:6]), int(head[6:8]))
    except ValueError:
        return None
    sex: Sex = "M" if int(tail[0]) % 2 else "F"
    return born, sex, (first * len(_LETTERS) + second) * 5 + _DIGITS[sex].index(tail[0])


def is_safe(identity: Identity) -> bool:
    """Tell whether no real person can have *identity*: it is on the list, or in the never-issued series."""
    if identity.root == NATIONAL_RESERVE_ID:
        return decode_nrid(identity.extension) is not None
    index = official_index(identity.extension)
    return index is not None and official_identity(index).root == identity.root


def day_of(year: int, day: int) -> date:
    """Return day number *day* of *year*, counted from 0."""
    return date(year, 1, 1) + timedelta(days=day)
