"""OAuth 2.0 client credentials: a token kept while it holds, renewed when the source no longer takes it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anslut import deadline
from anslut.errors import SourceFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.source.reply import SourceReply

_OK = 200
_EARLY_SECONDS = 30.0
_DEFAULT_LIFE_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """Where and with what to get a token; *path* is below the source's address."""

    client_id: str
    client_secret: str = field(repr=False)
    path: str = "/oauth/token"
    scope: str | None = None


class TokenKeeper:
    """Keeps one token for all threads; only one of them fetches a new one."""

    def __init__(self, fetch: Callable[[], SourceReply], *, source: str) -> None:
        """*fetch* asks the token endpoint once."""
        self._fetch = fetch
        self._source = source
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def token(self, *, refused: str | None = None) -> str:
        """Return a token; *refused* is one the source no longer takes, and is not returned again."""
        with deadline.held(self._lock, source=self._source):
            if not self._token or self._token == refused or time.monotonic() >= self._good_until:
                self._renew()
            return self._token

    def _renew(self) -> None:
        reply = self._fetch()
        document = reply.document
        token = document.get("access_token") if isinstance(document, dict) else None
        if reply.status != _OK or not isinstance(token, str) or not token:
            raise SourceFailedError(
                "the source gave no token: check ANSLUT_SOURCE_CLIENT_ID and its secret", source=self._source
            )
        life = document.get("expires_in", _DEFAULT_LIFE_SECONDS)
        seconds = float(life) if isinstance(life, int | float) else _DEFAULT_LIFE_SECONDS
        self._token = token
        self._good_until = time.monotonic() + max(seconds - _EARLY_SECONDS, seconds / 2)
