"""A Kosmos connector whose reading can be made wrong in one place: a method, or a flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from anslut_examples import kosmos_mapping as kosmos
from anslut_examples.kosmos import NOT_FOUND, KosmosConnector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Query
    from anslut_examples.kosmos_mapping import Row


class OpenKosmos(KosmosConnector):
    """The good connector with its reading of the source laid open; as it stands it does nothing wrong."""

    #: Kosmos' words for entries that are delivered.
    statuses: ClassVar[frozenset[str]] = frozenset({"klar"})

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield the person's entries, each as `row` would have it."""
        for key in self.keys(query):
            for row in self.record(query, key, resource):
                if row["status"] in self.statuses:
                    yield self.row(row, resource)

    def keys(self, query: Query) -> list[str]:
        """Return Kosmos' keys for the person: their own first, then linked ones."""
        today = self.source.today()
        reply = self.source.ask(
            "POST",
            "/api/v2/patienter/sok",
            json=kosmos.number(query.patient_id, today=today),
            expect=(200, NOT_FOUND),
        )
        if reply.status == NOT_FOUND:
            return []
        return [reply.document["patientnyckel"], *self.linked(reply.document["lankade"])]

    def linked(self, records: list[Row]) -> list[str]:
        """Return the keys of the person's linked records."""
        return [record["patientnyckel"] for record in records]

    def record(self, query: Query, key: str, resource: str) -> Iterator[Row]:
        """Yield everything in one record, whatever its status."""
        for row in self.pages(key, resource):
            query.refuse_foreign(row["patientnyckel"], among=[key])
            yield row

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield what Kosmos gives, page by page."""
        path = f"/api/v2/patienter/{key}/{resource}"
        yield from self.source.pages(
            path, items="poster", cursor="nasta", cursor_param="markor", params={"antal": 100}
        )

    def row(self, row: Row, resource: str) -> Row:
        """Return an entry as Kosmos gave it."""
        del resource
        return row
