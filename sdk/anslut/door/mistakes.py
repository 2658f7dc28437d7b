"""Mistakes in a RIV-TA question that its contract has an outcome of its own for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from anslut_contracts import identity

from anslut.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "other-source-system", "contact-without-source-system", "reserve-without-source-system", "invalid-query"
]
_OFFICIAL = {identity.PERSONNUMMER, identity.SAMORDNINGSNUMMER}


class MistakeError(InvalidQueryError):
    """A question that can be read and must not be asked so; *kind* is its name in a mapping table's `outcomes`."""

    def __init__(self, kind: Kind, message: str) -> None:
        """Describe the mistake."""
        super().__init__(message)
        self.kind = kind


def check_query(query: Mapping[str, Any], address: str) -> None:
    """Raise `MistakeError` unless *query* may be asked of the source system that is the logical *address*."""
    system = query.get("sourceSystemId")
    if system is not None and str(system).upper() != address.upper():
        raise MistakeError("other-source-system", "the source system asked for is not the LogicalAddress")
    if system is None and query.get("careContactIds"):
        raise MistakeError(
            "contact-without-source-system", "a care contact is asked for together with its source system"
        )
    if system is None and query.get("patientId", {}).get("root") not in _OFFICIAL:
        raise MistakeError(
            "reserve-without-source-system", "a reserve identity is asked for together with its source system"
        )
