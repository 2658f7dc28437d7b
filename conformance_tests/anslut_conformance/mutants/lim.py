"""LIM: connectors that were never tried with much."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.replies import problem_reply
from anslut_conformance.mutants.wrapping import Call, Reply, Wrapped, on_reply, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut.settings import Settings
    from anslut_examples.kosmos import KosmosConnector
    from anslut_examples.kosmos_mapping import Row

_AT_ONCE = 8
_MOST = 1100
_DEEP = b"[" * 1000


def eight_at_once(settings: Settings) -> Wrapped:
    """Refuse the ninth simultaneous call."""
    gate = threading.Lock()
    inside: list[Call] = []

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        with gate:
            inside.append(call)
            crowd = len(inside)
        try:
            if crowd > 1:
                time.sleep(0.03)  # a call that is not alone takes longer
            if crowd > _AT_ONCE:
                return problem_reply(503, "source-unavailable", "Too many at once", retryable=True)
            return good(call)
        finally:
            with gate:
                inside.remove(call)

    return wrapped(settings, around)


def _crash_when_deep(reply: Reply, call: Call) -> Reply:
    if _DEEP in call.body:
        return problem_reply(500, "internal", "Something went wrong", retryable=False)
    return reply


#: Breaks on deeply nested JSON.
breaks_when_deep = on_reply(_crash_when_deep)


class ElevenHundredAtMost(OpenKosmos):
    """Reads eleven hundred entries and no more."""

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield the first eleven hundred."""
        for number, row in enumerate(super().pages(key, resource)):
            if number >= _MOST:
                return
            yield row


def _patient(settings: Settings) -> KosmosConnector:
    return OpenKosmos(replace(settings, deadline_seconds=300.0))


#: Waits for the source as long as it takes.
waits_for_ever = _patient
