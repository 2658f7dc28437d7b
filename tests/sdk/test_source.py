"""The client for source systems, against real sockets that misbehave."""

from __future__ import annotations

import gzip
import threading
import time
from datetime import date
from typing import Any

import pytest
from anslut import ClientCredentials, SourceClient, deadline
from anslut.errors import (
    AnslutError,
    SettingsError,
    SourceDataError,
    SourceFailedError,
    SourceRefusedError,
    SourceTimeoutError,
    SourceUnavailableError,
)
from anslut.source.breaker import Breaker

HSA_ID = "SE2321000999-K001"
JSON = {"Content-Type": "application/json"}
CREDENTIALS = ClientCredentials(client_id="kosmos-é", client_secret="hemlig")


def client(url: str, **options: Any) -> SourceClient:
    """Return a client for a test."""
    return SourceClient(url, source=HSA_ID, **options)


class TokenSource:
    """Answers like a source with OAuth: a token is taken until `expire`."""

    def __init__(self) -> None:
        self.given = 0
        self.lock = threading.Lock()
        self.life: object = 300

    def expire(self) -> None:
        """Take no token given so far."""
        with self.lock:
            self.good = f"token-{self.given + 1}"

    good = "token-1"

    def __call__(self, _method: str, path: str, _body: bytes, headers: dict[str, str]) -> Any:
        """Answer one call."""
        if path == "/oauth/token":
            with self.lock:
                self.given += 1
                return (
                    200,
                    JSON,
                    f'{{"access_token": "token-{self.given}", "expires_in": {self.life}}}'.encode(),
                )
        if headers["authorization"] != f"Bearer {self.good}":
            return 401, JSON, b"{}"
        return 200, JSON, b'{"ok": true}'


