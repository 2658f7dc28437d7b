"""Access tokens: OAuth 2.0 client credentials, signed, bound to a scenario's generation, checked cheaply."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from anslut_simulators.scenario import State

LIFE_SECONDS: Final = 300
_MAC_BYTES: Final = 16
_REMEMBERED: Final = 4096


class _Claims(msgspec.Struct, frozen=True, array_like=True):
    client: str
    scenario: str
    generation: int
    issued_us: int
    expires_us: int


class Tokens:
    """Issues and checks tokens; a token once checked is remembered, so that the next check is a lookup."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(b"token", key=secret, digest_size=32).digest()
        self._checked: dict[str, _Claims] = {}

    def issue(self, state: State, client: str, *, real_us: int) -> str:
        """Return a token for *client*: 300 seconds of real time, this generation of the scenario."""
        issued = max(real_us, state.tokens_after_us + 1)
        claims = _Claims(client, state.name, state.generation, issued, real_us + LIFE_SECONDS * 1_000_000)
        body = msgspec.json.encode(claims)
        return base64.urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def is_valid(self, token: str, state: State, *, real_us: int) -> bool:
        """Tell whether *token* opens this scenario now."""
        claims = self._checked.get(token)
        if claims is None:
            claims = self._read(token)
            if claims is None:
                return False
            if len(self._checked) >= _REMEMBERED:
                self._checked = {}
            self._checked[token] = claims
        return (
            claims.scenario == state.name
            and claims.generation == state.generation
            and claims.issued_us > state.tokens_after_us
            and claims.expires_us > real_us
        )

    def _read(self, token: str) -> _Claims | None:
        if len(token) > 1000:  # noqa: PLR2004 - ours have about 150 characters
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if not compare_digest(raw[:_MAC_BYTES], self._mac(raw[_MAC_BYTES:])):
            return None
        return msgspec.json.decode(raw[_MAC_BYTES:], type=_Claims)

    def _mac(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_MAC_BYTES).digest()
