"""The client for a source system that speaks HTTP and JSON."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Self

import requests
from anslut_contracts.clock import SystemClock
from requests.auth import HTTPBasicAuth

from anslut import deadline
from anslut.errors import (
    SettingsError,
    SourceDataError,
    SourceFailedError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from anslut.source import reply as replies
from anslut.source.breaker import Breaker
from anslut.source.oauth import ClientCredentials, TokenKeeper
from anslut.source.reply import IncompleteError, SourceReply
from anslut.source.sockets import DeadlineAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date

    from anslut_contracts.clock import Clock

    from anslut.settings import Settings

    Reader = Callable[[requests.Response, str], Any]

_UNAUTHORIZED, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE, _GATEWAY_TIMEOUT = 401, 429, 500, 503, 504
_TRIES = 4
_FIRST_WAIT_SECONDS = 0.1
_CONNECT_SECONDS = 5.0
_MOST_PAGES = 10_000


class SourceClient:
    """Asks one source system, from any number of threads.

    Every call keeps to the deadline of the search it serves, as a whole: a source that dribbles is late too.
    Every call here is taken for a read, also POST for a search, and is tried again after a broken connection,
    a server error or 429, with waits that grow and vary, as long as the deadline allows. Answers must be
    JSON in UTF-8, not larger than `largest_bytes` and not nested deeper than `deepest`. No redirects are
    followed and no proxy or certificate settings are taken from the environment. Raise
    `SourceUnavailableError`, `SourceTimeoutError`, `SourceFailedError` or its subclasses `SourceRefusedError`
    (4xx) and `SourceDataError`; none says what was asked or answered.
    """

    def __init__(  # noqa: PLR0913 - settings of a client, all named at the call
        self,
        base_url: str,
        *,
        source: str,
        credentials: ClientCredentials | None = None,
        ca_file: str | None = None,
        client_certificate: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        most_connections: int = 32,
        largest_bytes: int = 32_000_000,
        deepest: int = 100,
        clock: Clock | None = None,
    ) -> None:
        """Prepare for *base_url*; *source* is the HSA-id that errors name. Nothing is asked yet.

        *client_certificate* is the files of a certificate and its key, for a source that asks who we are.
        """
        if not base_url.startswith(("http://", "https://")):
            raise SettingsError("ANSLUT_SOURCE_URL must be an http or https address")
        self._base = base_url.rstrip("/")
        self._source = source
        self._largest, self._deepest = largest_bytes, deepest
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no call knows of another
        self._session.verify = ca_file or True
        self._session.cert = client_certificate
        self._session.headers.update(
            {"Accept": "application/json", "User-Agent": "anslut", **(headers or {})}
        )
        adapter = DeadlineAdapter(pool_connections=4, pool_maxsize=most_connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._breaker = Breaker(failures=20, pause_seconds=1.0)
        self._clock = clock or SystemClock()
        self._ahead = timedelta(0)
        self._credentials = credentials
        self._tokens = TokenKeeper(self._fetch_token, source=source) if credentials else None

    @classmethod
    def from_settings(cls, settings: Settings, *, token_path: str | None = "/oauth/token") -> Self:  # noqa: S107 - a path, not a secret
        """Return a client for the source in *settings*, with OAuth tokens unless *token_path* is `None`."""
        credentials = None
        if token_path is not None:
            credentials = ClientCredentials(
                client_id=settings.source_client_id,
                client_secret=settings.source_client_secret,
                path=token_path,
            )
        return cls(
            settings.source_url,
            source=settings.source_system_ids[0],
            credentials=credentials,
            ca_file=settings.ca_file,
        )

    @property
    def base_url(self) -> str:
        """The address that every path follows, without a slash at its end."""
        return self._base

    @property
    def source(self) -> str:
        """The HSA-id that errors name."""
        return self._source

    def today(self) -> date:
        """Return the date in Sweden by the source's own clock, as its answers told it (`Date`, RFC 9110).

        For what the source reads by its own calendar, such as the century of a ten-digit number. It is this
        machine's date until the source has told one; where tokens are used, getting one is enough.
        """
        if self._tokens:
            self._tokens.token()
        return (self._clock.now() + self._ahead).date()

    def get(self, path: str, *, params: Mapping[str, str | int] | None = None) -> Any:  # noqa: ANN401 - plain JSON
        """Return the JSON document at *path*."""
        return self.ask("GET", path, params=params).document

    def post(self, path: str, *, json: object) -> Any:  # noqa: ANN401 - plain JSON
        """Return the answer to a search that is sent as *json*, so that no identity stands in an address."""
        return self.ask("POST", path, json=json).document

    def pages(
        self,
        path: str,
        *,
        items: str,
        cursor: str,
        cursor_param: str,
        params: Mapping[str, str | int] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield all rows of a list that the source gives in pages, in its order.

        *items* and *cursor* are the answer's fields for the rows and for where to go on (null or absent at
        the end); the cursor is sent back as *cursor_param*. A page that cannot be had raises, so that no half
        list is taken for a whole.
        """
        asked = dict(params or {})
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            document = self.get(path, params=asked)
            rows = document.get(items) if isinstance(document, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise SourceDataError(
                    "a page of the source's list is not what it should be", source=self._source
                )
            yield from rows
            following = document.get(cursor)
            if following is None or following == "":
                return
            if not isinstance(following, str | int) or str(following) in seen:
                raise SourceDataError("the source's list goes round in circles", source=self._source)
            seen.add(str(following))
            asked[cursor_param] = following
        raise SourceDataError("the source's list has no end", source=self._source)

    def ask(  # noqa: PLR0913 - the parts of a request, all named at the call
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        content: tuple[str, bytes] | None = None,
        expect: Collection[int] = (200,),
        read: Reader | None = None,
    ) -> SourceReply:
        """Return the source's answer when its status is in *expect*, else raise what the status means.

        *json*, *form* or *content* (media type and bytes) is sent as the body. *read* makes the document of a
        successful answer that is no JSON document, such as `anslut.source.ndjson.Lines`.
        """
        what: dict[str, Any] = {
            "params": params,
            "json": json,
            "form": form,
            "content": content,
            "read": read,
        }
        token = self._tokens.token() if self._tokens else None
        reply = self._try(method, path, **what, token=token)
        if reply.status == _UNAUTHORIZED and self._tokens:
            token = self._tokens.token(refused=token)
            reply = self._try(method, path, **what, token=token)
        if reply.status not in expect:
            raise self._meaning(reply)
        return reply

    def _fetch_token(self) -> SourceReply:
        credentials = self._credentials
        if credentials is None:
            raise SettingsError("no credentials for the source")
        form = {"grant_type": "client_credentials"} | (
            {"scope": credentials.scope} if credentials.scope else {}
        )
        basic = HTTPBasicAuth(credentials.client_id.encode(), credentials.client_secret.encode())
        return self._try("POST", credentials.path, form=form, basic=basic)

    def _try(self, method: str, path: str, **what: Any) -> SourceReply:  # noqa: ANN401 - passed on
        """Ask until the answer is one that asking again would not better, or time or patience is out."""
        if not self._breaker.may_call():
            raise SourceUnavailableError(
                "the source has been away; it is let be for a moment", source=self._source
            )
        wait: float | None
        failure: Exception
        now = deadline.current()
        with deadline.limit(now.seconds_left()):
            for number in range(1, _TRIES + 1):
                now.check(source=self._source)
                try:
                    reply = self._once(method, path, **what)
                except (SourceUnavailableError, SourceTimeoutError, IncompleteError) as error:
                    failure = error
                    wait = _growing_wait(number)
                else:
                    if reply.status not in {_UNAVAILABLE, _GATEWAY_TIMEOUT}:
                        self._breaker.succeeded()
                    wait = _retry_wait(reply, number)
                    if wait is None:
                        return reply
                    failure = self._meaning(reply)
                if number == _TRIES or isinstance(failure, SourceTimeoutError) or wait >= now.seconds_left():
                    break
                time.sleep(wait)
        if isinstance(failure, IncompleteError):
            raise SourceFailedError("the source's answer broke off", source=self._source, retryable=True)
        if isinstance(failure, SourceTimeoutError) or (
            isinstance(failure, SourceUnavailableError) and failure.retry_after_seconds is None
        ):
            self._breaker.failed()
        raise failure

    def _once(  # noqa: PLR0913 - the parts of a request, all named at the call
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        token: str | None = None,
        form: Mapping[str, str] | None = None,
        content: tuple[str, bytes] | None = None,
        basic: HTTPBasicAuth | None = None,
        read: Reader | None = None,
    ) -> SourceReply:
        left = deadline.current().seconds_left()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if content is not None:
            headers["Content-Type"] = content[0]
        try:
            response = self._session.request(
                method,
                self._base + path,
                params=params,
                json=json,
                data=form if content is None else content[1],
                headers=headers,
                auth=basic,
                timeout=(min(_CONNECT_SECONDS, left), left),
                allow_redirects=False,
                stream=True,
            )
        except requests.Timeout:
            if deadline.current().seconds_left() > 0:
                raise SourceUnavailableError(
                    "no connection to the source in time", source=self._source
                ) from None
            raise SourceTimeoutError("the source did not answer in time", source=self._source) from None
        except requests.ConnectionError:
            deadline.current().check(source=self._source)
            raise SourceUnavailableError("the connection to the source failed", source=self._source) from None
        except requests.RequestException:
            raise SourceFailedError("the call to the source could not be made", source=self._source) from None
        self._ahead = replies.ahead(response, now=self._clock.now()) or self._ahead
        if read is not None and response.ok:
            document = read(response, self._source)
            return SourceReply(status=response.status_code, headers=response.headers, document=document)
        body = replies.read(response, largest_bytes=self._largest, source=self._source)
        document = None
        if response.ok:
            document = replies.json_document(response, body, deepest=self._deepest, source=self._source)
        else:
            document = self._failure_document(response, body)
        return SourceReply(status=response.status_code, headers=response.headers, document=document)

    def _failure_document(self, response: requests.Response, body: bytes) -> Any:  # noqa: ANN401 - plain JSON
        """Return what an answer that is no success says, or `None` when it says nothing that we know."""
        return replies.json_if_any(response, body, deepest=self._deepest)

    def _meaning(self, reply: SourceReply) -> Exception:
        status = reply.status
        if status in {_TOO_MANY, _UNAVAILABLE}:
            error = SourceUnavailableError("the source is busy", source=self._source)
            seconds = _seconds(reply)
            error.retry_after_seconds = None if seconds is None else max(1, round(seconds))
            return error
        if status == _GATEWAY_TIMEOUT:
            return SourceTimeoutError(
                "something on the way to the source did not answer in time", source=self._source
            )
        if status >= _SERVER_ERROR:
            return SourceFailedError(f"the source failed ({status})", source=self._source, retryable=True)
        return SourceRefusedError(
            f"the source refused the call ({status})", source_status=status, source=self._source
        )


def _seconds(reply: SourceReply) -> float | None:
    """Return the seconds of a Retry-After header; a date there is not understood."""
    value = str(reply.headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdigit() else None


def _retry_wait(reply: SourceReply, number: int) -> float | None:
    """Return how long to wait before asking again, or `None` when this answer stands."""
    if reply.status != _TOO_MANY and reply.status < _SERVER_ERROR:
        return None
    told = _seconds(reply)
    return _growing_wait(number) if told is None else told + _growing_wait(1)


def _growing_wait(number: int) -> float:
    """Return seconds to wait after try *number*: twice as long each time, give or take a half."""
    return _FIRST_WAIT_SECONDS * (1 << (number - 1)) * (50 + secrets.randbelow(101)) / 100
