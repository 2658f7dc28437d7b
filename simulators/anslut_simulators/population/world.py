"""A world: a version and a seed, and the key that follows from them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from anslut_simulators.population.draws import Draws, label
from anslut_simulators.population.permutation import Permutation

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CLOCK_START = datetime(2023, 11, 15, 8, tzinfo=STOCKHOLM)
"""The world date: the official list of test numbers ends in 2023, so nothing may depend on today's date."""


class World:
    """One possible country; the same version and seed give the same people on every machine."""

    __slots__ = ("draws", "key", "seed", "version")

    def __init__(self, *, version: int = 1, seed: str = "anslut") -> None:
        self.version = version
        self.seed = seed
        self.key = blake2b(f"pop:v{version}:{seed}".encode(), digest_size=32).digest()
        self.draws = Draws(self.key)

    @property
    def clock_start(self) -> datetime:
        """When a scenario's clock starts unless told otherwise."""
        return CLOCK_START

    def permutation(self, *name: str | int, size: int) -> Permutation:
        """Return the permutation of 0 … *size* - 1 that is called *name* in this world."""
        return Permutation(self.key, label(*name), size=size)


@lru_cache(maxsize=1)
def default_world() -> World:
    """Return the world that everything uses unless told otherwise."""
    return World()
