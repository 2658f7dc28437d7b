"""Bearer tokens from the issuer are taken, and nothing that only looks like one."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Settings
from anslut.door.tokens import JwtVerifier
from anslut.errors import SettingsError, SourceUnavailableError, UnauthenticatedError
from door_process import CALLER
from joserfc.jwk import ECKey
from token_issuer import AUDIENCE, GOOD, token

if TYPE_CHECKING:
    from collections.abc import Callable

    from token_issuer import Issuer


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
