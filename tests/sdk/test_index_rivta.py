"""Telling the index in RIV-TA: what the national index demands of a call, and what counts as its word."""

from __future__ import annotations

import ssl
import threading
from dataclasses import replace
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import trustme
from anslut import Change, PersonId
from anslut.door import create_app
from anslut.errors import AnslutError, IndexRefusedError, SettingsError
from anslut.index import Announcer
from anslut_contracts.identity import PERSONNUMMER
from anslut_contracts.rivta.envelope import Fault, write_fault
from anslut_contracts.rivta.update import UpdateResult, write_result
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.parametrize("told", ["rivta"], indirect=True)

ANNA = PersonId(root=PERSONNUMMER, extension="199001022384")
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SCHEMA = "itintegration.engagementindex/1.0.10-current/interactions/UpdateInteraction/UpdateResponder_1.0.xsd"
XML = {"Content-Type": "text/xml; charset=utf-8"}


def wrapped(inside: str) -> bytes:
    """Return an envelope around text."""
    return f'<e:Envelope xmlns:e="{SOAP[1:-1]}"><e:Body>{inside}</e:Body></e:Envelope>'.encode()


def result(code: Any, comment: str | None = None) -> tuple[int, dict[str, str], bytes]:
    """Return an answer with a result."""
    return 200, XML, wrapped(write_result(UpdateResult(code=code, comment=comment)))


def fault(text: str, status: int = 500) -> tuple[int, dict[str, str], bytes]:
    """Return a fault."""
    return status, XML, write_fault(Fault(code="Server", text=text)).encode()


@pytest.fixture
def changed(source: Any, make: Any) -> Any:
    """Return the connector after something has happened to somebody."""
    source.feed = [Change(patient_id=ANNA, type="diagnoses")]
    source.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    return source


@pytest.mark.usefixtures("changed")
def test_a_call_is_what_the_official_schema_and_the_basic_profile_demand(
    announcer: Announcer, told: Any, national_schemas: Path
) -> None:
    """SOAP 1.1 with a quoted SOAPAction, LogicalAddress of the index's owner, and the schema's Update in the body."""
    seen: dict[str, str] = {}

    def answers(_method: str, _path: str, _body: bytes, headers: dict[str, str]) -> Any:
        seen.update(headers)
        return told.form.ok

    told.at.answers = answers
    announcer.announce()
    ((method, path, body),) = told.calls
    root = etree.fromstring(body)
    judge = etree.XMLSchema(etree.parse(national_schemas / SCHEMA))

    assert (method, path) == ("POST", "/vp/itintegration/engagementindex/Update/1/rivtabp21")
    assert seen["soapaction"] == '"urn:riv:itintegration:engagementindex:UpdateResponder:1:Update"'
    assert seen["content-type"] == "text/xml; charset=utf-8"
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert (
        root.findtext(f"{SOAP}Header/{{urn:riv:itintegration:registry:1}}LogicalAddress")
        == "SE2321000999-I001"
    )
    (update,) = root.iterfind(f"{SOAP}Body/*")
    assert judge.validate(etree.fromstring(etree.tostring(update))), judge.error_log
    assert b"199001022384" in body
    assert not any("199001022384" in text for text in (path, *seen.values()))


