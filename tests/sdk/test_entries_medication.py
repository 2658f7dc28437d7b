"""Medications: made by the SDK, held by the contract, and found by period, chain and status."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Author, Code, Identifier, Period, Query, from_local, header
from anslut.entries import (
    Administration,
    DispensationAuthorization,
    Dosage,
    Dose,
    Drug,
    FrequencyDosage,
    InformationOwner,
    PatientInformation,
    PrescriptionReason,
    Quantity,
    ReferredInformation,
    Relation,
    TimePeriod,
    medication,
)
from anslut.errors import EntryInvalidError
from anslut.filtering import event_time, select
from anslut_contracts import schema, validation

if TYPE_CHECKING:
    from anslut import Entry

ENTERED = from_local("2023-03-04 10:12:33")
BEGUN = from_local("2023-03-05 08:00:00")
SYSTEM = "SE2321000999-K001"
SNOMED_CT_SE = "1.2.752.116.2.1.1"
TABLET = Dose.of("1", "tablett")
DAILY = Dosage.fixed("1 tablett dagligen.", dose=TABLET, times="1", per="per dag")


def own(identifier: str) -> Identifier:
    """Return an identifier of the source system's own."""
    return Identifier(root=SYSTEM, extension=identifier)


def prescription(query: Query, *, document_id: str = "lm1", **changed: Any) -> Entry:
    """Return a valid prescription."""
    about = header(
        query,
        document_id=document_id,
        author=Author(time=ENTERED),
        care_provider="SE2321000999-V001",
        care_unit="SE2321000999-A1001",
        approved=True,
    )
    fields: dict[str, Any] = {
        "prescription_id": own(document_id),
        "kind": "I",
        "status": "Active",
        "drug": Drug.product(
            atc="C08CA01",
            name="Amlodipin",
            form="tablett",
            strength="2,5",
            strength_unit="mg",
            dosage=[DAILY],
        ),
        "prescriber": Author(time=ENTERED, name="Åsa Öberg"),
        "start": BEGUN,
    }
    return medication(about, **(fields | changed))


def test_a_prescription_is_what_the_contract_allows(query: Query) -> None:
    """The schema judges the same JSON that the door sends."""
    made = prescription(query).to_json()
    told = made["body"]["medicationPrescription"]

    assert validation.errors("entry:medications", made) == []
    assert told["drug"]["drug"]["strength"] == "2.5"
    assert told["drug"]["dosage"][0]["setDosage"]["frequencyDosage"]["dose"] == {
        "low": "1",
        "high": "1",
        "unit": "tablett",
    }
    assert told["startOfTreatment"] == "2023-03-05T08:00:00+01:00"
    assert told["selfMedication"] is False


def test_everything_the_contract_has_room_for_can_be_said(query: Query) -> None:
    """A field that the constructor forgot would be lost to every region."""
    whole = prescription(
        query,
        end=from_local("2023-07-01 08:00:00"),
        end_reason=Code(original_text="Biverkning"),
        first_start=BEGUN,
        purpose="Mot högt blodtryck",
        remark="Tas på morgonen.",
        reasons=[PrescriptionReason(reason=Code.of("38341003", "hypertoni", system=SNOMED_CT_SE))],
        additional_reasons=[
            PrescriptionReason(
                reason=Code.of("46021000052104", "Annan ordinationsorsak", system=SNOMED_CT_SE),
                other_reason="Migrän",
            )
        ],
        evaluation_time=from_local("2023-06-01 09:00:00"),
        evaluator=Author(time=ENTERED),
        chain=own("k1"),
        preceding=own("lm0"),
        succeeding=own("lm2"),
        dispensation=DispensationAuthorization(
            dispensation_authorization_id=own("u1"),
            dispensation_authorizer=Author(time=ENTERED),
            prescription_signatura="1 tablett dagligen.",
            valid_until=date(2024, 3, 4),
            receiving_pharmacy=own("apotek-1"),
            minimum_dispensation_interval=Quantity(value="3", unit="månader"),
            total_amount="400",
            package_unit="tablett",
            first_dispensation_before=date(2023, 4, 4),
            non_replaceable="Patient",
        ),
        administrations=[
            Administration(
                administration_id=own("a1"),
                administration_time=TimePeriod(start=BEGUN),
                administering_healthcare_professional=Author(time=BEGUN),
                drug=Drug.free_text("Amlodipin 2,5 mg"),
            )
        ],
        relations=[
            Relation(
                code=Code(original_text="avser"),
                referred_information=[
                    ReferredInformation(
                        id=own("x1"),
                        type=Code(original_text="chb-go"),
                        information_owner=InformationOwner(id=own("v1")),
                    )
                ],
            )
        ],
        patient_information=PatientInformation(
            date_of_birth=date(1990, 1, 2), gender=Code.listed("sexes", "2")
        ),
    ).to_json()

    prescribed = whole["body"]["medicationPrescription"]
    known = schema("types/medications")["$defs"]["medicationPrescription"]["properties"]
    assert set(prescribed) == set(known)
    assert validation.errors("entry:medications", whole) == []
    assert prescribed["dispensationAuthorization"]["validUntil"] == "2024-03-04"


def test_a_drug_that_is_stopped_has_an_end_and_no_dosage(query: Query) -> None:
    """Utsättning: what the patient is not to take any more."""
    stopped = Drug.product(atc="C08CA01", name="Amlodipin")
    entry = prescription(query, kind="U", status="Inactive", start=None, end=BEGUN, drug=stopped)

    assert validation.errors("entry:medications", entry.to_json()) == []
    with pytest.raises(EntryInvalidError, match="/body/medicationPrescription/drug/dosage: falseSchema"):
        prescription(query, kind="U", status="Inactive", start=None)


