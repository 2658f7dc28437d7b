"""`anslut pki` makes what it says it makes, and harms nothing that was there."""

from __future__ import annotations

import json
import ssl
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from anslut_conformance.exam_door import CONSUMER
from anslut_contracts.clock import SystemClock
from anslut_simulators.commands.pki import pki
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = {
    "client": (CONSUMER, "ca.pem", "answered"),
    "client-other-caller": ("SE2321000999-2288", "ca.pem", "answered"),
    "client-no-serial-number": (None, "ca.pem", "unauthenticated"),
    "client-expired": (CONSUMER, "ca.pem", "refused"),
    "client-other-ca": (CONSUMER, "other-ca.pem", "refused"),
}


def run(folder: Path, *options: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(pki, [str(folder), *options])


def made(folder: Path, *options: str) -> dict[str, Any]:
    """Run the command, and return the rows of the index by the name of the certificate's file."""
    done = run(folder, *options)
    assert done.exit_code == 0, done.output
    index = json.loads((folder / "pki.json").read_text("utf-8"))
    return {row["certificate"]: row for row in index["certificates"]}


def read(path: Path) -> x509.Certificate:
    """Return the certificate in a file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def serial_number(certificate: x509.Certificate) -> str | None:
    """Return the serialNumber (2.5.4.5) of the subject."""
    found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(found[0].value) if found else None


def test_the_index_tells_the_truth_about_every_file(tmp_path: Path) -> None:
    """Who reads it need not read certificates."""
    rows = made(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "pki.json",
        *rows,
        *(row["key"] for row in rows.values() if "key" in row),
    }
    for name, row in rows.items():
        certificate = read(tmp_path / name)
        certificate.verify_directly_issued_by(read(tmp_path / row["issuer"]))
        assert serial_number(certificate) == row.get("hsaId")
        if "key" in row:
            key = load_pem_private_key((tmp_path / row["key"]).read_bytes(), None)
            assert key.public_key() == certificate.public_key()
    assert {
        name: (
            rows[f"{name}.pem"].get("hsaId"),
            rows[f"{name}.pem"]["issuer"],
            rows[f"{name}.pem"]["expected"],
        )
        for name in CLIENTS
    } == CLIENTS


def test_certificates_are_good_for_one_thing_and_for_as_long_as_asked(tmp_path: Path) -> None:
    """A server's certificate makes no caller; the expired one was good until yesterday."""
    now = SystemClock().now()
    rows = made(tmp_path, "--days", "7")

    for name, row in rows.items():
        certificate = read(tmp_path / name)
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        assert constraints.ca == (row["use"] == "authority")
        left = certificate.not_valid_after_utc - now
        expected = timedelta(days=-1 if name == "client-expired.pem" else 7)
        assert abs(left - expected) < timedelta(minutes=5)
        assert certificate.not_valid_before_utc < now
        if row["use"] != "authority":
            usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            wanted = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
            assert list(usage) == [wanted[row["use"]]]


def test_the_other_authority_has_the_name_of_the_trusted_and_not_its_key(tmp_path: Path) -> None:
    """Who compares names only is caught."""
    rows = made(tmp_path)
    trusted, other = (read(tmp_path / name) for name in ("ca.pem", "other-ca.pem"))

    assert trusted.subject == other.subject
    with pytest.raises(InvalidSignature):
        read(tmp_path / "client-other-ca.pem").verify_directly_issued_by(trusted)
    assert rows["other-ca.pem"]["issuer"] == "other-ca.pem"


@pytest.mark.parametrize("options", [(), pytest.param(("--rsa",), marks=pytest.mark.slow)])
def test_a_strict_reader_takes_both_sides(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Other languages look harder at certificates than OpenSSL does by itself."""
    made(tmp_path, *options)
    server, client = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    for context, name in ((server, "server"), (client, "client")):
        context.load_cert_chain(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
        context.load_verify_locations(tmp_path / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_STRICT

    (subject,) = (value for ((name, value),) in subject_seen(server, client) if name == "serialNumber")
    assert subject == CONSUMER


def subject_seen(server: ssl.SSLContext, client: ssl.SSLContext) -> Any:
    """Shake hands in memory, and return the client's subject as the server sees it."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    asking = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    waiting = [asking, answering]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
    certificate = answering.getpeercert()
    assert not waiting
    assert certificate
    return certificate["subject"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [((), ec.EllipticCurvePublicKey), pytest.param(("--rsa",), rsa.RSAPublicKey, marks=pytest.mark.slow)],
)
def test_keys_are_of_the_kind_that_was_asked_for(
    tmp_path: Path, options: tuple[str, ...], kind: type[Any]
) -> None:
    """EC is quick; there may be callers that know only RSA."""
    rows = made(tmp_path, *options)

    assert all(isinstance(read(tmp_path / name).public_key(), kind) for name in rows)


def test_the_server_is_this_machine_and_the_hosts_that_were_named(tmp_path: Path) -> None:
    """By name and by address; the first stands as its common name."""
    made(tmp_path, "--host", "connector.example", "--host", "192.0.2.7", "--server-hsa-id", "SE2321000999-K9")
    certificate = read(tmp_path / "server.pem")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "connector.example"}
    assert set(names.get_values_for_type(x509.IPAddress)) == {
        ip_address(address) for address in ("127.0.0.1", "::1", "192.0.2.7")
    }
    assert serial_number(certificate) == "SE2321000999-K9"
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "connector.example"


def test_keys_are_their_owner_s_and_the_authorities_have_none(tmp_path: Path) -> None:
    """Whoever trusts the authority trusts nothing that is made tomorrow; an open file stays not open."""
    made(tmp_path)
    (tmp_path / "server.key").chmod(0o644)
    rows = made(tmp_path, "--force")

    secret = {path.name for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes()}
    assert secret == {row["key"] for row in rows.values() if row["use"] != "authority"}
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in secret} == {0o600}


