"""A connector for Vaxreg, a vaccination register that speaks SOAP: copy it, and change what yours does differently.

This module says what is fetched and what is delivered; `vaxreg_mapping` says what Vaxreg's words mean. What is
begun and not entered ends here. What is nullified does not: of all the contracts this one alone has a field that
says so, and a dose that was taken back without a word would look as if it had never been shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from anslut import Change, Changes, VaccinationConnector, exclusion_of, header, normalise, vaccination
from anslut.errors import SourceDataError
from anslut.source.soap import SignIn, SoapClient

from anslut_examples import vaxreg_mapping as vaxreg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry, Header, Query, Settings
    from anslut.source.xml import XmlNode

NAMESPACE = "urn:vaxreg:tjanster:7"
SIGN_IN = SignIn(
    path="/tjanster/inloggning",
    operation="LoggaIn",
    user="anvandare",
    password="losenord",  # noqa: S106 - a field's name
    key="sessionsnyckel",
    seconds="giltigSekunder",
)
UNKNOWN_PERSON = "1"
NULLIFIED, BEGUN = "M", "P"
MOST_PAGES = 1_000


class VaxregConnector(VaccinationConnector):
    """Answers 1177 Journalen out of Vaxreg."""

    product = "Vaxreg-anslutningen"
    vendor = "Anslut, exempel"
    version = "1.0"
    system = "vaxreg"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.source = SoapClient.from_settings(settings, namespace=NAMESPACE, sign_in=SIGN_IN)
        self.catalogue = vaxreg.VaxregCatalogue(self.source)

    def check_source(self) -> None:
        """Fetch the catalogue: that takes the right address, the right credentials and a live Vaxreg."""
        self.catalogue.load()

    def read_vaccinations(self, query: Query) -> Iterator[Entry]:
        """Yield each registration with all its doses, nullified ones too; no two are ever merged."""
        for row in self.rows(query):
            unit = self.catalogue.row("enhet", row.value("enhet"))
            why = exclusion_of(self.profile, self.system, unit=unit["hsaid"])
            if why is None or why.is_delivered:
                yield vaccination(
                    self.header(query, row, approved=why is None),
                    registration=vaxreg.registration(row, unit, self.catalogue),
                    vaccines=[
                        vaxreg.vaccine(row, dose, source=query.source_system_id, catalogue=self.catalogue)
                        for dose in row.all("dos")
                    ],
                )

    def read_changes(self, position: str | None) -> Changes:
        """Return what happened after *position*, which is Vaxreg's own running number."""
        answer = self.changes_after(position or "0")
        if int(position or 0) > (
            answer.whole("senaste") or 0
        ):  # Vaxreg was restored, and numbers from 1 again
            answer = self.changes_after("0")
        latest = answer.whole("senaste") or 0
        rows = list(answer.all("handelse"))
        reached = max((row.number("lopnr") or 0 for row in rows), default=None)
        today = self.source.today()
        return Changes(
            items=tuple(
                Change(patient_id=normalise(row.value("personnummer"), today=today), type="vaccinations")
                for row in rows
            ),
            position=position if reached is None else str(reached),
            has_more=reached is not None and reached < latest,
        )

    def changes_after(self, number: str) -> XmlNode:
        """Return a helping of Vaxreg's change feed."""
        return vaxreg.succeeded(self.source.call("/tjanster/handelser", "HamtaHandelser", efter=number))

    def rows(self, query: Query) -> Iterator[XmlNode]:
        """Yield the registrations that Vaxreg stands by, kept under any of the person's numbers."""
        asked = vaxreg.number(query.patient_id)
        linked: list[str] = []
        yield from self.rows_under(query, asked, linked)
        if self.profile.deliver_linked_identities:
            for other in linked:
                yield from self.rows_under(query, other, [])

    def rows_under(self, query: Query, number: str, linked: list[str]) -> Iterator[XmlNode]:
        """Yield the registrations under exactly *number*, page by page; put the person's other numbers in *linked*."""
        first = 0
        for _ in range(MOST_PAGES):
            answer = self.source.call(
                "/tjanster/vaccinationer", "SokVaccinationer", personnummer=number, franLopnr=first
            )
            status = answer.first("svar")
            if status is not None and status.value("kod") == UNKNOWN_PERSON:
                return  # Vaxreg answers, and does not know the person: that is an empty record
            vaxreg.succeeded(answer)
            if not first:
                linked += [one.text for one in answer.all("kopplat")]
            for row in answer.all("registrering"):
                query.refuse_foreign(row.value("personnummer"), among=[number])
                if (row.number("lopnr") or 0) < first:
                    raise row.error("a page that was given before")
                if row["status"] != BEGUN:
                    yield row
            following = answer.whole("nastaLopnr")
            if following is None:
                return
            if following <= first:
                raise answer.error("pages that go round in circles")
            first = following
        raise SourceDataError("the source's list has no end", source=query.source_system_id)

    def header(self, query: Query, row: XmlNode, *, approved: bool) -> Header:
        """Return the header; the reason goes with a nullified registration and with no other."""
        unit = self.catalogue.row("enhet", row.value("enhet"))
        nullified = row["status"] == NULLIFIED
        act = vaxreg.last_act(row, "makulerad") if nullified else None
        return header(
            query,
            document_id=row["id"],
            document_time=vaxreg.moment(row),
            author=vaxreg.author(row, unit, self.catalogue),
            signature=vaxreg.signature(row),
            care_provider=unit["vardgivare"],
            care_unit=unit["hsaid"],
            approved=approved,
            nullified=nullified,
            nullified_reason=act.get("orsak") if act is not None else None,
        )
