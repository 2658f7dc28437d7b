"""A door carries bytes, and turns everything a connector can do wrong with them into something a check can read."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from anslut_conformance.doors import HttpDoor, InProcessDoor
from anslut_conformance.errors import Finding
from anslut_conformance.exam_door import CONSUMER, ExamDoor
from anslut_conformance.issuer import Issuer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_conformance.doors import Door, Reply


def ask(
    door: Door, *, path: str = "/v1/notes/search", body: bytes | None = b"{}", timeout: float = 5.0
) -> Reply:
    """Post *body*."""
    return door.call("POST", path, headers={"Content-Type": "application/json"}, body=body, timeout=timeout)


def test_an_application_gets_what_a_server_would_give_it() -> None:
    """Path, query, headers and body, byte by byte."""
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("201 Created", [("X-Many", "a"), ("X-Many", "b")])
        return [b"{", b"}"]

    reply = ask(InProcessDoor(application), path="/v1/n%C3%A5/search?a=1", body="å".encode())

    assert (seen["PATH_INFO"].encode("latin-1").decode(), seen["QUERY_STRING"]) == ("/v1/nå/search", "a=1")
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == ("application/json", "2")
    assert seen["body"] == "å".encode()
    assert (reply.status, reply.json(), reply.headers["x-many"]) == (201, {}, "a, b")


def test_an_exception_that_leaves_an_application_is_a_500(capsys: pytest.CaptureFixture[str]) -> None:
    """As behind any server; its traceback goes where the program's output goes."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        del environ, start_response
        raise RuntimeError("boom")

    reply = ask(InProcessDoor(application))

    assert (reply.status, reply.body) == (500, b"")
    assert "RuntimeError: boom" in capsys.readouterr().err


def test_a_body_that_is_not_json_is_a_finding_that_shows_it() -> None:
    """Not an error of ours."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        del environ
        start_response("200 OK", [])
        return [b"<html>"]

    with pytest.raises(Finding) as found:
        ask(InProcessDoor(application)).json()

    assert found.value.got == "<html>"


@contextmanager
def listening(answer: bytes | None) -> Iterator[str]:
    """Yield the address of a server that reads a request, writes *answer*, and hangs up; None: never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                if answer is None:
                    done.wait(10)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        done.set()
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "connection broke"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "connection broke"),
        (None, "no answer within"),
    ],
)
def test_a_connector_that_hangs_up_or_is_silent_is_a_finding(answer: bytes | None, said: str) -> None:
    """It is the connector's doing, and never a pass."""
    with listening(answer) as url, pytest.raises(Finding, match=said):
        ask(HttpDoor(url), timeout=0.3)


def test_nobody_listening_is_a_finding_too() -> None:
    """The look before the run turns it into a fault of the set-up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Finding, match="connection broke"):
        ask(HttpDoor(f"http://127.0.0.1:{port}"))


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    """Following it would take a person's number somewhere else."""
    moved = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with listening(moved) as url:
        assert ask(HttpDoor(url)).status == 307


class Recorder:
    """A door that keeps the headers it was given."""

    name = "in-process"

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []

    def call(self, method: str, path: str, *, headers: Any, body: bytes | None, timeout: float) -> Any:
        """Keep the headers."""
        del method, path, body, timeout
        self.headers.append(dict(headers))

    def close(self) -> None:
        """Nothing to close."""


def test_the_examiner_asks_as_1177_with_a_token_unless_told_otherwise() -> None:
    """A header set to None is left out; a token of one's own is sent as it is."""
    recorder = Recorder()
    with Issuer() as issuer:
        door = ExamDoor(recorder, issuer)
        door.search("diagnoses", {})
        door.search("diagnoses", {}, token=None, headers={"x-skltp-correlation-id": None})
        door.search("diagnoses", {}, token="home-made")

    plain, bare, own = recorder.headers
    assert plain["x-rivta-original-serviceconsumer-hsaid"] == CONSUMER
    assert plain["Authorization"].startswith("Bearer ey")
    assert plain["x-skltp-correlation-id"]
    assert not {"Authorization", "x-skltp-correlation-id"} & set(bare)
    assert own["Authorization"] == "Bearer home-made"
