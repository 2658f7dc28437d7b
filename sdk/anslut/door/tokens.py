"""Bearer tokens: OAuth 2.0 JWTs signed by an issuer whose keys are published at a JWKS URL."""

from __future__ import annotations

import threading
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import requests
from anslut_contracts.clock import SystemClock
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from anslut.errors import SettingsError, SourceUnavailableError, UnauthenticatedError

if TYPE_CHECKING:
    from anslut.settings import Settings

ALGORITHMS = (
    "RS256",
    "PS256",
    "ES256",
    "ES384",
    "Ed25519",
    "EdDSA",
)  # asymmetric only: never none, never HS*
LEEWAY_SECONDS = 10
_REFRESH_SECONDS = 300
_LEAST_SECONDS_BETWEEN = 2.0
_LONGEST_TOKEN = 8_192
_MOST_TOKENS = 1_000


class JwtVerifier:
    """Verifies tokens against the issuer's keys, which are kept, and fetched anew for an unknown key."""

    def __init__(self, settings: Settings) -> None:
        """Keep where the keys are; they are fetched when the first token comes."""
        if not settings.jwks_url or not settings.audience:
            raise SettingsError("bearer tokens need both ANSLUT_JWKS_URL and ANSLUT_AUDIENCE")
        self._url = settings.jwks_url
        self._clock = SystemClock()
        self._verify: str | bool = settings.ca_file or True
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            exp={"essential": True},
            aud={"essential": True, "value": settings.audience},
            iss={"essential": True, **({"value": settings.issuer} if settings.issuer else {})},
        )
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._known: dict[bytes, tuple[str, float]] = {}  # digests of tokens that hold: whose, until when

    def caller(self, token: str) -> str:
        """Return the claim `hsa_id`; raise `UnauthenticatedError` when the token does not hold."""
        if len(token) > _LONGEST_TOKEN:
            raise UnauthenticatedError("the token is too long")
        keys, fetched = self._key_set(newer_than=time.monotonic() - _REFRESH_SECONDS)
        digest = blake2b(token.encode(), digest_size=32).digest()
        hsa_id, good_until = self._known.get(digest, ("", 0.0))
        if self._clock.now().timestamp() < good_until:
            return hsa_id
        claims = self._verified(token, keys, fetched)
        hsa_id = str(claims["hsa_id"])
        with self._lock:
            if len(self._known) >= _MOST_TOKENS:
                self._known.clear()
            if self._fetched == fetched:
                self._known[digest] = hsa_id, float(claims["exp"])
        return hsa_id

    def _verified(self, token: str, keys: KeySet, fetched: float) -> dict[str, Any]:
        claims = self._signature_holds(token, keys, fetched)
        try:
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError):
            raise UnauthenticatedError("the token has expired, or is not meant for this connector") from None
        hsa_id = claims.get("hsa_id")
        if not isinstance(hsa_id, str) or not hsa_id or not isinstance(claims.get("client_id"), str):
            raise UnauthenticatedError("the token lacks the claims hsa_id and client_id")
        return claims

    def _signature_holds(self, token: str, keys: KeySet, fetched: float) -> dict[str, Any]:
        try:
            return self._decode(token, keys)
        except (JoseError, ValueError, KeyError, TypeError):
            # Perhaps signed with a key newer than ours: look once, not more often than every few seconds.
            newer, fetched_again = self._key_set(newer_than=time.monotonic() - _LEAST_SECONDS_BETWEEN)
            if fetched_again == fetched:
                raise UnauthenticatedError("the token does not hold") from None
            try:
                return self._decode(token, newer)
            except (JoseError, ValueError, KeyError, TypeError):
                raise UnauthenticatedError("the token does not hold") from None

    @staticmethod
    def _decode(token: str, keys: KeySet) -> dict[str, Any]:
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)

    def _key_set(self, *, newer_than: float) -> tuple[KeySet, float]:
        with self._lock:
            if self._keys is None or self._fetched < newer_than:
                self._keys = self._fetch()
                self._known.clear()  # a key may have been withdrawn
                self._fetched = time.monotonic()
            return self._keys, self._fetched

    def _fetch(self) -> KeySet:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(self._url, timeout=5, verify=self._verify, allow_redirects=False)
            answer.raise_for_status()
            published = [key for key in answer.json()["keys"] if key.get("kty") != "oct"]
            return KeySet.import_key_set({"keys": published})
        except (requests.RequestException, JoseError, ValueError, KeyError, TypeError, AttributeError):
            if self._keys is not None:
                return self._keys
            raise SourceUnavailableError("the issuer's keys cannot be fetched just now") from None
