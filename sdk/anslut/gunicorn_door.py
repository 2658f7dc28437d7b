"""The door under gunicorn: threads, TLS with client certificates, graceful stop."""

from __future__ import annotations

import ssl
import uuid
from typing import TYPE_CHECKING, Any

import gunicorn.http.wsgi
import orjson
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker
from prometheus_client import multiprocess

from anslut.door import create_app
from anslut.door.tls import tls_context, why_failed
from anslut.errors import MalformedRequestError
from anslut.loading import load_connector
from anslut.logs import RedactingFormatter, get_logger
from anslut.problems import MEDIA_TYPE, problem
from anslut.server import Listen, announce_ready

if TYPE_CHECKING:
    from flask import Flask

    from anslut.settings import Settings

_log = get_logger("anslut.server")
_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 30
_BACKLOG = 256


class DoorWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker that answers what it cannot read with a problem, and repeats none of it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ANN401, ARG002 - gunicorn's
        """Send a problem document instead of gunicorn's page, which quotes the request.

        Where TLS failed nothing is sent: it would go out unencrypted, to somebody who is not known.
        """
        if isinstance(exc, ssl.SSLError):
            _log.warning("a TLS connection failed", reason=why_failed(exc))
            return
        log_id = str(uuid.uuid4())
        _log.warning("a request could not be read", log_id=log_id, error=type(exc).__name__)
        error = MalformedRequestError("the request cannot be read as HTTP")
        body = orjson.dumps(problem(error, log_id=log_id))
        head = (
            f"HTTP/1.1 400 Bad Request\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            _log.info("the caller was gone before it could be told", log_id=log_id)


class _RedactingLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter())


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, target: str, settings: Settings, options: dict[str, Any], *, rivta: bool) -> None:
        self._target, self._settings, self._options, self._rivta = target, settings, options, rivta
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:  # older versions lack some
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(load_connector(self._target, self._settings), rivta=self._rivta)


def run(target: str, settings: Settings, listen: Listen, *, banner: str) -> None:
    """Serve until told to stop; each worker makes its own connector."""
    gunicorn.http.wsgi.SERVER = "anslut"  # what stands in the Server header of every answer
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    scheme = "https" if listen.certificate else "http"

    def when_ready(server: Any) -> None:  # noqa: ANN401 - gunicorn's
        port = server.LISTENERS[0].sock.getsockname()[1]
        announce_ready(banner, f"{scheme}://{host}:{port}")

    def child_exit(_server: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's
        if listen.workers > 1:
            multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library's

    def worker_exit(_server: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's
        if worker.wsgi is not None:
            worker.wsgi.extensions["anslut"].close()

    options: dict[str, Any] = {
        "bind": f"{host}:{listen.port}",
        "workers": listen.workers,
        "threads": listen.threads,
        "worker_class": DoorWorker,
        "logger_class": _RedactingLogger,
        "loglevel": "warning",
        "keepalive": _KEEP_ALIVE_SECONDS,
        "graceful_timeout": _GRACE_SECONDS,
        "timeout": _GRACE_SECONDS * 2,
        "backlog": _BACKLOG,
        "limit_request_line": 2048,
        "limit_request_field_size": 16_384,
        "control_socket_disable": True,
        "when_ready": when_ready,
        "child_exit": child_exit,
        "worker_exit": worker_exit,
    }
    if listen.certificate:
        options |= {
            "certfile": listen.certificate,
            "keyfile": listen.key,
            "do_handshake_on_connect": True,
            "ssl_context": lambda _config, _default: tls_context(listen),
        }
    _Server(target, settings, options, rivta=listen.rivta).run()
