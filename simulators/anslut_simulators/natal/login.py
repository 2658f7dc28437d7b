"""How a connector logs in to Natal: OAuth 2.0 client credentials, as SMART backend services do, by Basic or form."""

from __future__ import annotations

import base64
import binascii
from hmac import compare_digest
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote_plus

import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.credentials import credentials
from anslut_simulators.natal.outcome import OutcomeError, outcome
from anslut_simulators.tokens import LIFE_SECONDS, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPE: Final = "system/*.read"
_FORM: Final = "application/x-www-form-urlencoded"


class Login:
    """Gives tokens for credentials, and checks tokens."""

    def __init__(self, system: str, *, secret: bytes) -> None:
        self._system = system
        self._tokens = Tokens(secret)

    def token(self, call: Call) -> Answer:
        """Answer the token endpoint: 200 with a token, else 401 or 400 with an error (RFC 6749, 5.2)."""
        try:
            form = parse_qs(call.body.decode("ascii"), max_num_fields=20, strict_parsing=bool(call.body))
        except ValueError:
            raise _oauth(400, "invalid_request") from None
        if not call.content_type.startswith(_FORM):
            raise _oauth(400, "invalid_request")
        if form.get("grant_type") != ["client_credentials"]:
            raise _oauth(400, "unsupported_grant_type")
        if form.get("scope", [SCOPE]) != [SCOPE]:
            raise _oauth(400, "invalid_scope")
        client, secret = _presented(call, form)
        known = credentials(self._system, call.state.name)
        if not (
            compare_digest(client.encode(), known.client_id.encode())
            and compare_digest(secret.encode(), known.client_secret.encode())
        ):
            raise _oauth(401, "invalid_client")
        call.consumer = client
        token = self._tokens.issue(call.state, client, real_us=call.clock_us)
        body = {"access_token": token, "token_type": "bearer", "expires_in": LIFE_SECONDS, "scope": SCOPE}
        return Answer(200, orjson.dumps(body), (("Cache-Control", "no-store"),))

    def check(self, call: Call) -> str:
        """Return the client that the call's token was issued to; raise 401 without a valid one."""
        scheme, _, token = call.authorization.partition(" ")
        if not token or scheme.lower() != "bearer":
            raise outcome(401, "login", "Ett åtkomstbevis krävs", headers=(("WWW-Authenticate", "Bearer"),))
        if not self._tokens.is_valid(token, call.state, real_us=call.clock_us):
            headers = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)
            raise outcome(401, "expired", "Åtkomstbeviset gäller inte, eller inte längre", headers=headers)
        return f"{self._system}-{call.state.name}"


def _presented(call: Call, form: Mapping[str, list[str]]) -> tuple[str, str]:
    if not call.authorization:
        return form.get("client_id", [""])[0], form.get("client_secret", [""])[0]
    scheme, _, value = call.authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _oauth(401, "invalid_client")
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise _oauth(401, "invalid_client") from None
    client, _, secret = text.partition(":")
    return unquote_plus(client), unquote_plus(secret)


def _oauth(status: int, error: str) -> OutcomeError:
    headers = (("WWW-Authenticate", 'Basic realm="Natal"'),) if status == 401 else ()  # noqa: PLR2004 - HTTP's own
    return OutcomeError(Answer(status, orjson.dumps({"error": error}), headers))
