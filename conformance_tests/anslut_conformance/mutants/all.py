"""ALL: connectors that leave out, make up, or say one thing and do another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut.errors import SourceDataError
from anslut_examples.kosmos import KosmosConnector

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import OK, Call, Reply, on_entry, on_reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Query
    from anslut_examples.kosmos_mapping import Row

_MANY = 5


class RecentLaboratory(OpenKosmos):
    """Reads laboratory answers from 2022 on, because older ones were migrated from another system."""

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield what is not too old."""
        for row in super().pages(key, resource):
            if resource != "labbsvar" or row["handelsetid"] >= "2022":
                yield row


class Summaries(KosmosConnector):
    """Adds a note of its own when there are many."""

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield the entries, and the oldest note once more as a summary."""
        rows = list(super().rows(query, resource))
        yield from rows
        if resource == "anteckningar" and len(rows) >= _MANY:
            yield {**rows[-1], "id": f"SAMMANFATTNING-{rows[-1]['id']}"}


class RehabilitationForgotten(OpenKosmos):
    """Leaves out what the rehabilitation unit wrote, because it was opened after the list of units was made."""

    def record(self, query: Query, key: str, resource: str) -> Iterator[Row]:
        """Yield the entries of the units on the list."""
        for row in super().record(query, key, resource):
            if not self.codes.unit(row["enhet"])["namn"].startswith("Rehab"):
                yield row


class UnknownIsAnError(OpenKosmos):
    """Takes it for an error of the source that it does not know somebody."""

    def keys(self, query: Query) -> list[str]:
        """Return the keys, of which there must be one."""
        keys = super().keys(query)
        if not keys:
            raise SourceDataError("Kosmos does not know the person", source=query.source_system_id)
        return keys


def _other_types_too(reply: Reply, call: Call) -> Reply:
    if call.type != "does-not-exist" or reply.status != 404:  # noqa: PLR2004 - HTTP's own
        return reply
    result = {"code": "OK", "logId": reply.document()["logId"]}
    return reply.having({"entries": [], "result": result}, status=OK, media_type="application/json")


#: Answers for any type with an empty list.
any_type = on_reply(_other_types_too)


def _manifest(reply: Reply, call: Call) -> Reply:
    if call.path != "/v1/connector" or reply.status != OK:
        return reply
    return reply.having({**reply.document(), "version": ""})


#: The manifest was written by hand and is not what the schema says.
manifest_by_hand = on_reply(_manifest)


def _empty_title(entry: dict[str, Any]) -> None:
    entry["body"].setdefault("clinicalDocumentNoteTitle", "")


#: Empty strings instead of fields that are left out.
empty_strings = on_entry(_empty_title, "care-documentation")
