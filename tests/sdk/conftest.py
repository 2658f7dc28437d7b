"""What the SDK's tests share: a connector over a list, a fake source on a real socket, and persons."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from anslut import (
    Author,
    Caller,
    Change,
    Changes,
    Code,
    Entry,
    OrgUnit,
    Query,
    RecordConnector,
    Settings,
    diagnosis,
    from_local,
    header,
    note,
)
from anslut.index import Announcer
from anslut_contracts import FrozenClock
from anslut_contracts.identity import NRID, PERSONNUMMER, PersonId
from anslut_contracts.rivta.envelope import Fault, Message, read_envelope, write_envelope, write_fault
from anslut_contracts.rivta.update import UpdateResult, read_update, write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

sys.path.insert(0, str(Path(__file__).parent))  # where the modules that tests share are found

from token_issuer import issuer, verifier  # noqa: F401 - fixtures

SYSTEM = "SE2321000999-K001"
PROVIDER = "SE2321000999-V001"
UNIT = "SE2321000999-A1001"
CONSUMER = "SE2321000999-C001"
ANNA = PersonId(root=PERSONNUMMER, extension="199001022384")
TWIN = PersonId(root=PERSONNUMMER, extension="201103092381")
NEWBORN = PersonId(root=NRID, extension="98231009HJ54")

Reader = "Callable[[Query], Iterable[Entry]]"


class ListConnector(RecordConnector):
    """A connector whose readers are functions that a test sets."""

    product = "List"
    vendor = "Tests"
    version = "1.0"
    system = "kosmos"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.readers: dict[str, Callable[[Query], Iterable[Entry]]] = {}

    def _read(self, query: Query) -> Iterable[Entry]:
        return self.readers.get(query.type, lambda _query: ())(query)

    read_care_documentation = read_diagnoses = read_laboratory_results = _read
    read_referral_status = read_care_contacts = read_medications = _read


def make_diagnosis(  # noqa: PLR0913 - the fields tests turn
    query: Query,
    document_id: str = "d1",
    *,
    entered: str = "2023-03-04 10:00:00",
    made: str | None = None,
    signed: str | None = None,
    unit: str = UNIT,
    provider: str = PROVIDER,
    contact: str | None = None,
    approved: bool = True,
) -> Entry:
    """Return a valid diagnosis about the person *query* asks for."""
    from anslut import Signature  # noqa: PLC0415 - only here

    return diagnosis(
        header(
            query,
            document_id=document_id,
            author=Author(
                time=from_local(entered), name="Ada Ek", org_unit=OrgUnit(hsa_id=unit, name="Vårdcentralen")
            ),
            care_provider=provider,
            care_unit=unit,
            care_contact_id=contact,
            approved=approved,
            signature=Signature(time=from_local(signed)) if signed else None,
        ),
        kind="Huvuddiagnos",
        code=Code.icd10("I10.9", "Essentiell hypertoni"),
        time=from_local(made) if made else None,
    )


def make_note(query: Query, document_id: str = "n1", *, text: str = "Mår bra.", **changed: Any) -> Entry:
    """Return a valid note about the person *query* asks for."""
    entered = from_local("2023-03-04 10:00:00")
    fields: dict[str, Any] = {
        "document_id": document_id,
        "author": Author(time=entered, name="Ada Ek"),
        "care_provider": PROVIDER,
        "care_unit": UNIT,
        "document_time": entered,
        "approved": True,
    }
    return note(
        header(query, **(fields | changed)),
        code=Code.of("bes", "Besöksanteckning", system="1.2.752.129.2.2.2.11"),
        text=text,
    )


@dataclass(slots=True)
class Made:
    """The constructors of valid entries, for tests."""

    diagnosis: Callable[..., Entry] = make_diagnosis
    note: Callable[..., Entry] = make_note


@pytest.fixture
def make() -> Made:
    """Return constructors of valid entries."""
    return Made()


@pytest.fixture
def query() -> Query:
    """Return a query for Anna's diagnoses, as a reader gets it."""
    return Query(type="diagnoses", patient_id=ANNA, source_system_id=SYSTEM, system="kosmos")


@pytest.fixture
def caller() -> Caller:
    """Return a caller."""
    return Caller(consumer_hsa_id=CONSUMER)


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Return settings with an access log."""
    return Settings(
        source_system_id=SYSTEM,
        region_profile="fjallmark",
        access_log=str(tmp_path / "access.jsonl"),
        pseudonym_key="a key for tests",
        page_size=50,
    )


@pytest.fixture
def connector(settings: Settings) -> ListConnector:
    """Return a connector whose readers a test sets."""
    return ListConnector(settings)


def body(person: PersonId = ANNA, **filters: Any) -> dict[str, Any]:
    """Return a query as plain JSON."""
    return {"patientId": person.to_json(), **filters}


@pytest.fixture
def ask(connector: ListConnector, caller: Caller) -> Callable[..., dict[str, Any]]:
    """Return a function that asks the connector in this process."""

    def search(type_name: str = "diagnoses", person: PersonId = ANNA, **filters: Any) -> dict[str, Any]:
        return connector.search(type_name, body(person, **filters), caller=caller)

    return search


Answer = tuple[int, dict[str, str], bytes]


@dataclass(slots=True)
class FakeSource:
    """A source system on a real socket: `answers` decides, `calls` remembers."""

    url: str = ""
    answers: Callable[[str, str, bytes, dict[str, str]], Answer] = field(default=lambda *_: reply({}))
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)


def reply(document: Any, status: int = 200, **headers: str) -> Answer:
    """Return a JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(document).encode()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's own
        pass


