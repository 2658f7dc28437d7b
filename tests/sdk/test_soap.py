"""The SOAP client against a small source that answers as it is told to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from anslut.errors import SourceDataError, SourceFailedError, SourceRefusedError
from anslut.source.soap import ENVELOPE, SignIn, SoapClient

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

NAMESPACE = "urn:prov"
SOURCE = "SE2321000999-V001"
SIGN_IN = SignIn(path="/in", operation="In", user="vem", password="hemligt", key="nyckel", seconds="sekunder")


def envelope(inner: str) -> bytes:
    """Return an answer in ISO-8859-1."""
    text = f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>{inner}</e:Body></e:Envelope>'
    return ('<?xml version="1.0" encoding="ISO-8859-1"?>' + text).encode("latin-1")


class Source(ThreadingHTTPServer):
    """A source that gives *answers* in turn, the last one for ever, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, bytes, str]] = []
        self.asked: list[tuple[str, str, bytes]] = []

    def say(self, inner: str, *, status: int = 200, media_type: str = "text/xml; charset=ISO-8859-1") -> None:
        """Give this answer next."""
        self.answers.append((status, envelope(inner), media_type))


class Handler(BaseHTTPRequestHandler):
    """Answers a POST."""

    server: Source

    def do_POST(self) -> None:
        """Keep the question, and give the next answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers.get("Authorization", ""), body))
        answers = self.server.answers
        status, answer, media_type = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(name="source")
def running_source() -> Iterator[Source]:
    """Return a source that runs."""
    with Source() as source:
        thread = threading.Thread(target=source.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield source
        source.shutdown()
        thread.join()


def client(source: Source, *, sign_in: SignIn | None = None) -> SoapClient:
    """Return a client of the source."""
    from anslut import ClientCredentials  # noqa: PLC0415 - beside its use

    return SoapClient(
        f"http://127.0.0.1:{source.server_address[1]}",
        source=SOURCE,
        namespace=NAMESPACE,
        sign_in=sign_in,
        credentials=ClientCredentials(client_id="a&b", client_secret="<hemligt>") if sign_in else None,
    )


def test_an_operation_is_asked_and_answered(source: Source) -> None:
    """Fields are escaped, what is None is left out, and the answer's element comes back."""
    source.say(f'<Svar xmlns="{NAMESPACE}"><namn>Åsa</namn></Svar>')
    answer = client(source).call("/fraga", "Sok", namn="<Å&B>", antal=3, tomt=None)

    assert answer.value("namn") == "Åsa"
    path, _, body = source.asked[0]
    assert path == "/fraga"
    assert "<namn>&lt;Å&amp;B&gt;</namn><antal>3</antal></Sok>".encode() in body


@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_is_a_failure_whatever_its_status(source: Source, status: int) -> None:
    """And its text, which may quote anybody, stays where it was."""
    source.say(
        "<e:Fault><faultcode>e:Server</faultcode><faultstring>19840514-2384</faultstring></e:Fault>",
        status=status,
    )

    with pytest.raises(SourceFailedError) as caught:
        client(source).call("/fraga", "Sok")
    assert "2384" not in str(caught.value)
    assert caught.value.source == SOURCE


@pytest.mark.parametrize(
    ("inner", "media_type"),
    [
        ('<Svar xmlns="urn:annan"/>', "text/xml"),
        ("", "text/xml"),
        (f'<Svar xmlns="{NAMESPACE}"/><Svar xmlns="{NAMESPACE}"/>', "text/xml"),
        (f'<Svar xmlns="{NAMESPACE}"/>', "text/html"),
        (f'<Svar xmlns="{NAMESPACE}"/>', "application/json"),
        (f'<Svar xmlns="{NAMESPACE}"/>', "text/xml; charset=utf-8"),
        ("</e:Body>", "text/xml"),
    ],
)
def test_what_is_no_answer_is_refused(source: Source, inner: str, media_type: str) -> None:
    """Another operation's, none, two, a proxy's page, or an encoding that contradicts itself."""
    source.say(inner, media_type=media_type)

    with pytest.raises(SourceDataError):
        client(source).call("/fraga", "Sok")


def test_a_session_is_begun_kept_and_renewed(source: Source) -> None:
    """One key for many calls; when it is refused, another is fetched and the question asked again."""
    key = f'<InSvar xmlns="{NAMESPACE}"><nyckel>{{}}</nyckel><sekunder>300</sekunder></InSvar>'
    good = f'<Svar xmlns="{NAMESPACE}"/>'
    source.say(key.format("ett"))
    source.say(good)
    source.say(good)
    source.say("<e:Fault/>", status=401)
    source.say(key.format("två").replace("två", "tva"))
    source.say(good)
    caller = client(source, sign_in=SIGN_IN)
    for _ in range(3):
        caller.call("/fraga", "Sok")

    assert [(path, authorization) for path, authorization, _ in source.asked] == [
        ("/in", ""),
        ("/fraga", "Bearer ett"),
        ("/fraga", "Bearer ett"),
        ("/fraga", "Bearer ett"),
        ("/in", ""),
        ("/fraga", "Bearer tva"),
    ]
    assert b"<vem>a&amp;b</vem><hemligt>&lt;hemligt&gt;</hemligt>" in source.asked[0][2]


def test_a_wrong_password_is_not_tried_over_and_over(source: Source) -> None:
    """Accounts get locked; and the error says what to look at."""
    source.say("<e:Fault/>", status=401)

    with pytest.raises(SourceFailedError, match="ANSLUT_SOURCE_CLIENT_ID"):
        client(source, sign_in=SIGN_IN).call("/fraga", "Sok")
    assert len(source.asked) == 1


def test_a_refusal_is_a_refusal(source: Source) -> None:
    """4xx will not get better by asking again."""
    source.say("<e:Fault/>", status=404)

    with pytest.raises(SourceRefusedError):
        client(source).call("/fraga", "Sok")
    assert len(source.asked) == 1
