"""Referrals: each step that one has passed, from when it was sent to when its answer came."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from anslut_simulators.truth.content import Content
from anslut_simulators.truth.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STATUS_SYSTEM: Final = "1.2.752.129.2.2.2.43"
KIND_SYSTEM: Final = "1.2.752.129.2.2.2.24"
MEDIUM_SYSTEM: Final = "1.2.752.129.2.2.2.7"

Status = Literal[
    "sent",
    "received",
    "assessed",
    "waiting",
    "booked",
    "done",
    "answered",
    "answer-received",
    "rejected",
    "struck-out",
]
Kind = Literal["imaging", "laboratory", "general"]
Medium = Literal["electronic", "paper"]

# Only 1, 7 and 11 of KV status vårdbegäran are public, and it may grow: those from 901 are made up, for consumers to
# tolerate as any code that they do not know.
_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "sent": ("1", "Skickad"),
    "received": ("901", "Mottagen"),
    "assessed": ("902", "Bedömd"),
    "waiting": ("903", "På väntelista"),
    "booked": ("904", "Tid bokad"),
    "done": ("905", "Utförd"),
    "answered": ("906", "Besvarad"),
    "rejected": ("907", "Avvisad"),
    "answer-received": ("7", "Svar mottaget"),
    "struck-out": ("11", "Makulerad"),
}
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "imaging": ("1", "röntgenremiss"),
    "laboratory": ("2", "labbremiss"),
    "general": ("4", "allmänremiss"),
}
_MEDIA: Final[Mapping[str, tuple[str, str]]] = {
    "electronic": ("3", "skriftligt elektroniskt"),
    "paper": ("4", "skriftligt papper"),
}


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A unit that refers or is referred to; one outside the region has no *hsa_id*."""

    name: str
    hsa_id: str | None = None


class Referral(Content, frozen=True, kw_only=True, omit_defaults=True):
    """What a `referral-status` event says: that the referral got *status* at *time*.

    *referral* is the same for every step of it. The event's `occurred_at` is when somebody recorded it, and its `unit`
    who did: the sender's or the receiver's. *path* is the keywords it was registered under, if any.
    """

    referral: str
    status: Status
    time: datetime
    receiver: Place
    referrer: str
    sender: Place
    kind: Kind = "general"
    medium: Medium = "electronic"
    question: str | None = None
    path: tuple[str, ...] = ()

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Referral:
        """Return a referral that has just been sent."""
        return cls(
            referral=f"RM{event_id}",
            status="sent",
            time=now,
            receiver=Place(name="Ortopedmottagningen"),
            referrer="Prov Provsson",
            sender=Place(name="Vårdcentralen"),
            question="Bedömning av knäartros.",
        )

    @property
    def status_code(self) -> Code:
        """The status as a code of KV status vårdbegäran."""
        return _code(_STATUSES[self.status], STATUS_SYSTEM)

    @property
    def kind_code(self) -> Code:
        """The kind as a code of KV framställantyp."""
        return _code(_KINDS[self.kind], KIND_SYSTEM)

    @property
    def medium_code(self) -> Code:
        """The form as a code of KV form av framställan."""
        return _code(_MEDIA[self.medium], MEDIUM_SYSTEM)

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keyword path it was registered under."""
        return self.path

    def under(self, *keywords: str) -> Referral:
        """Return it registered under *keywords*."""
        return msgspec.structs.replace(self, path=keywords)

    def summary(self) -> Iterator[str]:
        """Yield the status, from whom to whom, and the question."""
        kind, status = _KINDS[self.kind][1].capitalize(), _STATUSES[self.status][1].lower()
        yield f"{kind} {self.referral}: {status} {self.time:%Y-%m-%d %H:%M}"
        yield f"{self.referrer}, {self.sender.name} → {self.receiver.name}" + (
            f": {self.question}" if self.question else ""
        )


def _code(known: tuple[str, str], system: str) -> Code:
    code, text = known
    return Code(code=code, code_system=system, display_name=text)


CONTENT = Referral