@contextmanager
def serving() -> Iterator[FakeSource]:
    """Run a fake source in a thread."""
    source = FakeSource()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = environ["PATH_INFO"] + (f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else "")
        source.calls.append((environ["REQUEST_METHOD"], path, sent))
        headers = {
            "authorization": environ.get("HTTP_AUTHORIZATION", ""),
            "cookie": environ.get("HTTP_COOKIE", ""),
            "content-type": environ.get("CONTENT_TYPE", ""),
            "soapaction": environ.get("HTTP_SOAPACTION", ""),
        }
        status, told, payload = source.answers(environ["REQUEST_METHOD"], path, sent, headers)
        start(f"{status} Status", [*told.items(), ("Content-Length", str(len(payload)))])
        return [payload]

    server = make_server("127.0.0.1", 0, application, _Server, _Quiet)
    source.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def fake_source() -> Iterator[FakeSource]:
    """Return a fake source system on a real socket."""
    with serving() as source:
        yield source


@pytest.fixture
def fake_index() -> Iterator[FakeSource]:
    """Return a fake engagement index on a real socket."""
    with serving() as source:
        yield source


class FeedConnector(ListConnector):
    """A connector with a change feed that a test fills; the position is how much has been read."""

    product = "Feed"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.feed: list[Change] = []
        self.helping = 100

    def read_changes(self, position: str | None) -> Changes:
        """Return the next helping."""
        start = int(position or 0)
        items = tuple(self.feed[start : start + self.helping])
        end = start + len(items)
        return Changes(items=items, position=str(end), has_more=end < len(self.feed))


def rivta_result(code: Any, comment: str | None = None) -> Answer:
    """Return an index's answer in RIV-TA."""
    text = "".join(write_envelope([write_result(UpdateResult(code=code, comment=comment))]))
    return 200, {"Content-Type": "text/xml; charset=utf-8"}, text.encode()


def rivta_fault(text: str, status: int = 500) -> Answer:
    """Return a fault in RIV-TA."""
    fault = Fault(code="Server", text=text)
    return status, {"Content-Type": "text/xml;charset=UTF-8"}, write_fault(fault).encode()


def read_rivta(body: bytes) -> list[dict[str, Any]]:
    """Return the transactions of an update in SOAP."""
    message = read_envelope(body)
    assert isinstance(message, Message)
    found: list[dict[str, Any]] = read_update(message.payload)["transactions"]
    return found


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form of telling the index: where it is posted, what is answered, and how to read what came."""

    scheme: str = ""
    base: str = ""
    path: str
    ok: Answer
    failed: Answer
    read: Callable[[bytes], list[dict[str, Any]]]


UPDATE = "/vp/itintegration/engagementindex/Update/1/rivtabp21"
FORMS = {
    "json": Form(
        path="/v1/engagements",
        ok=(200, {"Content-Type": "application/json"}, b'{"result": "OK"}'),
        failed=(500, {"Content-Type": "application/json"}, b"{}"),
        read=lambda body: json.loads(body)["transactions"],
    ),
    "rivta": Form(
        scheme="rivta+",
        base=UPDATE,
        path=UPDATE,
        ok=rivta_result("OK"),
        failed=rivta_fault("EI000: nere"),
        read=read_rivta,
    ),
}


@dataclass(slots=True)
class FakeIndex:
    """An engagement index on a real socket, told in one of the forms."""

    at: FakeSource
    form: Form

    @property
    def path(self) -> str:
        """Where updates are posted."""
        return self.form.path

    @property
    def calls(self) -> list[tuple[str, str, bytes]]:
        """Every call."""
        return self.at.calls

    def up(self) -> None:
        """Acknowledge everything from now on."""
        self.answer(self.form.ok)

    def down(self) -> None:
        """Fail from now on."""
        self.answer(self.form.failed)

    def answer(self, answer: Answer) -> None:
        """Answer this from now on."""
        self.at.answers = lambda *_: answer

    def read(self, body: bytes) -> list[dict[str, Any]]:
        """Return the transactions of one call."""
        return self.form.read(body)

    def transactions(self) -> list[dict[str, Any]]:
        """Return all transactions that came, in order."""
        return [one for _, _, body in self.calls for one in self.read(body)]


@pytest.fixture(params=sorted(FORMS))
def told(request: pytest.FixtureRequest, fake_index: FakeSource) -> FakeIndex:
    """Return an index that answers, in each form."""
    made = FakeIndex(fake_index, FORMS[request.param])
    made.up()
    return made


@pytest.fixture
def source(settings: Settings, told: FakeIndex, tmp_path: Any) -> FeedConnector:
    """Return a connector that tells that index."""
    return FeedConnector(
        replace(
            settings,
            index_url=f"{told.form.scheme}{told.at.url}{told.form.base}",
            index_logical_address="SE2321000999-I001" if told.form.scheme else None,
            state_dir=str(tmp_path / "state"),
            index_interval_seconds=0.02,
        )
    )


@pytest.fixture
def announcer(source: FeedConnector) -> Announcer:
    """Return an announcer that is told when to work."""
    made = Announcer(source, clock=FrozenClock(from_local("2023-11-15 08:00:00")))
    assert made._keeper.is_ours()
    return made
