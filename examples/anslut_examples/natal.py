"""A connector for Natal, a maternity record that speaks FHIR R4: copy it, and change what your system does differently.

This module says what is fetched and what is delivered; `natal_mapping` says what Natal's resources mean. A
mother's chart also holds what is written about her newborn: its weight and Apgar belong in her record of the
delivery, but the child's own notes are the child's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from anslut import (
    Change,
    Changes,
    Keyword,
    KeywordNote,
    Lookup,
    MaternityConnector,
    SourceClient,
    exclusion_of,
    header,
    maternity_record,
    note,
    split_excluded,
)
from anslut.errors import SourceDataError
from anslut.source.bundles import bundle_entries, next_link

from anslut_examples import natal_mapping as natal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut import Entry, Header, Query, Settings

    from anslut_examples.natal_mapping import Resource

TYPES = {"Composition": "care-documentation", "Observation": "maternity-records"}
ENTERED = {"final", "amended"}


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that Natal keeps under one identity: resources by reference, and acts by what they were done to."""

    patient: str
    resources: Mapping[str, Resource]
    acts: Mapping[str, list[Resource]]

    def members(self, sheet: Resource, code: str) -> list[natal.Sheet]:
        """Return the sheets of kind *code* that belong to *sheet*."""
        found = [self.resources.get(member["reference"]) for member in sheet.get("hasMember", ())]
        if None in found:
            raise SourceDataError("a sheet refers to another that the source does not give")
        return [natal.Sheet(one) for one in found if one and natal.sheet_code(one) == code]

    def documents(self, kind: str, query: Query) -> Iterator[Resource]:
        """Yield the entered documents of *kind* about the chart's own person; a newborn's are left to the child."""
        known = {self.patient, *self.children()}
        for resource in self.resources.values():
            if resource["resourceType"] in {"Patient", "Provenance"}:
                continue
            if not isinstance(resource.get("subject"), dict):
                raise SourceDataError("an entry that does not say whose it is", source=query.source_system_id)
            about = resource["subject"].get("reference")
            if about is None and resource["resourceType"] == "Observation":
                continue  # about a newborn without a number of its own
            query.refuse_foreign(about, among=known)
            is_entered = resource.get("status") in ENTERED
            if resource["resourceType"] == kind and about == self.patient and is_entered:
                yield resource

    def children(self) -> Iterator[str]:
        """Yield the newborns whose sheets are in the chart because they are hers, under each of their numbers."""
        for resource in self.resources.values():
            focus = [one.get("reference") for one in resource.get("focus", ())]
            if focus == [self.patient] and "reference" in resource["subject"]:
                child = resource["subject"]["reference"]
                yield child
                for link in self.resources.get(child, {}).get("link", ()):
                    yield link["other"]["reference"]


