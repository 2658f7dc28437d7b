"""CON: connectors that misname, cut and lose care contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_examples.radgivning import RadgivningConnector

from anslut_conformance.mutants.wrapping import Call, on_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut import Query
    from anslut.settings import Settings
    from anslut.source.ndjson import Row

    from anslut_conformance.mutants.wrapping import Wrapped

CONTACTS = "care-contacts"


def _on_contact(change: Callable[[dict[str, Any]], None]) -> Callable[[Settings], Wrapped]:
    """Return a factory of connectors whose care contacts' bodies are changed in place."""

    def change_all(document: dict[str, Any], call: Call) -> None:
        for entry in document["entries"] if call.type == CONTACTS else ():
            change(entry["body"])

    return on_answer(change_all, RadgivningConnector)


def _visit(body: dict[str, Any]) -> None:
    body["careContactCode"].update(code="1", displayName="Besök")


#: Calls every contact a visit.
all_visits = _on_contact(_visit)


def _no_longer(body: dict[str, Any]) -> None:
    period = body.get("careContactTimePeriod", {})
    if "end" in period:
        period["end"] = period["start"]


#: Fills in the end with the start.
ends_when_it_starts = _on_contact(_no_longer)


def _code(body: dict[str, Any]) -> None:
    if "careContactReason" in body:
        body["careContactReason"] = f"KO{len(body['careContactReason']):03d}"


#: Sends a local code instead of the reason's words.
coded_reasons = _on_contact(_code)


class EndedOnly(RadgivningConnector):
    """Waits until a call has ended."""

    def rows(self, query: Query, part: str) -> Iterator[Row]:
        """Yield calls that have an end."""
        for row in super().rows(query, part):
            if row["typ"] != "samtal" or row["slut"] is not None:
                yield row
