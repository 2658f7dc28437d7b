"""Ways to knock on the same connector: a WSGI call in this process, or HTTP; `rivta_door` asks in SOAP through either.

A door carries bytes and never judges. What a check sees of an answer is a `Reply`.
"""

from __future__ import annotations

import io
import sys
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from anslut_conformance.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import WSGIApplication

#: Seconds a door waits for an answer. A connector has 27 s (contract, limits); the rest is for the way there.
PATIENCE_SECONDS = 30.0

#: More than any answer may weigh (15 MB), so that reading one cannot fill the examiner's memory.
LARGEST_ANSWER = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came: *headers* ignore case, *seconds* is the whole call, *body* is not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    method: str = ""
    path: str = ""

    def json(self) -> Any:
        """Return the body as JSON values; a body that is not JSON is a finding."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Finding(
                f"{self.method} {self.path} answered {self.status} with a body that is not JSON",
                expected="a JSON body (UTF-8)",
                got=self.text()[:200],
            ) from error

    def text(self) -> str:
        """Return the body as text, whatever bytes it holds."""
        return self.body.decode("utf-8", "replace")


class Door(Protocol):
    """One way to reach a connector."""

    @property
    def name(self) -> str:
        """`in-process`, `http` or `rivta`."""

    def lacks(self, type_name: str) -> frozenset[str]:
        """Return the filters of the type's query that cannot be asked for through this door."""

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Reply:
        """Send one request and return its answer; no answer at all is a finding."""

    def close(self) -> None:
        """Let go of connections and threads."""


@dataclass(slots=True)
class InProcessDoor:
    """Calls a WSGI application directly: same bytes as over HTTP, no socket between."""

    application: WSGIApplication
    name: str = "in-process"

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Reply:
        """Call the application; an exception that leaves it becomes a 500, as a server would make it."""
        del timeout  # the check's own time-out interrupts a call in this process
        environ = _environ(method, path, headers, body)
        state: dict[str, Any] = {"status": 500, "headers": []}

        def start_response(
            status: str, answer_headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            del exc_info
            state["status"] = int(status.split(" ", 1)[0])
            state["headers"] = answer_headers
            return _refuse_write

        started = time.perf_counter()
        try:
            answer = self.application(environ, start_response)
            payload = _drain(answer)
        except Exception:  # noqa: BLE001 - any escape is the connector's: a server answers 500 and logs it
            traceback.print_exc(file=sys.stderr)
            state["status"], state["headers"], payload = 500, [], b""
        return Reply(
            status=state["status"],
            headers=_fold(state["headers"]),
            body=payload,
            seconds=time.perf_counter() - started,
            method=method,
            path=path,
        )

    def lacks(self, type_name: str) -> frozenset[str]:  # noqa: ARG002 - the same for every type
        """Return nothing: every filter can be asked for."""
        return frozenset()

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _refuse_write(data: bytes) -> object:
    raise Finding(f"the connector used WSGI's write() for {len(data)} bytes, which servers need not offer")


def _drain(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


def _fold(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    folded: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for key, value in headers:
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded


def _environ(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    bare, _, query = path.partition("?")
    payload = body or b""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(bare).encode("utf-8").decode("latin-1"),
        "RAW_URI": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(payload)) if body is not None else "",
        "CONTENT_TYPE": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(payload),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "127.0.0.1",
    }
    for key, value in headers.items():
        name = key.upper().replace("-", "_")
        environ[name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"] = value
    return environ


def _read(answer: requests.Response, path: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(65536):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            answer.close()
            raise Finding(
                f"{path}: an answer larger than {LARGEST_ANSWER // 2**20} MB",
                expected="at most 15 MB",
                got="more",
            )
    return b"".join(chunks)


@dataclass(slots=True)
class HttpDoor:
    """Calls a connector at *base_url*, in any language.

    *verify* is a CA file for TLS, or the system's; *certificate* a client's certificate and its key.
    """

    base_url: str
    verify: str | bool = True
    certificate: tuple[str, str] | None = None
    name: str = "http"
    _session: requests.Session = field(init=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=24)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Reply:
        """Send the request as it is; a closed connection or silence is a finding, said without the body."""
        started = time.perf_counter()
        try:
            answer = self._session.request(
                method,
                self.base_url.rstrip("/") + path,
                headers=dict(headers),
                data=body,
                timeout=(5.0, timeout),
                allow_redirects=False,
                verify=self.verify,
                cert=self.certificate,
                stream=True,
            )
            payload = _read(answer, path)
        except requests.Timeout as error:
            raise Finding(
                f"{method} {path}: no answer within {timeout:.0f} s",
                expected="an answer, or a problem, within 27 s",
                got="silence",
            ) from error
        except (requests.RequestException, OSError) as error:
            raise Finding(
                f"{method} {path}: the connection broke before an answer came ({type(error).__name__})",
                expected="an HTTP answer",
                got="a closed connection",
            ) from error
        return Reply(
            status=answer.status_code,
            headers=answer.headers,
            body=payload,
            seconds=time.perf_counter() - started,
            method=method,
            path=path,
        )

    def lacks(self, type_name: str) -> frozenset[str]:  # noqa: ARG002 - the same for every type
        """Return nothing: every filter can be asked for."""
        return frozenset()

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()
