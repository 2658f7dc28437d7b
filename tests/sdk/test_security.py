"""Who may ask: bearer tokens from the issuer, and nothing that only looks like one."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut import Settings
from anslut.door.security import Security, is_loopback
from anslut.door.tokens import JwtVerifier
from anslut.errors import ForbiddenError, SettingsError, SourceUnavailableError, UnauthenticatedError
from anslut.server import running
from anslut_contracts import validation
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable

CALLER = "SE2321000999-C001"
AUDIENCE = "https://connector.example"
GOOD = {"iss": "https://issuer.example", "aud": AUDIENCE, "client_id": "journalen", "hsa_id": CALLER}
SEARCH = "/v1/diagnoses/search"
ASKED = {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"}}

Key = RSAKey | ECKey | OKPKey


class Issuer:
    """An issuer of tokens whose keys are published by a fake source."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.keys: list[Key] = []
        self.url = f"{source.url}/jwks"
        source.answers = lambda *_: (
            200,
            {"Content-Type": "application/json"},
            json.dumps(KeySet(self.keys).as_dict(private=False)).encode(),
        )

    def new_key(self, kind: str = "EC", kid: str = "k1") -> Key:
        """Publish a new key."""
        parameters = {"kid": kid}
        key: Key
        if kind == "RSA":
            key = RSAKey.generate_key(2048, parameters)
        elif kind == "OKP":
            key = OKPKey.generate_key("Ed25519", parameters)
        else:
            key = ECKey.generate_key("P-256", parameters)
        self.keys.append(key)
        return key


def token(key: Any, algorithm: str = "ES256", **changed: Any) -> str:
    """Return a token; a claim changed to `None` is left out."""
    claims = GOOD | {"iat": int(time.time()), "exp": int(time.time()) + 60} | changed
    header = {"alg": algorithm, "kid": getattr(key, "kid", "k1")}
    plain = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, plain, key, algorithms=[algorithm])


@pytest.fixture
def issuer(fake_source: Any) -> Issuer:
    """Return an issuer."""
    return Issuer(fake_source)


@pytest.fixture
def verifier(issuer: Issuer) -> JwtVerifier:
    """Return a verifier that trusts the issuer."""
    return JwtVerifier(Settings(jwks_url=issuer.url, audience=AUDIENCE, issuer="https://issuer.example"))


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("EC", "ES256"), ("RSA", "RS256"), ("RSA", "PS256"), ("OKP", "Ed25519")]
)
def test_a_good_token_names_the_caller(
    issuer: Issuer, verifier: JwtVerifier, kind: str, algorithm: str
) -> None:
    """Whichever asymmetric algorithm the issuer uses."""
    assert verifier.caller(token(issuer.new_key(kind), algorithm)) == CALLER


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"nbf": 4_000_000_000},
        {"hsa_id": None},
        {"hsa_id": ""},
        {"hsa_id": ["SE2321000999-C001"]},
        {"client_id": None},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    issuer: Issuer, verifier: JwtVerifier, changed: dict[str, Any]
) -> None:
    """Signed by the right key all the same."""
    with pytest.raises(UnauthenticatedError):
        verifier.caller(token(issuer.new_key(), **changed))


def test_one_of_several_audiences_is_enough(issuer: Issuer, verifier: JwtVerifier) -> None:
    """A token may be meant for more than one."""
    assert verifier.caller(token(issuer.new_key(), aud=["x", AUDIENCE])) == CALLER


def unsigned(header: dict[str, Any], claims: dict[str, Any] | None = None, signature: str = "") -> str:
    """Return a token put together by hand."""
    parts = [json.dumps(part).encode() for part in (header, claims or GOOD | {"exp": int(time.time()) + 60})]
    return ".".join([*(urlsafe_b64encode(part).decode().rstrip("=") for part in parts), signature])


