"""Who may ask: whoever proves by a token, a certificate or both that it is a system that is let in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut import Settings
from anslut.door.security import Security, is_loopback
from anslut.errors import ForbiddenError, UnauthenticatedError
from anslut.server import running
from anslut_contracts import validation
from door_process import ASKED, CALLER, SEARCH
from token_issuer import AUDIENCE, token

if TYPE_CHECKING:
    from anslut.door.tokens import JwtVerifier
    from token_issuer import Issuer


@pytest.mark.parametrize(
    ("path", "method"), [(SEARCH, "POST"), ("/v1/connector", "GET"), ("/v1/vaccinations/search", "POST")]
)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "nonsense"]
)
def test_the_door_asks_first_who_calls(
    connector: Any, issuer: Issuer, path: str, method: str, authorization: str | None
) -> None:
    """Before it reads, and before it tells whether a type exists."""
    issuer.new_key()
    connector.settings = replace(connector.settings, jwks_url=issuer.url, audience=AUDIENCE)
    headers = {"Authorization": authorization} if authorization is not None else {}
    with running(connector) as url:
        reply = requests.request(method, url + path, json=ASKED, headers=headers, timeout=10)

    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert validation.errors("problem", reply.json()) == []


def test_the_door_answers_a_proven_caller_and_logs_it(
    connector: Any, issuer: Issuer, settings: Settings
) -> None:
    """Without a consumer in the header, the caller asks for itself."""
    key = issuer.new_key()
    connector.settings = replace(settings, jwks_url=issuer.url, audience=AUDIENCE)
    with running(connector) as url:
        reply = requests.post(
            url + SEARCH, json=ASKED, headers={"Authorization": f"Bearer {token(key)}"}, timeout=10
        )

    with open(settings.access_log or "", encoding="utf-8") as file:  # noqa: PTH123 - one line
        line = json.loads(file.read())
    assert reply.status_code == 200
    assert (line["callerHsaId"], line["consumerHsaId"]) == (CALLER, CALLER)


class Connection:
    """A TLS connection as gunicorn hands it over."""

    def __init__(self, *subject: tuple[tuple[str, str], ...]) -> None:
        self.subject = subject

    def getpeercert(self) -> dict[str, Any]:
        """Return the client's certificate."""
        return {"subject": self.subject}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"gunicorn.socket": object()},
        {"gunicorn.socket": Connection()},
        {"gunicorn.socket": Connection((("commonName", CALLER),))},
        {"gunicorn.socket": Connection((("serialNumber", ""),))},
        {"SSL_CLIENT_S_DN": f"serialNumber={CALLER}", "HTTP_X_SSL_CLIENT_S_DN": f"serialNumber={CALLER}"},
    ],
)
def test_a_certificate_is_taken_from_the_connection_only(environ: dict[str, Any]) -> None:
    """A header that claims one proves nothing."""
    with pytest.raises(UnauthenticatedError):
        Security(certificates=True).caller(environ)


def test_certificate_and_token_must_name_the_same_caller(issuer: Issuer, verifier: JwtVerifier) -> None:
    """A stolen token does not help without the thief's own certificate."""
    environ = {
        "gunicorn.socket": Connection((("serialNumber", "SE2321000999-C002"),)),
        "HTTP_AUTHORIZATION": f"Bearer {token(issuer.new_key())}",
    }
    both = Security(tokens=verifier, certificates=True)

    with pytest.raises(ForbiddenError):
        both.caller(environ)
    assert both.mode == "mutual TLS and bearer tokens"
    assert both.caller(environ | {"gunicorn.socket": Connection((("serialNumber", CALLER),))}) == CALLER


def shown(*values: str) -> dict[str, Any]:
    """Return what gunicorn tells of a call with a certificate whose subject has *values* as serialNumber."""
    return {"gunicorn.socket": Connection(*((("serialNumber", value),) for value in values))}


@pytest.mark.parametrize(
    "hsa_id",
    [CALLER, CALLER.lower(), "SE165565594230-1000", "HSASERVICES-106J", "T_SERVICES_SE165565594230-1023"],
)
def test_a_system_s_hsa_id_is_taken_in_any_case(hsa_id: str) -> None:
    """The national platform's have forms of their own; the log has one form of each."""
    assert Security(certificates=True).caller(shown(hsa_id)) == hsa_id.upper()


@pytest.mark.parametrize(
    "value",
    [
        "199001022384",
        "19900102-2384",
        "900102-2384",
        "98231009HJ54",
        "PNOSE-199001022384",
        "SE9001022384-A1",
        "SE2321000999-9001022384",
        "SE2321000999",
        "SE2321000999-",
        "\u017fE2321000999-C001",
        f"{CALLER}\n",
        f"{CALLER} ",
    ],
)
def test_what_may_be_a_person_s_number_proves_no_caller(value: str) -> None:
    """It would go into the access log; neither the log nor the answer may repeat it."""

    class Verified:
        def caller(self, _token: str) -> str:
            return value

    with pytest.raises(UnauthenticatedError) as by_certificate:
        Security(certificates=True).caller(shown(value))
    with pytest.raises(UnauthenticatedError) as by_token:
        Security(tokens=Verified()).caller({"HTTP_AUTHORIZATION": "Bearer x"})

    assert value not in f"{by_certificate.value} {by_token.value}"


def test_a_certificate_with_two_hsa_ids_proves_neither() -> None:
    """Which of them would the log have?"""
    with pytest.raises(UnauthenticatedError):
        Security(certificates=True).caller(shown(CALLER, "SE2321000999-C002"))

    assert Security(certificates=True).caller(shown(CALLER, CALLER)) == CALLER


def test_certificate_and_token_may_write_the_same_caller_differently(
    issuer: Issuer, verifier: JwtVerifier
) -> None:
    """HSA-ids are compared without regard to case."""
    environ = shown(CALLER.lower()) | {"HTTP_AUTHORIZATION": f"Bearer {token(issuer.new_key())}"}

    assert Security(tokens=verifier, certificates=True).caller(environ) == CALLER


def test_who_is_not_named_may_not_ask() -> None:
    """With a good certificate, and in any case of letters."""
    some = Security.from_settings(Settings(client_ca="ca.pem", callers=f"{CALLER.lower()}, HSASERVICES-106J"))

    assert some.caller(shown(CALLER)) == CALLER
    with pytest.raises(ForbiddenError):
        some.caller(shown("SE2321000999-C002"))


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.0.2.1", "example.org", "")],  # noqa: S104 - what is refused
)
def test_what_counts_as_this_machine(host: str, local: bool) -> None:  # noqa: FBT001 - a column
    """`0.0.0.0` is every network the machine has."""
    assert is_loopback(host) is local
