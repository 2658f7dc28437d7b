"""A fault that strikes one call: what was asked for, and which of the matching calls this is."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anslut_simulators.faults.fault import Fault


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault striking one call: *number* counts the matching calls from 1."""

    fault: Fault
    number: int

    def argument(self, name: str) -> Any:  # noqa: ANN401 - whatever the catalogue says the argument is
        """Return the argument called *name* (as in `catalogue.json`): what was asked for, else its default."""
        return self.fault.argument(name)

    def below(self, count: int, *what: str) -> int:
        """Return an integer in 0 … *count* - 1, drawn from the fault's seed, the call's number and *what*.

        The same order and the same calls give the same draws on every machine.
        """
        return (draw(self.fault.seed, self.fault.fault, self.number, *what) * count) >> 32


def draw(seed: int, *what: str | int) -> int:
    """Return 32 bits that depend on *seed* and *what* alone."""
    text = "|".join(map(str, (seed, *what)))
    return int.from_bytes(blake2b(text.encode(), digest_size=4, key=b"anslut-fault").digest(), "big")