def with_public_key_as_secret(key: Any) -> str:
    """Return the classic forgery: HMAC with the public key, which anybody has, as the secret."""
    signed, _, _ = unsigned({"alg": "HS256", "kid": "k1"}).rpartition(".")
    signature = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda _key: "",
        lambda _key: "x",
        lambda _key: "a.b.c",
        lambda _key: "\u00e5.\u00e4.\u00f6",
        lambda _key: "x" * 100_000,
        lambda _key: unsigned({"alg": "none"}),
        lambda _key: unsigned({"alg": "None", "kid": "k1"}),
        lambda _key: unsigned({"alg": "ES256", "kid": "k1"}),
        lambda _key: unsigned({"alg": ["ES256"], "kid": {}}),
        lambda _key: unsigned([]),  # type: ignore[arg-type]  # the point
        lambda key: token(key)[:-4] + "AAAA",
        lambda key: token(key).replace(".", ".e30", 1),
        lambda _key: token(ECKey.generate_key("P-256", {"kid": "k1"})),
        lambda _key: token(ECKey.generate_key("P-256", {"kid": "unknown"})),
        with_public_key_as_secret,
    ],
)
def test_a_forged_token_is_refused(
    issuer: Issuer, verifier: JwtVerifier, forge: Callable[[Any], str]
) -> None:
    """And nothing else happens: no 500, no echo."""
    forged = forge(issuer.new_key())

    with pytest.raises(UnauthenticatedError) as caught:
        verifier.caller(forged)

    assert len(forged) < 4 or forged not in str(caught.value)


def test_a_new_key_of_the_issuer_is_found(
    issuer: Issuer, verifier: JwtVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown key is looked for at once, but not for every forged token."""
    from anslut.door import tokens  # noqa: PLC0415 - to turn the clock

    verifier.caller(token(issuer.new_key(kid="old")))
    fresh = issuer.new_key(kid="new")
    with pytest.raises(UnauthenticatedError):
        verifier.caller(token(fresh))
    asked = len(issuer.source.calls)
    monkeypatch.setattr(tokens, "_LEAST_SECONDS_BETWEEN", 0.0)

    assert verifier.caller(token(fresh)) == CALLER
    assert (asked, len(issuer.source.calls)) == (1, 2)


def test_a_token_that_held_does_not_hold_for_ever(
    issuer: Issuer, verifier: JwtVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is looked at every time, and everything anew when keys are fetched."""
    from anslut.door import tokens  # noqa: PLC0415 - to turn the clock

    verifier._claims.leeway = 0
    short, long = (token(issuer.new_key(kid=f"k{life}"), exp=int(time.time()) + life) for life in (2, 60))
    assert verifier.caller(short) == CALLER
    assert verifier.caller(short) == verifier.caller(long) == CALLER
    end = time.monotonic() + 5
    while verifier_holds(verifier, short) and time.monotonic() < end:
        time.sleep(0.05)
    assert not verifier_holds(verifier, short)
    issuer.keys.clear()
    issuer.new_key(kid="other")
    assert verifier_holds(verifier, long)
    monkeypatch.setattr(tokens, "_REFRESH_SECONDS", 0.0)

    assert not verifier_holds(verifier, long)


def verifier_holds(verifier: JwtVerifier, given: str) -> bool:
    """Return whether a token is taken."""
    try:
        return verifier.caller(given) == CALLER
    except UnauthenticatedError:
        return False


def test_keys_are_kept_while_the_issuer_is_away(
    issuer: Issuer, verifier: JwtVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issuer's pause does not stop residents."""
    from anslut.door import tokens  # noqa: PLC0415 - to turn the clock

    key = issuer.new_key()
    verifier.caller(token(key))
    issuer.source.answers = lambda *_: (503, {}, b"")
    monkeypatch.setattr(tokens, "_REFRESH_SECONDS", 0.0)

    assert verifier.caller(token(key)) == CALLER


def test_without_any_keys_the_caller_may_ask_again(issuer: Issuer, verifier: JwtVerifier) -> None:
    """Nobody is refused for the issuer's fault."""
    issuer.source.answers = lambda *_: (200, {"Content-Type": "text/html"}, b"<p>")

    with pytest.raises(SourceUnavailableError):
        verifier.caller(token(ECKey.generate_key("P-256", {"kid": "k1"})))


def test_tokens_need_an_audience() -> None:
    """A token meant for somebody else must never do here."""
    with pytest.raises(SettingsError, match="ANSLUT_AUDIENCE"):
        JwtVerifier(Settings(jwks_url="http://127.0.0.1:1"))


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
