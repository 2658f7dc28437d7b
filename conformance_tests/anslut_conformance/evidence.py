"""What a finding is shown with: values and exchanges as short text, tokens left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from anslut_conformance.exam_door import Exchange

#: Characters of a value or a body that are kept.
LONGEST = 4000

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie"})


def show(value: object) -> str | None:
    """Return *value* as text for a report, cut at `LONGEST`; None stays None."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    else:
        try:
            text = orjson.dumps(
                value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
            ).decode()
        except (TypeError, orjson.JSONEncodeError):
            text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _plain(value: object) -> object:
    if isinstance(value, set | frozenset | tuple):
        return sorted(value, key=str) if not isinstance(value, tuple) else list(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value)


def show_exchange(exchange: Exchange) -> dict[str, Any]:
    """Return one request and reply as JSON values, secrets named and not shown."""
    shown: dict[str, Any] = {
        "method": exchange.method,
        "path": exchange.path,
        "requestHeaders": _headers(exchange.headers),
        "requestBody": _body(exchange.body),
    }
    if exchange.reply is not None:
        shown |= {
            "status": exchange.reply.status,
            "milliseconds": round(exchange.reply.seconds * 1000),
            "responseHeaders": _headers(exchange.reply.headers),
            "responseBody": _body(exchange.reply.body),
        }
    return shown


def _headers(headers: Any) -> dict[str, str]:
    return {
        str(key): "(left out)" if str(key).lower() in _SECRET_HEADERS else str(value)
        for key, value in headers.items()
    }


def _body(body: bytes | None) -> str:
    if not body:
        return ""
    text = body[: LONGEST * 4].decode("utf-8", "replace")
    return text if len(body) <= LONGEST else f"{text[:LONGEST]}… ({len(body)} bytes)"
