"""Patient keys: an identity sealed so that the system can open it and nobody can read it; nothing is stored."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from anslut_simulators.country import PERSONNUMMER, RESERVNUMMER, SAMORDNINGSNUMMER
from anslut_simulators.truth import Identity

_ROOTS: Final = (PERSONNUMMER, SAMORDNINGSNUMMER, RESERVNUMMER)
_TAG_BYTES: Final = 7
_EXTENSION_BYTES: Final = 12
_LENGTH: Final = 1 + (_TAG_BYTES + 1 + _EXTENSION_BYTES) * 8 // 5


class PatientKeys:
    """Seals and opens the patient keys of one scenario; another scenario's keys do not open.

    A synthetic initial vector: the tag authenticates the identity and is the nonce of the key stream, so the
    same identity always has the same key, and a changed key never opens.
    """

    def __init__(self, secret: bytes) -> None:
        self._tag_key = blake2b(b"tag", key=secret, digest_size=32).digest()
        self._stream_key = blake2b(b"stream", key=secret, digest_size=32).digest()

    def seal(self, identity: Identity) -> str:
        """Return the patient key of *identity*: `K` and 32 letters or digits."""
        plain = bytes([_ROOTS.index(identity.root)]) + identity.extension.encode()
        tag = self._tag(plain)
        sealed = base64.b32encode(tag + self._stream(tag, plain)).decode()
        return f"K{sealed}"

    def open(self, key: str) -> Identity | None:
        """Return the identity sealed in *key*, or None when the system never made that key."""
        if len(key) != _LENGTH or not key.startswith("K"):
            return None
        try:
            raw = base64.b32decode(key[1:])
        except (binascii.Error, ValueError):
            return None
        tag = raw[:_TAG_BYTES]
        plain = self._stream(tag, raw[_TAG_BYTES:])
        if not compare_digest(tag, self._tag(plain)):
            return None
        return Identity(root=_ROOTS[plain[0]], extension=plain[1:].decode())

    def _tag(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._tag_key, digest_size=_TAG_BYTES).digest()

    def _stream(self, tag: bytes, text: bytes) -> bytes:
        stream = blake2b(tag, key=self._stream_key, digest_size=len(text)).digest()
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))
