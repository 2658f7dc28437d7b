"""What time brings by itself: the instants at which a person's record changes while the clock moves.

A record is told for one instant at a time, by a pure function of that instant. Between two instants it is
asked as often as needed to find each change at its very second: first at the times that the entries
themselves name, then by halving, for what carries no time (a removal, a draft that is finished).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anslut_simulators.truth import Event, Identity

    Telling = Callable[[int], Mapping[str, Event]]

MOVED_AWAY: Final = "flyttad_harifran"
MOVED_HERE: Final = "flyttad_hit"
LINKED: Final = "lankad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Something that happened to an entry kept under *person*, at second *at* since 1970.

    *kind* is a word of the source systems' own, such as `signerad`.
    """

    at: int
    person: Identity
    type: str
    event_id: str
    kind: str


def turns_between(tell: Telling, first: int, last: int) -> list[Turn]:
    """Return what happens after second *first* and by *last*; *tell* gives the entries by id at a second."""
    told = lru_cache(maxsize=256)(tell)
    before, after = told(first), told(last)
    turns: list[Turn] = []
    for event_id in {**before, **after}:
        turns += _life(told, event_id, first, last)
    return turns


def _life(told: Telling, event_id: str, first: int, last: int) -> Iterator[Turn]:
    """Yield the turns of one entry, in order."""
    end = told(last).get(event_id)
    while (now := told(first).get(event_id)) != end:
        at = _next_change(told, event_id, now, first, last)
        after = told(at).get(event_id)
        for event, kind in _steps(told(at - 1).get(event_id), after):
            yield Turn(at=at, person=event.patient, type=event.type, event_id=event_id, kind=kind)
        first = at


def _next_change(told: Telling, event_id: str, now: Event | None, first: int, last: int) -> int:
    """Return the first second after *first* at which the entry is no longer as it is *now*."""
    end = told(last).get(event_id)
    for stamp in sorted({time for time in _stamps(end) if first < time <= last}):
        if told(stamp - 1).get(event_id) != now:
            return _halved(told, event_id, now, first, stamp - 1)
        if told(stamp).get(event_id) != now:
            return stamp
        first = stamp
    return _halved(told, event_id, now, first, last)


def _halved(told: Telling, event_id: str, now: Event | None, first: int, last: int) -> int:
    """Return a second at which the entry turns from what it is *now*, between two between which it does."""
    while last - first > 1:
        middle = (first + last) // 2
        if told(middle).get(event_id) == now:
            first = middle
        else:
            last = middle
    return last


def _written(event: Event) -> tuple[int, ...]:
    return tuple(int(time.timestamp()) for time in (*event.revisions, event.author.time))


def _stamps(event: Event | None) -> Iterator[int]:
    """Yield the seconds that the entry itself says something happened to it."""
    if event is None:
        return
    yield from _written(event)
    for actor in (event.signature, event.countersignature):
        if actor is not None:
            yield int(actor.time.timestamp())


def _steps(before: Event | None, after: Event | None) -> Iterator[tuple[Event, str]]:
    """Yield the kinds of what happened at one second, with the entry under the identity it concerns."""
    if after is None:
        if before is not None:
            yield before, "borttagen"
        return
    if before is None:
        yield after, "skapad"
    elif before.patient != after.patient:
        yield before, MOVED_AWAY
        yield after, MOVED_HERE
    elif _plain(before) != _plain(after):
        removed = after.state == "removed" and before.state != "removed"
        yield after, "borttagen" if removed else "andrad"
    for name, kind in (("signature", "signerad"), ("countersignature", "vidimerad")):
        actor = getattr(after, name)
        if actor is not None and (before is None or actor != getattr(before, name)):
            yield after, kind


def _plain(event: Event) -> Event:
    """Return *event* without those who vouched for it: losing a signature is part of being changed."""
    return msgspec.structs.replace(event, signature=None, countersignature=None)
