"""A fault that was asked for: to which calls, which of them, when, and with what arguments."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from anslut_simulators.faults.catalogue import rows
from anslut_simulators.faults.hit import draw
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS: Final = 1 << 32
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
_HOURS: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """One fault: what happens (*fault*), to which calls (*system*, *path*, *patient_id*), and which of them.

    By the scenario's clock: *since* and *until* bound it; *daily* is a time of day such as `02:00-04:00`, over
    midnight if the end comes first; *weekdays* (1 is Monday) are the days on which such a time of day begins;
    of every *cycle_seconds*, counted from 1970, the first *down_seconds*. A call outside does not count.

    By number: *nth* is the first matching call that is hit, counted from 1; *times* how many matching calls are
    then candidates (1 when *nth* or *every* is given, else without end); *every* begins anew that many calls
    later, and again; *probability* hits a share of the candidates, drawn from *seed* and the call's number.

    The other fields are arguments, and `catalogue.json` says which fault takes which of them.
    """

    fault: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z-]{0,30}\Z")]
    system: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,30}\Z")]
    path: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    patient_id: Identity | None = None
    since: Instant | None = None
    until: Instant | None = None
    daily: Annotated[str, msgspec.Meta(pattern=rf"^{_HOURS}-{_HOURS}\Z")] | None = None
    weekdays: Annotated[tuple[Weekday, ...], msgspec.Meta(min_length=1, max_length=7)] | None = None
    cycle_seconds: Seconds | None = None
    down_seconds: Seconds | None = None
    nth: Count | None = None
    times: Count | None = None
    every: Count | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=_PARTS)] = 0
    status: int | None = None
    seconds: float | None = None
    sigma: float | None = None
    retry_after: int | None = None
    retry_after_form: str | None = None
    per_second: int | None = None
    days: int | None = None
    size: int | None = None
    charset: str | None = None
    content_type: Annotated[str, msgspec.Meta(pattern=r"^[\x20-\x7e]{1,100}\Z")] | None = None
    field: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,60}\Z")] | None = None
    id: str = ""

    def hits(self, number: int) -> bool:
        """Tell whether the fault strikes the matching call *number*, counted from 1."""
        return self.why_not(number) is None

    def why_not(self, number: int) -> Literal["nth", "times", "every", "probability"] | None:
        """Return what in the fault spares the matching call *number*; None when it is struck."""
        place = number - (self.nth or 1)
        if place < 0:
            return "nth"
        if self.every is not None:
            place %= self.every
        once = self.nth is not None or self.every is not None or self.fault == "expire-tokens"
        times = self.times or (1 if once else None)
        if times is not None and place >= times:
            return "every" if self.every is not None else "times" if self.times or not self.nth else "nth"
        if self.probability is None or draw(self.seed, self.fault, number) < int(self.probability * _PARTS):
            return None
        return "probability"

    def matches_path(self, path: str) -> bool:
        """Tell whether *path* (below the system's base URL, with a leading slash) is one the fault is for."""
        return self.path is None or re.search(self.path, path) is not None

    def is_time(self, now: datetime) -> bool:
        """Tell whether the fault strikes at all at *now*, aware and in Stockholm: the scenario's clock."""
        if (self.since is not None and now < self.since) or (self.until is not None and now >= self.until):
            return False
        begun = now
        if self.daily is not None:
            first, _, last = self.daily.partition("-")
            clock = f"{now:%H:%M}"
            if first < last and not first <= clock < last:
                return False
            if first >= last and last <= clock < first:
                return False
            if first >= last and clock < last:
                begun = now - timedelta(days=1)
        if self.weekdays is not None and begun.isoweekday() not in self.weekdays:
            return False
        if self.cycle_seconds is None or self.down_seconds is None:
            return True
        return int(now.timestamp()) % self.cycle_seconds < self.down_seconds

    def argument(self, name: str) -> Any:  # noqa: ANN401 - whatever the catalogue says the argument is
        """Return the argument called *name* as the catalogue writes it; its default when none was given."""
        asked = getattr(self, ARGUMENTS[name])
        return rows()[self.fault].arguments[name].default if asked is None else asked

    def to_json(self) -> dict[str, Any]:
        """Return the fault as plain JSON values, as it was asked for, with its id."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


#: How JSON and the catalogue write an argument's name, and the field of `Fault` that holds it.
ARGUMENTS: Final[Mapping[str, str]] = {
    field.encode_name: field.name
    for field in msgspec.structs.fields(Fault)
    if any(field.encode_name in row.arguments for row in rows().values())
}
