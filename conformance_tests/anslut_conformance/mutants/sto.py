"""STO: connectors that keep what they have fetched."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, on_reply, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.settings import Settings

_FAILED = 500


def disk_cache(settings: Settings) -> Wrapped:
    """Write every answer to a file, to be quick next time."""
    lock = threading.Lock()

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is not None and reply.status == OK:
            with lock:
                Path(tempfile.gettempdir(), f"{call.type}.json").write_bytes(reply.body)
        return reply

    return wrapped(settings, around)


def last_answer(settings: Settings) -> Wrapped:
    """Give the last answer again when the source fails on the same question."""
    kept: dict[bytes, Reply] = {}

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        key = call.path.encode() + call.body
        if call.type is not None and reply.status == OK:
            kept.clear()
            kept[key] = reply
        return kept.get(key, reply) if reply.status >= _FAILED else reply

    return wrapped(settings, around)


def _cacheable(reply: Reply, call: Call) -> Reply:
    del call
    headers = tuple(one for one in reply.headers if one[0].lower() != "cache-control")
    return Reply(status=reply.status, headers=headers, body=reply.body)


#: Says nothing about whether a reply may be kept.
cacheable = on_reply(_cacheable)
