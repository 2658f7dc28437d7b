"""A connector without a source: it makes its entries of nothing, as a real one makes them of an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from anslut import Author, Code, OrgUnit, RecordConnector, Signature, diagnosis, header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry, Query

ROWS = 4
HSA_ID, NAME = "SE2321000999-P123", "Åsa Öberg"
FIRST = datetime(2023, 3, 4, 9, 12, 33, tzinfo=UTC)


class StubConnector(RecordConnector):
    """Answers the same diagnoses about everybody."""

    product = "Stub"
    vendor = "Anslut"
    version = "1"
    system = "kosmos"
    rows = ROWS

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield nothing."""
        del query
        return iter(())

    def read_diagnoses(self, query: Query) -> Iterator[Entry]:
        """Yield the rows, each made and checked anew for this query."""
        for number in range(self.rows):
            time = FIRST + timedelta(days=number)
            role = Code.of("201011", "Distriktsläkare/Specialist allmänmedicin", system="1.2.752.129.2.2.1.4")
            unit = OrgUnit(hsa_id="SE2321000999-A1001", name="Vårdcentralen Fjällgläntan")
            yield diagnosis(
                header(
                    query,
                    document_id=f"D-{number:06d}",
                    author=Author(time=time, role=role, org_unit=unit, hsa_id=HSA_ID, name=NAME),
                    signature=Signature(time=time + timedelta(hours=2), hsa_id=HSA_ID, name=NAME),
                    care_provider="SE2321000999-V0001",
                    care_unit="SE2321000999-A1001",
                    care_contact_id="VK2023-0042",
                    approved=True,
                ),
                kind="Huvuddiagnos",
                code=Code.icd10("I10.9", "Essentiell hypertoni (högt blodtryck utan känd orsak)"),
                time=time,
            )

    read_laboratory_results = read_care_documentation
    read_referral_status = read_care_documentation
    read_care_contacts = read_care_documentation
    read_medications = read_care_documentation


class ReadyConnector(StubConnector):
    """The same, with the entries made once for the first person asked for: what is left is the door's own work."""

    def read_diagnoses(self, query: Query) -> Iterator[Entry]:
        """Yield the entries that were made for the first query."""
        if not hasattr(self, "_ready"):
            self._ready = list(super().read_diagnoses(query))
        return iter(self._ready)


class TenConnector(StubConnector):
    """The same with ten entries."""

    rows = 10


class ReadyTenConnector(ReadyConnector):
    """Ten entries, ready."""

    rows = 10
