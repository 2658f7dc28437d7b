"""Natal: FHIR R4, with Bundles that link to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_simulators.native.door import Door, Native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Identity


def person(door: Door, identity: Identity) -> Iterator[Native]:
    """Yield the search for the person and every page of the whole chart."""
    _log_in(door)
    form = {"identifier": f"urn:oid:{identity.root}|{identity.extension}"}
    search = door.call("POST", "/fhir/Patient/_search", data=form)
    yield Native(what="POST /fhir/Patient/_search", form="json", body=search.content)
    for entry in search.json().get("entry", ()):
        path = f"/fhir/Patient/{entry['resource']['id']}/$everything?_count=200"
        yield from _pages(door, path, "GET /fhir/Patient/{id}/$everything")


def rest(door: Door) -> Iterator[Native]:
    """Yield what Natal can do, its units and the history."""
    _log_in(door)
    yield Native(what="GET /fhir/metadata", form="json", body=door.call("GET", "/fhir/metadata").content)
    yield from _pages(door, "/fhir/Organization", "GET /fhir/Organization")
    yield from _pages(door, "/fhir/_history?_after=0&_count=100", "GET /fhir/_history")


def _pages(door: Door, path: str, what: str) -> Iterator[Native]:
    following: str | None = path
    while following:
        answer = door.call("GET", following)
        yield Native(what=what, form="json", body=answer.content)
        links = answer.json().get("link", ())
        following = next((one["url"] for one in links if one["relation"] == "next"), None)


def _log_in(door: Door) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/*.read"}
    answer = door.call("POST", "/auth/token", data=form, auth=(door.client_id, door.client_secret))
    door.trust(answer.json()["access_token"])
