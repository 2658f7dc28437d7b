"""The examiner's own token issuer: keys over loopback HTTP, good tokens and every bad kind."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

import orjson
from anslut_contracts.clock import SystemClock
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

if TYPE_CHECKING:
    from types import TracebackType

#: Kinds of token `Issuer.token` mints; anything else is sent as it stands.
TOKEN_KINDS = (
    "valid",
    "expired",
    "wrong-audience",
    "wrong-issuer",
    "wrong-key",
    "alg-none",
    "not-yet-valid",
    "no-client",
)

_LIFE_SECONDS = 600
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _key(label: str) -> ECKey:
    """Return a key made from *label*: the same in every run, so that a connector may keep what it fetched."""
    number = int.from_bytes(blake2b(label.encode(), person=b"anslut-issuer", digest_size=32).digest()) % (
        _P256_ORDER - 1
    )
    private = ec.derive_private_key(number + 1, ec.SECP256R1())
    return ECKey.import_key(private, {"kid": "anslut-examiner", "use": "sig", "alg": "ES256"})


@dataclass(kw_only=True)
class Issuer:
    """Serves a JWKS on loopback while open, and mints ES256 tokens for *audience*."""

    audience: str = "anslut-connector"
    port: int = 0
    client_id: str = "anslut-examiner"
    hsa_id: str = "SE2321000999-1177"
    _server: ThreadingHTTPServer | None = None
    _minted: dict[str, tuple[float, str]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        keys = orjson.dumps({"keys": [_key("examiner").as_dict(private=False)]})

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/jwk-set+json")
                self.send_header("Content-Length", str(len(keys)))
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *args: object) -> None:
                del args  # nobody reads it

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="anslut-issuer", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self) -> str:
        """The issuer's name (`iss`)."""
        assert self._server is not None  # noqa: S101 - used outside its with block: our own mistake
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def jwks_url(self) -> str:
        """Where the public keys are."""
        return f"{self.url}/jwks.json"

    def token(self, kind: str = "valid") -> str:
        """Return a token of one of `TOKEN_KINDS`; anything else is returned as it stands."""
        if kind not in TOKEN_KINDS:
            return kind
        made, token = self._minted.get(kind, (0.0, ""))
        if time.monotonic() - made > _LIFE_SECONDS / 2 or not token:
            token = self._mint(kind)
            self._minted[kind] = (time.monotonic(), token)
        return token

    def _mint(self, kind: str) -> str:
        now = int(SystemClock().now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.url,
            "sub": self.client_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + _LIFE_SECONDS,
            "client_id": self.client_id,
            "hsa_id": self.hsa_id,
        }
        match kind:
            case "expired":
                claims |= {"iat": now - 7200, "exp": now - 3600}
            case "not-yet-valid":
                claims |= {"nbf": now + 3600}
            case "wrong-audience":
                claims["aud"] = "another-connector"
            case "wrong-issuer":
                claims["iss"] = "http://127.0.0.1:9/another-issuer"
            case "no-client":
                del claims["client_id"], claims["hsa_id"], claims["sub"]
        if kind == "alg-none":
            head, body = ({"alg": "none", "typ": "JWT"}, claims)
            return f"{_segment(head)}.{_segment(body)}."
        key = _key("somebody else" if kind == "wrong-key" else "examiner")
        return jwt.encode({"alg": "ES256", "kid": "anslut-examiner", "typ": "JWT"}, claims, key)


def _segment(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=").decode()
