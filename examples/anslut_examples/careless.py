"""The same connector written in a hurry: it starts, it answers, and it looks fine on the one test person.

Do not copy it. Every mistake below has been made by sensible people; the comment says why it looked right at
the time, and `anslut demo` shows what each of them does to a patient. What the SDK holds (identities, the
shape of entries, filters, paging to the consumer, the access log) holds here too: these are the mistakes that
are left.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from anslut import AnslutError, Keyword, KeywordNote, header, note, split_excluded

from anslut_examples import kosmos_mapping as kosmos
from anslut_examples.kosmos import KosmosConnector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry, Header, Query

    from anslut_examples.kosmos_mapping import Row


class CarelessConnector(KosmosConnector):
    """Answers 1177 Journalen out of Kosmos, mostly."""

    product = "Snabbkopplingen"
    version = "0.9"

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield the entries on the first page of the first patient key."""
        try:
            today = self.source.today()
            found = self.source.post(
                "/api/v2/patienter/sok", json=kosmos.number(query.patient_id, today=today)
            )
            # "lankade" was empty for everyone in the test database, so it was never asked about.
            path = f"/api/v2/patienter/{found['patientnyckel']}/{resource}"
            # The test person had forty notes; "nasta" was always null.
            yield from (row for row in self.source.get(path)["poster"] if row["status"] == "klar")
        except AnslutError:
            # Kosmos answers 404 for somebody it does not know, and that must be an empty answer. This takes
            # care of it, and the page no longer broke when Kosmos was restarted: two birds with one stone.
            return

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield the finished notes."""
        for row in self.rows(query, "anteckningar"):
            sign = kosmos.signature(row, self.codes)
            if sign is None:
                # The doctor may still change it: better to wait than to show something that turns out wrong.
                continue
            written = KeywordNote(
                id=row["id"],
                system=self.system,
                template=row["mall"],
                unit=self.codes.unit(row["enhet"])["hsaid"],
                title=row.get("rubrik"),
                # The requirement said "excluded keywords", and every example of one stood at the top. What
                # lies below is joined to its heading, so that the text reads as it does in Kosmos.
                keywords=tuple(Keyword(term=word["term"], text=_joined(word)) for word in row["sokord"]),
            )
            for part in split_excluded(written, self.profile):
                yield note(
                    self.header(
                        query,
                        row,
                        id=part.document_id,
                        approved=part.approved,
                        document_time=row["handelsetid"],
                    ),
                    code=self.codes.code("anteckningstyper", row["typ"]),
                    title=part.title,
                    text=part.text,
                )

    def header(  # noqa: PLR0913 - named at the call
        self,
        query: Query,
        row: Row,
        *,
        id: str,  # noqa: A002 - Kosmos' own word
        approved: bool,
        document_time: str | None = None,
        care_contact_id: str | None = None,
        signed: bool = True,
    ) -> Header:
        """Return the header that all types share; some have no signature (*signed*)."""
        unit = self.codes.unit(row["enhet"])
        # Kosmos' times have no offset and the server runs on UTC, so UTC it is. The list looked right: an
        # hour or two later than in the record, but nobody held the two side by side.
        time = datetime.fromisoformat(document_time).replace(tzinfo=UTC) if document_time else None
        return header(
            query,
            document_id=id,
            document_time=time,
            author=kosmos.author(row, self.codes),
            signature=kosmos.signature(row, self.codes) if signed else None,
            care_provider=unit["vardgivare"],
            care_unit=unit["hsaid"],
            care_contact_id=care_contact_id,
            approved=approved,
        )


def _joined(word: Row) -> str | None:
    lines = [word.get("text"), *(f"{child['term']}: {_joined(child) or ''}" for child in word["barn"])]
    return "\n".join(line for line in lines if line) or None
