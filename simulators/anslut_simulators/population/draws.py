"""Keyed draws: every value of the world is a hash addressed by what it is about, never drawn in sequence.

A new field, another order, another process or another Python cannot shift a value (blake2b, RFC 7693).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _blake2 import blake2b as Blake2b  # noqa: N812 - the type of what hashlib.blake2b returns

_SIXTEEN = Struct("<16I").unpack
_EIGHT_BYTES = Struct("<Q")
_DRAW = b"draw"

Section = tuple[int, ...]


@lru_cache(maxsize=65536)
def label(*parts: str | int) -> bytes:
    """Return *parts* as bytes that no other sequence of parts gives.

    Each part is its kind (1 text, 2 integer), its length in bytes as u16, and its bytes: UTF-8, or an i64.
    All numbers are little-endian.
    """
    written = bytearray()
    for part in parts:
        if isinstance(part, str):
            body = part.encode()
            written += b"\x01"
        else:
            body = part.to_bytes(8, "little", signed=True)
            written += b"\x02"
        written += len(body).to_bytes(2, "little") + body
    return bytes(written)


def below(word: int, count: int) -> int:
    """Turn a 32-bit *word* into an integer in 0 … *count* - 1."""
    return (word * count) >> 32


class PersonDraws:
    """The draws of one person (or of any other numbered thing)."""

    __slots__ = ("_hash",)

    def __init__(self, keyed: Blake2b, number: int) -> None:
        self._hash = keyed.copy()
        self._hash.update(_EIGHT_BYTES.pack(number))

    def section(self, path: bytes) -> Section:
        """Return the sixteen 32-bit words at *path* (made by `label`)."""
        message = self._hash.copy()
        message.update(path)
        return _SIXTEEN(message.digest())


class Draws:
    """The draws of a world, by the number of what they are about."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(key=key, digest_size=64, person=_DRAW)

    def of(self, number: int) -> PersonDraws:
        """Return the draws of person *number*."""
        return PersonDraws(self._keyed, number)
