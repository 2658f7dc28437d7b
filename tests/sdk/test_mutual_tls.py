"""Mutual TLS as `anslut serve` speaks it: a process, a socket, and a test PKI with every kind of caller."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import requests
from anslut.door.tls import tls_context
from anslut.server import Listen
from anslut_contracts import validation
from anslut_simulators.certificates import DAY, Authority, Subject
from door_process import NUMBER
from tls_door import CLIENT, NOW, REQUEST, demanding, everything, make_pki, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tls_door import Door

OTHER = "SE2321000999-2288"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def client_context(folder: Path, name: str | None, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return the settings of a caller that speaks *version* only and shows the certificate *name*."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is: that is what is tried
        context.minimum_version = context.maximum_version = version
    if name is not None:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Return a door that runs for all tests of the module."""
    with demanding(make_pki(tmp_path_factory.mktemp("pki"))) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hsa_id"), [("client", CLIENT), ("client-other-caller", OTHER)])
def test_the_certificate_says_in_the_access_log_who_called(door: Door, name: str, hsa_id: str) -> None:
    """Whomever the caller says that it asks for."""
    answer = door.ask(name)

    line = door.log[-1]
    assert answer.status_code == 200
    assert (line["callerHsaId"], line["outcome"]) == (hsa_id, "ok")
    assert line["consumerHsaId"] not in {CLIENT, OTHER}
    assert validation.errors("access-log", line) == []


@pytest.mark.slow
def test_a_certificate_without_hsa_id_is_answered_by_a_problem(door: Door) -> None:
    """It is a good certificate: the caller is told what it lacks."""
    answer = door.ask("client-no-serial-number")

    line = door.log[-1]
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:anslut:problem:unauthenticated"
    assert "serialNumber" in answer.json()["detail"]
    assert validation.errors("problem", answer.json()) == []
    assert (line["outcome"], line.get("callerHsaId"), line.get("subject")) == ("unauthenticated", None, None)


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [None, "client-expired", "client-other-ca", "server"])
def test_who_shows_no_good_client_certificate_is_refused_in_the_handshake(
    door: Door, name: str | None, version: ssl.TLSVersion
) -> None:
    """Nothing is read of what it would ask; a server's certificate does not make a caller."""
    before = len(door.log) if (door.folder / "access.jsonl").exists() else 0

    with (
        pytest.raises(ssl.SSLError, match=r"(?i)alert"),
        door.connected(client_context(door.folder, name, version)) as connection,
    ):
        connection.recv(1)

    assert len(door.log) == before


@pytest.mark.slow
def test_who_is_refused_is_told_why_though_it_has_asked_already(door: Door) -> None:
    """In TLS 1.3 a caller sends its request with its certificate; a connection cut then would tell it nothing."""
    context = client_context(door.folder, "client-expired", ssl.TLSVersion.TLSv1_3)
    for _ in range(10):  # it would be told once in two
        with (
            pytest.raises(ssl.SSLError, match=r"(?i)certificate expired"),
            door.connected(context) as connection,
        ):
            everything(connection, REQUEST + b"x" * 100_000)


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_both_living_versions_of_tls_are_spoken(door: Door, version: ssl.TLSVersion) -> None:
    """RIV-TA's callers have one or the other."""
    with door.connected(client_context(door.folder, "client", version)) as connection:
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.slow
def test_tls_1_1_is_refused(door: Door) -> None:
    """By a client that can: it reaches a server that still speaks it."""
    caller = client_context(door.folder, "client", ssl.TLSVersion.TLSv1_1)
    caller.set_ciphers("ALL:@SECLEVEL=0")
    if not speaks_1_1(door.folder, caller):
        pytest.skip("this OpenSSL cannot speak TLS 1.1 at all: only the door's settings are looked at")

    with pytest.raises(ssl.SSLError, match=r"(?i)protocol version"), door.connected(caller):
        pass


