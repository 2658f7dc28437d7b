"""The files that `anslut serve` speaks TLS with: its own certificate and key, and the authorities it trusts."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests
from anslut.door.tls import check_files
from anslut.errors import SettingsError
from anslut.server import Listen
from anslut_simulators.certificates import DAY, Authority, Subject
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from door_process import serving
from tls_door import CLIENT, NOW, demanding, everything, make_pki, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_authority_may_be_named_in_the_environment(tmp_path: Path) -> None:
    """`ANSLUT_CLIENT_CA` is `--client-ca`."""
    with demanding(make_pki(tmp_path), ca="", ANSLUT_CLIENT_CA="ca.pem") as door:
        good = door.ask("client")
        with pytest.raises(requests.ConnectionError):
            door.ask(None)

    assert good.status_code == 200


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
