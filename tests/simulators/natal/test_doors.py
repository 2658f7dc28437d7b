"""Natal's doors: logging in, refusing what is strange, and the history of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.natal.people import identity_of
from anslut_simulators.population import default_population
from natal_caller import FORM

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from anslut_simulators.truth import Identity
    from natal_caller import Natal

EXEMPT = "https://natal.example/fhir/CodeSystem/undantag-fran-e-tjanster"


def anna() -> Identity:
    """Return the ordinary case's identity."""
    return default_population().personas()["natal-vanlig"].identity


def test_tokens_are_given_and_asked_for(natal: Natal) -> None:
    """As SMART backend services do, with what Natal says about itself."""
    told = natal.session.get(f"{natal.base}/fhir/.well-known/smart-configuration", timeout=20).json()
    token = natal.log_in()
    without = natal.session.get(f"{natal.base}/fhir/Organization", timeout=20)

    assert told["token_endpoint"] == f"{natal.base}/auth/token"
    assert (token["token_type"], token["scope"]) == ("bearer", "system/*.read")
    assert without.status_code == 401
    assert without.json()["resourceType"] == "OperationOutcome"
    assert without.headers["Content-Type"].startswith("application/fhir+json")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "user/*.*"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
    ],
)
def test_strange_logins_are_refused(natal: Natal, form: dict[str, str], status: int, error: str) -> None:
    """In OAuth's own words."""
    answer = natal.session.post(f"{natal.base}/auth/token", data=form, timeout=20)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_token_dies_when_the_clock_jumps_ahead(natal: Natal, plane: ControlClient) -> None:
    """Tokens live by the system's own clock, also when a fault has set it wrong."""
    natal.log_in()
    plane.fault("clock-skew", system="natal", seconds=7200)

    assert natal.call("GET", "/fhir/Organization").status_code == 401


def test_a_token_dies_when_all_are_expired(natal: Natal, plane: ControlClient) -> None:
    """And logging in again helps."""
    natal.log_in()
    plane.fault("expire-tokens", system="natal")
    dead = natal.call("GET", "/fhir/Organization")
    plane.clear_faults()
    natal.log_in()

    assert dead.status_code == 401
    assert natal.call("GET", "/fhir/Organization").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fhir/Patient?identifier=urn:oid:1.2.752.129.2.1.3.1", 405),
        ("GET", "/fhir/Patient/_search", 405),
        ("GET", "/fhir/Patient/KFEL", 404),
        ("GET", "/fhir/Patient/KFEL/$everything", 404),
        ("GET", "/fhir/Observation", 400),
        ("GET", "/fhir/Observation?patient=KFEL", 404),
        ("GET", "/fhir/Observation?patient=a&patient=b", 400),
        ("GET", "/fhir/Observation?patient=a&_count=0", 400),
        ("GET", "/fhir/Observation?patient=a&_count=1e3", 400),
        ("GET", "/fhir/Observation?patient=a&_lastUpdated=i+morgon", 400),
        ("GET", "/fhir/Observation?patient=a&_lastUpdated=ge9999-12-31", 400),
        ("GET", "/fhir/Observation?patient=%ff", 400),
        ("GET", "/fhir/Observation/123", 404),
        ("GET", "/fhir/Organization/ENH0", 404),
        ("GET", "/fhir/Medication", 404),
        ("GET", "/fhir/_history?_after=-1", 400),
        ("GET", "/fhir/_history/1", 404),
        ("GET", "/fhir", 404),
        ("GET", "/", 404),
        ("DELETE", "/fhir/Organization", 405),
        ("PUT", "/fhir/metadata", 405),
    ],
)
def test_strange_calls_are_refused_in_fhir(natal: Natal, method: str, path: str, status: int) -> None:
    """With an OperationOutcome that quotes nobody."""
    answer = natal.call(method, path)

    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "KFEL" not in answer.text


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"identifier": "x"}', "application/json", 415),
        (b"identifier=urn:oid:1.2.752.129.2.1.3.1|199001022384", f"{FORM}; charset=iso-8859-1", 415),
        ("identifier=å|ä".encode(), FORM, 400),
        (b"identifier=" + b"[" * 100_000, FORM, 400),
        (b"identifier=199001022384", FORM, 400),
        (b"identifier=urn:oid:1.2.752.129.2.1.3.1|900102-2384", FORM, 400),
        (b"identifier=urn:oid:9.9|199001022384", FORM, 400),
        (b"&".join(b"a=b" for _ in range(1000)), FORM, 400),
        (b"", FORM, 400),
    ],
)
def test_strange_searches_for_a_person_are_refused(
    natal: Natal, body: bytes, content_type: str, status: int
) -> None:
    """Deep, huge, in the wrong charset, or a number written otherwise."""
    answer = natal.call("POST", "/fhir/Patient/_search", data=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "2384" not in answer.text


def test_a_huge_body_is_refused_whole(natal: Natal) -> None:
    """Before anything is read of it."""
    answer = natal.call(
        "POST", "/fhir/Patient/_search", data=b"a" * 3_000_000, headers={"Content-Type": FORM}
    )

    assert answer.status_code == 413
    assert answer.json()["issue"][0]["code"] == "too-costly"


def test_a_page_of_another_search_is_refused(natal: Natal) -> None:
    """A token belongs to its search, and cannot be made."""
    key = natal.key(anna())
    page = natal.get(f"/fhir/Composition?patient={key}&_count=1")
    url = next(link["url"] for link in page["link"] if link["relation"] == "next")

    assert natal.call("GET", url.replace("Composition?", "Observation?")).status_code == 400
    assert natal.call("GET", url.replace("_count=1", "_count=2")).status_code == 400
    assert natal.call("GET", f"{url[:-4]}AAAA").status_code == 400


def test_what_is_written_is_told_in_the_history(natal: Natal, plane: ControlClient) -> None:
    """Written, signed and removed, each with whose it is; and only what came after."""
    start = natal.get("/fhir/_history")["identifier"]["value"]
    written = plane.write(type="maternity-records", patient_id=anna(), event={"system": "natal"})
    plane.change(patient_id=anna(), event_id=written.id, change="sign")
    plane.change(patient_id=anna(), event_id=written.id, change="remove")
    told = natal.get(f"/fhir/_history?_after={start}")

    steps = [(entry["request"]["method"], entry["request"]["url"]) for entry in told["entry"]]
    whose = {entry["resource"]["target"][1]["identifier"]["value"] for entry in told["entry"]}
    assert steps == [(method, f"Observation/{written.id}") for method in ("POST", "PUT", "DELETE")]
    assert whose == {anna().extension}
    assert natal.get(f"/fhir/_history?_after={told['identifier']['value']}").get("entry") is None


def test_a_number_is_read_by_its_series() -> None:
    """The OID says which."""
    found = identity_of("urn:oid:1.2.752.74.9.1", "98230921ZT35")

    assert (found.root, found.extension) == ("1.2.752.74.9.1", "98230921ZT35")


def test_an_excluded_entry_is_labelled_at_the_next_call(natal: Natal, plane: ControlClient) -> None:
    """What a tester excludes stands under Natal's own heading."""
    written = plane.write(type="maternity-records", patient_id=anna(), event={"system": "natal"})
    plane.change(patient_id=anna(), event_id=written.id, change="exclude", reason="violence")
    found = next(one for one in natal.everything(anna()) if one["id"] == written.id)

    assert found["meta"]["security"] == [{"system": EXEMPT, "code": "undantag", "display": "Våldsutsatthet"}]
