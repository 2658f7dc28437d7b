"""Mutual TLS as `anslut serve` speaks it: a process, a socket, and a test PKI with every kind of caller."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut.door.tls import check_files, tls_context
from anslut.errors import SettingsError
from anslut.server import Listen
from anslut_contracts import validation
from anslut_contracts.clock import SystemClock
from anslut_simulators.certificates import DAY, Authority, Certified, Subject
from anslut_simulators.pki import Pki, write_pki
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from door_process import NUMBER, post, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from door_process import Running

CLIENT = "SE2321000999-1177"
OTHER = "SE2321000999-2288"
NOW = SystemClock().now()
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
REQUEST = b"GET /v1/connector HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Door:
    """A door that demands client certificates, and the folder with them and with its access log."""

    folder: Path
    process: Running

    @property
    def url(self) -> str:
        """Its address, by the name that its certificate has."""
        return self.process.url.replace("127.0.0.1", "localhost")

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of its access log."""
        return [json.loads(line) for line in (self.folder / "access.jsonl").read_text("utf-8").splitlines()]

    def ask(self, name: str | None, **options: Any) -> requests.Response:
        """Search, showing the certificate *name*."""
        own = None if name is None else (str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))
        return post(self.url, cert=own, verify=str(self.folder / "ca.pem"), **options)

    @contextmanager
    def connected(self, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        """Shake hands; raise `ssl.SSLError` when refused (in TLS 1.3, where something is read)."""
        port = int(self.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            yield connection


def everything(connection: socket.socket, sent: bytes = REQUEST) -> bytes:
    """Send a request, for the manifest unless told, and return what comes back until the end."""
    connection.sendall(sent)
    answer = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            answer += part
    return answer


def client_context(folder: Path, name: str | None, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return the settings of a caller that speaks *version* only and shows the certificate *name*."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is: that is what is tried
        context.minimum_version = context.maximum_version = version
    if name is not None:
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


@contextmanager
def demanding(folder: Path, *, ca: str = "ca.pem", **environment: str) -> Iterator[Door]:
    """Serve with the test PKI in *folder*."""
    options = ("--tls-cert", "server.pem", "--tls-key", "server.key", *(("--client-ca", ca) if ca else ()))
    with serving(folder, *options, ANSLUT_ACCESS_LOG="access.jsonl", **environment) as process:
        assert process.url, process.errors
        yield Door(folder, process)


def make_pki(folder: Path) -> Path:
    """Write a test PKI to *folder* and return it."""
    write_pki(Pki(client_hsa_id=CLIENT, server_hsa_id="SE2321000999-K001"), folder, now=NOW)
    return folder


def save(made: Certified, folder: Path, name: str) -> None:
    """Write a certificate and its key."""
    (folder / f"{name}.pem").write_bytes(made.certificate_pem())
    (folder / f"{name}.key").write_bytes(made.key_pem())


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
def test_the_authority_may_be_named_in_the_environment(tmp_path: Path) -> None:
    """`ANSLUT_CLIENT_CA` is `--client-ca`."""
    with demanding(make_pki(tmp_path), ca="", ANSLUT_CLIENT_CA="ca.pem") as door:
        good = door.ask("client")
        with pytest.raises(requests.ConnectionError):
            door.ask(None)

    assert good.status_code == 200


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


@pytest.mark.slow
def test_renewed_files_are_read_at_the_next_connection(tmp_path: Path) -> None:
    """Certificates run out; nobody wants to stop for that."""
    folder = make_pki(tmp_path)
    with demanding(folder) as door:
        before = door.ask("client")
        make_pki(folder)  # another authority of the same name: nothing of the first is good any longer
        after = door.ask("client")

    assert (before.status_code, after.status_code) == (200, 200)


@pytest.mark.slow
def test_where_tls_fails_nothing_is_said_without_it(tmp_path: Path) -> None:
    """A key that broke while the door was open: a problem in clear text would go to whoever is on the way."""
    folder = make_pki(tmp_path)
    with demanding(folder) as door:
        (folder / "server.key").write_text("broken", "utf-8")
        where = ("127.0.0.1", int(door.url.rpartition(":")[2]))
        with socket.create_connection(where, timeout=20) as connection:
            answer = everything(connection)

    assert answer == b""


@pytest.mark.slow
def test_an_issuing_authority_may_be_trusted_without_its_root(tmp_path: Path) -> None:
    """SITHS has one root for systems and for people: whoever trusts that lets people's cards in."""
    folder = make_pki(tmp_path)
    root, systems, people = (
        Authority(f"Påhittad {name}", now=NOW, last=NOW + DAY) for name in ("rot", "funktion", "person")
    )
    for name, authority in (("system", systems), ("person", people)):
        signed = signed_by(root, authority)
        made = authority.certify(Subject(common_name=name, serial_number=CLIENT), "client", last=NOW + DAY)
        save(made, folder, name)
        (folder / f"{name}.pem").write_bytes(made.certificate_pem() + signed)
        (folder / f"issuer-{name}.pem").write_bytes(signed)
    with demanding(folder, ca="issuer-system.pem") as door:
        good = door.ask("system")
        with pytest.raises(requests.ConnectionError):
            door.ask("person")

    assert good.status_code == 200


def signed_by(root: Authority, authority: Authority) -> bytes:
    """Return the certificate of *authority* as *root* would have issued it."""
    own = authority.certificate
    builder = x509.CertificateBuilder(
        issuer_name=root.certificate.subject,
        subject_name=own.subject,
        public_key=own.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=own.not_valid_before_utc,
        not_valid_after=own.not_valid_after_utc,
    )
    for extension in own.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(root._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("certificate", "key", "client_ca", "told"),
    [
        ("server.pem", "client.key", None, "--tls-key"),
        ("server.pem", "locked.key", None, "without password"),
        ("pki.json", "server.key", None, "--tls-cert"),
        ("server.pem", "server.key", "pki.json", "--client-ca"),
        ("server.pem", "server.key", "server.key", "--client-ca"),
        ("server.pem", "server.key", "nowhere.pem", "ANSLUT_CLIENT_CA"),
    ],
)
def test_files_that_no_call_could_be_answered_with_are_refused_at_once(
    tmp_path: Path, certificate: str, key: str, client_ca: str | None, told: str
) -> None:
    """Not at the first call, when nobody looks."""
    folder = make_pki(tmp_path)
    plain = serialization.load_pem_private_key((folder / "server.key").read_bytes(), None)
    (folder / "locked.key").write_bytes(
        plain.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hemlig"),
        )
    )
    ca = str(folder / client_ca) if client_ca else None

    with pytest.raises(SettingsError, match=told):
        check_files(Listen(certificate=str(folder / certificate), key=str(folder / key), client_ca=ca))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the command prints lines for curl")
def test_the_lines_that_anslut_pki_prints_do_what_they_say(tmp_path: Path) -> None:
    """Whoever pastes them sees an answer, a 401 and three refusals."""
    command = [sys.executable, "-m", "anslut", "pki", "my pki", "--rsa"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    (serve,) = (shlex.split(line) for line in said.splitlines() if line.startswith("anslut serve "))
    calls = [shlex.split(line) for line in said.splitlines() if line.startswith("curl ")]
    environment = os.environ | {"NO_PROXY": "localhost"}

    codes = []
    with serving(tmp_path, *serve[serve.index("--tls-cert") :]) as running:
        for call in calls:
            call[-1] = call[-1].replace(
                "https://localhost:8443", running.url.replace("127.0.0.1", "localhost")
            )
            call[1:1] = ["--silent", "--output", os.devnull, "--write-out", "%{http_code}"]
            done = subprocess.run(
                call, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
            )
            codes.append(done.stdout)

    assert serve[2:5] == ["my_module:MyConnector", "--port", "8443"]
    assert codes == ["200", "200", "401", "000", "000", "000"]