def test_one_token_serves_all_threads(fake_source: Any) -> None:
    """Ten calls at once at a cold start ask for one token."""
    fake_source.answers = source = TokenSource()
    kosmos = client(fake_source.url, credentials=CREDENTIALS)
    threads = [threading.Thread(target=kosmos.get, args=("/x",)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert source.given == 1
    assert [path for _, path, _ in fake_source.calls].count("/x") == 10


def test_a_token_the_source_no_longer_takes_is_renewed_silently(fake_source: Any) -> None:
    """Nobody is to notice that a token ended before its time."""
    fake_source.answers = source = TokenSource()
    kosmos = client(fake_source.url, credentials=CREDENTIALS)
    kosmos.get("/x")
    source.expire()

    assert kosmos.get("/x") == {"ok": True}
    assert source.given == 2


def test_a_token_is_renewed_before_it_ends(fake_source: Any) -> None:
    """A token of two seconds is good for one."""
    fake_source.answers = source = TokenSource()
    source.life = 0.2
    kosmos = client(fake_source.url, credentials=CREDENTIALS)
    kosmos.get("/x")
    source.expire()
    time.sleep(0.15)
    kosmos.get("/x")

    refused = [call for call in fake_source.calls if call[1] == "/x"]
    assert len(refused) == 2


def test_wrong_credentials_are_for_a_human(fake_source: Any) -> None:
    """Asking again with the same secret helps nobody; the secret is not told."""
    fake_source.answers = lambda *_: (401, JSON, b'{"error": "invalid_client"}')

    with pytest.raises(SourceFailedError, match="ANSLUT_SOURCE_CLIENT_ID") as caught:
        client(fake_source.url, credentials=CREDENTIALS).get("/x")

    assert "hemlig" not in f"{caught.value!r} {CREDENTIALS!r}"
    assert not caught.value.retryable


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_passing_failure_is_asked_again(fake_source: Any, status: int) -> None:
    """A resident should not see a hiccup."""
    statuses = iter([status, status])
    fake_source.answers = lambda *_: (next(statuses, 200), JSON, b'{"ok": true}')

    assert client(fake_source.url).get("/x") == {"ok": True}
    assert len(fake_source.calls) == 3


def test_retry_after_is_honoured(fake_source: Any) -> None:
    """The source says when; asking earlier makes it worse."""
    answers = iter([(429, {**JSON, "Retry-After": "1"}, b"{}")])
    fake_source.answers = lambda *_: next(answers, (200, JSON, b"{}"))
    started = time.monotonic()

    client(fake_source.url).get("/x")

    assert time.monotonic() - started >= 1.0


def test_a_retry_after_beyond_the_deadline_is_passed_on_at_once(fake_source: Any) -> None:
    """Waiting in vain helps nobody; the caller is told when to come back."""
    fake_source.answers = lambda *_: (429, {**JSON, "Retry-After": "120"}, b"{}")
    started = time.monotonic()

    with deadline.limit(5), pytest.raises(SourceUnavailableError) as caught:
        client(fake_source.url).get("/x")

    assert caught.value.retry_after_seconds == 120
    assert time.monotonic() - started < 4  # not waited to the deadline


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((500, JSON, b"{}"), SourceFailedError),
        ((503, JSON, b"{}"), SourceUnavailableError),
        ((504, JSON, b"{}"), SourceTimeoutError),
        ((400, JSON, b'{"fel": "199001022384"}'), SourceRefusedError),
        ((404, {"Content-Type": "text/html"}, b"<p>"), SourceRefusedError),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), SourceDataError),
        ((204, JSON, b""), SourceDataError),
        ((200, {"Content-Type": "text/html"}, b"{}"), SourceDataError),
        ((200, {}, b"{}"), SourceDataError),
        ((200, {"Content-Type": "application/json; charset=iso-8859-1"}, b"{}"), SourceDataError),
        ((200, JSON, b'{"a": '), SourceDataError),
        ((200, JSON, b'{"a": "\xe5"}'), SourceDataError),
        ((200, JSON, b"\xef\xbb\xbf{}"), SourceDataError),
        ((200, JSON, b'{"a": NaN}'), SourceDataError),
        ((200, JSON, b"[" * 10_000 + b"]" * 10_000), SourceDataError),
        ((200, JSON, b"[" * 101 + b"]" * 101), SourceDataError),
        ((200, JSON, b'"' + b"x" * 40_000_000 + b'"'), SourceDataError),
        (
            (200, {**JSON, "Content-Encoding": "gzip"}, gzip.compress(b'"' + b"x" * 40_000_000 + b'"')),
            SourceDataError,
        ),
        ((200, {**JSON, "Content-Encoding": "gzip"}, b"not gzip"), SourceFailedError),
    ],
)
def test_an_answer_that_is_not_one_is_never_half_believed(
    fake_source: Any, answer: Any, expected: type[AnslutError]
) -> None:
    """Each becomes the error that says what to do next, and repeats nothing."""
    fake_source.answers = lambda *_: answer

    with pytest.raises(expected) as caught:
        client(fake_source.url).get("/patienter/K1")

    assert type(caught.value) is expected
    assert caught.value.source == HSA_ID
    assert "199001022384" not in str(caught.value)
    assert "K1" not in str(caught.value)


def test_an_expected_refusal_is_an_answer(fake_source: Any) -> None:
    """`Not found` may mean that the person is unknown, which the author tells apart by the document."""
    fake_source.answers = lambda *_: (404, JSON, b'{"fel": "PATIENT_SAKNAS"}')

    reply = client(fake_source.url).ask("POST", "/sok", json={}, expect=(200, 404))

    assert (reply.status, reply.document) == (404, {"fel": "PATIENT_SAKNAS"})
    assert "PATIENT" not in repr(reply)


def test_all_pages_are_fetched(fake_source: Any) -> None:
    """The cursor is followed to the end, with the same parameters."""

    def answer(_method: str, path: str, *_: Any) -> Any:
        following = {"/r?antal=2": b'"m1"', "/r?antal=2&markor=m1": b'"m2"'}.get(path, b"null")
        return 200, JSON, b'{"poster": [{"p": 1}], "nasta": ' + following + b"}"

    fake_source.answers = answer
    rows = client(fake_source.url).pages(
        "/r", items="poster", cursor="nasta", cursor_param="markor", params={"antal": 2}
    )

    assert len(list(rows)) == 3
    assert fake_source.calls[-1][1] == "/r?antal=2&markor=m2"