class NatalConnector(MaternityConnector):
    """Answers 1177 Journalen out of Natal."""

    product = "Natal-anslutningen"
    vendor = "Anslut, exempel"
    version = "1.0"
    system = "natal"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.source = SourceClient.from_settings(settings, token_path="/auth/token")  # noqa: S106 - a path
        self.units = Lookup(self.organisations)

    def check_source(self) -> None:
        """Fetch the units: that takes the right address, the right credentials and a live Natal."""
        self.organisations()

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield each note in as many entries as it takes to keep what is excluded apart from the rest."""
        for chart in self.charts(query):
            for document in chart.documents("Composition", query):
                sections = natal.keywords(document["section"])
                exempt = natal.exemption(document)
                template = document.get("category", [{}])[0].get("text")
                written = KeywordNote(
                    id=document["id"],
                    system=self.system,
                    template=template,
                    unit=self.unit(document["custodian"])["hsa_id"],
                    title=document["title"] if document["title"] != template else None,
                    # A note that is exempt as a whole stands under the heading that exempts it.
                    keywords=(Keyword(term=exempt, children=sections),) if exempt else sections,
                )
                for part in split_excluded(written, self.profile):
                    yield note(
                        self.header(query, chart, document, id=part.document_id, approved=part.approved),
                        code=natal.concept(document["type"]),
                        title=part.title,
                        text=part.text,
                    )

    def read_maternity_records(self, query: Query) -> Iterator[Entry]:
        """Yield enrolments, check-ups and what was found after the delivery, each an entry of its own."""
        for chart in self.charts(query):
            for document in chart.documents("Observation", query):
                kind = natal.SHEETS.get(natal.sheet_code(document))
                unit = self.unit(document["performer"][-1])["hsa_id"]
                why = exclusion_of(self.profile, self.system, keyword=natal.exemption(document), unit=unit)
                if kind is None or (why is not None and not why.is_delivered):
                    continue
                sheet = natal.Sheet(document)
                yield maternity_record(
                    self.header(query, chart, document, id=document["id"], approved=why is None),
                    record=natal.enrolment(sheet, chart.members(document, natal.EARLIER))
                    if kind == "enrolment"
                    else natal.checkup(sheet)
                    if kind == "checkup"
                    else natal.after(sheet, chart.members(document, natal.NEWBORN)),
                )

    def read_changes(self, position: str | None) -> Changes:
        """Return what happened after *position*, which is Natal's own running number."""
        page = self.changes_after(position or "0")
        if int(page["identifier"]["value"]) < int(
            position or 0
        ):  # Natal was restored, and numbers from 1 again
            page = self.changes_after("0")
        return Changes(
            items=tuple(change_of(entry["resource"]) for entry in page.get("entry", ())),
            position=page["identifier"]["value"],
            has_more=next_link(page, source=self.source.source) is not None,
        )

    def changes_after(self, number: str) -> Resource:
        """Return a helping of Natal's history."""
        page: Resource = self.source.get("/fhir/_history", params={"_after": number, "_count": 100})
        return page

    def charts(self, query: Query) -> Iterator[Chart]:
        """Yield the charts kept under any of the person's identities; Natal may know none."""
        form = {"identifier": f"{natal.OID}{query.patient_id.root}|{query.patient_id.extension}"}
        found = self.source.ask("POST", "/fhir/Patient/_search", form=form).document
        for entry in found.get("entry", ()):
            patient = entry["resource"]
            query.refuse_foreign(natal.person_id(patient["identifier"][0]), among=[query.patient_id])
            references = [f"Patient/{patient['id']}"]
            if self.profile.deliver_linked_identities:
                references += [link["other"]["reference"] for link in patient.get("link", ())]
            for reference in references:
                yield self.chart(reference)

    def chart(self, reference: str) -> Chart:
        """Return a whole chart: documents refer to one another, so half of one is of no use."""
        resources: dict[str, Resource] = {}
        acts: dict[str, list[Resource]] = {}
        types = "Composition,Encounter,Observation,Patient,Provenance"
        for entry in bundle_entries(
            self.source, f"/fhir/{reference}/$everything", params={"_type": types, "_count": 200}
        ):
            resource = entry["resource"]
            key = f"{resource['resourceType']}/{resource['id']}"
            if key in resources:
                raise SourceDataError("the source gives the same resource twice")
            resources[key] = resource
            if resource["resourceType"] == "Provenance":
                acts.setdefault(resource["target"][0]["reference"], []).append(resource)
        return Chart(reference, resources, acts)

    def header(
        self,
        query: Query,
        chart: Chart,
        document: Resource,
        *,
        id: str,  # noqa: A002 - Natal's own word
        approved: bool,
    ) -> Header:
        """Return the header that both types share."""
        is_note = document["resourceType"] == "Composition"
        unit = self.unit(document["custodian"] if is_note else document["performer"][-1])
        acts = chart.acts.get(f"{document['resourceType']}/{document['id']}", [])
        happened = document["event"][0]["period"]["start"] if is_note else document["effectiveDateTime"]
        encounter = chart.resources.get(document["encounter"]["reference"], {})
        contact = encounter.get("identifier", [{}])[0].get("value")
        return header(
            query,
            document_id=id,
            document_time=natal.moment(happened),
            author=natal.author(acts, unit),
            signature=natal.signature(acts, named=is_note),
            care_provider=unit["care_provider"],
            care_unit=unit["hsa_id"],
            care_contact_id=None if is_note else contact,
            approved=approved,
        )

    def unit(self, reference: Resource) -> Resource:
        """Return the care unit; without it nobody can say whose entry this is."""
        found = self.units.get(reference["reference"])
        if found is None:
            raise SourceDataError("an entry's unit is not among Natal's organisations")
        return found

    def organisations(self) -> dict[str, Resource]:
        """Return Natal's units by reference; they are the same for everybody, so they may be kept for a while."""
        return {
            f"Organization/{one['resource']['id']}": {
                "hsa_id": one["resource"]["identifier"][0]["value"],
                "name": one["resource"]["name"],
                "care_provider": one["resource"]["partOf"]["identifier"]["value"],
            }
            for one in bundle_entries(self.source, "/fhir/Organization")
        }


def change_of(told: Resource) -> Change:
    """Return one line of the history: what was changed, and whose it is."""
    document, person = told["target"]
    return Change(
        patient_id=natal.person_id(person["identifier"]),
        type=TYPES[document["reference"].partition("/")[0]],
    )
