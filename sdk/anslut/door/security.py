"""Who calls: mutual TLS, bearer tokens, or (on loopback only) nobody asked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from anslut.errors import ForbiddenError, UnauthenticatedError
from anslut.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from anslut.settings import Settings

SERIAL_NUMBER = "serialNumber"
# A system's HSA-id: SE2321000999-1177, HSASERVICES-106J, T_SERVICES_SE165565594230-1023. An organisation's number
# has at least 20 where a person's has the month: a certificate may hold the number of its holder, and a log must not.
_SYSTEM = re.compile(
    r"[A-Z][A-Z_]{1,19}(?:(?:16)?[0-9]{2}[2-9][0-9]{7})?-([0-9A-Z]{1,18})", re.ASCII | re.IGNORECASE
)


class TokenVerifier(Protocol):
    """Whatever can tell a caller's HSA-id from a bearer token."""

    def caller(self, token: str) -> str:
        """Return the caller's HSA-id; raise `UnauthenticatedError` when the token does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How callers prove who they are; with both ways set, a caller must do both.

    `tokens` verifies bearer tokens, `certificates` demands a client certificate whose subject's serialNumber
    is the caller's HSA-id. With neither, authentication is off: only calls from this machine are answered.
    `callers` are the HSA-ids of those who may ask; when empty, whoever has proven who they are.
    """

    tokens: TokenVerifier | None = None
    certificates: bool = False
    callers: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return what *settings* ask for: tokens with a JWKS URL, certificates with a client CA."""
        tokens = None
        if settings.jwks_url:
            from anslut.door.tokens import JwtVerifier  # noqa: PLC0415 - cryptography is slow to import

            tokens = JwtVerifier(settings)
        return cls(tokens=tokens, certificates=bool(settings.client_ca), callers=settings.allowed_callers)

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

        It is in capitals: HSA-ids are the same in any case. Raise `UnauthenticatedError` without proof, or when what
        is proven is no system's HSA-id; `ForbiddenError` for a call from another machine while authentication is
        off, when certificate and token name different callers, or for a caller that is not among `callers`.
        """
        if self.is_off:
            _only_loopback(environ)
            return None
        proven = {_certificate_caller(environ)} if self.certificates else set()
        if self.tokens:
            proven.add(_system(self.tokens.caller(_bearer(environ)), what="the token's hsa_id"))
        if len(proven) > 1:
            raise ForbiddenError("the certificate and the token name different callers")
        caller = proven.pop()
        if self.callers and caller not in self.callers:
            raise ForbiddenError("this caller is not among those who may ask")
        return caller


def _bearer(environ: Mapping[str, Any]) -> str:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError("send a bearer token in the Authorization header")
    return str(token.strip())


def _certificate_caller(environ: Mapping[str, Any]) -> str:
    connection = environ.get("gunicorn.socket")
    certificate: dict[str, Any] | None = getattr(connection, "getpeercert", dict)()
    subject = (attribute for part in (certificate or {}).get("subject", ()) for attribute in part)
    values = {str(value) for name, value in subject if name == SERIAL_NUMBER and value}
    if len(values) != 1:
        raise UnauthenticatedError(
            "send a client certificate whose subject has the caller's HSA-id as serialNumber"
        )
    return _system(values.pop(), what="the serialNumber of the client certificate's subject")


def is_system_id(text: str) -> bool:
    """Return whether *text* is a system's HSA-id; what is not may be a person's number, and goes nowhere."""
    found = _SYSTEM.fullmatch(text)
    return found is not None and redact(found[1]) == found[1]


def _system(hsa_id: str, *, what: str) -> str:
    """Return *hsa_id* in capitals when it is a system's."""
    if not is_system_id(hsa_id):
        raise UnauthenticatedError(f"{what} must be the HSA-id of the calling system")
    return hsa_id.upper()


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
