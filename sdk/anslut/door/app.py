"""The application: contract version 1 over HTTP, for one connector."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import orjson
from anslut_contracts.http_headers import CONSUMER_HEADER, CORRELATION_HEADERS, wsgi_name
from flask import Flask, Response, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from anslut import deadline
from anslut.door.metrics import CONTENT_TYPE, Metrics
from anslut.door.reading import read_json
from anslut.door.security import Security, is_system_id
from anslut.errors import (
    AnslutError,
    ConnectorFailedError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    TooLargeError,
    UnknownTypeError,
)
from anslut.failures import where
from anslut.index import Announcer
from anslut.logs import get_logger
from anslut.problems import MEDIA_TYPE, problem
from anslut.query import Caller

if TYPE_CHECKING:
    from anslut.connector import Connector
    from anslut.settings import Settings

_CORRELATION = re.compile(r"[0-9A-Za-z._-]{1,64}")
_NUMBER = re.compile(r"(?<![0-9])([0-9]{2})?[0-9]{6}[-+]?[0-9]{4}(?![0-9])")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

_READY_SECONDS = 5.0

_log = get_logger("anslut")


def create_app(
    connector: Connector,
    *,
    settings: Settings | None = None,
    security: Security | None = None,
    rivta: bool = False,
) -> Flask:
    """Return the WSGI application that answers for *connector*.

    *settings* are the connector's own unless given; *security* is what the settings ask for unless given. With
    *rivta* it answers in SOAP too, as the national service platform asks (`anslut.door.rivta`). When the connector
    pushes index updates, they begin here, in a thread; `app.extensions["anslut"].close()` ends it.
    """
    settings = settings or connector.settings
    door = Door(connector, security or Security.from_settings(settings))
    app = Flask("anslut", static_folder=None)
    app.extensions["anslut"] = door
    for path, method, view in (
        ("/v1/connector", "GET", door.manifest),
        ("/v1/<type_name>/search", "POST", door.search),
        ("/health/live", "GET", door.live),
        ("/health/ready", "GET", door.ready),
        ("/metrics", "GET", door.metrics),
    ):
        app.add_url_rule(path, view_func=view, methods=[method], provide_automatic_options=False)
    if rivta:
        from anslut.door.rivta import RivtaDoor  # noqa: PLC0415 - lxml is not needed otherwise

        app.add_url_rule(
            "/rivta/<contract>/<version>",
            view_func=RivtaDoor(door).answer,
            methods=["POST"],
            provide_automatic_options=False,
        )
    app.register_error_handler(Exception, door.failed)
    return app


class Door:
    """The views of one application."""

    def __init__(self, connector: Connector, security: Security) -> None:
        self.connector = connector
        self.security = security
        self.counted = Metrics()
        self.announcer: Announcer | None = None
        if connector.manifest()["index"]["mode"] == "push":
            self.announcer = Announcer(connector)
            self.announcer.start()

    def close(self) -> None:
        """End what runs beside the answering."""
        if self.announcer is not None:
            self.announcer.stop()

    def search(self, type_name: str) -> Response:
        """Answer a search, or say why not; every outcome leaves a line in the access log."""
        started = time.perf_counter()
        asked = request_ctx.request  # past the proxy, which would be asked for every attribute
        caller = self.unknown_caller(asked.environ)
        known = type_name in self.connector.serves
        logged = False
        try:
            caller = self.caller(caller, asked.environ)
            if not known:
                raise UnknownTypeError("this connector does not answer for that information type")
            document = read_json(asked)
            logged = True
            answer = self.connector.search(type_name, document, caller=caller)
            outcome = "ok"
            response = _json(answer)
        except AnslutError as error:
            outcome = error.slug
            response = _problem(error, caller)
        self.tell(
            caller, type_name=type_name if known else None, outcome=outcome, started=started, logged=logged
        )
        return response

    def tell(
        self, caller: Caller, *, type_name: str | None, outcome: str, started: float, logged: bool
    ) -> None:
        """Count a search, and leave a line in the access log unless the connector's public call has (*logged*)."""
        if not logged:
            self.connector.access_log.write(
                caller,
                type_name=type_name,
                patient=None,
                care_units=(),
                count=0,
                outcome=outcome,
                milliseconds=(time.perf_counter() - started) * 1000,
            )
        self.counted.count(
            type_name=type_name or "unknown", outcome=outcome, seconds=time.perf_counter() - started
        )

    def manifest(self) -> Response:
        """Say what the connector is."""
        caller = self.unknown_caller(request.environ)
        try:
            self.security.caller(request.environ)
            return _json(self.connector.manifest())
        except AnslutError as error:
            return _problem(error, caller)

    def live(self) -> Response:
        """Say that the process runs."""
        return _json({"status": "ok"})

    def ready(self) -> Response:
        """Say whether the source system can be asked; anybody may ask this, so not for long."""
        try:
            with deadline.limit(_READY_SECONDS):
                self.connector.check_source()
        except AnslutError as error:
            return _problem(error, Caller())
        return _json({"status": "ok"})

    def metrics(self) -> Response:
        """Give the numbers."""
        return _answer(self.counted.text(), 200, CONTENT_TYPE)

    def failed(self, error: Exception) -> Response:
        """Turn whatever else went wrong into a problem, without a word of it."""
        caller = self.unknown_caller(request.environ)
        known: AnslutError
        if isinstance(error, AnslutError):
            known = error
        elif isinstance(error, HTTPException):
            known = _http(error)
        else:
            _log.error("door failed", log_id=caller.log_id, where=where(error))
            known = ConnectorFailedError("the connector failed")
        response = _problem(known, caller)
        if isinstance(error, HTTPException) and error.code == MethodNotAllowedError.status:
            response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return response

    def unknown_caller(self, environ: dict[str, Any]) -> Caller:
        """Return the caller of a request that nobody has looked at yet: its ids only."""
        return Caller(correlation_id=_correlation(environ))

    def caller(self, caller: Caller, environ: dict[str, Any]) -> Caller:
        """Return *caller* with who it proved to be and whom it asks for; raise when it may not ask."""
        proven = self.security.caller(environ)
        consumer = environ.get(wsgi_name(CONSUMER_HEADER)) or proven
        if consumer is None or not is_system_id(consumer):
            raise MalformedRequestError(f"the header {CONSUMER_HEADER} must hold the HSA-id of who asks")
        return Caller(
            consumer_hsa_id=consumer,
            caller_hsa_id=proven,
            correlation_id=caller.correlation_id,
            log_id=caller.log_id,
        )