@pytest.mark.parametrize(
    ("changed", "breach"),
    [
        ({"start": None}, "/body/medicationPrescription: required"),
        ({"prescriber": None}, "/body/medicationPrescription: required"),
        ({"status": "Aktiv"}, "/prescriptionStatus: enum"),
        ({"drug": Drug(comment="enligt lista")}, "/drug: oneOf"),
        ({"drug": Drug.product(name="Alvedon")}, "/drug/drug: "),
        (
            {"drug": Drug.free_text("Salva", dosage=[Dosage(dosage_instruction="Vid behov")])},
            "/dosage/0: anyOf",
        ),
        ({"drug": Drug.free_text("Salva", dosage=[Dosage.text(" ")])}, "dosageInstruction: pattern"),
    ],
)
def test_a_prescription_that_the_contract_refuses_is_not_made(
    query: Query, changed: dict[str, Any], breach: str
) -> None:
    """The author sees place and rule where the entry is made."""
    with pytest.raises(EntryInvalidError, match=breach):
        prescription(query, **changed)


def test_a_patient_may_prescribe(query: Query) -> None:
    """Self-medication (egenmedicinering) has no prescriber."""
    made = prescription(query, prescriber=None, self_medication=True).to_json()

    assert made["body"]["medicationPrescription"]["selfMedication"] is True


def test_dosages_are_made_as_sources_keep_them(query: Query) -> None:
    """As text only, fixed, or when needed with the most that may be taken."""
    most = FrequencyDosage(dose=Dose.of("8", "tablett"), frequency=Quantity(value="1", unit="per dygn"))
    dosages = [
        Dosage.text("Enligt schema."),
        Dosage.as_needed(
            "1-2 tabletter vid behov.", condition="Vid behov", dose=Dose.of("1-2", "tablett"), most=most
        ),
        Dosage.as_needed("Vid behov mot klåda.", condition="Vid behov mot klåda"),
    ]
    made = prescription(query, drug=Drug.free_text("Alvedon", dosage=dosages)).to_json()
    told = made["body"]["medicationPrescription"]["drug"]["dosage"]

    assert told[0]["setDosage"]["unstructuredDosageInformation"]["text"] == "Enligt schema."
    assert told[1]["conditionalDosage"]["singleDose"]["dose"] == {"low": "1", "high": "2", "unit": "tablett"}
    assert told[1]["maximumDosage"]["frequencyDosage"]["dose"]["high"] == "8"
    assert told[2]["conditionalDosage"]["unstructuredDosageInformation"]["text"] == "Vid behov mot klåda."


@pytest.mark.parametrize("written", ["", "en", "1-", "-1", "1-2-3"])
def test_a_dose_that_is_no_number_is_refused(written: str) -> None:
    """A dose that was guessed is worse than a text."""
    with pytest.raises(ValueError, match="a number, or two"):
        Dose.of(written, "tablett")
    assert Dose.of("0,5 - 1", "mL") == Dose(unit="mL", low="0.5", high="1")


@pytest.mark.parametrize(
    ("end", "days", "hit"),
    [
        (None, ("2023-03-03", "2023-03-03"), False),
        (None, ("2023-03-04", "2023-03-04"), True),
        (None, ("2031-01-01", "2031-01-31"), True),
        ("2023-07-01 08:00:00", ("2023-05-01", "2023-05-31"), True),
        ("2023-07-01 08:00:00", ("2023-07-02", "2023-07-31"), False),
    ],
)
def test_a_treatment_counts_for_every_day_it_goes_on(
    query: Query, end: str | None, days: tuple[str, str], *, hit: bool
) -> None:
    """From the prescriber's time to the end, and without one for ever: GetMedicationHistory's rule."""
    entry = prescription(query, end=from_local(end) if end else None).to_json()
    period = Period(start=date.fromisoformat(days[0]), end=date.fromisoformat(days[1]))

    assert select(replace(query, type="medications", period=period), [entry]) == ([entry] if hit else [])


def test_a_prescription_is_found_by_its_chain_and_its_status(query: Query) -> None:
    """The type's own filters, combined with AND; an entry without the field is no hit."""
    entries = [
        prescription(query, document_id="lm1", chain=own("k1")).to_json(),
        prescription(query, document_id="lm2", chain=own("k1"), status="Inactive").to_json(),
        prescription(query, document_id="lm3", chain=own("k2")).to_json(),
        prescription(query, document_id="lm4").to_json(),
    ]

    def found(**filters: Any) -> list[str]:
        asked = replace(query, type="medications", own_filters=filters)
        return [entry["header"]["documentId"] for entry in select(asked, entries)]

    chain = {"root": SYSTEM, "extension": "k1"}
    assert found(prescriptionStatus="Active") == ["lm1", "lm3", "lm4"]
    assert found(prescriptionChainId=chain) == ["lm1", "lm2"]
    assert found(prescriptionChainId=chain, prescriptionStatus="Inactive") == ["lm2"]
    assert found(prescriptionChainId={"root": SYSTEM}) == []


def test_a_prescription_happens_when_it_is_prescribed(query: Query) -> None:
    """Its place among the newest does not move when the treatment ends."""
    ended = prescription(query, end=from_local("2023-07-01 08:00:00")).to_json()

    assert event_time("medications", ended) == int(ENTERED.timestamp())
