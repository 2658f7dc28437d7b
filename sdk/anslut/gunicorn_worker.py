"""The worker of the door under gunicorn: who takes a connection, how long a thread stays with it, and what fails."""

from __future__ import annotations

import mmap
import select
import ssl
import time
import uuid
from typing import TYPE_CHECKING, Any

import orjson
from gunicorn.workers.gthread import ThreadWorker

from anslut.door.tls import why_failed
from anslut.errors import MalformedRequestError
from anslut.logs import get_logger
from anslut.problems import MEDIA_TYPE, problem

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["DoorWorker", "shared_counts"]

_log = get_logger("anslut.server")
_NEXT_MILLISECONDS = 5
_STEPS_BACK, _STEP_BACK_SECONDS = 10, 0.0002


def shared_counts(workers: int) -> memoryview:
    """Return a number for each of *workers*, all 0, that processes forked from this one see and set together."""
    return memoryview(mmap.mmap(-1, 4 * workers)).cast("i")


class DoorWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker that shares connections evenly with the others, and stays with a busy one.

    What it cannot read it answers with a problem, and repeats none of it.
    """

    counts = shared_counts(1)
    place = 0

    def take_place(self, counts: memoryview, *, taken: Container[int]) -> None:
        """Count connections in the first place of *counts* that is not *taken*: before the process is forked."""
        self.counts = counts
        self.place = next((place for place in range(len(counts)) if place not in taken), 0)
        self.counts[self.place] = 0

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what is at hand, and let the other workers know how many connections there are afterwards."""
        super().wait_for_and_dispatch_events(timeout)
        self.counts[self.place] = self.nr_conns

    def accept(self, listener: Any) -> None:  # noqa: ANN401 - gunicorn's
        """Take a new connection; one that has more than another worker first leaves that one a moment to take it.

        Otherwise the first to wake up takes most of them, and keeps them: one processor works, the others rest.
        """
        for _ in range(_STEPS_BACK):
            if self.nr_conns <= min(self.counts) + 1:
                break
            time.sleep(_STEP_BACK_SECONDS)
        super().accept(listener)

    def handle(self, conn: Any) -> Any:  # noqa: ANN401 - gunicorn's
        """Answer on *conn*, and go on for as long as its next request comes at once and no other needs the thread.

        By way of the main thread, each answer would cost several changes of threads.
        """
        while (kept := super().handle(conn)) is True and self._is_next_here(conn):
            pass
        return kept

    def _is_next_here(self, conn: Any) -> bool:  # noqa: ANN401 - gunicorn's
        in_hand = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        if in_hand > self.cfg.threads or not self.alive:
            return False
        ready = select.poll()
        ready.register(conn.sock, select.POLLIN)
        return bool(ready.poll(_NEXT_MILLISECONDS)) and self.alive

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
