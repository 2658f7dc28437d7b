"""Failures as the caller sees them: RFC 9457 problem documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut.errors import AskDifferentlyError

if TYPE_CHECKING:
    from anslut.errors import AnslutError

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 100


def problem(error: AnslutError, *, log_id: str) -> dict[str, Any]:
    """Return *error* as a problem document (plain JSON), to be found again in the log by *log_id*."""
    document: dict[str, Any] = {
        "type": f"urn:anslut:problem:{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": str(error),
        "logId": log_id,
        "retryable": error.retryable,
    }
    if error.source:
        document["source"] = error.source
    if error.errors and isinstance(error, AskDifferentlyError):  # places in the request, not in an entry
        shown = {(item.path, item.rule): None for item in error.errors}
        document["errors"] = [{"path": path, "rule": rule} for path, rule in list(shown)[:_MOST_ERRORS]]
    return document
