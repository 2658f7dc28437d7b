"""Faults of a change feed: told late, told twice, told in the wrong order.

What connectors tell the engagement index comes from the feed, so this is how index notifications go wrong: any
system with a feed passes what it is about to tell through `retold`, and names the three faults among its own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from anslut_simulators.calls import Call
    from anslut_simulators.faults.hit import Hit

CHANGES: Final = frozenset({"late-changes", "doubled-changes", "reordered-changes"})


class Numbered(Protocol):
    """A change in a feed."""

    @property
    def number(self) -> int:
        """Its place in the feed."""
        ...

    @property
    def time(self) -> datetime:
        """When it happened, aware."""
        ...


Change = TypeVar("Change", bound=Numbered)


def retold(call: Call, changes: Sequence[Change], *, after: int, latest: int) -> tuple[list[Change], int]:
    """Return *changes* (numbered above *after*, oldest first) as a struck feed tells them, and its *latest* number.

    A late feed knows nothing of what it does not tell yet: its latest number is the last that it tells.
    """
    told = list(changes)
    if hit := call.fault("late-changes"):
        known = call.state.now(call.real_us) - timedelta(seconds=hit.argument("seconds"))
        in_time = [change for change in told if change.time <= known]
        if len(in_time) < len(told):
            told = in_time
            latest = told[-1].number if told else after
    if told and (hit := call.fault("doubled-changes")):
        place = hit.below(len(told), "change")
        told.insert(place, told[place])
    if hit := call.fault("reordered-changes"):
        told = _shuffled(told, hit)
    return told, latest


def _shuffled(told: list[Change], hit: Hit) -> list[Change]:
    """Return *told* in a drawn order, which is never the one it had if there are two numbers in it."""
    left, drawn = list(told), []
    while left:
        drawn.append(left.pop(hit.below(len(left), "order", str(len(left)))))
    same = [change.number for change in drawn] == [change.number for change in told]
    return drawn[::-1] if same else drawn
