"""Logging in to Kosmos: who gets a token, and when it dies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests
from anslut_simulators.scenario import State
from anslut_simulators.tokens import Tokens

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller

CODES = "/api/v2/koder/roller"
STATE = State(
    name="prov",
    generation=1,
    mode="frozen",
    now_us=0,
    anchor_us=0,
    tokens_after_us=0,
    speed=1000,
    faults=(),
    touched=frozenset(),
    last_number=0,
)


def test_a_token_lives_three_hundred_seconds_of_real_time() -> None:
    """A connector must renew tokens; one that never expires would hide that it does not."""
    tokens = Tokens(b"secret")
    token = tokens.issue(STATE, "kosmos-prov", real_us=1_000_000)

    assert tokens.is_valid(token, STATE, real_us=300_999_999)
    assert not tokens.is_valid(token, STATE, real_us=301_000_000)


def test_a_token_dies_with_its_generation_and_belongs_to_its_scenario() -> None:
    """Two testers must never meet, nor a tester their own past."""
    tokens = Tokens(b"secret")
    token = tokens.issue(STATE, "kosmos-prov", real_us=1)

    assert not tokens.is_valid(token, replace(STATE, generation=2), real_us=2)
    assert not tokens.is_valid(token, replace(STATE, name="annat"), real_us=2)


@pytest.mark.parametrize("change", [0, 5, 21, 40, -1])
def test_a_changed_token_is_refused(change: int) -> None:
    """Signed means that no letter of it can be another."""
    tokens = Tokens(b"secret")
    token = tokens.issue(STATE, "kosmos-prov", real_us=1)
    letter = "A" if token[change] != "A" else "B"
    place = change % len(token)

    assert not tokens.is_valid(token[:place] + letter + token[place + 1 :], STATE, real_us=2)


@pytest.mark.parametrize(
    ("login", "form", "status", "error"),
    [
        (("kosmos-{s}", "fel"), {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (("kosmos-annat", "hemlig-annat"), {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (None, {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (("kosmos-{s}", "hemlig-{s}"), {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (("kosmos-{s}", "hemlig-{s}"), {}, 400, "invalid_request"),
    ],
)
def test_wrong_credentials_get_the_standard_errors(
    caller: Caller,
    login: tuple[str, str] | None,
    form: dict[str, str],
    status: int,
    error: str,
) -> None:
    """RFC 6749's errors let a connector say that its secret is wrong."""
    auth = tuple(part.format(s=caller.scenario) for part in login) if login else None
    url = f"{caller.base}/oauth/token"
    answer = requests.post(url, data=form, auth=auth, timeout=20)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_credentials_in_the_form_work_too(region: RunningRegion, scenario: str) -> None:
    """Both ways of RFC 6749, 2.3.1 are in use."""
    form = {
        "grant_type": "client_credentials",
        "client_id": region.client_id(scenario),
        "client_secret": region.client_secret(scenario),
    }
    answer = requests.post(f"{region.source_url(scenario=scenario)}/oauth/token", data=form, timeout=20)

    assert answer.json()["expires_in"] == 300


def test_without_a_token_nothing_is_told(caller: Caller) -> None:
    """401 and a challenge, no more."""
    answer = requests.get(f"{caller.base}{CODES}", timeout=20)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_reset_makes_old_tokens_invalid(caller: Caller, control: ControlClient) -> None:
    """A new generation is a new world, with new logins."""
    assert caller.get(CODES).status_code == 200
    control.reset()
    answer = caller.get(CODES)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_expired_tokens_can_be_asked_for_and_renewed(caller: Caller, control: ControlClient) -> None:
    """The fault kills what was issued, and a new login works at once."""
    caller.log_in()
    control.fault("expire-tokens")

    assert caller.get(CODES).status_code == 401
    caller.log_in()
    assert caller.get(CODES).status_code == 200