REFUSALS: dict[str, tuple[tuple[int, dict[str, str], bytes], str | None]] = {
    "ERROR": (result("ERROR", "EI002: two are the same"), "EI002"),
    "ERROR without code": (result("ERROR", "Det gick inte"), None),
    "ERROR without comment": (result("ERROR"), None),
    "a longer code": (result("ERROR", "EI0021 okänt"), None),
    "fault as the national index has it": (fault("EI003: Invalid routing"), "EI003"),
    "fault without code": (fault("Något gick fel"), None),
    "fault that calls itself a success": (fault("EI000: no", status=200), "EI000"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_the_index_refuses_is_not_acknowledged(
    announcer: Announcer, changed: Any, told: Any, what: str
) -> None:
    """Status 200 is not enough: the position stays, and the change is told when the index takes it."""
    told.answer(REFUSALS[what][0])
    with pytest.raises(IndexRefusedError) as caught:
        announcer.announce()
    assert caught.value.code == REFUSALS[what][1]
    assert announcer._keeper.position is None
    told.calls.clear()
    told.up()

    announcer.announce()

    assert len(told.transactions()) == 1
    assert announcer._keeper.position == str(len(changed.feed))


RESPONDER = 'xmlns="urn:riv:itintegration:engagementindex:UpdateResponder:1"'
OTHER = "ProcessNotificationResponse"
NO_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "an empty answer": (200, XML, b""),
    "JSON": (200, {"Content-Type": "application/json"}, b'{"result": "OK"}'),
    "a log-in page": (200, {"Content-Type": "text/html"}, wrapped(write_result(UpdateResult(code="OK")))),
    "half": (200, XML, wrapped(write_result(UpdateResult(code="OK")))[:-9]),
    "no envelope": (200, XML, write_result(UpdateResult(code="OK")).encode()),
    "another operation": (
        200,
        XML,
        wrapped(f"<{OTHER} {RESPONDER}><ResultCode>OK</ResultCode></{OTHER}>"),
    ),
    "an unknown code": (
        200,
        XML,
        wrapped(f"<UpdateResponse {RESPONDER}><ResultCode>WARN</ResultCode></UpdateResponse>"),
    ),
    "a document type": (200, XML, b"<!DOCTYPE x>" + wrapped(write_result(UpdateResult(code="OK")))),
    "another character set": (200, {"Content-Type": "text/xml; charset=utf-7"}, result("OK")[2]),
    "a redirect": (302, {"Location": "/x", **XML}, result("OK")[2]),
    "accepted, but when": (202, XML, result("OK")[2]),
    "OK with a failing status": (500, XML, result("OK")[2]),
    "a gateway's page": (502, {"Content-Type": "text/html"}, b"<h1>Bad gateway</h1>"),
    "busy": (503, {"Content-Type": "text/html", "Retry-After": "60"}, b"nere"),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_only_the_index_s_own_word_is_an_acknowledgement(
    announcer: Announcer, changed: Any, told: Any, what: str
) -> None:
    """Between a connector and the index stand other machines that answer 200 too."""
    told.answer(NO_ANSWERS[what])

    with pytest.raises(AnslutError) as caught:
        announcer.announce()
    assert announcer._keeper.position is None
    assert "1990" not in str(caught.value)
    assert changed.feed


def test_a_warning_is_an_acknowledgement_and_is_logged_without_numbers(
    announcer: Announcer, changed: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """INFO: kept, with something to say, which may be about somebody."""
    told.answer(result("INFO", "Personen 19900102-2384 fanns redan"))

    announcer.announce()

    assert announcer._keeper.position == str(len(changed.feed))
    logged = capfd.readouterr().err
    assert "fanns redan" in logged
    assert "2384" not in logged


def test_a_number_is_not_cut_into_something_that_passes(
    announcer: Announcer, changed: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Comments are cut after 300 characters: a number across that place is gone before it is cut."""
    told.answer(result("INFO", "x" * 291 + " 199001022384"))

    announcer.announce()

    assert "19900" not in capfd.readouterr().err
    assert changed.feed


def test_an_acknowledgement_without_comment_is_not_worth_a_line(
    announcer: Announcer, changed: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Thousands of them are everyday."""
    announcer.announce()

    assert capfd.readouterr().err == ""
    assert len(told.transactions()) == len(changed.feed)


def test_the_log_says_why_the_index_refused(
    changed: Any, told: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong logical address is found in minutes when the index's own words are there, and nobody's number is."""
    told.answer(fault("EI003: Invalid routing for 199001022384"))
    app = create_app(changed)
    logged = ""
    for _ in range(200):
        logged += capfd.readouterr().err
        if "could not be told" in logged:
            break
        threading.Event().wait(0.05)
    app.extensions["anslut"].close()

    assert '"code":"EI003"' in logged
    assert "Invalid routing" in logged
    assert "2384" not in logged


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"index_logical_address": None}, "ANSLUT_INDEX_LOGICAL_ADDRESS is not set"),
        ({"index_logical_address": ""}, "ANSLUT_INDEX_LOGICAL_ADDRESS is not set"),
        ({"index_logical_address": "x" * 65}, "at most 64"),
        ({"index_logical_address": "SE1\nx"}, "one line"),
        ({"index_url": "rivta+ftp://x"}, "ANSLUT_INDEX_URL"),
        ({"index_url": "soap+http://x"}, "ANSLUT_INDEX_URL"),
        ({"index_url": "rivta+rivta+http://x"}, "ANSLUT_INDEX_URL"),
        ({"client_key": "key.pem"}, "ANSLUT_CLIENT_CERT"),
        ({"client_cert": "missing.pem"}, "ANSLUT_CLIENT_CERT"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_served(
    source: Any, told: Any, wrong: dict[str, Any], said: str
) -> None:
    """A connector that starts and then tells nobody is worse than one that does not start."""
    source.settings = replace(source.settings, **wrong)

    with pytest.raises(SettingsError, match=said):
        create_app(source)
    assert told.calls == []


def test_the_json_form_needs_no_logical_address(source: Any, told: Any) -> None:
    """It is the form of those who have no national platform in between."""
    source.settings = replace(source.settings, index_url=told.at.url, index_logical_address=None)

    assert Announcer(source)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's own
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a handshake that was refused."""


@pytest.fixture
def secured(told: Any, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve an index that wants to know who calls, and return the settings that it takes."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("localhost").configure_cert(context)

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", list(told.form.ok[1].items()))
        return [told.form.ok[2]]

    server = make_server("localhost", 0, application, _Server, _Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    mine = authority.issue_cert("SE2321000999-K001")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "cert", "key", "both")}
    authority.cert_pem.write_to_path(files["ca"])
    mine.cert_chain_pems[0].write_to_path(files["cert"])
    mine.private_key_pem.write_to_path(files["key"])
    mine.private_key_and_cert_chain_pem.write_to_path(files["both"])
    yield {
        "index_url": f"rivta+https://localhost:{server.server_port}/update",
        **{name: str(path) for name, path in files.items()},
    }
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("shown", "taken"),
    [({"client_cert": "cert", "client_key": "key"}, True), ({"client_cert": "both"}, True), ({}, False)],
)
def test_the_index_is_shown_who_calls(
    changed: Any,
    told: Any,
    secured: dict[str, str],
    shown: dict[str, str],
    taken: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The national platform lets nobody in without a certificate."""
    changed.settings = replace(
        changed.settings,
        index_url=secured["index_url"],
        ca_file=secured["ca"],
        deadline_seconds=3.0,
        **{name: secured[file] for name, file in shown.items()},
    )
    announcer = Announcer(changed)
    assert announcer._keeper.is_ours()

    if taken:
        announcer.announce()
    else:
        with pytest.raises(AnslutError):
            announcer.announce()
    assert announcer._keeper.position == ("1" if taken else None)
    assert told.calls == []


def test_a_key_of_another_certificate_is_found_at_the_start(
    changed: Any, told: Any, secured: dict[str, str], tmp_path: Path
) -> None:
    """At the first call it would look like a network fault."""
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("x").private_key_pem.write_to_path(other)
    changed.settings = replace(changed.settings, client_cert=secured["cert"], client_key=str(other))

    with pytest.raises(SettingsError, match="belong together"):
        Announcer(changed)
    assert told.calls == []
