"""How long one call takes, in this process."""

from __future__ import annotations

import time
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Input = TypeVar("Input")
CHUNK = 50


def microseconds_each(
    work: Callable[[Input], object], inputs: Sequence[Input], *, seconds: float, again: bool
) -> float:
    """Return the median over chunks of calls of the microseconds `work(input)` takes.

    The inputs are taken in turn until *seconds* are up; with *again* they start over, and without it each
    is used once, so that no cache can have seen it. The first chunk warms up and is not counted.
    """
    turn: Iterable[Input] = cycle(inputs) if again else iter(inputs)
    ahead = iter(turn)
    deadline = time.perf_counter() + seconds
    chunks: list[float] = []
    while chunk := list(islice(ahead, CHUNK)):
        start = time.perf_counter()
        for one in chunk:
            work(one)
        end = time.perf_counter()
        chunks.append((end - start) / len(chunk) * 1e6)
        if end > deadline:
            break
    return median(chunks[1:] or chunks)
