"""Who a chart is about: numbers as identifiers with an OID, never in an address, and one Patient to an identity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.country import PERSONNUMMER, RESERVNUMMER, SAMORDNINGSNUMMER
from anslut_simulators.natal.outcome import outcome
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FORMS: Final = {
    PERSONNUMMER: re.compile(r"[0-9]{12}\Z"),
    SAMORDNINGSNUMMER: re.compile(r"[0-9]{12}\Z"),
    RESERVNUMMER: re.compile(r"[0-9]{8}[A-Z0-9]{4}\Z"),
}
_OID: Final = "urn:oid:"


def identity_of(system: str, value: str) -> Identity:
    """Return the identity searched for; raise 400 for one that Natal does not write so."""
    root = system.removeprefix(_OID)
    form = _FORMS.get(root) if system.startswith(_OID) else None
    if form is None or not form.match(value):
        text = "identifier skrivs urn:oid:… för numrets serie, ett streck (|) och numret utan skiljetecken"
        raise outcome(400, "value", text)
    return Identity(root=root, extension=value)


def identifier(identity: Identity) -> dict[str, str]:
    """Return *identity* as an Identifier."""
    return {"system": f"{_OID}{identity.root}", "value": identity.extension}


def patient(
    identity: Identity, others: Iterable[Identity], *, seal: Callable[[Identity], str]
) -> dict[str, Any]:
    """Return the Patient resource of *identity*, with links to the same person's *others*."""
    found: dict[str, Any] = {
        "resourceType": "Patient",
        "id": seal(identity),
        "active": True,
        "identifier": [identifier(identity)],
    }
    links = [
        {"type": "seealso", "other": {"reference": f"Patient/{seal(other)}"}}
        for other in others
        if other != identity
    ]
    return {**found, "link": links} if links else found
