"""`anslut serve` as somebody starts it: a process, a socket, TLS, and an end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut.server import Listen, tls_context
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NUMBER = "199001022384"
CALLER = "SE2321000999-C001"
SEARCH = "/v1/diagnoses/search"
ASKED = {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": NUMBER}}
HEADERS = {"x-rivta-original-serviceconsumer-hsaid": CALLER}
MODULE = """
import threading, time
from anslut import RecordConnector

class Slow(RecordConnector):
    product, vendor, version, system = "Slow", "Tests", "1.0", "kosmos"

    def read_care_documentation(self, query):
        time.sleep(1.0)
        return []

    def read_diagnoses(self, query):
        return []

    def read_laboratory_results(self, query):
        raise RuntimeError(f"no {query.patient_id.extension}")

    read_referral_status = read_care_contacts = read_medications = None
"""


class Running:
    """A door in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder = process, folder
        self.lines: list[str] = []
        self.url = ""
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)
            if found := re.match(r"Listening at (\S+)", line):
                self.url = found[1]
                break

    def stop(self) -> int:
        """Ask it to end, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    @property
    def errors(self) -> str:
        """What it has written to standard error."""
        return (self.folder / "stderr").read_text("utf-8")


@contextlib.contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Run `anslut serve` in *folder*."""
    (folder / "my_module.py").write_text(MODULE, "utf-8")
    command = [sys.executable, "-m", "anslut", "serve", "my_module:Slow", "--port", "0", *options]
    told = {name: value for name, value in os.environ.items() if not name.startswith("ANSLUT_")}
    told |= {
        "ANSLUT_SOURCE_SYSTEM_ID": "SE2321000999-K001",
        "ANSLUT_REGION_PROFILE": "fjallmark",
        **environment,
    }
    with (folder / "stderr").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, cwd=folder, env=told, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield Running(process, folder)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def post(url: str, path: str = SEARCH, **options: Any) -> requests.Response:
    """Search."""
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url + path, json=ASKED, headers=HEADERS, timeout=20, **options)


def test_a_door_opens_says_what_it_is_answers_and_ends(tmp_path: Path) -> None:
    """With several workers their numbers and their access log are one, and a call at hand is finished."""
    log = tmp_path / "access.jsonl"
    with serving(tmp_path, "--workers", "2", ANSLUT_ACCESS_LOG=str(log)) as door:
        banner = "".join(door.lines)
        replies = [post(door.url) for _ in range(20)]
        metrics = requests.get(door.url + "/metrics", timeout=5).text
        failed = post(door.url, "/v1/laboratory-results/search")
        last: list[requests.Response] = []
        late = threading.Thread(target=lambda: last.append(post(door.url, "/v1/care-documentation/search")))
        late.start()
        time.sleep(0.3)
        code = door.stop()
        late.join()
        errors = door.errors

    assert "Slow 1.0 (Tests)" in banner
    assert "fjallmark, sha256 " in banner
    assert "authentication   OFF (loopback only)" in banner
    assert "WARNING" in banner
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.headers["Server"] for reply in replies} == {"anslut"}
    assert 'anslut_searches_total{outcome="ok",type="diagnoses"} 20.0' in metrics
    assert failed.status_code == 500
    assert failed.json()["logId"] in errors
    assert NUMBER not in errors + failed.text
    assert [reply.status_code for reply in last] == [200]
    assert code == 0
    assert len([json.loads(line) for line in log.read_text("utf-8").splitlines()]) == 22


