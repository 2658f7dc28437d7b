"""A circuit breaker: when the source has been away for many calls in a row, let it be for a moment.

Written here because the usual library (pybreaker) holds its lock while it calls: one call at a time would
come through, and a connector answers at least ten at once.
"""

from __future__ import annotations

import threading
import time


class Breaker:
    """Counts failures in a row; after *failures* it says no for *pause_seconds*, then lets one call try."""

    def __init__(self, *, failures: int, pause_seconds: float) -> None:
        """Start closed: everything may pass."""
        self._limit = failures
        self._pause = pause_seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def may_call(self) -> bool:
        """Return whether a call may be tried now; while open, one caller after each pause gets a yes."""
        with self._lock:
            if self._failures < self._limit:
                return True
            now = time.monotonic()
            if now < self._closed_until:
                return False
            self._closed_until = now + self._pause
            return True

    def succeeded(self) -> None:
        """Note that the source answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note that the source was away."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._closed_until = time.monotonic() + self._pause
