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
    from collections.abc import Collection, Generator, Mapping
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
    """Return the whole body; raise as `pieces`."""
    return b"".join(pieces(response, largest_bytes=largest_bytes, source=source))


def pieces(response: requests.Response, *, largest_bytes: int, source: str) -> Generator[bytes]:
    """Yield the body in pieces as they come; raise `SourceDataError` when it is larger than *largest_bytes*.

    Raise `IncompleteError` when it breaks off, and `SourceTimeoutError` when the deadline passes. A connection
    whose body was not read to its end is closed.
    """
    now = deadline.current()
    size = 0
    whole = False
    try:
        while chunk := response.raw.read(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > largest_bytes:
                raise SourceDataError("the source's answer is larger than an answer may be", source=source)
            now.check(source=source)
            yield chunk
        whole = True
    except (HTTPError, OSError):
        now.check(source=source)
        raise IncompleteError from None
    finally:
        if whole:
            response.raw.release_conn()
        else:
            response.close()


def ahead(response: requests.Response, *, now: datetime) -> timedelta | None:
    """Return how far the source's clock is ahead of *now*, or `None` when it tells no `Date`."""
    try:
        told = parsedate_to_datetime(response.headers["Date"])
        return told - now
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def is_declared(response: requests.Response, media_types: Collection[str]) -> bool:
    """Tell whether the answer calls itself one of *media_types*, in UTF-8."""
    media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    return media_type.strip().lower() in media_types and charset in {"", "utf-8", "utf8"}


def json_document(response: requests.Response, body: bytes, *, deepest: int, source: str) -> Any:  # noqa: ANN401 - plain JSON
    """Return the body as plain JSON; raise `SourceDataError` when it is not exactly that."""
    if not is_declared(response, _JSON):
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
