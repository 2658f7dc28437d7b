"""A source system without records, for tests of what happens to answers; and a client that hides nothing."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_simulators.calls import Answer, Call

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from anslut_simulators.truth import Event, Identity, Reason

JSON = ('{"poster": [' + ", ".join(f'"Återbesök på måndag, {n}"' for n in range(20)) + "]}").encode()
XML = ('<?xml version="1.0" encoding="ISO-8859-1"?><a>' + "Vårdcentralen Åsen. " * 10 + "</a>").encode(
    "latin-1"
)
LINES = tuple(f'{{"samtal": {n}, "råd": "Sök vård"}}\n'.encode() for n in range(6))


class PlainSystem:
    """Answers three paths, the same to everybody."""

    name = "plain"
    types: tuple[str, ...] = ()
    faults: frozenset[str] = frozenset({"stale-cursor"})

    def answer(self, call: Call) -> Answer:
        """Answer JSON, XML or a stream."""
        if call.path == "/xml":
            return Answer(200, XML, content_type="text/xml; charset=ISO-8859-1")
        if call.path == "/stream":
            return Answer(200, content_type="application/x-ndjson", chunks=LINES)
        if call.path == "/clock":
            return Answer(200, str(call.clock_us - call.real_us).encode())
        if hit := call.fault("stale-cursor"):
            return Answer(410, str(hit.below(1000, "cursor")).encode())
        return Answer(200, JSON, (("ETag", '"1"'),))

    def keyword(self, reason: Reason) -> str:
        """Return the reason."""
        return reason

    def identify(self, call: Call) -> Identity | None:
        """Know nobody."""
        del call

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Fail with a word."""
        return Answer(status, b"no", (("Retry-After", str(retry_after)),) if retry_after is not None else ())

    def missing(self, event: Event) -> list[str]:
        """Miss nothing."""
        del event
        return []

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Suggest nothing."""
        del base_url
        return []


@dataclass(frozen=True, kw_only=True)
class Got:
    """What came over a connection until its end."""

    head: str
    body: bytes
    was_reset: bool

    @property
    def status(self) -> int:
        """The status code; 0 without an answer."""
        return int(self.head.split(" ")[1]) if self.head else 0

    @property
    def headers(self) -> dict[str, str]:
        """The headers, by name in lower case."""
        rows = (line.partition(": ") for line in self.head.split("\r\n")[1:] if line)
        return {name.lower(): value for name, _, value in rows}

    @property
    def chunks(self) -> list[bytes]:
        """The HTTP chunks of the body as they were cut; the last is empty if the body was ended in order."""
        found, rest = [], self.body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            found.append(rest[:length])
            rest = rest[length + 2 :]
        return found


def connect(control: ControlClient, path: str, *, method: str = "GET", version: str = "1.1") -> socket.socket:
    """Send a request for *path* of the plain system and return the connection."""
    port = int(control.base_url.rpartition(":")[2])
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    line = f"{method} /s/{control.scenario}/plain{path} HTTP/{version}"
    connection.sendall(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return connection


def ask(control: ControlClient, path: str = "/json", *, method: str = "GET", version: str = "1.1") -> Got:
    """Ask the plain system for *path* and return everything that comes, and how it ends."""
    answer, was_reset = b"", False
    with connect(control, path, method=method, version=version) as connection:
        while True:
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                was_reset = True
                break
            if not part:
                break
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return Got(head=head.decode("latin-1"), body=body, was_reset=was_reset)
