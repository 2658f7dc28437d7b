"""Code lists of a source system, kept for a while: the same for everybody, and no person's data."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from anslut import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Row = TypeVar("Row")


class Lookup(Generic[Row]):
    """A code list by its local codes, fetched when first needed, and anew when old or lacking a code."""

    def __init__(
        self,
        load: Callable[[], Mapping[str, Row]],
        *,
        keep_seconds: float = 600.0,
        least_seconds_between: float = 10.0,
    ) -> None:
        """*load* fetches the whole list; it is called from one thread at a time."""
        self._load = load
        self._keep = keep_seconds
        self._between = least_seconds_between
        self._lock = threading.Lock()
        self._rows: Mapping[str, Row] = {}
        self._loaded = float("-inf")

    def get(self, code: str) -> Row | None:
        """Return the row of *code*, or `None` when the source's list does not have it."""
        with deadline.held(self._lock):
            age = time.monotonic() - self._loaded
            if age > self._keep or (code not in self._rows and age > self._between):
                self._rows = self._load()
                self._loaded = time.monotonic()
            return self._rows.get(code)
