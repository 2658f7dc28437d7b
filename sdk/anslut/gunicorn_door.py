"""The door under gunicorn: threads, TLS with client certificates, graceful stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gunicorn.http.wsgi
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from prometheus_client import multiprocess

from anslut.door import create_app
from anslut.door.tls import tls_context
from anslut.gunicorn_worker import DoorWorker, shared_counts
from anslut.loading import load_connector
from anslut.logs import RedactingFormatter
from anslut.server import Listen, announce_ready

if TYPE_CHECKING:
    from flask import Flask

    from anslut.settings import Settings

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 30
_BACKLOG = 256


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

    counts = shared_counts(listen.workers)

    def pre_fork(server: Any, worker: Any) -> None:  # noqa: ANN401 - gunicorn's
        worker.take_place(counts, taken={other.place for other in server.WORKERS.values()})

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
        "pre_fork": pre_fork,
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
