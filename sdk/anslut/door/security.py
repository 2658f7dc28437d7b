"""Who calls: mutual TLS, bearer tokens, or (on loopback only) nobody asked."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from anslut.errors import ForbiddenError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from anslut.settings import Settings

SERIAL_NUMBER = "serialNumber"


class TokenVerifier(Protocol):
    """Whatever can tell a caller's HSA-id from a bearer token."""

    def caller(self, token: str) -> str:
        """Return the caller's HSA-id; raise `UnauthenticatedError` when the token does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How callers prove who they are; with both ways set, a caller must do both.

    `tokens` verifies bearer tokens, `certificates` demands a client certificate whose subject's serialNumber
    is the caller's HSA-id. With neither, authentication is off: only calls from this machine are answered.
    """

    tokens: TokenVerifier | None = None
    certificates: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return what *settings* ask for: tokens with a JWKS URL, certificates with a client CA."""
        tokens = None
        if settings.jwks_url:
            from anslut.door.tokens import JwtVerifier  # noqa: PLC0415 - cryptography is slow to import

            tokens = JwtVerifier(settings)
        return cls(tokens=tokens, certificates=bool(settings.client_ca))

    @property
    def mode(self) -> str:
        """The way callers are authenticated, for the start-up message."""
        ways = [
            *(["mutual TLS"] if self.certificates else []),
            *(["bearer tokens"] if self.tokens else []),
        ]
        return " and ".join(ways) or "OFF (loopback only)"

    @property
    def is_off(self) -> bool:
        """Whether nobody is asked who they are."""
        return self.tokens is None and not self.certificates

    def caller(self, environ: Mapping[str, Any]) -> str | None:
        """Return the proven HSA-id of the caller of a WSGI request, or `None` where authentication is off.

        Raise `UnauthenticatedError` without proof, `ForbiddenError` for a call from another machine while
        authentication is off, or when certificate and token name different callers.
        """
        if self.is_off:
            _only_loopback(environ)
            return None
        from_certificate = _certificate_caller(environ) if self.certificates else None
        from_token = self.tokens.caller(_bearer(environ)) if self.tokens else None
        if from_certificate and from_token and from_certificate != from_token:
            raise ForbiddenError("the certificate and the token name different callers")
        return from_certificate or from_token


def _bearer(environ: Mapping[str, Any]) -> str:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("send a bearer token in the Authorization header")
    return str(token.strip())


def _certificate_caller(environ: Mapping[str, Any]) -> str:
    connection = environ.get("gunicorn.socket")
    certificate: dict[str, Any] | None = getattr(connection, "getpeercert", dict)()
    for part in (certificate or {}).get("subject", ()):
        for name, value in part:
            if name == SERIAL_NUMBER and value:
                return str(value)
    raise UnauthenticatedError(
        "send a client certificate whose subject has the caller's HSA-id as serialNumber"
    )


def _only_loopback(environ: Mapping[str, Any]) -> None:
    forwarded = any(
        environ.get(name) for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
    )
    address = environ.get("REMOTE_ADDR") or "127.0.0.1"  # no address: a call within the machine
    if forwarded or not is_loopback(address):
        raise ForbiddenError("authentication is off, so only calls from this machine are answered")


def is_loopback(host: str) -> bool:
    """Return whether *host*, an address or a name, can only be reached from this machine."""
    if host == "127.0.0.1":  # what nearly every call on loopback comes from
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
