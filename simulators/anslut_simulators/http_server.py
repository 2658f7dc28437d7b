"""A small threaded HTTP/1.1 server for WSGI applications that can break connections on purpose.

Ready servers hide the socket or close every connection; a simulator must let connectors keep connections, and
must be able to cut them. For loopback only; for load, run `anslut_simulators.app:create_app` under a real
server.
"""

from __future__ import annotations

import io
import socket
import ssl
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from anslut_simulators.faults.delivery import BREAKABLE, ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Application = "Callable[[dict[str, Any], Any], Iterable[bytes]]"
_DRAIN_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_CHUNKED_LIMIT: Final = 4 * 1024 * 1024
_HANDSHAKE_SECONDS: Final = 10
_RST: Final = struct.pack("ii", 1, 0)


class _BadRequestError(Exception):
    """The request cannot be read."""


class _Handler(BaseHTTPRequestHandler):
    """One connection; several requests may follow each other on it."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Anslut"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def _serve(self) -> None:
        try:
            body, left = self._body()
        except _BadRequestError:
            self.send_error(400)
            return
        environ = self._environ(body)
        answer = _Writer(self, environ)
        parts = self.server.application(environ, answer.start)
        try:
            for part in parts:
                answer.write(part, left=left)
            answer.end(left=left)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        if left and answer.is_whole:
            self._drain(left)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815 - http.server's names

    def _body(self) -> tuple[io.BufferedIOBase, int]:
        """Return the request's body to read from, and how many bytes the application may leave unread."""
        coding = self.headers.get("Transfer-Encoding")
        lengths = self.headers.get_all("Content-Length") or []
        if coding is not None:
            if coding.strip().lower() != "chunked" or lengths:
                raise _BadRequestError
            read = self._chunks()
            del self.headers["Transfer-Encoding"]
            self.headers["Content-Length"] = str(len(read))
            return io.BytesIO(read), 0
        if not lengths:
            return io.BytesIO(), 0
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 16):  # noqa: PLR2004 - no body is that long
            raise _BadRequestError
        length = int(lengths[0])
        if length > self.server.body_limit:
            return io.BytesIO(), length
        return io.BytesIO(self.rfile.read(length)), 0

    def _chunks(self) -> bytes:
        read = bytearray()
        while True:
            size_text = self.rfile.readline(100).partition(b";")[0].strip()
            try:
                size = int(size_text, 16)
            except ValueError:
                raise _BadRequestError from None
            if size < 0 or len(read) + size > _CHUNKED_LIMIT:
                raise _BadRequestError
            if size == 0:
                while self.rfile.readline(1000).strip():
                    continue
                return bytes(read)
            read += self.rfile.read(size)
            self.rfile.readline(3)

    def _environ(self, body: io.BufferedIOBase) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": self.headers.get("Content-Length", ""),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if isinstance(self.connection, ssl.SSLSocket) else "http",
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            BREAKABLE: True,
        }
        for name, value in self.headers.items():
            if "_" not in name and name.lower() not in {"content-type", "content-length"}:
                key = "HTTP_" + name.upper().replace("-", "_")
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def reset(self) -> None:
        """Close the connection so that the other end sees a reset: the socket lingers zero seconds."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
        self.server.abandoned.add(self.connection)

    def _drain(self, left: int) -> None:
        left = min(left, _DRAIN_BYTES)
        while left > 0:
            got = self.rfile.read(min(left, _CHUNK))
            if not got:
                return
            left -= len(got)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that cannot be read, without quoting it."""
        del message, explain
        self.close_connection = True
        self.send_response_only(code)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: a path may hold what must not be logged, and the journal knows the calls."""


class _Writer:
    """Writes one WSGI answer piece by piece: under its Content-Length, else in HTTP chunks."""

    def __init__(self, handler: _Handler, environ: dict[str, Any]) -> None:
        self._handler = handler
        self._environ = environ
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._sent_head = False
        self._chunked = False

    @property
    def is_whole(self) -> bool:
        """Whether no fault breaks the connection after this answer."""
        return bool(self._environ.get(ENDING, "whole") == "whole")

    def start(self, status: str, headers: list[tuple[str, str]], _exc: object = None) -> None:
        """Take the status and headers (PEP 3333's `start_response`)."""
        self._status, self._headers = status, headers

    def write(self, part: bytes, *, left: int) -> None:
        """Write *part* at once."""
        if not part:
            return
        self._head(left=left)
        if self._chunked:
            part = b"%x\r\n%s\r\n" % (len(part), part)
        self._handler.wfile.write(part)
        self._handler.wfile.flush()

    def end(self, *, left: int) -> None:
        """End the answer in good order, or as a fault says."""
        ending = self._environ.get(ENDING, "whole")
        if self._status:
            self._head(left=left)
            if self._chunked and ending == "whole":
                self._handler.wfile.write(b"0\r\n\r\n")
            self._handler.wfile.flush()
        if ending == "reset":
            self._handler.reset()
        elif ending == "closed" or not self._status:
            self._handler.close_connection = True

    def _head(self, *, left: int) -> None:
        if self._sent_head:
            return
        self._sent_head = True
        handler = self._handler
        code, _, reason = self._status.partition(" ")
        names = {name.lower() for name, _ in self._headers}
        handler.send_response_only(int(code), reason)
        if "date" not in names:
            handler.send_header("Date", handler.date_time_string())
        for name, value in self._headers:
            handler.send_header(name, value)
        bodiless = handler.command == "HEAD" or code[0] == "1" or code in {"204", "304"}
        unmeasured = "content-length" not in names and not bodiless
        self._chunked = unmeasured and handler.request_version != "HTTP/1.0"
        if self._chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        if left or (unmeasured and not self._chunked):
            handler.close_connection = True
            handler.send_header("Connection", "close")
        handler.end_headers()


class Server(ThreadingHTTPServer):
    """Serves *application* on 127.0.0.1, with TLS if *tls* says how; *port* 0 means any free one."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(
        self,
        application: Callable[[dict[str, Any], Any], Iterable[bytes]],
        *,
        port: int,
        body_limit: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.application = application
        self.body_limit = body_limit
        self.abandoned: set[socket.socket] = set()
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection; its handshake waits for the thread that serves it."""
        request, address = super().get_request()
        if self._tls is not None:
            request = self._tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        return request, address

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's types
        """Shake hands, if that is asked for, and serve the connection."""
        if isinstance(request, ssl.SSLSocket):
            request.settimeout(_HANDSHAKE_SECONDS)
            request.do_handshake()
        super().finish_request(request, client_address)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's types
        """Remember the connection, so that `stop` can end it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's types
        """End a connection: in good order, or at once when a fault abandoned it."""
        with self._lock:
            self._open.discard(request)
        if request in self.abandoned:
            self.abandoned.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's types
        """Say nothing of clients that hang up; say the type of everything else."""
        del request, client_address
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            sys.stderr.write(f"anslut: the simulator's server broke: {type(error).__name__}\n")

    def stop(self) -> None:
        """Stop serving and end every connection."""
        self.shutdown()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
