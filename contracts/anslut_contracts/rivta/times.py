"""RIV-TA's local times, fast: what `time_form` says of each, remembered by day."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from anslut_contracts import time_form
from anslut_contracts.errors import LocalTimeError

__all__ = ["read_time", "write_time"]

_CLOCK: Final = "(?:[01][0-9]|2[0-3])"
_JSON: Final = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})T({_CLOCK}:[0-5][0-9]:[0-5][0-9])(\+0[12]:00)")
_LOCAL: Final = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})({_CLOCK})([0-5][0-9])([0-5][0-9])")


def write_time(text: str) -> str:
    """Return a time of the contract's JSON as `YYYYMMDDhhmmss`; raise `LocalTimeError` for what is none."""
    found = _JSON.fullmatch(text)
    if found and found[3] == _offset(found[1]):
        return (found[1] + found[2]).replace("-", "").replace(":", "")
    return time_form.to_rivta(time_form.from_json(text))


def read_time(text: str) -> str:
    """Return `YYYYMMDDhhmmss` as a time of the contract's JSON; raise `LocalTimeError` for what is none."""
    found = _LOCAL.fullmatch(text)
    if found:
        year, month, day, hour, minute, second = found.groups()
        date = f"{year}-{month}-{day}"
        if offset := _offset(date):
            return f"{date}T{hour}:{minute}:{second}{offset}"
    return time_form.to_json(time_form.from_local(text))


@lru_cache(maxsize=4096)
def _offset(date: str) -> str | None:
    """Return the offset that Stockholm has all of that day; None if the clocks change, or there is no such day."""
    try:
        first, last = (
            time_form.to_json(time_form.from_local(f"{date} {at}")) for at in ("00:00:00", "23:59:59")
        )
    except LocalTimeError:
        return None
    return first[-6:] if first[-6:] == last[-6:] else None
