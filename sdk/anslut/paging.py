"""Partial answers: newest first, and a reference to where the next one goes on.

The reference is a signed keyset cursor: the event time and a digest of the documentId of the last entry
delivered, and a digest of the query. It holds no identity, needs no memory anywhere, does not age, and is
not disturbed by entries that are added meanwhile.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from anslut_contracts.validation import SchemaError

from anslut.errors import InvalidQueryError
from anslut.filtering import event_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORM = struct.Struct(">Bq8s16s")
_VERSION = 1
LARGEST_BYTES = 14_000_000  # the national limit is 15 MB, and an answer is more than its entries
_SIGNATURE_BYTES = 16
_PLACE = "/hasMoreReference"


class Position(NamedTuple):
    """Where an entry stands in an answer: newest first, equals in the order of their ids' digests."""

    minus_time: int
    id_digest: bytes


def position(type_name: str, entry: dict[str, Any], key: bytes) -> Position:
    """Return the place of *entry* (plain JSON) in an answer."""
    digest = blake2b(entry["header"]["documentId"].encode(), key=key, digest_size=8).digest()
    return Position(-event_time(type_name, entry), digest)


def query_digest(type_name: str, query: Mapping[str, Any], key: bytes) -> bytes:
    """Return 16 bytes that stand for the query without its reference; keyed, so nobody can guess back."""
    asked = {
        name: sorted(value, key=_sortable) if isinstance(value, list) else value
        for name, value in query.items()
        if name != "hasMoreReference" and value != []
    }
    plain = orjson.dumps([type_name, asked], option=orjson.OPT_SORT_KEYS)
    return blake2b(plain, key=key, digest_size=16).digest()


def _sortable(item: object) -> bytes:
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)


def write_reference(last: Position, digest: bytes, key: bytes) -> str:
    """Return the reference that goes on after *last*."""
    body = _FORM.pack(_VERSION, last.minus_time, last.id_digest, digest)
    return urlsafe_b64encode(body + _sign(body, key)).decode().rstrip("=")


def read_reference(reference: str, digest: bytes, key: bytes) -> Position:
    """Return where to go on; raise `InvalidQueryError` for a reference of another query, or not from here."""
    try:
        raw = urlsafe_b64decode(reference + "=" * (-len(reference) % 4))
    except (Base64Error, ValueError):
        raw = b""
    body, signature = raw[: _FORM.size], raw[_FORM.size :]
    if len(body) != _FORM.size or not hmac.compare_digest(signature, _sign(body, key)):
        raise _refused("the reference was not given by this connector")
    version, minus_time, id_digest, asked = _FORM.unpack(body)
    if version != _VERSION or not hmac.compare_digest(asked, digest):
        raise _refused("the reference belongs to another query; ask with identical parameters")
    return Position(minus_time, id_digest)


def page(
    placed: Sequence[tuple[Position, dict[str, Any]]], *, after: Position | None, size: int
) -> tuple[list[dict[str, Any]], Position | None]:
    """Return at most the next *size* entries in order, and the last one's position when there are more.

    Fewer when they would weigh more than an answer may.
    """
    rest = sorted((pair for pair in placed if after is None or pair[0] > after), key=lambda pair: pair[0])
    chosen = rest[:size]
    while len(chosen) > 1 and len(orjson.dumps([entry for _, entry in chosen])) > LARGEST_BYTES:
        chosen = chosen[: len(chosen) // 2]
    more = chosen[-1][0] if len(rest) > len(chosen) else None
    return [entry for _, entry in chosen], more


def _sign(body: bytes, key: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=_SIGNATURE_BYTES).digest()


def _refused(message: str) -> InvalidQueryError:
    return InvalidQueryError(message, errors=[SchemaError(path=_PLACE, rule="reference", message=message)])
