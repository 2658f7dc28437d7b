"""Problem documents as a mutant writes them: right in form, whatever else is wrong."""

from __future__ import annotations

import uuid

import orjson

from anslut_conformance.mutants.wrapping import Reply

_HEADERS = (("Content-Type", "application/problem+json"), ("Cache-Control", "no-store"))


def problem_reply(status: int, slug: str, title: str, *, retryable: bool) -> Reply:
    """Return a reply that carries a problem of the contract."""
    document = {
        "type": f"urn:anslut:problem:{slug}",
        "title": title,
        "status": status,
        "logId": str(uuid.uuid4()),
        "retryable": retryable,
    }
    return Reply(status=status, headers=_HEADERS, body=orjson.dumps(document))
