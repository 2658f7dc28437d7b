"""Hostile input at every route: a clear refusal, never a broken server, never an echo."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.app import EXTENSION, create_app
from small_country import ANNA, BO, SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from kosmos_caller import Caller

ECHO = "900102"
CANARY = "199001022384"
CONTROL = "/_sim/s/fi"
KOSMOS = "/s/fi/kosmos"
INDEX = "/s/fi/index"
GETS = [
    f"{CONTROL}/clock",
    f"{CONTROL}/personas",
    f"{CONTROL}/faults",
    f"{CONTROL}/journal",
    f"{CONTROL}/index",
    "/_sim/",
    "/_sim/faults",
]
POSTS = [
    ("POST", f"{CONTROL}/reset"),
    ("PUT", f"{CONTROL}/clock"),
    ("POST", f"{CONTROL}/clock/advance"),
    ("POST", f"{CONTROL}/truth"),
    ("POST", f"{CONTROL}/events"),
    ("POST", f"{CONTROL}/events/change"),
    ("POST", f"{CONTROL}/faults"),
    ("POST", f"{KOSMOS}/oauth/token"),
    ("POST", f"{KOSMOS}/api/v2/patienter/sok"),
    ("POST", f"{INDEX}/v1/engagements"),
]
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "number": b"12",
    "text": b'"199001022384"',
    "cut": b'{"patientId": {"root": "1.2',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "deep but readable": b'{"event": {"patientId": {"root": "r", "extension": "e"}, "atoms": '
    + b"[" * 990
    + b"]" * 990
    + b"}}",
    "bad utf-8": b'{"personnummer": "\xff\xfe199001022384"}',
    "nul": b'{"personnummer": "199001022384\\u0000"}',
    "lone surrogate": b'{"personnummer": "\\ud800"}',
    "sql": b'{"personnummer": "199001022384\'; DROP TABLE entry;--"}',
    "log": b'{"personnummer": "199001022384\\r\\nINFO forged"}',
    "wrong types": b'{"patientId": 199001022384, "event": [], "seconds": "x", "fault": {}}',
    "identity of wrong types": b'{"patientId": {"root": [], "extension": 199001022384}}',
    "event of wrong types": b'{"event": {"patientId": {"root": "199001022384", "extension": ""}, "type": 1}}',
    "huge number": b'{"seconds": 99999999999999999999999999999999, "now": 1e999}',
    "negative": b'{"seconds": -1}',
    "date out of range": b'{"now": "9999-12-31T23:59:59+00:00"}',
    "nan": b'{"seconds": NaN}',
    "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "form": b"grant_type=client_credentials&client_id=%00&client_secret=%ff",
    "doubled keys": b'{"patientId": 1, "patientId": {"root": "199001022384", "extension": ""}}',
    "ten megabytes": b'{"personnummer": "' + b"1" * 10_000_000 + b'"}',
}
PATHS = [
    "/",
    "/%00",
    "/%ff%fe",
    "/../../etc/passwd",
    "/s",
    "/s/",
    "/s//kosmos",
    "/s/199001022384/kosmos/oauth/token",
    "/s/FI/kosmos",
    "/s/fi/",
    "/s/fi/okant",
    f"{KOSMOS}",
    f"{KOSMOS}/",
    f"{KOSMOS}/api/v2/patienter/",
    f"{KOSMOS}/api/v2/patienter/199001022384/anteckningar",
    f"{KOSMOS}/api/v2/patienter/K%00/anteckningar",
    f"{KOSMOS}/api/v2/patienter/K{'A' * 32}/anteckningar",
    f"{KOSMOS}/api/v2/patienter/K{'é' * 32}/anteckningar",
    f"{KOSMOS}/api/v2/patienter/{'K' * 5000}/anteckningar",
    f"{KOSMOS}/api/v2/koder/199001022384",
    f"{KOSMOS}/api/v2/koder/../../x",
    f"{INDEX}/",
    f"{INDEX}/v2/engagements",
    "/_sim/s/199001022384/clock",
    "/_sim/s/../clock",
    "/_sim/s/%0d%0aSet-Cookie:x/clock",
    f"{CONTROL}/199001022384",
]
QUERIES = [
    "antal=0",
    "antal=101",
    "antal=-1",
    "antal=1e3",
    "antal=%D9%A1",
    "antal=",
    "antal=5&antal=6",
    "fran=2023-02-30",
    "fran=20230101",
    "fran=2023-1-1",
    "fran=199001022384",
    "fran=2023-02-02&till=2023-01-01",
    "markor=",
    "markor=AAAA",
    "markor=199001022384",
    "markor=%00",
    "markor=%ff",
    "markor=" + "A" * 5000,
    "okand=199001022384",
    "%ff=1",
    "&".join(f"a{number}=1" for number in range(100)),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application, called without a server, so that nothing in between cleans the input."""
    state: Path = tmp_path_factory.mktemp("hostile") / "state"
    app = create_app(population=SmallPopulation(), state=state)
    yield app
    app.extensions[EXTENSION].close()


