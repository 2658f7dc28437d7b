"""No person's number in a report: known ones become names, and a number nobody may use stops the report.

What reaches a report came from a connector, and a connector can be pointed at a real system by mistake. So every
text goes through `Redactor.clean`, and the finished report through `refuse_unsafe`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from anslut_simulators.population.identities import (
    NATIONAL_RESERVE_ID,
    PERSONNUMMER,
    SAMORDNINGSNUMMER,
    is_safe,
)
from anslut_simulators.truth import Identity

from anslut_conformance.errors import ReportRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:[0-9]{8}|[0-9]{6})[-+]?[0-9]{4}|[0-9]{8}[A-Z]{2}[0-9A-Z][0-9])(?![0-9A-Za-z])",
    re.ASCII,
)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DAY_OFFSET = 60
_LONG = 12


@dataclass(kw_only=True)
class Redactor:
    """Replaces persons' numbers by names: *names* maps an identity's extension to what it is called."""

    names: Mapping[str, str] = field(default_factory=dict)

    def clean(self, text: str) -> str:
        """Return *text* with every number of the allowed series replaced; others stay, for the guard to find."""
        return _outside_uuids(text, lambda part: _NUMBER.sub(self._replace, part))

    def clean_values(self, value: Any) -> Any:
        """Return JSON values with every text in them cleaned, keys too."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.clean(str(key)): self.clean_values(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean_values(item) for item in value]
        return value

    def _replace(self, match: re.Match[str]) -> str:
        for extension in _extensions(match.group()):
            if extension in self.names:
                return f"‹{self.names[extension]}›"
        if any(is_safe(identity) for identity in _identities(match.group())):
            digest = blake2b(match.group().encode(), person=b"anslut-report", digest_size=4).hexdigest()
            return f"‹person {digest}›"
        return (
            match.group()
            if _looks_real(match.group())
            else "‹number›"
            if _dated(match.group())
            else match.group()
        )


def refuse_unsafe(text: str, *, where: str) -> None:
    """Raise `ReportRefusedError` when *text* holds a number that a real person may have; it is never quoted."""
    count = sum(1 for match in _NUMBER.finditer(_UUID.sub("", text)) if _looks_real(match.group()))
    if count:
        raise ReportRefusedError(
            f"{where} holds {count} number(s) that could belong to real persons; is the connector reading a real "
            "system? Nothing was written."
        )


def _looks_real(number: str) -> bool:
    """Tell whether *number* has the form and check digit of a real person's number and is in no allowed series."""
    identities = list(_identities(number))
    return bool(identities) and not any(is_safe(identity) for identity in identities)


def _identities(number: str) -> Iterator[Identity]:
    """Yield every identity that *number* may be a way to write: right date and check digit, any century."""
    for extension in _extensions(number):
        if not extension.isdigit():
            yield Identity(root=NATIONAL_RESERVE_ID, extension=extension)
        elif _dated(extension) and _luhn(extension[2:]):
            day = int(extension[6:8])
            yield Identity(root=SAMORDNINGSNUMMER if day > _DAY_OFFSET else PERSONNUMMER, extension=extension)


def _extensions(number: str) -> Iterator[str]:
    bare = number.replace("-", "").replace("+", "")
    if len(bare) == _LONG:
        yield bare
    else:
        yield from (f"{century}{bare}" for century in ("19", "20", "18"))


def _dated(extension: str) -> bool:
    bare = extension.replace("-", "").replace("+", "")
    if not bare[:8].isdigit():
        return False
    full = bare if len(bare) == _LONG else f"19{bare}"
    year, month, day = int(full[:4]), int(full[4:6]), int(full[6:8])
    try:
        date(year, month, day - _DAY_OFFSET if day > _DAY_OFFSET else day)
    except ValueError:
        return False
    return 1800 <= year <= 2100  # noqa: PLR2004 - years a person now in any register can be born in


def _luhn(ten: str) -> bool:
    total = 0
    for place, character in enumerate(ten):
        value = int(character) * (2 - place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digit sum of two digits
    return total % 10 == 0


def _outside_uuids(text: str, change: Any) -> str:
    parts: list[str] = []
    end = 0
    for match in _UUID.finditer(text):
        parts += [change(text[end : match.start()]), match.group()]
        end = match.end()
    return "".join([*parts, change(text[end:])])
