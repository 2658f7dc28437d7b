"""Bundles: pages of resources with links, and the tokens that say where the next page goes on."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_simulators.truth import Event

Resource = dict[str, Any]
Place = tuple[int, str]

_MAC_BYTES: Final = 10
_PLACE_BYTES: Final = 8


class InvalidPageError(Exception):
    """The token was not made for this query, or not by Natal."""


class PageTokens:
    """Writes and reads the tokens of pages; *query* is any text that names what they belong to."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(b"page", key=secret, digest_size=32).digest()

    def write(self, query: str, last: Event) -> str:
        """Return the token that continues after *last*."""
        time, event_id = place_of(last)
        body = time.to_bytes(_PLACE_BYTES, "big", signed=True) + event_id.encode()
        return base64.urlsafe_b64encode(self._mac(query, body) + body).decode().rstrip("=")

    def read(self, query: str, token: str) -> Place:
        """Return the place that *token* stands for; raise `InvalidPageError` when it is not of *query*."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InvalidPageError from None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not compare_digest(mac, self._mac(query, body)):
            raise InvalidPageError
        return int.from_bytes(body[:_PLACE_BYTES], "big", signed=True), body[_PLACE_BYTES:].decode()

    def _mac(self, query: str, body: bytes) -> bytes:
        return blake2b(query.encode() + b"\0" + body, key=self._key, digest_size=_MAC_BYTES).digest()


def place_of(event: Event) -> Place:
    """Return where *event* stands: newest first, equal times in order of id, so that every page agrees."""
    return int(event.occurred_at.timestamp()), event.id


def entry(resource: Resource, base: str, *, mode: str = "match") -> Resource:
    """Return *resource* as an entry of a searchset below the server's *base* address."""
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }


def bundle(
    kind: str, entries: Iterable[Resource], *, self_link: str, next_link: str | None = None, updated: str
) -> Resource:
    """Return a Bundle of *kind*; FHIR allows no empty list of entries."""
    links = [{"relation": "self", "url": self_link}]
    if next_link is not None:
        links.append({"relation": "next", "url": next_link})
    found: Resource = {
        "resourceType": "Bundle",
        "type": kind,
        "meta": {"lastUpdated": updated},
        "link": links,
    }
    if rows := list(entries):
        found["entry"] = rows
    return found
