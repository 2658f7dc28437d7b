"""An issuer of bearer tokens that publishes its keys, and a verifier that trusts it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from anslut import Settings
from anslut.door.tokens import JwtVerifier
from door_process import CALLER
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

AUDIENCE = "https://connector.example"
GOOD = {"iss": "https://issuer.example", "aud": AUDIENCE, "client_id": "journalen", "hsa_id": CALLER}
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
