"""A keyed permutation that can be run both ways: a generalised Feistel network with cycle walking.

A number below *size* is split over Z_a × Z_b; four rounds add a keyed hash of one half to the other. Numbers
that land outside the set are permuted again until they are inside. It is not a security boundary.
"""

from __future__ import annotations

from hashlib import blake2b
from math import isqrt
from struct import Struct

_ROUND = Struct("<I").pack
_ROUNDS = 4
_PERMUTATION = b"perm"


class Permutation:
    """The permutation of 0 … *size* - 1 called *name* under *key*; other names give unrelated ones."""

    __slots__ = ("_a", "_b", "_rounds", "size")

    def __init__(self, key: bytes, name: bytes, *, size: int) -> None:
        if size < 1:
            raise ValueError("a permutation needs at least one member")
        self.size = size
        self._b = isqrt(size)
        self._a = -(-size // self._b)
        keyed = blake2b(name, key=key, digest_size=8, person=_PERMUTATION)
        rounds = []
        for number in range(_ROUNDS):
            prepared = keyed.copy()
            prepared.update(bytes((number,)))
            rounds.append(prepared)
        self._rounds = tuple(rounds)

    def _mix(self, number: int, half: int) -> int:
        prepared = self._rounds[number].copy()
        prepared.update(_ROUND(half))
        return int.from_bytes(prepared.digest(), "little")

    def forward(self, position: int) -> int:
        """Return where *position* goes; the inverse of `backward`."""
        a, b, mix = self._a, self._b, self._mix
        while True:
            left, right = divmod(position, b)
            left = (left + mix(0, right)) % a
            right = (right + mix(1, left)) % b
            left = (left + mix(2, right)) % a
            right = (right + mix(3, left)) % b
            position = left * b + right
            if position < self.size:
                return position

    def backward(self, position: int) -> int:
        """Return what goes to *position*; the inverse of `forward`."""
        a, b, mix = self._a, self._b, self._mix
        while True:
            left, right = divmod(position, b)
            right = (right - mix(3, left)) % b
            left = (left - mix(2, right)) % a
            right = (right - mix(1, left)) % b
            left = (left - mix(0, right)) % a
            position = left * b + right
            if position < self.size:
                return position
