"""The query parameters Kosmos takes; an unknown or repeated one is an error, never ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from anslut_simulators.kosmos.fel import fel

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL: Final = 50
_MOST: Final = 100
_HIGHEST_NUMBER: Final = 1 << 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which entries: *first* and *last* are local dates, both included, of the entry's own time."""

    first: str | None
    last: str | None
    at_most: int
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuery:
    """Which changes: those numbered above *after*."""

    after: int
    at_most: int


@lru_cache(maxsize=256)
def read_query(text: str) -> Query:
    """Read the parameters `fran`, `till`, `antal` and `markor`."""
    given = _read(text, allowed=("fran", "till", "antal", "markor"))
    first, last = _date(given, "fran"), _date(given, "till")
    if first and last and first > last:
        raise fel(400, "OGILTIG_PARAMETER", "fran är senare än till")
    return Query(first=first, last=last, at_most=_count(given), cursor=given.get("markor"))


@lru_cache(maxsize=256)
def read_feed_query(text: str) -> FeedQuery:
    """Read the parameters `efter` and `antal`."""
    given = _read(text, allowed=("efter", "antal"))
    after = _number(given.get("efter", "0"), "efter", lowest=0, highest=_HIGHEST_NUMBER)
    return FeedQuery(after=after, at_most=_count(given, usual=_MOST))


def _read(text: str, *, allowed: tuple[str, ...]) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20) if text else []
    except ValueError:
        raise fel(400, "OGILTIG_PARAMETER", "Parametrarna kan inte läsas") from None
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= set(allowed):
        raise fel(400, "OGILTIG_PARAMETER", f"Tillåtna parametrar, högst en gång var: {', '.join(allowed)}")
    return given


def _date(given: Mapping[str, str], name: str) -> str | None:
    text = given.get(name)
    if text is None:
        return None
    problem = fel(400, "OGILTIG_PARAMETER", f"{name} ska vara ett datum, ÅÅÅÅ-MM-DD")
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        raise problem from None
    if parsed.isoformat() != text:
        raise problem
    return text


def _count(given: Mapping[str, str], *, usual: int = _USUAL) -> int:
    return _number(given.get("antal", str(usual)), "antal", lowest=1, highest=_MOST)


def _number(text: str, name: str, *, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and lowest <= int(text) <= highest):  # noqa: PLR2004 - digits of the highest
        raise fel(400, "OGILTIG_PARAMETER", f"{name} ska vara ett heltal, {lowest}-{highest}")
    return int(text)
