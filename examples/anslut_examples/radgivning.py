"""A connector for Rådgivningsstödet, advice on the phone: copy it, and change what your system does differently.

This module says what is fetched and what is delivered; `radgivning_mapping` says what the lines mean. Drafts,
struck-out calls and recordings end here: a recording's reference is neither followed nor handed on. Who called
for somebody else stands under a heading that the region profile excludes, and is kept apart from the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from anslut import (
    Changes,
    KeywordNote,
    PhoneAdviceConnector,
    SourceClient,
    care_contact,
    exclusion_of,
    header,
    note,
    split_excluded,
)
from anslut.source.ndjson import Lines

from anslut_examples import radgivning_mapping as radgivning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut import Author, Entry, Header, Query, Settings, Signature
    from anslut.source.ndjson import Row, Stream

LINES = Lines(count_in_end=radgivning.count_in_end)


class RadgivningConnector(PhoneAdviceConnector):
    """Answers 1177 Journalen out of Rådgivningsstödet."""

    product = "Rådgivningsanslutningen"
    vendor = "Anslut, exempel"
    version = "1.0"
    system = "radgivning"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.source = SourceClient(
            settings.source_url,
            source=settings.source_system_ids[0],
            ca_file=settings.ca_file,
            headers={
                "Authorization": f"Bearer {settings.source_client_secret}",
                "Accept": "application/x-ndjson, application/json",
            },
        )
        self.codes = radgivning.RadgivningCodes(lambda name: self.lines("GET", f"/v1/kodverk/{name}").rows)

    def check_source(self) -> None:
        """Fetch a small code list: that takes the right address, the right key and a live system."""
        self.lines("GET", "/v1/kodverk/statusar")

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield the saved note of each call, in as many entries as it takes to keep what is excluded apart."""
        for row in self.rows(query, "anteckningar"):
            if row.get("typ") != "anteckning":  # a draft: the saved note is the one that counts
                continue
            saved = radgivning.Note.of(row)
            if saved.makulerad:
                continue
            written = KeywordNote(
                id=saved.id,
                system=self.system,
                template=saved.mall,
                unit=self.codes.unit(saved.enhet).hsaid,
                title=saved.rubrik,
                keywords=radgivning.keywords(saved.avsnitt, self.codes),
            )
            author = radgivning.author(saved.sparad, saved.av, saved.enhet, self.codes)
            for part in split_excluded(written, self.profile):
                yield note(
                    self.header(
                        query,
                        part.document_id,
                        unit=saved.enhet,
                        author=author,
                        approved=part.approved,
                        document_time=radgivning.moment(saved.samtalstid),
                        signature=radgivning.signature(saved.signerad),
                    ),
                    code=self.codes.code("anteckningstyper", saved.anteckningstyp),
                    title=part.title,
                    text=part.text,
                )

    def read_care_contacts(self, query: Query) -> Iterator[Entry]:
        """Yield the calls themselves, one that goes on just now too."""
        for row in self.rows(query, "samtal"):
            if row.get("typ") != "samtal":
                continue
            call = radgivning.Call.of(row)
            unit = self.codes.unit(call.enhet)
            heading = self.codes.words("rubriker", call.rubrik) if call.rubrik is not None else None
            why = exclusion_of(self.profile, self.system, keyword=heading, unit=unit.hsaid)
            if call.makulerad or (why is not None and not why.is_delivered):
                continue
            author = radgivning.author(call.registrerat, call.av, call.enhet, self.codes)
            yield care_contact(
                self.header(query, call.id, unit=call.enhet, author=author, approved=why is None),
                kind=self.codes.code("kontaktsatt", call.satt),
                status=self.codes.code("statusar", call.status),
                start=radgivning.moment(call.start) if call.start is not None else None,
                end=radgivning.moment(call.slut) if call.slut is not None else None,
                reason=self.codes.words("kontaktorsaker", call.orsak) if call.orsak is not None else None,
                unit=radgivning.org_unit(call.enhet, self.codes),
            )

    def read_changes(self, position: str | None) -> Changes:
        """Return what happened after *position*, which is the feed's own running number."""
        stream = self.changes_after(position or "0")
        if int(position or 0) > radgivning.FeedEnd.of(stream.end).senaste:  # restored: numbers from 1 again
            stream = self.changes_after("0")
        told = [radgivning.ChangeLine.of(row) for row in stream.rows]
        last = max((line.lopnr for line in told), default=None)
        return Changes(
            items=tuple(line.change() for line in told),
            position=position if last is None else str(last),
            has_more=last is not None and last < radgivning.FeedEnd.of(stream.end).senaste,
        )

    def changes_after(self, number: str) -> Stream:
        """Return a helping of the change feed."""
        return self.lines("GET", "/v1/andringar", params={"efter": number, "antal": 100})

    def rows(self, query: Query, part: str) -> Iterator[Row]:
        """Yield the lines of *part*, kept under any of the person's identities; recordings are not asked for."""
        asked = [radgivning.number(query.patient_id)]
        for place, person in enumerate(asked):  # the first answer adds the linked ones
            question = {"person": {"typ": person.typ, "nummer": person.nummer}, "delar": [part]}
            for row in self.lines("POST", "/v1/strommar", json=question).rows:
                query.refuse_foreign(row.get("person"), among=[person.nummer])
                if row.get("typ") != "person":
                    yield row
                elif place == 0 and self.profile.deliver_linked_identities:
                    asked += radgivning.First.of(row).lankade

    def lines(self, method: str, path: str, **what: Any) -> Stream:  # noqa: ANN401 - passed on
        """Return a stream of the source's, read to its end."""
        found: Stream = self.source.ask(method, path, read=LINES, **what).document
        return found

    def header(  # noqa: PLR0913 - named at the call
        self,
        query: Query,
        document_id: str,
        *,
        unit: str,
        author: Author,
        approved: bool,
        document_time: datetime | None = None,
        signature: Signature | None = None,
    ) -> Header:
        """Return the header that both types share."""
        found = self.codes.unit(unit)
        return header(
            query,
            document_id=document_id,
            author=author,
            care_provider=found.vardgivare,
            care_unit=found.hsaid,
            approved=approved,
            document_time=document_time,
            signature=signature,
        )
