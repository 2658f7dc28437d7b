"""A page on the internet cannot drive the simulators; programs and the room's own pages can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from anslut_simulators.control.visitor import HOSTS, is_local

if TYPE_CHECKING:
    from anslut_simulators import RunningRegion

FOREIGN = (
    {"Origin": "https://elak.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://elak.example", "Host": "elak.example"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/_sim/s/{}/reset", "/_sim/room/{}/reset"])
def test_a_foreign_page_changes_nothing(
    region: RunningRegion, scenario: str, headers: dict[str, str], path: str
) -> None:
    """Neither a form posted from elsewhere, nor a name that somebody let point at this machine."""
    answer = requests.post(
        region.base_url + path.format(scenario), headers=headers, timeout=5, allow_redirects=False
    )

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:anslut:problem:foreign-page"
    assert region.parts.scenarios.state(scenario).generation == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_every_way_of_changing_is_guarded(region: RunningRegion, scenario: str, method: str) -> None:
    """Not only POST."""
    what = "clock" if method == "PUT" else "faults"
    answer = requests.request(
        method,
        f"{region.base_url}/_sim/s/{scenario}/{what}",
        headers={"Origin": "https://elak.example"},
        timeout=5,
    )

    assert answer.status_code == 403


def test_pages_are_shown_under_a_local_name_only(region: RunningRegion) -> None:
    """A page that gave its own name this machine's address could read what it is shown."""
    answer = requests.get(f"{region.base_url}/_sim/", headers={"Host": "elak.example"}, timeout=5)

    assert answer.status_code == 403


def test_programs_and_own_pages_are_let_through(region: RunningRegion, scenario: str) -> None:
    """A program says nothing of where it comes from; the room's own forms come from the room."""
    url = f"{region.base_url}/_sim/s/{scenario}/reset"
    own = {"Origin": region.base_url, "Sec-Fetch-Site": "same-origin"}

    assert requests.post(url, timeout=5).status_code == 200
    assert requests.post(url, headers=own, timeout=5).status_code == 200
    assert requests.post(url, headers={"Host": "simulators:8711"}, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8711", True),
        ("[::1]:8711", True),
        ("localhost", True),
        ("sim.localhost:80", True),
        ("10.0.0.4:8711", True),
        ("elak.example", False),
        ("localhost.elak.example", False),
        ("127.0.0.1.elak.example:8711", False),
        ("", False),
    ],
)
def test_what_a_local_name_is(host: str, *, expected: bool) -> None:
    """Addresses are: no page of somebody else's has an address of ours for a name."""
    assert is_local(host) is expected


def test_further_hosts_are_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a region in a container, called by its name there."""
    monkeypatch.setenv(HOSTS, "simulators, Prov.example")

    assert is_local("simulators:8711")
    assert is_local("prov.example")
    assert not is_local("elak.example")
