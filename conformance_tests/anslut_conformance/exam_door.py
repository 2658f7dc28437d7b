"""The connector's door with the examiner's manners, and the evidence of what was said at it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from anslut_contracts.http_headers import CONSUMER_HEADER, CORRELATION_HEADERS

from anslut_conformance.doors import PATIENCE_SECONDS, Door, Reply
from anslut_conformance.errors import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_conformance.issuer import Issuer

#: HSA-id of the consumer the examiner asks as: 1177 Journalen, fictional.
CONSUMER = "SE2321000999-1177"
#: HSA-id of another one: what other caregivers read, fictional.
OTHER_CONSUMER = "SE2321000999-C0001"


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its reply, kept while the check runs and shown when it fails."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    reply: Reply | None = None


@dataclass(slots=True)
class ExamDoor:
    """The connector's door with the examiner's manners: consumer header, token, correlation id, evidence."""

    raw: Door
    issuer: Issuer | None
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=6))
    calls: int = 0
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def waiting(self) -> bool:
        """Whether the connector has been asked something it has not answered."""
        return self._open > 0

    @property
    def name(self) -> str:
        """`in-process`, `http` or `rivta`."""
        return self.raw.name

    @property
    def form(self) -> str:
        """The form of what is asked and answered: `json`, or `rivta`."""
        return "rivta" if self.name == "rivta" else "json"

    def search(
        self,
        type_: str,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str | None] | None = None,
        token: str | None = "valid",  # noqa: S107 - the kind of a token, not one
        timeout: float = PATIENCE_SECONDS,
    ) -> Reply:
        """Post *body* to the search of *type_*; bytes go as they are.

        *token* is `valid`, `expired`, `wrong-audience`, `wrong-key`, `alg-none`, a token of your own, or None for
        no Authorization header. A header set to None is left out.
        """
        payload = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.call(
            "POST",
            f"/v1/{type_}/search",
            headers={"Content-Type": "application/json", **(headers or {})},
            body=payload,
            token=token,
            timeout=timeout,
        )

    def try_search(self, type_: str, body: Mapping[str, Any] | bytes) -> Reply | None:
        """Search as `search` does, or return None when the door's form has no words for the question."""
        try:
            return self.search(type_, body)
        except NotApplicableError:
            return None

    def get(self, path: str, *, token: str | None = "valid", timeout: float = PATIENCE_SECONDS) -> Reply:  # noqa: S107 - a kind
        """Get *path* (`/v1/connector`, `/health/ready`, `/metrics`)."""
        return self.call("GET", path, token=token, timeout=timeout)

    def call(  # noqa: PLR0913 - the parts of a request, named at the call
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str | None] | None = None,
        body: bytes | None = None,
        token: str | None = "valid",  # noqa: S107 - the kind of a token, not one
        timeout: float = PATIENCE_SECONDS,
    ) -> Reply:
        """Send any request; see `search` for *token* and *headers*. Safe to call from several threads."""
        with self._lock:
            self.calls += 1
            number = self.calls
        own: dict[str, str | None] = {
            "Accept": "application/json, application/problem+json",
            CONSUMER_HEADER: CONSUMER,
            CORRELATION_HEADERS[0]: f"00000000-0000-4000-8000-{number:012d}",
        }
        if token is not None and self.issuer is not None:
            own["Authorization"] = f"Bearer {self.issuer.token(token)}"
        own.update(headers or {})
        sent = {key: value for key, value in own.items() if value is not None}
        exchange = Exchange(method=method, path=path, headers=sent, body=body)
        self.exchanges.append(exchange)
        with self._lock:
            self._open += 1
        try:
            exchange.reply = self.raw.call(method, path, headers=sent, body=body, timeout=timeout)
        finally:
            with self._lock:
                self._open -= 1
        return exchange.reply
