"""What a source system's change feed tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anslut_contracts.identity import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something happened to a person's entries of one information type; what, the source is asked for."""

    patient_id: PersonId
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One helping of a change feed, oldest first.

    `position` is where to go on next time: text without any identity, for it is kept in a file. `has_more`
    says that the next helping can be fetched at once.
    """

    items: tuple[Change, ...]
    position: str | None
    has_more: bool = False
