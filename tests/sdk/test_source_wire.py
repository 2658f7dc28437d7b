"""A source client on the wire: sources that dribble, fall silent, break off or are not there."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from anslut import SourceClient, deadline
from anslut.errors import (
    SourceFailedError,
    SourceTimeoutError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HSA_ID = "SE2321000999-K001"


def client(url: str, **options: Any) -> SourceClient:
    """Return a client for a test."""
    return SourceClient(url, source=HSA_ID, **options)


@contextmanager
def raw_source(talk: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """Run a source that talks as it likes; *talk* gets each connection and its number."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(32)
    ended = threading.Event()

    def one(connection: socket.socket, number: int) -> None:
        with connection:
            try:
                connection.recv(65_536)
                talk(connection, number)
            except OSError:
                ended.is_set()

    def accept() -> None:
        number = 0
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=one, args=(connection, number), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\n{}"


def dribble(connection: socket.socket, before: bytes) -> None:
    """Send one byte at a time, for ever."""
    connection.sendall(before)
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection, _: dribble(connection, HEAD + b"Content-Length: 100000\r\n\r\n"),
        lambda connection, _: dribble(connection, HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n"),
        lambda connection, _: dribble(connection, b"HTTP/1.1 200 OK\r\nX-Slow: "),
        lambda connection, _: dribble(connection, b""),
        lambda _connection, _: time.sleep(5),
    ],
    ids=["body", "chunk", "header", "status line", "silence"],
)
def test_the_deadline_holds_as_a_whole(talk: Callable[[socket.socket, int], None]) -> None:
    """A source that dribbles is as late as one that is silent."""
    with raw_source(talk) as url:
        started = time.monotonic()
        with deadline.limit(0.6), pytest.raises(SourceTimeoutError):
            client(url).get("/x")

    assert 0.5 < time.monotonic() - started < 4  # the sources above talk for five seconds and more


def test_a_source_that_falls_silent_has_only_what_is_left() -> None:
    """Each read waits for the rest of the time, not for all of it anew."""

    def talk(connection: socket.socket, _number: int) -> None:
        time.sleep(1.5)
        connection.sendall(HEAD + b"Content-Length: 10\r\n\r\n{")
        time.sleep(8)

    with raw_source(talk) as url:
        started = time.monotonic()
        with deadline.limit(2.0), pytest.raises(SourceTimeoutError):
            client(url).get("/x")

    assert time.monotonic() - started < 3.2  # waiting anew would take 3.5


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
        b"HTP nonsense\r\n\r\n",
    ],
    ids=["closed", "short body", "short chunk", "no HTTP"],
)
def test_a_broken_connection_is_tried_again(broken: bytes) -> None:
    """And an answer that was cut is never taken for a whole one."""

    def talk(connection: socket.socket, number: int) -> None:
        connection.sendall(broken if number == 1 else WHOLE)

    with raw_source(talk) as url:
        assert client(url).get("/x") == {}


def test_an_answer_that_always_breaks_off_is_a_failure() -> None:
    """Not an empty answer."""
    with (
        raw_source(lambda connection, _: connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{}")) as url,
        pytest.raises(SourceFailedError) as caught,
    ):
        client(url).get("/x")

    assert caught.value.retryable


def test_nobody_at_home_is_unavailable() -> None:
    """A refused connection may be accepted in a while."""
    with pytest.raises(SourceUnavailableError):
        client("http://127.0.0.1:1").get("/x")
