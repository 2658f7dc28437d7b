"""Swedish names by keyed draws from frozen tables: Faker's sv_SE lists read as data, and names by decade.

Faker's generators are never called: their result depends on its version and, for `ssn`, on today's date.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_simulators.population.identities import Sex

FAKER_DIGEST: Final = "9a1d3c7f85dbf6b51a2a32bc9ad6fb39094bdac2b624da7caeec2a31496c986c"
"""SHA-256 of Faker's sv_SE name tables as this world's version knows them."""

_MILLION = 1_000_000
_FROM_DECADE_PERCENT = 92


class NameTablesChangedError(RuntimeError):
    """Another version of Faker than the pinned one: names would change. Install the pinned version."""


class Weighted:
    """Values with whole-number weights, drawn by one 32-bit word."""

    __slots__ = ("_bounds", "_values")

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        kept = [(value, weight) for value, weight in pairs if weight > 0]
        self._values = tuple(value for value, _ in kept)
        self._bounds = tuple(accumulate(weight for _, weight in kept))

    def draw(self, word: int) -> str:
        """Return the value that *word* falls on."""
        return self._values[bisect_right(self._bounds, below(word, self._bounds[-1]))]


@lru_cache(maxsize=1)
def _faker_tables() -> dict[str, list[tuple[str, int]]]:
    from faker.providers.person.sv_SE import Provider  # noqa: PLC0415 - heavy, and only wanted when a name is

    tables = {
        name: [(value, round(weight * _MILLION)) for value, weight in getattr(Provider, name).items()]
        for name in ("first_names_female", "first_names_male", "last_names")
    }
    digest = sha256(repr(tables).encode()).hexdigest()
    if digest != FAKER_DIGEST:
        raise NameTablesChangedError(f"Faker's Swedish name tables are not the pinned ones (sha256 {digest})")
    return tables


@lru_cache(maxsize=1)
def surnames() -> Weighted:
    """Return the surnames with their frequencies."""
    return Weighted(_faker_tables()["last_names"])


@lru_cache(maxsize=64)
def given_names(decade: int, sex: Sex) -> Weighted:
    """Return the given names for somebody of *sex* born in the *decade* (1980 for 1980-1989)."""
    table = read_table("given_names_by_decade.json")["decades"]
    known = sorted(int(year) for year in table)
    nearest = min(max(decade, known[0]), known[-1])
    popular = table[str(nearest)][sex]
    every = _faker_tables()["first_names_female" if sex == "F" else "first_names_male"]
    total = sum(weight for _, weight in every)
    pairs = [(value, weight * (100 - _FROM_DECADE_PERCENT)) for value, weight in every]
    share = total * _FROM_DECADE_PERCENT // len(popular)
    return Weighted([*pairs, *((value, share) for value in popular)])


def given_name(*, born_year: int, sex: Sex, word: int) -> str:
    """Return a given name usual among people of *sex* born then."""
    return given_names(born_year // 10 * 10, sex).draw(word)
