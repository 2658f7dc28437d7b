"""The three forms of a moment: aware datetime inside, RFC 3339 in JSON, local `YYYYMMDDhhmmss` in RIV-TA.

Local forms are Stockholm's time and have no offset, so two nights a year they say too little:
in autumn the repeated hour is read as its first occurrence; in spring the skipped hour is an error.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from anslut_contracts.clock import STOCKHOLM, in_stockholm, stockholm_offset
from anslut_contracts.errors import LocalTimeError

__all__ = ["from_json", "from_local", "has_stockholm_offset", "start_of", "to_json", "to_rivta"]

_DATE_CHARACTERS = len("YYYY-MM-DD")
_COMPACT = re.compile(r"\d{14}", re.ASCII)
_SPACED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)
_JSON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)


def to_json(moment: datetime) -> str:
    """Return *moment* as RFC 3339 with Stockholm's offset, whole seconds (a fraction is cut off).

    Raise `ValueError` for a naive moment: read local times with `from_local`.
    """
    return in_stockholm(moment).replace(microsecond=0).isoformat()


def from_json(text: str) -> datetime:
    """Return the moment that *text*, RFC 3339 in whole seconds with any offset, stands for."""
    if not _JSON.fullmatch(text):
        raise LocalTimeError("a time that is not RFC 3339 in whole seconds with an offset")
    try:
        return in_stockholm(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise LocalTimeError("a time that is not on the calendar") from None


def start_of(text: str) -> datetime:
    """Return the moment of a time in the contract's JSON; of a date, `YYYY-MM-DD`, the day's first in Stockholm."""
    if len(text) > _DATE_CHARACTERS:
        return from_json(text)
    return from_local(f"{text} 00:00:00")


def has_stockholm_offset(text: str) -> bool:
    """Say whether *text*, RFC 3339, carries the offset that Stockholm has at that moment."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.utcoffset() == stockholm_offset(moment)
    except (ValueError, OverflowError):
        return False


def from_local(text: str) -> datetime:
    """Return the moment of a local time, `YYYY-MM-DD hh:mm:ss` (or with a T) or `YYYYMMDDhhmmss`.

    The repeated hour in autumn is its first occurrence. Raise `LocalTimeError` for the skipped hour in
    spring, and for anything that is not such a time.
    """
    try:
        if _COMPACT.fullmatch(text):
            naive = datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone is put on below
        elif _SPACED.fullmatch(text):
            naive = datetime.fromisoformat(text)
        else:
            raise LocalTimeError("a local time that is neither YYYY-MM-DD hh:mm:ss nor YYYYMMDDhhmmss")
        moment = in_stockholm(naive.replace(tzinfo=STOCKHOLM).astimezone(UTC))
    except (ValueError, OverflowError):
        raise LocalTimeError("a local time that is not on the calendar") from None
    if moment.replace(tzinfo=None) == naive:
        return moment
    shifted = naive.replace(tzinfo=moment.tzinfo)
    if in_stockholm(shifted).replace(tzinfo=None) != naive:
        raise LocalTimeError("a local time that Stockholm's clocks skipped (the night summer time begins)")
    return shifted


def to_rivta(moment: datetime) -> str:
    """Return *moment* as RIV-TA's `YYYYMMDDhhmmss` in Stockholm's time; the offset is lost."""
    return in_stockholm(moment).strftime("%Y%m%d%H%M%S")
