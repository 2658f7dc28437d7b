"""SEC: connectors that answer whoever asks, and tell more than was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anslut.door import create_app
from anslut_examples.kosmos import KosmosConnector

from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, ask, good_app, on_reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.settings import Settings

_FAILED = 500
_JWT_PARTS = 3


def _half_open(settings: Settings, *, lets_in: Callable[[str], bool]) -> Wrapped:
    """Return a connector that asks nobody who they are when *lets_in* likes their Authorization header."""
    unlocked = replace(settings, jwks_url=None, audience=None, index_url=None)
    open_app = create_app(KosmosConnector(unlocked), settings=unlocked)

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        if call.type is not None and lets_in(str(call.environ.get("HTTP_AUTHORIZATION", ""))):
            return ask(open_app, call)
        return good(call)

    return Wrapped(good_app(settings), around)


def token_optional(settings: Settings) -> Wrapped:
    """Check a token only when there is one."""
    return _half_open(settings, lets_in=lambda header: not header)


def token_unverified(settings: Settings) -> Wrapped:
    """Take anything for a token that looks like one."""
    return _half_open(
        settings, lets_in=lambda header: header.startswith("Bearer ") and len(header.split(".")) == _JWT_PARTS
    )


def _number_in_header(reply: Reply, call: Call) -> Reply:
    if not call.extension.isdigit() or reply.status != OK:
        return reply
    return Reply(
        status=reply.status, headers=(*reply.headers, ("X-Patient", call.extension)), body=reply.body
    )


#: Sends the number back in a header, for tracing.
number_in_header = on_reply(_number_in_header)


def _trace(reply: Reply, call: Call) -> Reply:
    if call.type is None or reply.status < _FAILED:
        return reply
    detail = "Traceback (most recent call last): requests.get failed in kosmos.py"
    return reply.having({**reply.document(), "detail": detail})


#: Tells the exception to whoever asked.
stack_trace = on_reply(_trace)
