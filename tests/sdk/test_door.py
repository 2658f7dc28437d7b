"""The door over a real socket: whatever comes in, what goes out is an answer or a clear problem."""

from __future__ import annotations

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut.errors import SourceFailedError, SourceTimeoutError, SourceUnavailableError
from anslut.server import running
from anslut_contracts import validation
from anslut_contracts.identity import NRID, PERSONNUMMER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Settings

NUMBER = "199001022384"
WRONG_CHECK_DIGIT = "199001022385"
IMPOSSIBLE_DATE = "199002302389"
CONSUMER = {"x-rivta-original-serviceconsumer-hsaid": "SE2321000999-C001"}
HEADERS = {**CONSUMER, "Content-Type": "application/json"}
FORM = {**CONSUMER, "Content-Type": "application/x-www-form-urlencoded"}
LATIN_1 = {**CONSUMER, "Content-Type": "application/json; charset=latin-1"}
NUMBER_AS_CONSUMER = {**HEADERS, "x-rivta-original-serviceconsumer-hsaid": "199001022384"}
OTHER_SYSTEM = "SE2321000999-K009"
ASKED = {"patientId": {"root": PERSONNUMMER, "extension": NUMBER}}
SEARCH = "/v1/diagnoses/search"


class Door:
    """A running door, and how to knock."""

    def __init__(self, url: str, connector: Any) -> None:
        self.url, self.connector = url, connector
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, body: Any, path: str = SEARCH, headers: dict[str, str] | None = None) -> requests.Response:
        """Send *body*: bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.session.post(
            self.url + path, data=raw, headers=HEADERS if headers is None else headers, timeout=30
        )

    def get(self, path: str) -> requests.Response:
        """Get *path*."""
        return self.session.get(self.url + path, timeout=30)


@pytest.fixture
def door(connector: Any, make: Any) -> Iterator[Door]:
    """Return a door where everybody has one diagnosis."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    with running(connector) as url:
        yield Door(url, connector)


def problem_of(reply: requests.Response) -> dict[str, Any]:
    """Return the problem, after holding it against the contract."""
    document = reply.json()
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert validation.errors("problem", document) == []
    assert document["status"] == reply.status_code
    return dict(document)


def test_a_search_is_answered(door: Door) -> None:
    """The answer holds against the contract and may be kept by nobody."""
    reply = door.post(ASKED)

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert validation.errors("answer:diagnoses", reply.json()) == []


def test_the_manifest_says_what_the_connector_is(door: Door) -> None:
    """It holds against the contract, and the digest is the profile's."""
    manifest = door.get("/v1/connector").json()

    assert validation.errors("manifest", manifest) == []
    assert manifest["profileDigest"] == door.connector.profile.digest()


def nested(depth: int) -> bytes:
    """Return an object nested *depth* levels."""
    return b'{"a":' * depth + b"1" + b"}" * depth


def asked(**changed: Any) -> dict[str, Any]:
    """Return the query with something changed."""
    return ASKED | changed


def person(extension: Any, root: Any = PERSONNUMMER) -> dict[str, Any]:
    """Return a query for another person."""
    return {"patientId": {"root": root, "extension": extension}}


