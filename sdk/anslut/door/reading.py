"""Reading a request's body: size, media type, characters, nesting and form, before anybody looks inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from anslut.errors import MalformedRequestError, TooLargeError, UnsupportedMediaTypeError
from anslut.nesting import is_deeper

if TYPE_CHECKING:
    from flask import Request

MEDIA_TYPE = "application/json"
LARGEST_BYTES = 1_000_000
DEEPEST = 32
_DRAIN_BYTES = 32_000_000
_CHUNK = 65_536


def read_json(request: Request) -> dict[str, Any]:
    """Return the request's JSON object; raise the `AskDifferentlyError` that says what is wrong with it."""
    if request.environ.get("CONTENT_TYPE") != MEDIA_TYPE or "HTTP_CONTENT_ENCODING" in request.environ:
        _check_media_type(request)
    raw = read_body(request)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise MalformedRequestError("the body is not JSON in UTF-8, or is nested too deep") from None
    if not isinstance(document, dict):
        raise MalformedRequestError("the body must be a JSON object")
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and is_deeper(document, DEEPEST):
        raise MalformedRequestError("the body is nested too deep")
    return document


def read_body(request: Request) -> bytes:
    """Return the request's bytes; raise `TooLargeError` when they are more than a question ever needs."""
    declared = request.content_length
    raw = b"" if declared is not None and declared > LARGEST_BYTES else request.stream.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES or (declared is not None and declared > LARGEST_BYTES):
        drain(request, declared)
        raise TooLargeError(f"a request is at most {LARGEST_BYTES} bytes")
    return raw


def _check_media_type(request: Request) -> None:
    """Raise `UnsupportedMediaTypeError` for anything but plain JSON in UTF-8, however it is spelled."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != MEDIA_TYPE or charset not in {"utf-8", "utf8"} or not is_plain(request):
        drain(request, request.content_length)
        raise UnsupportedMediaTypeError("send application/json in UTF-8, without content encoding")


def is_plain(request: Request) -> bool:
    """Say whether the body is sent as it is, without content encoding."""
    return request.headers.get("Content-Encoding", "identity").lower() == "identity"


def drain(request: Request, declared: int | None) -> None:
    """Read what the client still sends, within reason, so that it gets to read the answer."""
    left = _DRAIN_BYTES if declared is None else min(declared, _DRAIN_BYTES)
    while left > 0:
        chunk = request.stream.read(min(_CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)