def speaks_1_1(folder: Path, caller: ssl.SSLContext) -> bool:
    """Return whether *caller* can agree on TLS 1.1 with a server that has nothing against it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    here, there = socket.socketpair()

    def shake() -> None:
        with suppress(OSError), context.wrap_socket(there, server_side=True) as connection:
            connection.recv(1)

    thread = threading.Thread(target=shake)
    thread.start()
    try:
        with caller.wrap_socket(here, server_hostname="localhost") as connection:
            return connection.version() == "TLSv1.1"
    except OSError:
        return False
    finally:
        here.close()
        thread.join()


def test_the_settings_leave_old_tls_and_weak_ciphers_out(tmp_path: Path) -> None:
    """1.2 or later, keys that are forgotten, and certificates demanded where an authority is given."""
    folder = make_pki(tmp_path)
    listen = Listen(certificate=str(folder / "server.pem"), key=str(folder / "server.key"))

    alone = tls_context(listen)
    mutual = tls_context(
        Listen(certificate=listen.certificate, key=listen.key, client_ca=str(folder / "ca.pem"))
    )

    assert alone.minimum_version is mutual.minimum_version is ssl.TLSVersion.TLSv1_2
    assert (alone.verify_mode, mutual.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)
    agreements = {cipher["name"].partition("-")[0] for cipher in mutual.get_ciphers()}
    assert {name for name in agreements if not name.startswith("TLS_")} <= {"ECDHE", "DHE"}


@pytest.mark.slow
def test_the_log_says_why_a_caller_was_refused_and_nothing_of_its_certificate(tmp_path: Path) -> None:
    """Whoever looks for the fault sees the reason; no log holds a name, a certificate or a person's number."""
    folder = make_pki(tmp_path)
    with demanding(folder) as door:
        for name in ("client", "client-no-serial-number"):
            door.ask(name)
        for name in (None, "client-expired", "client-other-ca"):
            with pytest.raises(requests.ConnectionError):
                door.ask(name)
        code = door.process.stop()
        events = [json.loads(line) for line in door.process.errors.splitlines()]
        written = door.process.errors + (folder / "access.jsonl").read_text("utf-8")

    reasons = [event["reason"] for event in events if event["event"] == "a TLS connection failed"]
    assert code == 0
    assert len(reasons) == len(events) == 3
    assert any("expired" in reason for reason in reasons)
    for told in ("Påhittad", "påhittad", "BEGIN", "CN=", "commonName", "serialNumber", NUMBER, "HTTP"):
        assert told not in written


@pytest.mark.slow
def test_a_person_s_number_in_a_certificate_goes_nowhere(tmp_path: Path) -> None:
    """A resident's own e-identification has it as serialNumber; the authority's word does not make it a system's."""
    folder = make_pki(tmp_path)
    authority = Authority("Anslut påhittad utfärdare", now=NOW, last=NOW + DAY)
    (folder / "both.pem").write_bytes((folder / "ca.pem").read_bytes() + authority.certificate_pem())
    for name, number in (("plain", NUMBER), ("etsi", f"PNOSE-{NUMBER}")):
        subject = Subject(common_name="Anna Vuxen", serial_number=number)
        save(authority.certify(subject, "client", last=NOW + DAY), folder, name)
    with demanding(folder, ca="both.pem") as door:
        answers = [door.ask(name) for name in ("plain", "etsi")]
        door.process.stop()
        written = door.process.errors + (folder / "access.jsonl").read_text("utf-8")

    assert [answer.status_code for answer in answers] == [401, 401]
    for told in (NUMBER, "Anna"):
        assert told not in written + "".join(answer.text for answer in answers)


@pytest.mark.slow
def test_only_the_callers_that_are_named_may_ask(tmp_path: Path) -> None:
    """An authority such as SITHS vouches for thousands of organisations."""
    with demanding(make_pki(tmp_path), ANSLUT_CALLERS=f"SE2321000999-X1, {CLIENT.lower()}") as door:
        statuses = [door.ask(name).status_code for name in ("client", "client-other-caller")]
        said = "".join(door.process.lines)

    assert statuses == [200, 403]
    assert f"callers          {CLIENT}, SE2321000999-X1" in said


@pytest.mark.slow
def test_who_stops_in_the_middle_of_a_handshake_holds_nobody_up(tmp_path: Path) -> None:
    """Without any certificate, ten of them would else take every thread for ever."""
    with demanding(make_pki(tmp_path)) as door:
        where = ("127.0.0.1", int(door.url.rpartition(":")[2]))
        silent = [socket.create_connection(where, timeout=20) for _ in range(16)]
        for connection in silent:
            connection.sendall(b"\x16\x03\x01")
        answer = door.ask("client")
        for connection in silent:
            connection.close()

    assert answer.status_code == 200
