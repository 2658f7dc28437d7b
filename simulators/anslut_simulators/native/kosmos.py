"""Kosmos: REST with JSON, cursors and OAuth 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.native.door import Door, Native
from anslut_simulators.population.identities import NATIONAL_RESERVE_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Identity

_PATIENTS: Final = "/api/v2/patienter"
_RESOURCES: Final = ("anteckningar", "diagnoser", "labbsvar", "vardkontakter", "remisser", "lakemedel")
_LISTS: Final = ("anteckningstyper", "diagnoser", "analyser", "roller", "enheter", "material")
_CENTENARIANS: Final = 1923


def person(door: Door, identity: Identity) -> Iterator[Native]:
    """Yield the key and every page of every resource; nothing about somebody unknown."""
    _log_in(door)
    search = door.found("POST", f"{_PATIENTS}/sok", json=_number(identity))
    if search is None:
        return
    yield Native(what=f"POST {_PATIENTS}/sok", form="json", body=search.content)
    key = search.json()["patientnyckel"]
    for resource in _RESOURCES:
        cursor: str | None = "antal=100"
        while cursor is not None:
            answer = door.found("GET", f"{_PATIENTS}/{key}/{resource}?{cursor}")
            if answer is None:
                break
            yield Native(what=f"GET {_PATIENTS}/{{nyckel}}/{resource}", form="json", body=answer.content)
            following = answer.json()["nasta"]
            last, cursor = cursor, f"antal=100&markor={following}" if following else None
            if cursor == last:  # a system that is made to fail can give the same page for ever
                break


def rest(door: Door) -> Iterator[Native]:
    """Yield the code lists and the change feed."""
    _log_in(door)
    for name in _LISTS:
        path = f"/api/v2/koder/{name}"
        yield Native(what=f"GET {path}", form="json", body=door.call("GET", path).content)
    after, latest = 0, 1
    while after < latest:
        answer = door.call("GET", f"/api/v2/andringar?efter={after}&antal=100")
        yield Native(what="GET /api/v2/andringar", form="json", body=answer.content)
        feed = answer.json()
        latest = feed["senaste"]
        after = max((one["lopnr"] for one in feed["handelser"]), default=latest)


def _log_in(door: Door) -> None:
    answer = door.call(
        "POST",
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(door.client_id, door.client_secret),
    )
    door.trust(answer.json()["access_token"])


def _number(identity: Identity) -> dict[str, str]:
    number = identity.extension
    if identity.root == NATIONAL_RESERVE_ID:
        return {"reservnummer": number}
    sign = "+" if int(number[:4]) <= _CENTENARIANS else "-"
    return {"personnummer": f"{number[2:8]}{sign}{number[8:]}"}
