"""The HTTP headers that a call comes with (openapi/v1/connector.json), and their names under WSGI."""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["CONSUMER_HEADER", "CORRELATION_HEADERS", "wsgi_name"]

CONSUMER_HEADER: Final = "x-rivta-original-serviceconsumer-hsaid"
"""HSA-id of who asks, also where a platform stands between."""
CORRELATION_HEADERS: Final = ("x-skltp-correlation-id", "x-correlation-id")
"""One id for all that a call sets off; the first that is there counts."""


@cache
def wsgi_name(header: str) -> str:
    """Return where the environment of a WSGI call has *header* (PEP 3333)."""
    return "HTTP_" + header.upper().replace("-", "_")
