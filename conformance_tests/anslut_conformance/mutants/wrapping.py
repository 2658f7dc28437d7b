"""Stands between a good connector and its callers, and changes what passes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson
from anslut.door import create_app
from anslut_examples.kosmos import KosmosConnector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from anslut.connector import Connector
    from anslut.settings import Settings

    Entry = dict[str, Any]

OK: Final = 200
_REASONS: Final = {200: "OK", 400: "Bad Request", 422: "Unprocessable Content", 500: "Internal Server Error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back: a status, headers and a body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def document(self) -> dict[str, Any]:
        """Return the body as JSON values."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    def having(self, document: object, *, status: int | None = None, media_type: str | None = None) -> Reply:
        """Return the reply with another body, and perhaps another status and content type."""
        kept = tuple(
            (name, media_type if media_type and name.lower() == "content-type" else value)
            for name, value in self.headers
            if name.lower() != "content-length"
        )
        return Reply(status=status or self.status, headers=kept, body=orjson.dumps(document))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request: *type* is that of a search, else None; *query* its body when that is an object."""

    method: str
    path: str
    type: str | None
    body: bytes
    query: dict[str, Any] | None
    environ: dict[str, Any]

    @property
    def extension(self) -> str:
        """The number asked about, or nothing when there is none."""
        patient = (self.query or {}).get("patientId")
        found = patient.get("extension") if isinstance(patient, dict) else None
        return found if isinstance(found, str) else ""

    def asking(self, query: dict[str, Any]) -> Call:
        """Return the call with another query."""
        return replace(self, query=query, body=orjson.dumps(query))


class Wrapped:
    """A connector's application with something wrong around it: *around* has the call and who answers well."""

    def __init__(
        self, app: WSGIApplication, around: Callable[[Call, Callable[[Call], Reply]], Reply]
    ) -> None:
        self._app = app
        self._around = around
        self.extensions: dict[str, Any] = getattr(app, "extensions", {})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, wrongly where that is what the mutant is for."""
        reply = self._around(_call(environ), self._ask)
        reason = _REASONS.get(reply.status, "Status")
        headers = [*reply.headers]
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(len(reply.body))))
        start_response(f"{reply.status} {reason}", headers)
        return [reply.body]

    def _ask(self, call: Call) -> Reply:
        return ask(self._app, call)


def ask(app: WSGIApplication, call: Call) -> Reply:
    """Return what *app* answers to *call*."""
    environ = {**call.environ, "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body))}
    seen: dict[str, Any] = {}

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        del exc_info
        seen.update(status=int(status.split(" ", 1)[0]), headers=tuple(headers))
        return lambda _: None

    chunks = app(environ, start)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return Reply(status=seen["status"], headers=seen["headers"], body=body)


def good_app(
    settings: Settings, connector: Callable[[Settings], Connector] = KosmosConnector
) -> WSGIApplication:
    """Return the door of the good connector, or of another one."""
    return create_app(connector(settings), settings=settings)


def wrapped(settings: Settings, around: Callable[[Call, Callable[[Call], Reply]], Reply]) -> Wrapped:
    """Return the good connector with *around* around it."""
    return Wrapped(good_app(settings), around)


def on_answer(
    change: Callable[[dict[str, Any], Call], None],
    connector: Callable[[Settings], Connector] = KosmosConnector,
) -> Callable[[Settings], Wrapped]:
    """Return a factory of connectors whose answers to searches are changed in place by *change*."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is None or reply.status != OK:
            return reply
        document = reply.document()
        change(document, call)
        return reply.having(document)

    return lambda settings: Wrapped(good_app(settings, connector), around)


def on_entry(change: Callable[[Entry], None], type_: str | None = None) -> Callable[[Settings], Wrapped]:
    """Return a factory of connectors whose delivered entries, of *type_* or all, are changed in place."""

    def change_all(document: dict[str, Any], call: Call) -> None:
        for entry in document["entries"]:
            if type_ in {None, call.type}:
                change(entry)

    return on_answer(change_all)


def on_query(change: Callable[[dict[str, Any], Call], dict[str, Any]]) -> Callable[[Settings], Wrapped]:
    """Return a factory of connectors that understand another query than the one that was sent."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        if call.type is None or call.query is None:
            return good(call)
        return good(call.asking(change(dict(call.query), call)))

    return lambda settings: wrapped(settings, around)


def on_reply(change: Callable[[Reply, Call], Reply]) -> Callable[[Settings], Wrapped]:
    """Return a factory of connectors whose whole replies are changed by *change*."""
    return lambda settings: wrapped(settings, lambda call, good: change(good(call), call))


def analyses(entry: Entry) -> Iterator[dict[str, Any]]:
    """Yield every analysis of a laboratory answer."""
    for group in entry["body"].get("groupOfAnalyses", ()):
        yield from group["analysis"]


def results(entry: Entry) -> Iterator[dict[str, Any]]:
    """Yield every result of a laboratory answer."""
    for analysis in analyses(entry):
        yield from analysis.get("result", ())


def _call(environ: WSGIEnvironment) -> Call:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    path = str(environ.get("PATH_INFO", ""))
    parts = path.strip("/").split("/")
    is_search = len(parts) == 3 and parts[0] == "v1" and parts[2] == "search"  # noqa: PLR2004 - /v1/{type}/search
    try:
        query = orjson.loads(body) if is_search else None
    except orjson.JSONDecodeError:
        query = None
    return Call(
        method=str(environ["REQUEST_METHOD"]),
        path=path,
        type=parts[1] if is_search else None,
        body=body,
        query=query if isinstance(query, dict) else None,
        environ=dict(environ),
    )