def _correlation(environ: dict[str, Any]) -> str | None:
    """Return the caller's correlation id; one that could hold a person's number is not passed on."""
    for name in CORRELATION_HEADERS:
        value: str | None = environ.get(wsgi_name(name))
        if value and _CORRELATION.fullmatch(value) and (_UUID.fullmatch(value) or not _NUMBER.search(value)):
            return value
    return None


def _http(error: HTTPException) -> AnslutError:
    if error.code == NotFoundError.status:
        return NotFoundError("there is nothing at this address")
    if error.code == MethodNotAllowedError.status:
        return MethodNotAllowedError("the method is not allowed at this address")
    if error.code == TooLargeError.status:
        return TooLargeError("the request is too large")
    return MalformedRequestError("the request cannot be read")


def _json(document: dict[str, Any]) -> Response:
    return _answer(orjson.dumps(document), 200, "application/json")


def _problem(error: AnslutError, caller: Caller) -> Response:
    response = _answer(orjson.dumps(problem(error, log_id=caller.log_id)), error.status, MEDIA_TYPE)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == 401:  # noqa: PLR2004 - HTTP's own number
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _answer(body: bytes, status: int, media_type: str) -> Response:
    headers = [
        ("Content-Type", media_type),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Response(body, status=status, headers=headers)
