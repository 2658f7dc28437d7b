"""Problems (RFC 9457) of the control plane and the index receiver: what is wrong, where, never the value."""

from __future__ import annotations

import uuid
from typing import Any, Final

import orjson

CONTENT_TYPE: Final = "application/problem+json"


class ProblemError(Exception):
    """An answer that is a problem; *title* and *detail* never hold what the caller sent."""

    def __init__(self, status: int, slug: str, title: str, *, detail: str | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail

    def body(self) -> bytes:
        """Return the problem document as JSON bytes."""
        document: dict[str, Any] = {
            "type": f"urn:anslut:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "logId": str(uuid.uuid4()),
            "retryable": self.status in {429, 503, 504},
        }
        if self.detail is not None:
            document["detail"] = self.detail
        return orjson.dumps(document)


def malformed(detail: str) -> ProblemError:
    """Return the problem of a body that is not the JSON asked for."""
    return ProblemError(400, "malformed", "The body cannot be read", detail=detail)


def invalid(detail: str) -> ProblemError:
    """Return the problem of a readable body that asks for something impossible."""
    return ProblemError(422, "invalid-query", "The request does not fit", detail=detail)
