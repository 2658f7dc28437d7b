"""A maternity record holds against the contract, or does not exist."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from anslut import (
    AfterDelivery,
    Author,
    ChildAfterDelivery,
    EarlierPregnancy,
    Entry,
    MaternityCheckup,
    MaternityEnrolment,
    MaternityMedicine,
    MotherAfterDelivery,
    OrgUnit,
    Quantity,
    Query,
    Signature,
    from_local,
    header,
    maternity_record,
)
from anslut.errors import EntryInvalidError
from anslut_contracts import schema, validation

SEEN = from_local("2023-06-28 13:00:00")
AUTHOR = Author(
    time=SEEN, hsa_id="SE2321000999-P220", org_unit=OrgUnit(hsa_id="SE2321000999-A1201", name="Mottagningen")
)
CHECKUP = MaternityCheckup(
    complete_weeks_of_gestation=28,
    proteinuria=Quantity(value="0.0", unit="g/L"),
    fetal_position=[0, 1],
    fetal_heart_rate=[Quantity(value="144", unit="slag/min"), Quantity(value="150", unit="slag/min")],
)
ENROLMENT = MaternityEnrolment(
    last_menstrual_period=date(2022, 12, 12),
    infertility="1.5",
    diseases_endocrine_diseases=True,
    medication_during_pregnancy=[MaternityMedicine(medicament="Levaxin", dosage="75 mikrogram dagligen")],
    previous_gravidity_and_parity=[EarlierPregnancy(year=2020, month=5, delivery=5, gestation=40)],
)
AFTER = AfterDelivery(
    mother_post_delivery_record=MotherAfterDelivery(scars_ok=True, vulva_vagina_portio_ok=True),
    child_post_delivery_record=[
        ChildAfterDelivery(ordinal_number=1, apgar_score5=9),
        ChildAfterDelivery(ordinal_number=2, apgar_score5=10),
    ],
)


def made(query: Query, record: Any, **about: Any) -> Entry:
    """Return a maternity record of *record*, its header changed as told."""
    fields: dict[str, Any] = {
        "document_id": "m1",
        "author": AUTHOR,
        "care_provider": "SE2321000999-V001",
        "care_unit": "SE2321000999-A1201",
        "document_time": SEEN,
        "approved": True,
        "signature": Signature(time=SEEN, hsa_id="SE2321000999-P220"),
    }
    return maternity_record(header(query, **(fields | about)), record=record)


@pytest.mark.parametrize("record", [ENROLMENT, CHECKUP, AFTER], ids=lambda record: type(record).__name__)
def test_each_kind_of_record_is_what_the_contract_allows(query: Query, record: Any) -> None:
    """The schema judges the same JSON that the door sends, and there is one of the three."""
    entry = made(query, record).to_json()

    assert validation.errors("entry:maternity-records", entry) == []
    assert len(entry["body"]) == 1


def test_what_the_national_contract_misspells_is_misspelt_only_there(query: Query) -> None:
    """The author writes the words right; the consumer gets them as it knows them."""
    body = made(query, ENROLMENT).to_json()["body"]["registrationRecord"]

    assert body["diseasesEndocineDiseases"] is True
    assert body["medicationDuringPregnacy"][0]["medicament"] == "Levaxin"


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (MaternityEnrolment, "registrationRecord"),
        (EarlierPregnancy, "previousGravidityAndParity"),
        (MaternityCheckup, "pregnancyCheckupRecord"),
        (MotherAfterDelivery, "motherPostDeliveryRecord"),
        (ChildAfterDelivery, "childPostDeliveryRecord"),
        (MaternityMedicine, "medication"),
    ],
)
def test_every_field_of_the_contract_can_be_given(part: type, place: str) -> None:
    """Over fifty fields: one that is misspelt in the part could never be sent."""
    names = {field.encode_name for field in msgspec.structs.fields(part)}

    assert names == set(schema("types/maternity-records")["$defs"][place]["properties"])


@pytest.mark.parametrize(
    ("record", "about", "message"),
    [
        (CHECKUP, {"document_time": None}, "/header: required"),
        (CHECKUP, {"author": Author(time=SEEN)}, "/header/author: required"),
        (CHECKUP, {"signature": Signature(time=SEEN, name="Lena")}, "/header/signature/name: falseSchema"),
        (CHECKUP, {"nullified": False}, "/header/nullified: falseSchema"),
        (MaternityCheckup(), {}, "/body/pregnancyCheckupRecord: minProperties"),
        (MaternityCheckup(proteinuria=Quantity(value="1", unit="+")), {}, "proteinuria/unit: enum"),
        (
            msgspec.structs.replace(
                AFTER,
                mother_post_delivery_record=MotherAfterDelivery(uterus_contracted=True, uterus_note="Mjuk."),
            ),
            {},
            "uterusNote: falseSchema",
        ),
        (
            msgspec.structs.replace(AFTER, child_post_delivery_record=AFTER.child_post_delivery_record[::-1]),
            {},
            "childPostDeliveryRecord: children-in-order",
        ),
    ],
)
def test_what_the_contract_refuses_is_refused_where_it_is_made(
    query: Query, record: Any, about: dict[str, Any], message: str
) -> None:
    """The author sees place and rule at once."""
    with pytest.raises(EntryInvalidError, match=message):
        made(query, record, **about)