def test_an_earlier_pki_is_written_over_only_when_that_is_asked_for(tmp_path: Path) -> None:
    """Somebody may be in the middle of something."""
    made(tmp_path)
    first = read(tmp_path / "client.pem")
    refused = run(tmp_path)
    kept = read(tmp_path / "client.pem")
    made(tmp_path, "--force")

    assert (refused.exit_code, kept) == (1, first)
    assert "--force" in refused.output
    assert read(tmp_path / "client.pem") != first


@pytest.mark.parametrize("options", [(), ("--force",)])
def test_keys_that_no_test_pki_made_are_never_written_over(tmp_path: Path, options: tuple[str, ...]) -> None:
    """`server.key` may be somebody's only one."""
    (tmp_path / "server.key").write_text("the only one", "utf-8")

    refused = run(tmp_path, *options)

    assert refused.exit_code == 1
    assert "server.key" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["server.key"]
    assert (tmp_path / "server.key").read_text("utf-8") == "the only one"


@pytest.mark.parametrize(
    "options",
    [
        ("--hsa-id", "199001022384"),
        ("--hsa-id", ""),
        ("--server-hsa-id", "SE2321000999"),
        ("--host", "å.example"),
        ("--host", "https://connector.example"),
        ("--host", "localhost:8443"),
        ("--host", "192.0.2.300"),
        ("--host", f"{'a' * 60}.example"),
        ("--days", "0"),
    ],
)
def test_what_cannot_be_in_a_certificate_is_said(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Before anything is written."""
    refused = run(tmp_path / "new", *options)

    assert refused.exit_code == 2
    assert options[0] in refused.output
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    """A file stands where the folder would."""
    (tmp_path / "file").touch()

    refused = run(tmp_path / "file" / "pki")

    assert refused.exit_code == 1
    assert "could not write" in refused.output
    assert "Traceback" not in refused.output


def test_the_other_caller_is_another(tmp_path: Path) -> None:
    """Whatever the first is called, in any case."""
    rows = made(tmp_path, "--hsa-id", "se2321000999-2288")

    assert rows["client.pem"]["hsaId"] == "se2321000999-2288"
    assert rows["client-other-caller.pem"]["hsaId"] == "SE2321000999-2299"


def test_the_command_says_that_they_are_for_tests_only(tmp_path: Path) -> None:
    """On the screen and in the file; what each is for, too."""
    said = run(tmp_path).output
    index = json.loads((tmp_path / "pki.json").read_text("utf-8"))

    assert "For tests only: nobody trusts these certificates" in said
    assert "For tests only" in index["warning"]
    assert all(row["for"]["en"] in said and row["for"]["sv"] in said for row in index["certificates"])
