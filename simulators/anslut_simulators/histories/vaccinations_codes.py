"""The vaccines there are, as the truth names them: kind, product, what they protect against, and made-up batches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from anslut_contracts import code_list

from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Code
from anslut_simulators.truth.vaccinations import ATC, SNOMED_CT_SE

if TYPE_CHECKING:
    from anslut_simulators.population.world import World

_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVXYZ"
_DIGITS: Final = "0123456789"
_EITHER: Final = _LETTERS + _DIGITS
_CHARACTERS: Final = {"A": _LETTERS, "9": _DIGITS, "X": _EITHER}

ROUTES: Final = {
    "im": "Intramuskulärt",
    "sc": "Subkutant",
    "ic": "Intrakutant",
    "oral": "Oralt",
}
SITES: Final = {"va": "Vänster överarm", "ha": "Höger överarm", "vl": "Vänster lår", "hl": "Höger lår"}


class Vaccine(msgspec.Struct, frozen=True, kw_only=True):
    """One vaccine: *kind* by ATC; a kind known from cards alone has neither *name* nor what follows."""

    key: str
    kind: Code
    diseases: tuple[Code, ...]
    name: str | None = None
    manufacturer: str | None = None
    amount: str | None = None
    unit: str | None = None
    route: str | None = None
    batch: str | None = None


@lru_cache(maxsize=1)
def vaccines() -> dict[str, Vaccine]:
    """Return every vaccine by key."""
    return {row["key"]: _vaccine(row) for row in read_table("vaccines.json")["vaccines"]}


def _vaccine(row: dict[str, Any]) -> Vaccine:
    return Vaccine(
        key=row["key"],
        kind=Code(code=row["atc"], code_system=ATC, display_name=row["text"]),
        diseases=tuple(disease_code(text) for text in row["diseases"]),
        name=row.get("name"),
        manufacturer=row.get("manufacturer"),
        amount=row.get("amount"),
        unit=row.get("unit"),
        route=row.get("route"),
        batch=row.get("batch"),
    )


@lru_cache(maxsize=64)
def disease_code(text: str) -> Code:
    """Return the code of the disease called *text*."""
    return _by_text("vaccination-target-diseases", text)


@lru_cache(maxsize=16)
def route_code(route: str) -> Code:
    """Return the code of a route: `im`, `sc`, `ic` or `oral`."""
    return _by_text("vaccination-routes", ROUTES[route])


@lru_cache(maxsize=16)
def site_code(site: str) -> Code:
    """Return the code of a site: left (`v`) or right (`h`), arm (`a`) or thigh (`l`)."""
    return _by_text("vaccination-anatomical-sites", SITES[site])


@lru_cache(maxsize=32)
def programme_code(text: str) -> Code:
    """Return a vaccination programme, which has no national code."""
    return Code(original_text=text)


def _by_text(name: str, text: str) -> Code:
    known = {shown: code for code, shown in code_list(name).texts.items()}
    return Code(code=known[text], code_system=SNOMED_CT_SE, display_name=text)


@lru_cache(maxsize=8192)
def batch_of(world: World, vaccine: Vaccine, quarter: int, turn: int) -> str | None:
    """Return the batch of *vaccine* that was in the fridge in that quarter (counted from 2010), or None.

    *turn* (0 … 2): three batches of each vaccine are in use at a time, so neighbours share theirs.
    """
    if vaccine.batch is None:
        return None
    form = read_table("vaccines.json")["batches"][vaccine.batch]
    words = world.draws.of(0).section(label("batch", vaccine.key, quarter, turn))
    return "".join(
        characters[below(word, len(characters))]
        for characters, word in zip((_CHARACTERS.get(one, one) for one in form), words, strict=False)
    )