def _call(app: Flask, method: str, path: str, **more: Any) -> tuple[int, bytes, str]:
    answer = app.test_client().open(path, method=method, **more)
    return answer.status_code, answer.data, answer.headers.get("Content-Type", "")


def _token(app: Flask) -> str:
    form = {"grant_type": "client_credentials", "client_id": "kosmos-fi", "client_secret": "hemlig-fi"}
    answer = app.test_client().post(f"{KOSMOS}/oauth/token", data=form)
    return f"Bearer {answer.get_json()['access_token']}"


def _refused(status: int, body: bytes, kind: str) -> None:
    assert 400 <= status < 500
    assert ECHO.encode() not in body
    document = json.loads(body)
    if kind == "application/problem+json":
        assert document["status"] == status
    else:
        assert document.keys() & {"fel", "error"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize(("method", "path"), POSTS, ids=[path for _, path in POSTS])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_bodies(app: Flask, method: str, path: str, body: bytes, kind: str) -> None:
    """Whatever is posted anywhere: a refusal in JSON that repeats nothing."""
    headers = {"Authorization": _token(app)} if "/api/" in path else {}
    status, answer, kind_of_answer = _call(app, method, path, data=body, content_type=kind, headers=headers)
    if path.endswith("/reset"):
        assert status == 200  # a reset needs no body and does not look at one
    else:
        _refused(status, answer, kind_of_answer)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_paths(app: Flask, method: str, path: str) -> None:
    """Wherever is called: found or refused, never broken."""
    headers = {"Authorization": _token(app)}
    status, answer, kind = _call(app, method, path, headers=headers)
    if status in {302, 308}:
        assert path == "/"
    else:
        _refused(status, answer, kind)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("resource", ["anteckningar", "feed"])
def test_queries(app: Flask, query: str, resource: str) -> None:
    """Parameters are read strictly."""
    headers = {"Authorization": _token(app)}
    found = app.test_client().post(
        f"{KOSMOS}/api/v2/patienter/sok", json={"personnummer": "900102-2384"}, headers=headers
    )
    key = found.get_json()["patientnyckel"]
    path = f"/api/v2/patienter/{key}/anteckningar" if resource == "anteckningar" else "/api/v2/andringar"
    status, answer, _ = _call(app, "GET", f"{KOSMOS}{path}?{query}", headers=headers)

    assert status == 400
    assert json.loads(answer)["fel"] in {"OGILTIG_PARAMETER", "OGILTIG_MARKOR"}
    assert ECHO.encode() not in answer


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer " + "A" * 100_000,
        "Bearer \xe5\xe4\xf6",
        "Basic x",
        "Basic " + "=" * 9,
        "Basic /////w==",
        f"Digest {CANARY}",
    ],
)
@pytest.mark.parametrize("path", ["/api/v2/koder/roller", "/oauth/token"])
def test_authorizations(app: Flask, value: str, path: str) -> None:
    """Broken credentials are wrong credentials."""
    method = "POST" if path.endswith("token") else "GET"
    form = {"grant_type": "client_credentials"} if method == "POST" else None
    status, answer, kind = _call(app, method, f"{KOSMOS}{path}", headers={"Authorization": value}, data=form)

    assert status == 401
    _refused(status, answer, kind)


@pytest.mark.parametrize("path", GETS)
def test_reading_takes_no_harm_from_a_body(app: Flask, path: str) -> None:
    """A body where none belongs is not looked at."""
    status, _, _ = _call(app, "GET", path, data=b"\xff" * 100, content_type="application/json")

    assert status == 200


def test_parallel_calls_about_two_people_never_mix(caller: Caller) -> None:
    """The first rule of all, under load."""
    keys = {caller.key(ANNA): "anna", caller.key(BO): "bo"}
    paths = [f"/api/v2/patienter/{key}/anteckningar" for key in keys] * 60
    with ThreadPoolExecutor(10) as threads:
        pages = list(threads.map(lambda path: (path, type(caller).get(caller, path).json()), paths))

    for path, page in pages:
        key = path.split("/")[4]
        assert {entry["patientnyckel"] for entry in page["poster"]} == {key}
        assert all(entry["id"].startswith(keys[key]) for entry in page["poster"])


def test_repeated_hostile_calls_leave_a_working_server(app: Flask) -> None:
    """After everything above, the ordinary still works."""
    headers = {"Authorization": _token(app)}
    status, answer, _ = _call(app, "GET", f"{KOSMOS}/api/v2/koder/roller", headers=headers)
    journal = json.loads(_call(app, "GET", f"{CONTROL}/journal")[1])["calls"]

    assert status == 200
    assert b"lokal" in answer
    assert ECHO not in json.dumps(journal)
