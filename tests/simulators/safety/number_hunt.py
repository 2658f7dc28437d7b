"""Finds what could be somebody's number in any bytes, and says which of it nobody may have.

A candidate is ten or twelve digits, with or without a sign before the last four, or a national reserve number, that has
a possible date and the right check digit. It is safe when it is on the official list (in every century it can be
read in) or in the series that is never issued. What only looks like a number is let through by `allowed.toml`: patterns
that must cover it, each with its reason.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from anslut_simulators.population.identities import decode_nrid, nrid_check_digit, official_index

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR: Final = 2023
_SIGNS: Final = "[-+\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{MINUS SIGN} ]?"
_DIGITS: Final = re.compile(rf"(?<!\d)((?:\d\d)?\d{{6}})({_SIGNS})(\d{{4}})(?!\d)")
_NRID: Final = re.compile(r"(?<![0-9A-Za-z])(\d{8}[A-Za-z]{2}\d{2})(?![0-9A-Za-z])")
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|&#(?:x([0-9a-fA-F]+)|(\d+));")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A candidate, and what stands *around* it; *allowed* is why it is let through, when it is no number."""

    number: str
    around: str
    safe: bool
    allowed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What can look like a number by chance, and why it is none: the pattern must cover the candidate."""

    pattern: re.Pattern[str]
    reason: str


def allowances() -> tuple[Allowance, ...]:
    """Return what is let through (`allowed.toml`)."""
    table = tomllib.loads(Path(__file__).with_name("allowed.toml").read_text(encoding="utf-8"))
    return tuple(
        Allowance(pattern=re.compile(row["covers"]), reason=row["reason"]) for row in table["allowed"]
    )


def hunt(body: bytes, *, allowed: tuple[Allowance, ...] = ()) -> Iterator[Found]:
    """Yield every candidate in *body*, as it stands and with its escapes read."""
    for text in _readings(body):
        for match in _DIGITS.finditer(text):
            date, sign, last = match.groups()
            if _luhn(date[-6:] + last) and _is_date(date[-6:]):
                safe = any(official_index(whole) is not None for whole in _whole(date, sign, last))
                yield _found(text, match, safe, allowed)
        for match in _NRID.finditer(text):
            number = match[1].upper()
            if nrid_check_digit(number[:11]) == number[11] and _is_date(number[2:8]):
                yield _found(text, match, decode_nrid(number) is not None, allowed)


def unsafe(body: bytes, *, allowed: tuple[Allowance, ...] = ()) -> list[Found]:
    """Return the candidates in *body* that a real person could have."""
    return [one for one in hunt(body, allowed=allowed) if not one.safe and one.allowed is None]


def planted() -> str:
    """Return twelve digits of a person who is on no list: the first free serial of a day, with its check digit."""
    for serial in range(1000):
        for check in "0123456789":
            whole = f"19900102{serial:03}{check}"
            if _luhn(whole[2:]) and official_index(whole) is None:
                return whole
    raise AssertionError("every number of that day is on the list")


def _found(text: str, match: re.Match[str], safe: bool, allowed: tuple[Allowance, ...]) -> Found:  # noqa: FBT001
    first, last = match.span(1)[0], match.end()
    start = max(0, first - 60)
    around = text[start : last + 60]
    reason = None
    if not safe:
        for one in allowed:
            spans = (found.span() for found in one.pattern.finditer(around))
            if any(low <= first - start and last - start <= high for low, high in spans):
                reason = one.reason
                break
    return Found(number=match[0], around=around, safe=safe, allowed=reason)


def _readings(body: bytes) -> Iterator[str]:
    """Yield *body* as text, and once more with its escapes read where it has any."""
    text = body.decode("utf-8", errors="replace")
    yield text
    read = _ESCAPED.sub(_character, text)
    if read != text:
        yield read
    if b"%" in body:
        yield unquote_to_bytes(body).decode("utf-8", errors="replace")


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2] or "0", 16) if match[3] is None else int(match[3])
    return chr(code) if code < 0x110000 else ""


def _whole(date: str, sign: str, last: str) -> list[str]:
    """Return the twelve digits that a candidate can stand for."""
    if len(date) == 8:
        return [date + last]
    year = int(date[:2])
    young = 2000 + year if 2000 + year <= _YEAR else 1900 + year
    old = young - 100
    centuries = {"-": [young], "+": [old]}.get(sign, [young, old])
    # A person changes sign in the year of the hundredth birthday, and scenarios' clocks can pass it.
    if sign == "-" and _YEAR - young < 1 and young == 2000 + year:
        centuries.append(old)
    return [f"{century:04}{date[2:]}{last}" for century in centuries]


def _luhn(ten: str) -> bool:
    total = 0
    for place, digit in enumerate(ten):
        value = int(digit) * (2 - place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


def _is_date(six: str) -> bool:
    """Tell whether six digits are a birth date, of a personnummer or a samordningsnummer."""
    month, day = int(six[2:4]), int(six[4:6])
    return (1 <= month <= 12 and 1 <= day <= 31) or (month <= 12 and 60 <= day <= 91)
