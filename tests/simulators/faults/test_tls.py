"""Sources over TLS: a connector that trusts anybody would hand its secret to anybody."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_simulators import RunningRegion, serve_region
from anslut_simulators.commands import simulate as simulate_module
from anslut_simulators.tls import TLS, Tls
from click.testing import CliRunner
from small_country import SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM = {"grant_type": "client_credentials"}
REASONS = {
    "wrong-ca": "certificate verify failed",
    "expired-certificate": "certificate has expired",
    "wrong-host": "IP address mismatch",
}


@pytest.fixture(scope="module")
def secure() -> Iterator[RunningRegion]:
    """Serve a region over TLS with nothing wrong."""
    with serve_region(population=SmallPopulation(), tls="good") as running:
        yield running


def _log_in(region: RunningRegion, scenario: str, *, verify: str | bool) -> requests.Response:
    login = (region.client_id(scenario), region.client_secret(scenario))
    url = f"{region.source_url(scenario=scenario)}/oauth/token"
    return requests.post(url, data=FORM, auth=login, verify=verify, timeout=20)


def _port(region: RunningRegion) -> int:
    return int(str(region.secure_url).rpartition(":")[2])


def _connect(region: RunningRegion) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(region.ca_file))
    plain = socket.create_connection(("127.0.0.1", _port(region)), timeout=20)
    return context.wrap_socket(plain, server_hostname="localhost")


def test_a_good_certificate_is_trusted_by_who_has_the_ca_file(secure: RunningRegion, scenario: str) -> None:
    """By address and by name, and the settings say where the file is."""
    settings = secure.environment(scenario=scenario)

    assert settings["ANSLUT_SOURCE_URL"].startswith("https://127.0.0.1:")
    assert settings["ANSLUT_INDEX_URL"].startswith("https://127.0.0.1:")
    assert settings["ANSLUT_CA_FILE"] == str(secure.ca_file)
    assert _log_in(secure, scenario, verify=settings["ANSLUT_CA_FILE"]).status_code == 200
    with _connect(secure) as connection:
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}


def test_nobody_trusts_it_without_the_file(secure: RunningRegion, scenario: str) -> None:
    """It is not in any store; the key that could sign more is nowhere."""
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        _log_in(secure, scenario, verify=True)

    assert secure.ca_file is not None
    assert [path.name for path in secure.ca_file.parent.iterdir()] == ["ca.pem"]
    assert "PRIVATE" not in secure.ca_file.read_text()


@pytest.mark.parametrize("tls", [tls for tls in TLS if tls != "good"])
def test_a_bad_certificate_is_refused_before_anything_is_said(tls: Tls) -> None:
    """The client learns why; the source never hears its secret; the control plane is there all the same."""
    with serve_region(population=SmallPopulation(), tls=tls) as region:
        with pytest.raises(requests.exceptions.SSLError, match=REASONS[tls]):
            _log_in(region, "demo", verify=str(region.ca_file))

        assert region.control().journal() == []
        with pytest.warns(Warning, match="Unverified HTTPS request"):
            assert _log_in(region, "demo", verify=False).status_code == 200
        assert len(region.control().journal()) == 1


def test_a_connection_over_tls_is_kept(secure: RunningRegion, scenario: str) -> None:
    """A handshake is dear."""
    request = f"GET /s/{scenario}/kosmos/api/v2/koder/roller HTTP/1.1\r\nHost: x\r\n"
    with _connect(secure) as connection:
        connection.sendall(f"{request}\r\n{request}Connection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part

    assert answer.count(b"HTTP/1.1 401 ") == 2


@pytest.mark.parametrize("fault", ["reset", "reset-in-body", "truncate"])
def test_connections_break_over_tls_too(secure: RunningRegion, scenario: str, fault: str) -> None:
    """Cut below the encryption, and whole again after."""
    secure.control(scenario).fault(fault, times=2)
    with pytest.raises(requests.RequestException):
        _log_in(secure, scenario, verify=str(secure.ca_file))

    assert _was_reset(secure, scenario) == fault.startswith("reset")
    assert _log_in(secure, scenario, verify=str(secure.ca_file)).status_code == 200


def _was_reset(region: RunningRegion, scenario: str) -> bool:
    """Ask with TLS in memory: Python's own sockets take a reset under TLS for an ordinary end."""
    context = ssl.create_default_context(cafile=str(region.ca_file))
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(coming, going, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", _port(region)), timeout=20) as connection:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(going.read())
                coming.write(connection.recv(65536))
        tls.write(f"GET /s/{scenario}/kosmos/api/v2/koder/roller HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connection.sendall(going.read())
        try:
            while connection.recv(65536):
                continue
        except ConnectionResetError:
            return True
    return False


def test_who_never_shakes_hands_holds_nobody_up(secure: RunningRegion, scenario: str) -> None:
    """A silent connection waits by itself; one that speaks HTTP to TLS is hung up on."""
    where = ("127.0.0.1", _port(secure))
    with (
        socket.create_connection(where, timeout=20),
        socket.create_connection(where, timeout=20) as loud,
    ):
        loud.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _log_in(secure, scenario, verify=str(secure.ca_file)).status_code == 200
        assert b"HTTP/1.1" not in loud.recv(65536)


def test_without_tls_nothing_is_said_of_it(region: RunningRegion) -> None:
    """The default is plain HTTP on loopback."""
    assert region.secure_url is None
    assert "ANSLUT_CA_FILE" not in region.environment()
    assert region.source_url().startswith("http://")


def test_a_region_stops_while_somebody_shakes_hands() -> None:
    """Ctrl-C ends at once, whoever is in the middle of saying hello."""
    with serve_region(population=SmallPopulation(), tls="good") as region:
        silent = socket.create_connection(("127.0.0.1", _port(region)), timeout=20)
        assert _log_in(region, "demo", verify=str(region.ca_file)).status_code == 200

    with silent:
        assert silent.recv(1) == b""


def test_the_command_says_where_to_call_and_whom_to_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--tls` alone means a good certificate; with worker processes there is none."""
    tell = simulate_module._tell

    def tell_and_end(*what: Any) -> None:
        tell(*what)
        raise KeyboardInterrupt

    monkeypatch.setattr(simulate_module, "_tell", tell_and_end)
    runner = CliRunner()
    good = runner.invoke(simulate_module.simulate, ["--port", "0", "--frozen", "--tls"])
    expired = runner.invoke(
        simulate_module.simulate, ["--port", "0", "--frozen", "--tls", "expired-certificate"]
    )
    workers = runner.invoke(simulate_module.simulate, ["--tls", "good", "--workers", "2"])

    for result in (good, expired):
        assert result.exit_code == 0
        assert "export ANSLUT_SOURCE_URL=https://127.0.0.1:" in result.output
        assert "export ANSLUT_CA_FILE=" in result.output
        assert "export CURL_CA_BUNDLE=" in result.output
        assert "http://127.0.0.1:" in result.output.splitlines()[0]
    assert workers.exit_code == 2
    assert "--workers" in workers.output
