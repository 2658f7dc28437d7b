"""What a connector logs in to a simulated system with: made up, the same every time, printed freely."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A client id and its secret."""

    client_id: str
    client_secret: str


def credentials(system: str, scenario: str) -> Credentials:
    """Return the credentials of *scenario*'s connector in *system*."""
    return Credentials(client_id=f"{system}-{scenario}", client_secret=f"hemlig-{scenario}")
