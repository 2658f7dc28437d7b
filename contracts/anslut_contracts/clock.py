"""Time as something that is passed in: the real clock, one that stands still, and Stockholm's zone.

Moments carry a fixed offset, never the zone itself: Python compares two times of one zone by what the clock
on the wall says, and calls no time in the repeated hour equal to any other zone's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

__all__ = ["STOCKHOLM", "Clock", "FrozenClock", "SystemClock", "in_stockholm", "stockholm_offset"]

STOCKHOLM = ZoneInfo("Europe/Stockholm")
"""The zone of every local time in a Swedish care system."""

_FIRST_SHARED_YEAR = 1950
_WINTER_OFFSET = timedelta(hours=1)
_WINTER = timezone(_WINTER_OFFSET)
_SUMMER = timezone(timedelta(hours=2))


def in_stockholm(moment: datetime) -> datetime:
    """Return the same moment with the offset that Stockholm has then; raise `ValueError` for a naive one.

    Before 1950 that is +01:00 all year: the zone database gives Stockholm Berlin's wartime clock there.
    """
    offset = stockholm_offset(moment)
    return moment.astimezone(_WINTER if offset == _WINTER_OFFSET else _SUMMER)


def stockholm_offset(moment: datetime) -> timedelta:
    """Return the offset that Stockholm has at *moment*; raise `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    if moment.year <= _FIRST_SHARED_YEAR and moment.astimezone(_WINTER).year < _FIRST_SHARED_YEAR:
        return _WINTER_OFFSET
    return moment.astimezone(STOCKHOLM).utcoffset() or _WINTER_OFFSET


@runtime_checkable
class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """Return the moment it is, as an aware datetime."""


class SystemClock:
    """The machine's own clock, in Stockholm's time."""

    def now(self) -> datetime:
        """Return the moment it is."""
        return in_stockholm(datetime.now(UTC))


class FrozenClock:
    """A clock that moves only when told to, never backwards; a naive or earlier time is a `ValueError`."""

    def __init__(self, now: datetime) -> None:
        self._now = in_stockholm(now)

    def now(self) -> datetime:
        """Return the moment the clock was last set to."""
        return self._now

    def advance(self, *, seconds: float) -> datetime:
        """Move the clock *seconds* forward and return the new moment."""
        return self.set(self._now + timedelta(seconds=seconds))

    def set(self, now: datetime) -> datetime:
        """Move the clock to *now* and return it."""
        moment = in_stockholm(now)
        if moment < self._now:
            raise ValueError("a clock never goes backwards")
        self._now = moment
        return self._now