HOSTILE: list[tuple[str, Any, str, dict[str, str], int, str]] = [
    # what, body, path, headers, status, slug
    ("not JSON", b"{", SEARCH, HEADERS, 400, "malformed"),
    ("nothing", b"", SEARCH, HEADERS, 400, "malformed"),
    ("a list", [], SEARCH, HEADERS, 400, "malformed"),
    ("a number", 17, SEARCH, HEADERS, 400, "malformed"),
    ("null", None, SEARCH, HEADERS, 400, "malformed"),
    ("two documents", b"{}{}", SEARCH, HEADERS, 400, "malformed"),
    ("bad UTF-8", b'{"patientId": "\xff\xfe"}', SEARCH, HEADERS, 400, "malformed"),
    ("UTF-16", json.dumps(ASKED).encode("utf-16"), SEARCH, HEADERS, 400, "malformed"),
    ("byte order mark", b"\xef\xbb\xbf{}", SEARCH, HEADERS, 400, "malformed"),
    ("lone surrogate", b'{"patientId": "\\ud800"}', SEARCH, HEADERS, 400, "malformed"),
    ("not a number", b'{"a": NaN}', SEARCH, HEADERS, 400, "malformed"),
    ("10 000 deep", nested(10_000), SEARCH, HEADERS, 400, "malformed"),
    ("100 000 deep list", b"[" * 100_000, SEARCH, HEADERS, 400, "malformed"),
    ("40 deep", nested(40), SEARCH, HEADERS, 400, "malformed"),
    ("10 MB", b'{"a":"' + b"x" * 10_000_000 + b'"}', SEARCH, HEADERS, 413, "too-large"),
    ("1 MB of lists", b"[" + b"[]," * 300_000 + b"[]]", SEARCH, HEADERS, 400, "malformed"),
    ("an empty object", {}, SEARCH, HEADERS, 422, "invalid-query"),
    ("person as text", {"patientId": NUMBER}, SEARCH, HEADERS, 422, "invalid-query"),
    ("number as number", person(int(NUMBER)), SEARCH, HEADERS, 422, "invalid-query"),
    ("huge number", b'{"patientId": 1e999}', SEARCH, HEADERS, 400, "malformed"),
    ("null person", {"patientId": None}, SEARCH, HEADERS, 422, "invalid-query"),
    ("person as list", person([NUMBER]), SEARCH, HEADERS, 422, "invalid-query"),
    ("with hyphen", person("19900102-2384"), SEARCH, HEADERS, 422, "invalid-query"),
    ("ten digits", person("9001022384"), SEARCH, HEADERS, 422, "invalid-query"),
    ("wrong check digit", person(WRONG_CHECK_DIGIT), SEARCH, HEADERS, 422, "invalid-query"),
    ("impossible date", person(IMPOSSIBLE_DATE), SEARCH, HEADERS, 422, "invalid-query"),
    ("new line after", person(NUMBER + "\n"), SEARCH, HEADERS, 422, "invalid-query"),
    ("NUL", person(NUMBER[:-1] + "\0"), SEARCH, HEADERS, 422, "invalid-query"),
    ("SQL", person("' OR 1=1; DROP TABLE x --"), SEARCH, HEADERS, 422, "invalid-query"),
    ("log injection", person('x\n{"outcome":"ok"}'), SEARCH, HEADERS, 422, "invalid-query"),
    ("full-width digits", person("１９９００１０２２３８４"), SEARCH, HEADERS, 422, "invalid-query"),
    ("unknown OID", person(NUMBER, "1.2.3.4.5"), SEARCH, HEADERS, 422, "invalid-query"),
    ("not an OID", person(NUMBER, "x"), SEARCH, HEADERS, 422, "invalid-query"),
    ("reserve unaddressed", person("98231009HJ54", NRID), SEARCH, HEADERS, 422, "invalid-query"),
    ("unknown field", asked(**{NUMBER: 1}), SEARCH, HEADERS, 422, "invalid-query"),
    ("half a period", asked(period={"start": "2023-01-01"}), SEARCH, HEADERS, 422, "invalid-query"),
    (
        "reversed period",
        asked(period={"start": "2023-02-01", "end": "2023-01-01"}),
        SEARCH,
        HEADERS,
        422,
        "invalid-query",
    ),
    (
        "no such day",
        asked(period={"start": "2023-02-29", "end": "2023-03-01"}),
        SEARCH,
        HEADERS,
        422,
        "invalid-query",
    ),
    ("unit as text", asked(careUnitIds="SE2321000999-A1001"), SEARCH, HEADERS, 422, "invalid-query"),
    ("2 000 units", asked(careUnitIds=["SE2321000999-A1001"] * 2000), SEARCH, HEADERS, 422, "invalid-query"),
    ("invented reference", asked(hasMoreReference="AAAA"), SEARCH, HEADERS, 422, "invalid-query"),
    ("reference not base64", asked(hasMoreReference="%%%"), SEARCH, HEADERS, 422, "invalid-query"),
    ("another system", asked(sourceSystemId=OTHER_SYSTEM), SEARCH, HEADERS, 422, "wrong-source-system"),
    ("unknown type", ASKED, "/v1/vaccinations/search", HEADERS, 404, "unknown-type"),
    ("type with number", ASKED, f"/v1/{NUMBER}/search", HEADERS, 404, "unknown-type"),
    ("path traversal", ASKED, "/v1/..%2f..%2fetc/search", HEADERS, 404, "not-found"),
    ("no such place", ASKED, "/v2/diagnoses/search", HEADERS, 404, "not-found"),
    ("form", ASKED, SEARCH, FORM, 415, "unsupported-media-type"),
    ("no type", ASKED, SEARCH, {**CONSUMER, "Content-Type": ""}, 415, "unsupported-media-type"),
    ("other charset", ASKED, SEARCH, LATIN_1, 415, "unsupported-media-type"),
    ("compressed", ASKED, SEARCH, {**HEADERS, "Content-Encoding": "gzip"}, 415, "unsupported-media-type"),
    ("no consumer", ASKED, SEARCH, {"Content-Type": "application/json"}, 400, "malformed"),
    ("consumer is a number", ASKED, SEARCH, NUMBER_AS_CONSUMER, 400, "malformed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "path", "headers", "status", "slug"),
    [row[1:] for row in HOSTILE],
    ids=[row[0] for row in HOSTILE],
)
def test_a_hostile_request_gets_a_clear_problem_and_nothing_back(  # noqa: PLR0913, PLR0917 - the table's columns
    door: Door,
    capfd: pytest.CaptureFixture[str],
    settings: Settings,
    body: Any,
    path: str,
    headers: dict[str, str],
    status: int,
    slug: str,
) -> None:
    """Never 500, never an echo, and a line in the access log that holds against its schema."""
    reply = door.post(body, path, headers)

    problem = problem_of(reply)
    log = Path(settings.access_log or "").read_text("utf-8")
    told = reply.text + str(reply.headers) + "".join(capfd.readouterr()) + log
    assert (reply.status_code, problem["type"]) == (status, f"urn:anslut:problem:{slug}")
    assert not problem["retryable"]
    assert not any(
        secret in told
        for secret in (NUMBER, WRONG_CHECK_DIGIT, IMPOSSIBLE_DATE, "98231009HJ54", "DROP TABLE", "9001022384")
    )
    lines = [json.loads(line) for line in log.splitlines()]
    assert [validation.errors("access-log", line) for line in lines] == [[] for _ in lines]
    assert [line["outcome"] for line in lines] == ([] if slug == "not-found" else [slug])
    assert door.post(ASKED).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", SEARCH), ("OPTIONS", SEARCH), ("DELETE", "/v1/connector"), ("PUT", "/metrics")],
)
def test_a_wrong_method_is_a_problem_too(door: Door, method: str, path: str) -> None:
    """It says which ones there are."""
    reply = door.session.request(method, door.url + path, timeout=10)

    assert problem_of(reply)["type"] == "urn:anslut:problem:method-not-allowed"
    assert reply.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "status", "slug", "retryable"),
    [
        (SourceUnavailableError("away", source="SE2321000999-K001"), 503, "source-unavailable", True),
        (SourceTimeoutError("late", source="SE2321000999-K001"), 504, "source-timeout", True),
        (SourceFailedError("broken", source="SE2321000999-K001"), 502, "source-failed", False),
        (SourceFailedError("broken", source="SE2321000999-K001", retryable=True), 502, "source-failed", True),
        (RuntimeError(NUMBER), 500, "internal", False),
    ],
)
def test_a_source_s_failure_is_never_an_empty_answer(  # noqa: PLR0913, PLR0917 - the table's columns
    door: Door,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
    slug: str,
    retryable: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The problem says which source, and whether to ask again; the log can be searched by its id."""

    def fail(_query: object) -> Any:
        raise error

    door.connector.readers["diagnoses"] = fail
    reply = door.post(ASKED)

    problem = problem_of(reply)
    logged = capfd.readouterr().err
    assert (reply.status_code, problem["type"].rpartition(":")[2]) == (status, slug)
    assert problem["retryable"] is retryable
    assert problem.get("source") == (None if slug == "internal" else "SE2321000999-K001")
    assert NUMBER not in reply.text + logged
    assert problem["logId"] in logged


def test_a_busy_source_s_retry_after_reaches_the_caller(door: Door) -> None:
    """The caller is told when to come back."""

    def fail(_query: object) -> Any:
        raise SourceUnavailableError("busy", retry_after_seconds=17)

    door.connector.readers["diagnoses"] = fail

    assert door.post(ASKED).headers["Retry-After"] == "17"


def test_parallel_calls_are_answered_together_and_never_mixed(door: Door, make: Any) -> None:
    """Ten callers wait for each other in the source, so ten are in there at once; each gets its own."""
    together = threading.Barrier(10, timeout=10)

    def read(query: Any) -> Any:
        together.wait()
        return [make.diagnosis(query, f"d-{query.patient_id.extension[-4:]}")]

    door.connector.readers["diagnoses"] = read
    numbers = [NUMBER, "201103092381"] * 5

    def ask(number: str) -> dict[str, Any]:
        raw = requests.post(door.url + SEARCH, json=person(number), headers=CONSUMER, timeout=20)
        return dict(raw.json()["entries"][0]["header"])

    with ThreadPoolExecutor(10) as pool:
        headers = list(pool.map(ask, numbers))

    assert [header["patientId"]["extension"] for header in headers] == numbers
    assert [header["documentId"] for header in headers] == [f"d-{number[-4:]}" for number in numbers]


def test_asking_twice_gives_the_same_but_for_the_log_id(door: Door) -> None:
    """A search changes nothing."""
    first, second = door.post(ASKED).json(), door.post(ASKED).json()

    assert first["entries"] == second["entries"]
    assert first["result"].pop("logId") != second["result"].pop("logId")
    assert first["result"] == second["result"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("3f2b8a52-0d5e-4a62-9f66-0a4a2d2f4b11", True),
        ("skltp-17.a_b", True),
        ("19900102-2384", False),
        ("x199001022384", False),
        ("a b", False),
        ("x" * 65, False),
    ],
)
def test_a_correlation_id_is_kept_unless_it_could_be_a_number(
    door: Door,
    settings: Settings,
    sent: str,
    kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Callers put all sorts of things there."""
    door.post(ASKED, headers={**HEADERS, "x-skltp-correlation-id": sent})

    line = json.loads(Path(settings.access_log or "").read_text("utf-8"))
    assert (line["correlationId"] == sent) is kept
    assert uuid.UUID(line["logId"])


def test_health_says_whether_the_source_can_be_asked(door: Door) -> None:
    """Alive is not ready."""

    def away() -> None:
        raise SourceUnavailableError("away")

    assert door.get("/health/ready").status_code == 200
    door.connector.check_source = away

    assert door.get("/health/live").status_code == 200
    assert problem_of(door.get("/health/ready"))["status"] == 503


def test_metrics_count_outcomes_and_name_nobody(door: Door) -> None:
    """A caller cannot invent a type's name in them either."""
    door.post(ASKED)
    door.post(ASKED, f"/v1/{NUMBER}/search")

    text = door.get("/metrics").text
    assert 'anslut_searches_total{outcome="ok",type="diagnoses"} 1.0' in text
    assert 'anslut_searches_total{outcome="unknown-type",type="unknown"} 1.0' in text
    assert NUMBER not in text


def test_a_call_from_another_machine_is_refused_while_authentication_is_off(door: Door) -> None:
    """A proxy on this machine makes every caller look local; it gives itself away by its header."""
    reply = door.post(ASKED, headers={**HEADERS, "X-Forwarded-For": "192.0.2.17"})

    assert problem_of(reply)["type"] == "urn:anslut:problem:forbidden"


def test_pages_go_on_over_http(connector: Any, make: Any) -> None:
    """The reference of one answer leads to the next."""
    connector.settings = replace(connector.settings, page_size=2)
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query, f"d{n}") for n in range(3)]
    with running(connector) as url:
        door = Door(url, connector)
        first = door.post(ASKED).json()
        second = door.post(ASKED | {"hasMoreReference": first["hasMore"]["reference"]}).json()

    assert (len(first["entries"]), len(second["entries"]), "hasMore" in second) == (2, 1, False)
