"""A vaccination holds against the contract, or does not exist."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anslut import (
    Actor,
    Author,
    Code,
    Identifier,
    OrgUnit,
    Period,
    Quantity,
    Query,
    Signature,
    VaccinationConnector,
    VaccinationRegistration,
    Vaccine,
    VaccineDose,
    from_local,
    header,
    vaccination,
)
from anslut.entries import PatientInformation
from anslut.errors import EntryInvalidError
from anslut.filtering import event_time, select
from anslut_contracts import validation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut import Caller, Entry, Settings

ATC = "1.2.752.129.2.2.3.1.1"
ENTERED = from_local("2023-09-15 08:00:00")
REGISTRATION = VaccinationRegistration(
    date=date(2023, 9, 14),
    care_giver_org=OrgUnit(name="Region Fjällmark"),
    source_system_name="Vaxreg",
    source_system_contact=Actor(person_telecom="010-000 00 40"),
)
MMR = Vaccine(
    type_of_vaccine=Code.of("J07BD52", "Vaccin mot mässling, påssjuka och röda hund", system=ATC),
    vaccine_batch_id="A69CE541A",
    dose=VaccineDose(display_name="0,5 mL", quantity=Quantity(value="0.5", unit="mL")),
    dose_ordinal_number=1,
    number_of_prescribed_doses=2,
    is_dose_complete=False,
    performer=Actor(person_name="Malin Sjögren"),
    vaccination_unique_reference=Identifier(root="SE2321000999-X001", extension="1"),
)


def made(query: Query, *, about: dict[str, Any] | None = None, **changed: Any) -> Entry:
    """Return a valid vaccination, but for what is changed."""
    fields: dict[str, Any] = {"registration": REGISTRATION, "vaccines": [MMR]}
    entry_header = header(
        query,
        **{
            "document_id": "v1",
            "author": Author(time=ENTERED, name="Malin Sjögren"),
            "care_provider": "SE2321000999-V001",
            "care_unit": "SE2321000999-A1001",
            "approved": True,
            "nullified": False,
            **(about or {}),
        },
    )
    return vaccination(entry_header, **(fields | changed))


def test_a_vaccination_is_what_the_contract_allows(query: Query) -> None:
    """The schema judges the same JSON that the door sends."""
    entry = made(
        query,
        about={"signature": Signature(time=ENTERED), "document_time": ENTERED},
        patient=PatientInformation(date_of_birth=date(2022, 3, 1)),
    )

    assert validation.errors("entry:vaccinations", entry.to_json()) == []
    assert entry.to_json()["body"]["registrationRecord"]["date"] == "2023-09-14"
    assert entry.to_json()["body"]["administrationRecord"][0]["dose"] == {
        "displayName": "0,5 mL",
        "quantity": {"value": "0.5", "unit": "mL"},
    }


def test_a_note_alone_is_a_vaccination_too(query: Query) -> None:
    """Old vaccination cards are known in words only."""
    noted = VaccinationRegistration(
        date=date(1998, 10, 12),
        care_giver_org=OrgUnit(name="Region Fjällmark"),
        source_system_name="Vaxreg",
        source_system_contact=Actor(person_name="Förvaltningen"),
        vaccination_unstructured_note="TBE dos 1 enligt kort.",
    )

    assert "administrationRecord" not in made(query, registration=noted, vaccines=()).to_json()["body"]


@pytest.mark.parametrize(
    ("about", "changed", "message"),
    [
        ({"nullified": None}, {}, "/header: required"),
        ({"nullified_reason": "Fel person."}, {}, "/header/nullifiedReason: falseSchema"),
        ({}, {"vaccines": ()}, "/body: anyOf"),
        (
            {},
            {"vaccines": [Vaccine(dose_ordinal_number=3, number_of_prescribed_doses=2)]},
            "/body/administrationRecord/0: dose-numbers-agree",
        ),
        ({}, {"vaccines": [Vaccine()]}, "/body/administrationRecord/0: minProperties"),
    ],
)
def test_what_the_contract_refuses_is_refused_where_it_is_made(
    query: Query, about: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    """The author sees place and rule at once."""
    with pytest.raises(EntryInvalidError, match=message):
        made(query, about=about, **changed)


@pytest.fixture
def server_in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process believe that it runs in New York."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("server_in_new_york")
def test_a_vaccination_happened_on_its_day_in_stockholm(query: Query) -> None:
    """What was registered afterwards sorts by when it was given, wherever the server stands."""
    entry = made(query).to_json()

    assert event_time("vaccinations", entry) == from_local("2023-09-14 00:00:00").timestamp()


def test_a_period_counts_the_day_of_the_vaccination(query: Query) -> None:
    """The day counts beside when it was entered; a period that touches neither lets nothing through."""
    entry = made(query).to_json()
    asked = replace(query, type="vaccinations")

    def hits(first: date, last: date) -> int:
        return len(select(replace(asked, period=Period(start=first, end=last)), [entry]))

    assert hits(date(2023, 9, 14), date(2023, 9, 14)) == 1
    assert hits(date(2023, 9, 15), date(2023, 9, 15)) == 1
    assert hits(date(2023, 9, 1), date(2023, 9, 13)) == 0


def test_a_connector_answers_with_nullified_ones_too(
    settings: Settings, caller: Caller, query: Query
) -> None:
    """Whoever has read about the vaccination must get to know that it was declared void."""

    class Mine(VaccinationConnector):
        product, vendor, version, system = "P", "V", "1", "vaxreg"

        def read_vaccinations(self, query: Query) -> Iterable[Entry]:
            yield made(query)
            yield made(
                query, about={"document_id": "v2", "nullified": True, "nullified_reason": "Fel person."}
            )

    answer = Mine(settings).search("vaccinations", {"patientId": query.patient_id.to_json()}, caller=caller)

    assert {entry["header"]["documentId"]: entry["header"]["nullified"] for entry in answer["entries"]} == {
        "v1": False,
        "v2": True,
    }
