"""Referral status: entries of the type referral-status (remisstatus), one for each step of a referral."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

from anslut.entries.entry import Entry
from anslut.entries.parts import HSA_ID, Code, Identifier, Part, TimedPart

if TYPE_CHECKING:
    from anslut.entries.header import Header


class Organization(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A unit that refers or is referred to."""

    name: str
    id: Identifier | None = None

    @classmethod
    def of(cls, name: str, hsa_id: str | None = None) -> Organization:
        """Return a unit by name, and by HSA-id where it has one."""
        return cls(name=name, id=Identifier(root=HSA_ID, extension=hsa_id) if hsa_id else None)


class Referrer(Part, frozen=True, kw_only=True, rename="camel"):
    """Who referred (remittent), and where they worked."""

    name: str
    organization: Organization


class RequestPart(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The referral that has the status."""

    id: str
    receiving_organization: Organization
    type: Code | None = None
    medium: Code | None = None
    author: Referrer | None = None


class ReferralStatusBody(TimedPart, frozen=True, kw_only=True, rename="camel"):
    """The body of a referral's status."""

    moments: ClassVar[tuple[str, ...]] = ("event_time",)

    status_code: Code
    event_time: datetime
    request: RequestPart


def referral_status(  # noqa: PLR0913 - the status's own fields, all named at the call
    header: Header,
    *,
    status: Code,
    time: datetime,
    referral_id: str,
    receiver: Organization,
    referrer: Referrer | None = None,
    kind: Code | None = None,
    medium: Code | None = None,
) -> Entry:
    """Return one step of a referral: that it got *status* at *time*.

    *referral_id* is the same for all steps of a referral: the id where it was written, if the source knows it,
    else its own. *status*, *kind* and *medium* are from the code lists `referral-statuses` (which may grow),
    `referral-types` and `referral-media`. *referrer* is required when it is sent, answered or struck out. The
    header needs `document_time`, and has no signature and no unit of the author's. Raise `EntryInvalidError` when
    the contract does not allow it.
    """
    request = RequestPart(
        id=referral_id, receiving_organization=receiver, type=kind, medium=medium, author=referrer
    )
    body = ReferralStatusBody(status_code=status, event_time=time, request=request)
    return Entry("referral-status", header=header, body=body)
