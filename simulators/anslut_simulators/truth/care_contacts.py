"""Care contacts: visits, calls and stays, as they were booked, went on and ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KIND_SYSTEM: Final = "1.2.752.129.2.2.2.25"
STATUS_SYSTEM: Final = "1.2.752.116.2.1.1"

Kind = Literal["visit", "home-visit", "phone", "stay", "day-care", "other"]
Status = Literal["booked", "waiting", "ongoing", "ended", "broken-off", "cancelled", "struck-out"]

# KV vårdkontakttyp and SNOMED CT SE, as the service contract GetCareContacts 3.0 lists them. A visit at home
# is a visit: the national list does not tell them apart.
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "visit": ("1", "Besök"),
    "home-visit": ("1", "Besök"),
    "phone": ("2", "Telefon"),
    "stay": ("3", "Vårdtillfälle"),
    "day-care": ("4", "Dagsjukvård"),
    "other": ("5", "Annan"),
}
_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "booked": ("53631000052103", "tidbokad vårdkontakt"),
    "waiting": ("53701000052102", "patient på väntelista"),
    "ongoing": ("53651000052107", "pågående vårdkontakt"),
    "ended": ("53671000052101", "avslutad vårdkontakt"),
    "broken-off": ("53661000052105", "avbruten vårdkontakt"),
    "cancelled": ("53641000052109", "inställd vårdkontakt"),
    "struck-out": ("53691000052102", "makulerad vårdkontakt"),
}


class CareContact(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `care-contacts` event says; the event's own id is what notes name as their `care_contact_id`.

    *start* and *end* are aware; both are the visit's beginning for an out-patient visit, *end* is absent while
    the contact is booked or goes on, and *start* too while it is only waited for. The event's `occurred_at` is
    the start, or the time of entry without one; its `unit` is where the contact takes place. *path* is the
    keywords (sökord) it was registered under, if any.
    """

    kind: Kind
    status: Status
    start: datetime | None = None
    end: datetime | None = None
    reason: str | None = None
    path: tuple[str, ...] = ()

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> CareContact:
        """Return a call that has just ended."""
        del event_id
        return cls(kind="phone", status="ended", start=now, end=now, reason="Rådgivning")

    @property
    def kind_code(self) -> Code:
        """The kind as a code of KV vårdkontakttyp."""
        code, text = _KINDS[self.kind]
        return Code(code=code, code_system=KIND_SYSTEM, display_name=text)

    @property
    def status_code(self) -> Code:
        """The status as a code of SNOMED CT SE."""
        code, text = _STATUSES[self.status]
        return Code(code=code, code_system=STATUS_SYSTEM, display_name=text)

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keyword path it was registered under."""
        return self.path

    def under(self, *keywords: str) -> CareContact:
        """Return it registered under *keywords*."""
        return msgspec.structs.replace(self, path=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the kind, the status, the times and the reason."""
        told = [self.kind_code.display_name or "", self.status_code.display_name or "", self._times()]
        yield ", ".join(part for part in told if part) + (f": {self.reason}" if self.reason else "")

    def _times(self) -> str:
        """Return from and to, as short as they can be said."""
        first = self.start or self.end
        if first is None:
            return ""
        told = f"{first:%Y-%m-%d %H:%M}"
        if self.start is None or self.end is None or self.start == self.end:
            return told
        same_day = self.start.date() == self.end.date()
        return f"{told}–{self.end.strftime('%H:%M' if same_day else '%Y-%m-%d %H:%M')}"


CONTENT = CareContact
