"""Faults of the wire: what happens to an answer, whatever system gave it.

A fault here is one function, named in `FAULTS`, and one row in `catalogue.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anslut_simulators.faults.delivery import Delivery
    from anslut_simulators.faults.hit import Hit


def malformed(delivery: Delivery, hit: Hit) -> None:
    """Half the body, in good order: half JSON, half XML, half a line."""
    del hit
    body = delivery.body
    delivery.rewrite(body[: len(body) // 2])


def truncate(delivery: Delivery, hit: Hit) -> None:
    """Half the body under the length of the whole, then the end."""
    del hit
    delivery.cut(len(delivery.body) // 2)
    delivery.ending = "closed"


def reset(delivery: Delivery, hit: Hit) -> None:
    """Nothing but a reset."""
    del hit
    delivery.silent = True
    delivery.ending = "reset"


FAULTS: Final[Mapping[str, Callable[[Delivery, Hit], None]]] = {
    "malformed": malformed,
    "truncate": truncate,
    "reset": reset,
}