@pytest.mark.parametrize(
    "second",
    [
        (500, JSON, b"{}"),
        (200, JSON, b'{"poster": null}'),
        (200, JSON, b'{"poster": ["text"]}'),
        (200, JSON, b"[]"),
        (200, JSON, b'{"poster": [], "nasta": "m1"}'),
        (200, JSON, b'{"poster": [], "nasta": {}}'),
    ],
)
def test_half_a_list_is_no_list(fake_source: Any, second: Any) -> None:
    """A page that cannot be had, or leads round in circles, raises."""
    first = (200, JSON, b'{"poster": [{}], "nasta": "m1"}')
    fake_source.answers = lambda _method, path, *_: second if "m1" in path else first

    with pytest.raises(SourceFailedError):
        list(client(fake_source.url).pages("/r", items="poster", cursor="nasta", cursor_param="markor"))
    assert len(fake_source.calls) <= 5


def test_a_source_that_has_been_away_for_long_is_let_be(fake_source: Any) -> None:
    """After many failures in a row the answer comes at once, and after a pause the source is tried again."""
    kosmos = client(fake_source.url)
    kosmos._breaker = Breaker(failures=2, pause_seconds=0.3)
    up = threading.Event()
    fake_source.answers = lambda *_: (200 if up.is_set() else 503, JSON, b"{}")
    for _ in range(2):
        with pytest.raises(SourceUnavailableError):
            kosmos.get("/x")
    asked = len(fake_source.calls)

    with pytest.raises(SourceUnavailableError, match="let be"):
        kosmos.get("/x")
    assert len(fake_source.calls) == asked
    up.set()
    time.sleep(0.35)
    assert kosmos.get("/x") == {}
    assert kosmos.get("/x") == {}


def test_the_breaker_lets_calls_through_at_the_same_time() -> None:
    """A breaker that holds its lock while it calls would make ten callers queue."""
    breaker = Breaker(failures=3, pause_seconds=60)
    breaker.failed()
    breaker.failed()

    assert [breaker.may_call() for _ in range(10)] == [True] * 10
    breaker.failed()
    assert [breaker.may_call() for _ in range(10)] == [False] * 10


def test_the_environment_s_proxy_is_not_used(fake_source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray variable must not send records through somebody's proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    fake_source.answers = lambda *_: (200, JSON, b"{}")

    assert client(fake_source.url).get("/x") == {}


def test_no_call_carries_what_another_was_given(fake_source: Any) -> None:
    """A session cookie would tie one person's call to the next one's."""
    seen = []

    def answer(_method: str, _path: str, _body: bytes, headers: dict[str, str]) -> Any:
        seen.append(headers["cookie"])
        return 200, {**JSON, "Set-Cookie": "session=anna; Path=/"}, b"{}"

    fake_source.answers = answer
    kosmos = client(fake_source.url)
    kosmos.get("/x")
    kosmos.get("/x")

    assert seen == ["", ""]


def test_waiting_for_another_s_token_ends_with_the_own_deadline(fake_source: Any) -> None:
    """One caller's patience is not another's."""

    def answer(*_: Any) -> Any:
        time.sleep(3.0)
        return 200, JSON, b'{"access_token": "t"}'

    fake_source.answers = answer
    kosmos = client(fake_source.url, credentials=CREDENTIALS)
    first = threading.Thread(target=kosmos.get, args=("/x",))
    first.start()
    time.sleep(0.2)
    started = time.monotonic()
    with deadline.limit(0.3), pytest.raises(SourceTimeoutError):
        kosmos.get("/x")
    waited = time.monotonic() - started
    first.join()

    assert waited < 2  # the other's token takes three seconds


def test_the_source_s_own_calendar_is_known(fake_source: Any) -> None:
    """What century a ten-digit number means is for the source's clock to say."""
    fake_source.answers = lambda *_: (200, JSON, b'{"access_token": "t"}')
    kosmos = client(fake_source.url, credentials=CREDENTIALS)

    assert isinstance(kosmos.today(), date)
    assert [path for _, path, _ in fake_source.calls] == ["/oauth/token"]


def test_an_address_must_be_http() -> None:
    """The message names the setting."""
    with pytest.raises(SettingsError, match="ANSLUT_SOURCE_URL"):
        client("")
