"""A source system's answer, read whole and strictly."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import orjson
from urllib3.exceptions import HTTPError

from anslut import deadline
from anslut.errors import SourceDataError
from anslut.nesting import is_deeper

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    import requests

_CHUNK = 65_536
_JSON = ("application/json", "application/problem+json", "application/fhir+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReply:
    """Status, headers and, when it is JSON, the document; not shown in logs."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    document: Any = field(repr=False)


class IncompleteError(Exception):
    """The answer broke off; asking again may help."""


def read(response: requests.Response, *, largest_bytes: int, source: str) -> bytes:
    """Return the whole body; raise `SourceDataError` when it is larger than *largest_bytes*.

    Raise `IncompleteError` when it breaks off, and `SourceTimeoutError` when the deadline passes.
    """
    now = deadline.current()
    chunks: list[bytes] = []
    size = 0
    try:
        while chunk := response.raw.read(_CHUNK, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > largest_bytes:
                raise SourceDataError("the source's answer is larger than an answer may be", source=source)
            now.check(source=source)
    except (HTTPError, OSError):
        now.check(source=source)
        raise IncompleteError from None
    finally:
        if size > largest_bytes:
            response.close()
        else:
            response.raw.release_conn()
    return b"".join(chunks)


def ahead(response: requests.Response, *, now: datetime) -> timedelta | None:
    """Return how far the source's clock is ahead of *now*, or `None` when it tells no `Date`."""
    try:
        told = parsedate_to_datetime(response.headers["Date"])
        return told - now
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def json_document(response: requests.Response, body: bytes, *, deepest: int, source: str) -> Any:  # noqa: ANN401 - plain JSON
    """Return the body as plain JSON; raise `SourceDataError` when it is not exactly that."""
    media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if media_type.strip().lower() not in _JSON or charset not in {"", "utf-8", "utf8"}:
        raise SourceDataError("the source's answer is not JSON in UTF-8", source=source)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise SourceDataError("the source's answer cannot be read as JSON", source=source) from None
    if is_deeper(document, deepest):
        raise SourceDataError("the source's answer is nested too deep", source=source)
    return document


def json_if_any(response: requests.Response, body: bytes, *, deepest: int) -> Any:  # noqa: ANN401 - plain JSON
    """Return the body of an error answer as plain JSON, or `None` when it is something else."""
    try:
        return json_document(response, body, deepest=deepest, source="")
    except SourceDataError:
        return None
