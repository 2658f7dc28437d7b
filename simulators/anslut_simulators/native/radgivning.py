"""Rådgivningsstödet: a stream of JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.native.door import Door, Native
from anslut_simulators.population.identities import NATIONAL_RESERVE_ID, PERSONNUMMER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Identity

_LISTS: Final = ("rubriker", "kontaktorsaker", "roller", "enheter")


def person(door: Door, identity: Identity) -> Iterator[Native]:
    """Yield the person's stream."""
    door.trust(door.client_secret)
    number = identity.extension
    if identity.root == NATIONAL_RESERVE_ID:
        asked = {"typ": "RES", "nummer": number}
    else:
        kind = "PNR" if identity.root == PERSONNUMMER else "SAM"
        asked = {"typ": kind, "nummer": f"{number[:8]}-{number[8:]}"}
    answer = door.call("POST", "/v1/strommar", json={"person": asked})
    yield Native(what="POST /v1/strommar", form="ndjson", body=answer.content)


def rest(door: Door) -> Iterator[Native]:
    """Yield the code lists and the change feed."""
    door.trust(door.client_secret)
    for name in _LISTS:
        path = f"/v1/kodverk/{name}"
        yield Native(what=f"GET {path}", form="ndjson", body=door.call("GET", path).content)
    after, more = 0, True
    while more:
        answer = door.call("GET", f"/v1/andringar?efter={after}&antal=500")
        yield Native(what="GET /v1/andringar", form="ndjson", body=answer.content)
        lines = [msgspec.json.decode(line) for line in answer.content.splitlines()]
        numbers = [line["lopnr"] for line in lines if "lopnr" in line]
        more = bool(numbers)
        after = max(numbers, default=after)
