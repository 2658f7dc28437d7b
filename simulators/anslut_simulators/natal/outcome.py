"""Natal's errors: an OperationOutcome with a Swedish text; never what the caller sent."""

from __future__ import annotations

from typing import Final

import orjson

from anslut_simulators.calls import Answer

FHIR_JSON: Final = "application/fhir+json; charset=utf-8"

Headers = tuple[tuple[str, str], ...]


class OutcomeError(Exception):
    """An answer that is an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def outcome(status: int, code: str, text: str, *, headers: Headers = ()) -> OutcomeError:
    """Return an error with an issue of type *code* (IssueType of FHIR R4) and a Swedish explanation."""
    issue = {
        "severity": "fatal" if status >= 500 else "error",  # noqa: PLR2004 - HTTP's own
        "code": code,
        "details": {"text": text},
    }
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]})
    return OutcomeError(Answer(status, body, headers, content_type=FHIR_JSON))
