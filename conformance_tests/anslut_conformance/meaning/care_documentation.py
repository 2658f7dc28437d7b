"""Notes: their texts are judged by atoms; beside those, when it was and what kind of note it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_conformance.facts import Fact, code_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected


def owed_identifier(one: Expected) -> object:
    """Notes at the same time by the same author cannot be told apart, nor need they be."""
    del one
    return None


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """As `owed_identifier`."""
    del header, body
    return None


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the document's time."""
    del body
    return header.get("documentTime")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield the document's time and the kind of note."""
    del related
    yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
    if one.event.note_code is not None:
        yield from code_facts("body.clinicalDocumentNoteCode", one.event.note_code, body)
