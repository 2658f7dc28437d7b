"""Connections that keep to the call's deadline as a whole.

A socket's time-out starts anew with every byte, so a source that sends one byte a second is never late.
Here every single read waits at most for what is left of the current `Deadline`: headers, body and all.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from anslut import deadline

if TYPE_CHECKING:
    import socket


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket, each time with the time that is left."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - the buffer protocol has no type before 3.12
        left = deadline.current().seconds_left()
        if left <= 0:
            raise TimeoutError("the call's deadline has passed")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineSocket:
    """A socket in everything but `makefile`, which is where http.client reads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def makefile(self, mode: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the socket's own
        if mode != "rb":
            return self._connection.makefile(mode, *arguments, **options)  # type: ignore[call-overload]
        return io.BufferedReader(_DeadlineReader(self._connection))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the socket has
        return getattr(self._connection, name)


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _DeadlineSocket(self.sock)


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _DeadlineSocket(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """A `requests` adapter whose connections keep to the current deadline; it never tries again by itself."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as the library's own
        """Use pools whose connections keep the deadline."""
        super().init_poolmanager(*arguments, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
