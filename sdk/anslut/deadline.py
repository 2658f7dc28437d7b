"""How long a call may still take.

A call of the national service is answered within 27 seconds or not at all. The connector's public call starts
a `Deadline`; everything that waits below it (`SourceClient` above all) looks at the current one. The deadline
belongs to the thread (more exactly: to the context) that serves the call.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from anslut.errors import SourceTimeoutError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

DEFAULT_SECONDS = 26.0  # one second below the national limit, to find the words for the answer


class Deadline:
    """A point in time, by the machine's own steady clock, after which waiting has no meaning."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        """End *seconds* from now."""
        self._end = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return what is left in seconds, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def check(self, *, source: str | None = None) -> None:
        """Raise `SourceTimeoutError` when nothing is left."""
        if self._end <= time.monotonic():
            raise SourceTimeoutError("the time for this call is used up", source=source)


@contextmanager
def held(lock: threading.Lock, *, source: str | None = None) -> Iterator[None]:
    """Hold *lock* inside the block; raise `SourceTimeoutError` when the deadline passes before that."""
    if not lock.acquire(timeout=current().seconds_left()):
        raise SourceTimeoutError(
            "the time for this call was used up by waiting for another one", source=source
        )
    try:
        yield
    finally:
        lock.release()


_current: ContextVar[Deadline | None] = ContextVar("anslut_deadline", default=None)


def current() -> Deadline:
    """Return the deadline of the call being served; outside a call, a new one of the default length."""
    return _current.get() or Deadline(DEFAULT_SECONDS)


@contextmanager
def limit(seconds: float) -> Iterator[Deadline]:
    """Give everything inside the block at most *seconds*, or what an outer block has left if that is less."""
    outer = _current.get()
    deadline = Deadline(seconds if outer is None else min(seconds, outer.seconds_left()))
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)
