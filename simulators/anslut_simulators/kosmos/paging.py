"""Kosmos' cursors: a signed place in a list that is ordered newest first, good for one query only."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.truth import Event

_MAC_BYTES: Final = 10
_PLACE_BYTES: Final = 8


class InvalidCursorError(Exception):
    """The cursor was not made for this query, or not by Kosmos."""


class Cursors:
    """Writes and reads cursors; *query* is any text that names the query they belong to."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(b"cursor", key=secret, digest_size=32).digest()

    def write(self, query: str, last: Event) -> str:
        """Return the cursor that continues after *last*."""
        body = _place(last).to_bytes(_PLACE_BYTES, "big", signed=True) + last.id.encode()
        return base64.urlsafe_b64encode(self._mac(query, body) + body).decode().rstrip("=")

    def read(self, query: str, cursor: str) -> tuple[int, str]:
        """Return the place that *cursor* stands for; raise `InvalidCursorError` when it is not of *query*."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InvalidCursorError from None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not compare_digest(mac, self._mac(query, body)):
            raise InvalidCursorError
        return int.from_bytes(body[:_PLACE_BYTES], "big", signed=True), body[_PLACE_BYTES:].decode()

    def _mac(self, query: str, body: bytes) -> bytes:
        return blake2b(query.encode() + b"\0" + body, key=self._key, digest_size=_MAC_BYTES).digest()


def newest_first(events: Sequence[Event]) -> list[Event]:
    """Return *events* with the newest first; equal times in order of id, so that every page agrees."""
    return sorted(events, key=lambda event: (event.occurred_at.timestamp(), event.id), reverse=True)


def after(events: Sequence[Event], place: tuple[int, str]) -> list[Event]:
    """Return those of *events* that come after *place* in the order newest first."""
    return [event for event in events if (_place(event), event.id) < place]


def _place(event: Event) -> int:
    return int(event.occurred_at.timestamp())
