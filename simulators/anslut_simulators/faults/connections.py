"""Faults of the connection: in what pieces, at what pace and under what length an answer comes, and how it ends.

A fault here is one function, named in `CONNECTIONS`, and one row in `catalogue.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anslut_simulators.faults.delivery import Delivery
    from anslut_simulators.faults.hit import Hit


def clock_skew(delivery: Delivery, hit: Hit) -> None:
    """Let the Date header be off; `Strikes` moves the clock by which tokens live."""
    delivery.date += int(hit.argument("seconds"))


def length_in_characters(delivery: Delivery, hit: Hit) -> None:
    """Count characters where Content-Length counts bytes: every å costs the end of the body a byte."""
    del hit
    delivery.length = len(delivery.body.decode("utf-8", errors="replace"))
    delivery.ending = "closed"


def odd_chunks(delivery: Delivery, hit: Hit) -> None:
    """Send HTTP chunks that end anywhere, in the middle of a letter too, without Content-Length: all in order."""
    body, size = delivery.body, hit.argument("size")
    cuts: list[bytes] = []
    at = 0
    while at < len(body):
        length = 1 + hit.below(2 * size - 1, "chunk", str(len(cuts)))
        cuts.append(body[at : at + length])
        at += length
    delivery.pieces = cuts
    delivery.length = None


def dribble(delivery: Delivery, hit: Hit) -> None:
    """Send a few bytes at a time."""
    size = hit.argument("size")
    delivery.pieces = [part for piece in delivery.pieces for part in _cut(piece, size)]
    delivery.pause = hit.argument("seconds")


def hang(delivery: Delivery, hit: Hit) -> None:
    """Send half, then nothing for a long time, then hang up."""
    delivery.cut(len(delivery.body) // 2)
    delivery.linger = hit.argument("seconds")
    delivery.ending = "closed"


def truncate(delivery: Delivery, hit: Hit) -> None:
    """Send half under the length of the whole, then hang up."""
    del hit
    delivery.cut(len(delivery.body) // 2)
    delivery.ending = "closed"


def reset_in_body(delivery: Delivery, hit: Hit) -> None:
    """Send half under the length of the whole, then a reset."""
    del hit
    delivery.cut(len(delivery.body) // 2)
    delivery.ending = "reset"


def reset(delivery: Delivery, hit: Hit) -> None:
    """Send nothing but a reset."""
    del hit
    delivery.silent = True
    delivery.ending = "reset"


def _cut(piece: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(piece), size):
        yield piece[at : at + size]


CONNECTIONS: Final[Mapping[str, Callable[[Delivery, Hit], None]]] = {
    "clock-skew": clock_skew,
    "length-in-characters": length_in_characters,
    "odd-chunks": odd_chunks,
    "dribble": dribble,
    "hang": hang,
    "truncate": truncate,
    "reset-in-body": reset_in_body,
    "reset": reset,
}
