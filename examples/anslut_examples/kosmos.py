"""A connector for Kosmos, a record system: copy it, and change what your system does differently.

This module says what is fetched and what is delivered; `kosmos_mapping` says what Kosmos' words mean. Drafts
and removed entries end here. What else the resident must not see is the region profile's to say, not ours: it
is kept apart from the rest and delivered as not approved, or withheld, as the profile wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from anslut import (
    Change,
    Changes,
    Identifier,
    KeywordNote,
    LaboratoryUnit,
    OrgUnit,
    RecordConnector,
    SourceClient,
    care_contact,
    diagnosis,
    exclusion_of,
    from_local,
    header,
    laboratory_result,
    medication,
    normalise,
    note,
    referral_status,
    split_excluded,
)

from anslut_examples import kosmos_mapping as kosmos
from anslut_examples.kosmos_medications import prescription
from anslut_examples.kosmos_referrals import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry, Header, Query, Settings

    from anslut_examples.kosmos_mapping import Row

TYPES = {
    "anteckning": "care-documentation",
    "diagnos": "diagnoses",
    "labbsvar": "laboratory-results",
    "lakemedel": "medications",
    "remiss": "referral-status",
    "vardkontakt": "care-contacts",
}
DIAGNOSIS_KINDS: dict[str, Any] = {"H": "Huvuddiagnos", "B": "Bidiagnos"}
NOT_FOUND = 404


class KosmosConnector(RecordConnector):
    """Answers 1177 Journalen out of Kosmos."""

    product = "Kosmos-anslutningen"
    vendor = "Anslut, exempel"
    version = "1.0"
    system = "kosmos"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.source = SourceClient.from_settings(settings, token_path="/oauth/token")  # noqa: S106 - a path
        self.codes = kosmos.KosmosCodes(self.source)

    def check_source(self) -> None:
        """Fetch a small code list: that takes the right address, the right credentials and a live Kosmos."""
        self.source.get("/api/v2/koder/svarsstatus")

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield each note in as many entries as it takes to keep what is excluded apart from the rest."""
        for row in self.rows(query, "anteckningar"):
            written = KeywordNote(
                id=row["id"],
                system=self.system,
                template=row["mall"],
                unit=self.codes.unit(row["enhet"])["hsaid"],
                title=row.get("rubrik"),
                keywords=kosmos.keywords(row["sokord"]),
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

    def read_diagnoses(self, query: Query) -> Iterator[Entry]:
        """Yield the diagnoses; one that was removed is not pointed out as related."""
        rows = list(self.whole_rows(query, "diagnoser"))
        delivered = {row["id"] for row, _ in rows}
        for row, approved in rows:
            yield diagnosis(
                self.header(query, row, id=row["id"], approved=approved, care_contact_id=row["vardkontakt"]),
                kind=DIAGNOSIS_KINDS[row["slag"]],
                code=self.codes.code("diagnoser", row["kod"]),
                time=from_local(row["handelsetid"]),
                chronic=row.get("kronisk"),
                related=[other for other in row["relaterade"] if other in delivered],
            )

    def read_laboratory_results(self, query: Query) -> Iterator[Entry]:
        """Yield the laboratory's answers, preliminary ones and those nobody has verified too."""
        for row, approved in self.whole_rows(query, "labbsvar"):
            unit = self.codes.unit(row["enhet"])
            yield laboratory_result(
                self.header(query, row, id=row["id"], approved=approved, document_time=row["handelsetid"]),
                identifier=Identifier(root=query.source_system_id, extension=row["id"]),
                laboratory_identifier=Identifier(root=query.source_system_id, extension=row["labbnr"]),
                status=self.codes.code("svarsstatus", row["svarsstatus"]),
                referral=kosmos.referral(row, source=query.source_system_id),
                recipient=LaboratoryUnit(
                    name=unit["namn"], id=Identifier(root=kosmos.HSA_ID, extension=unit["hsaid"])
                ),
                countersignature=kosmos.countersignature(row, self.codes),
                groups=kosmos.analysis_groups(row, self.codes),
            )

    def read_care_contacts(self, query: Query) -> Iterator[Entry]:
        """Yield the care contacts: booked, called off and struck out ones too, each with its status."""
        for row, approved in self.whole_rows(query, "vardkontakter"):
            unit = self.codes.unit(row["enhet"])
            yield care_contact(
                self.header(query, row, id=row["id"], approved=approved, signed=False),
                kind=self.codes.code("kontakttyper", row["kontakttyp"]),
                status=self.codes.code("kontaktstatus", row["kontaktstatus"]),
                start=kosmos.moment(row["start"]),
                end=kosmos.moment(row["slut"]),
                reason=row["orsak"],
                unit=OrgUnit(hsa_id=unit["hsaid"], name=unit["namn"], telecom=unit["telefon"]),
            )

    def read_referral_status(self, query: Query) -> Iterator[Entry]:
        """Yield each step that a referral has passed; its header has neither signature nor the author's unit."""
        for row, approved in self.whole_rows(query, "remisser"):
            yield referral_status(
                header(
                    query,
                    document_id=row["id"],
                    document_time=from_local(row["handelsetid"]),
                    author=kosmos.author(row, self.codes, at_unit=False),
                    care_provider=self.codes.unit(row["enhet"])["vardgivare"],
                    care_unit=self.codes.unit(row["enhet"])["hsaid"],
                    approved=approved,
                ),
                **step(row, self.codes),
            )

    def read_medications(self, query: Query) -> Iterator[Entry]:
        """Yield what was prescribed: started, stopped, and what the patient takes by own decision."""
        for row, approved in self.whole_rows(query, "lakemedel"):
            yield medication(
                self.header(query, row, id=row["id"], approved=approved, care_contact_id=row["vardkontakt"]),
                **prescription(row, self.codes, source=query.source_system_id),
            )

    def read_changes(self, position: str | None) -> Changes:
        """Return what happened after *position*, which is Kosmos' own running number."""
        answer = self.changes_after(position or "0")
        if int(position or 0) > answer["senaste"]:  # Kosmos was restored, and numbers from 1 again
            answer = self.changes_after("0")
        rows = answer["handelser"]
        return Changes(
            items=tuple(kosmos_change(row) for row in rows),
            position=str(rows[-1]["lopnr"]) if rows else position,
            has_more=bool(rows) and rows[-1]["lopnr"] < answer["senaste"],
        )

    def changes_after(self, number: str) -> Row:
        """Return a helping of Kosmos' change feed."""
        answer: Row = self.source.get("/api/v2/andringar", params={"efter": number, "antal": 100})
        return answer

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield the entries that Kosmos stands by, kept under any of the person's identities.

        The period is not sent along: Kosmos compares it with its own event time alone; the contract also
        counts when something was entered and signed. What comes too much the SDK filters away.
        """
        today = self.source.today()
        reply = self.source.ask(
            "POST",
            "/api/v2/patienter/sok",
            json=kosmos.number(query.patient_id, today=today),
            expect=(200, NOT_FOUND),
        )
        if reply.status == NOT_FOUND:  # Kosmos answers, and does not know the person: that is an empty record
            return
        keys = [reply.document["patientnyckel"]]
        if self.profile.deliver_linked_identities:
            keys += [linked["patientnyckel"] for linked in reply.document["lankade"]]
        for key in keys:
            path = f"/api/v2/patienter/{key}/{resource}"
            for row in self.source.pages(
                path, items="poster", cursor="nasta", cursor_param="markor", params={"antal": 100}
            ):
                query.refuse_foreign(row["patientnyckel"], among=[key])
                if row["status"] == "klar":
                    yield row

    def whole_rows(self, query: Query, resource: str) -> Iterator[tuple[Row, bool]]:
        """Yield the entries that are not split, each with whether the resident may see it.

        `skyddsniva` is not asked: it hides an entry from staff, never from the resident.
        """
        for row in self.rows(query, resource):
            unit = self.codes.unit(row["enhet"])["hsaid"]
            why = exclusion_of(
                self.profile, self.system, keyword=row["sokord"], template=row["mall"], unit=unit
            )
            if why is None or why.is_delivered:
                yield row, why is None

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
        return header(
            query,
            document_id=id,
            document_time=from_local(document_time) if document_time else None,
            author=kosmos.author(row, self.codes),
            signature=kosmos.signature(row, self.codes) if signed else None,
            care_provider=unit["vardgivare"],
            care_unit=unit["hsaid"],
            care_contact_id=care_contact_id,
            approved=approved,
        )


def kosmos_change(row: Row) -> Change:
    """Return one line of the change feed; the day of the change decides what the number's separator means."""
    day = from_local(row["tid"]).date()
    (number,) = row["identitet"].values()
    return Change(patient_id=normalise(number, today=day), type=TYPES[row["typ"]])
