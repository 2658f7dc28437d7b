"""Entries: what a `read_*` method hands over, frozen and checked against the contract where they are made."""

from anslut.entries.care_contact import (
    AdditionalPatientInformation,
    PartialDate,
    TimePeriod,
    care_contact,
)
from anslut.entries.diagnosis import diagnosis
from anslut.entries.entry import Entry
from anslut.entries.header import Author, Header, OrgUnit, Signature, header
from anslut.entries.laboratory import (
    Analysis,
    AnalysisGroup,
    Countersignature,
    Interval,
    LaboratoryUnit,
    Quantity,
    Reference,
    Referral,
    Result,
    Specimen,
    Value,
    decimal,
    laboratory_result,
)
from anslut.entries.note import DissentingOpinion, Multimedia, note
from anslut.entries.parts import Code, Identifier
from anslut.entries.vaccination import (
    Actor,
    PatientInformation,
    VaccinationRegistration,
    Vaccine,
    VaccineDose,
    vaccination,
)

__all__ = [
    "Actor",
    "AdditionalPatientInformation",
    "Analysis",
    "AnalysisGroup",
    "Author",
    "Code",
    "Countersignature",
    "DissentingOpinion",
    "Entry",
    "Header",
    "Identifier",
    "Interval",
    "LaboratoryUnit",
    "Multimedia",
    "OrgUnit",
    "PartialDate",
    "PatientInformation",
    "Quantity",
    "Reference",
    "Referral",
    "Result",
    "Signature",
    "Specimen",
    "TimePeriod",
    "VaccinationRegistration",
    "Vaccine",
    "VaccineDose",
    "Value",
    "care_contact",
    "decimal",
    "diagnosis",
    "header",
    "laboratory_result",
    "note",
    "vaccination",
]
