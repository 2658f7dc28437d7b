"""Care contacts: local kinds and statuses, and an end far off for what has not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Event

TYPE: Final = "care-contacts"
NAME: Final = "vardkontakt"
NEVER: Final = "9999-12-31 00:00:00"
"""What stands where nobody knows when."""


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add the kind, the status, when it begins and ends, why, and the keyword it stands under."""
    contact = event.holding(CareContact)
    home = contact.kind == "home-visit"
    entry["kontakttyp"] = "HB" if home else codes.local("kontakttyper", contact.kind_code)
    entry["kontaktstatus"] = codes.local("kontaktstatus", contact.status_code)
    entry["start"] = NEVER if contact.start is None else local_time(contact.start)
    entry["slut"] = NEVER if contact.end is None else local_time(contact.end)
    entry["orsak"] = contact.reason
    entry["sokord"] = contact.path[-1] if contact.path else None


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield nothing: every kind and status of the truth is on the lists."""
    del event, codes
    yield from ()