def test_ten_slow_calls_are_answered_at_once(tmp_path: Path) -> None:
    """One worker's threads wait side by side for a slow source."""
    with serving(tmp_path) as door:
        post(door.url)
        started = time.monotonic()
        with ThreadPoolExecutor(10) as pool:
            statuses = list(
                pool.map(lambda _: post(door.url, "/v1/care-documentation/search").status_code, range(10))
            )

    assert statuses == [200] * 10
    assert time.monotonic() - started < 8  # one after another would take ten


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE 199001022384\r\n\r\n",
        b"POST /v1/199001022384 HTTP/9.9\r\n\r\n",
        b"GET /v1/connector HTTP/1.1\r\nBad Header 199001022384: x\r\n\r\n",
        b"GET /" + b"1" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/diagnoses/search HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n",
        b"POST /v1/diagnoses/search HTTP/1.1\r\nContent-Length: 199001022384x\r\n\r\n",
    ],
)
def test_what_is_not_http_gets_a_problem_and_nothing_back(tmp_path: Path, sent: bytes) -> None:
    """The server's own error page would quote the request."""
    with serving(tmp_path) as door:
        host, _, port = door.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(OSError):
                while chunk := connection.recv(65_536):
                    answer += chunk
        alive = post(door.url).status_code
        errors = door.errors

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"application/problem+json" in answer
    assert b"199001022384" not in answer
    assert b"gunicorn" not in answer.lower()
    assert NUMBER not in errors
    assert alive == 200


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_ten_megabytes_are_refused_and_the_caller_gets_to_know(tmp_path: Path, connection: str) -> None:
    """Not a broken pipe: a caller that writes all of it before it reads still finds the answer."""
    head = (
        f"POST {SEARCH} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nContent-Type: application/json\r\n"
        f"x-rivta-original-serviceconsumer-hsaid: {CALLER}\r\nContent-Length: 10000000\r\n\r\n"
    )
    with serving(tmp_path) as door:
        port = int(door.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            caller.sendall(head.encode())
            for _ in range(100):
                caller.sendall(b"x" * 100_000)
                time.sleep(0.002)
            answer = caller.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_door_without_authentication_opens_on_this_machine_only(tmp_path: Path) -> None:
    """The message says how to do it right."""
    with serving(tmp_path, "--host", "0.0.0.0") as door:  # noqa: S104 - what is refused
        code = door.process.wait(timeout=20)
        errors = door.errors

    assert code == 1
    assert "ANSLUT_JWKS_URL" in errors
    assert "--client-ca" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (("--client-ca", "stderr"), {}, "--tls-cert"),
        (("--tls-cert", "stderr"), {}, "--tls-key"),
        ((), {"ANSLUT_REGION_PROFILE": "nowhere"}, "nowhere"),
        ((), {"ANSLUT_REGION_PROFILE": ""}, "ANSLUT_REGION_PROFILE"),
        ((), {"ANSLUT_SOURCE_SYSTEM_ID": ""}, "ANSLUT_SOURCE_SYSTEM_ID"),
        ((), {"ANSLUT_ACCESS_LOG": "/nowhere/at/all"}, "ANSLUT_ACCESS_LOG"),
        ((), {"ANSLUT_JWKS_URL": "http://127.0.0.1:1"}, "ANSLUT_AUDIENCE"),
    ],
)
def test_a_wrong_set_up_is_said_in_one_line(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str], message: str
) -> None:
    """Not by a traceback, and not by a worker that dies again and again."""
    (tmp_path / "stderr").touch()
    with serving(tmp_path, *options, **environment) as door:
        code = door.process.wait(timeout=20)
        errors = door.errors

    assert code == 1
    assert message in errors
    assert "Traceback" not in errors


class Authority:
    """A certificate authority for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA {folder.name}")])
        self.certificate = self._sign(self.name, self.key.public_key(), is_authority=True)
        self.path = folder / "ca.pem"
        folder.mkdir()
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, serial_number: str | None = None) -> tuple[str, str]:
        """Return the paths of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if serial_number:
            attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
        certificate = self._sign(x509.Name(attributes), key.public_key(), is_authority=False)
        paths = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(paths[0]), str(paths[1])

    def _sign(self, subject: x509.Name, key: Any, *, is_authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if is_authority:
            usage = x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            )
            builder = builder.add_extension(usage, critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def test_a_client_certificate_names_the_caller(tmp_path: Path) -> None:
    """Its subject's serialNumber; one without, one from another authority, and none at all are refused."""
    authority, stranger = Authority(tmp_path / "ca"), Authority(tmp_path / "other")
    server, key = authority.issue("server")
    log = tmp_path / "access.jsonl"
    options = (
        "--tls-cert",
        server,
        "--tls-key",
        key,
        "--client-ca",
        str(authority.path),
        "--host",
        "127.0.0.1",
    )
    with serving(tmp_path, *options, ANSLUT_ACCESS_LOG=str(log)) as door:
        url = door.url.replace("127.0.0.1", "localhost")
        trusted = {"verify": str(authority.path)}
        good = post(url, cert=authority.issue("journalen", serial_number=CALLER), **trusted)
        nameless = post(url, cert=authority.issue("nameless"), **trusted)
        for certificate in (None, stranger.issue("stranger", serial_number=CALLER)):
            with pytest.raises(requests.ConnectionError):
                post(url, cert=certificate, **trusted)

    assert "mutual TLS" in "".join(door.lines)
    assert (good.status_code, nameless.status_code) == (200, 401)
    line = json.loads(log.read_text("utf-8").splitlines()[0])
    assert (line["callerHsaId"], line["outcome"]) == (CALLER, "ok")


def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    """1.2 or later, and a client certificate is demanded where an authority is given."""
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue("server")

    alone = tls_context(Listen(certificate=certificate, key=key))
    mutual = tls_context(Listen(certificate=certificate, key=key, client_ca=str(authority.path)))

    assert (alone.minimum_version, alone.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_NONE)
    assert (mutual.minimum_version, mutual.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_REQUIRED)
