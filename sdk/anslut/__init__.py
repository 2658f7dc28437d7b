"""Build a connector for 1177 Journalen: subclass your kind of connector and write its `read_*` methods."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anslut_contracts.identity import PersonId, is_reserve, normalise
    from anslut_contracts.profile import RegionProfile
    from anslut_contracts.time_form import from_local

    from anslut.changes import Change, Changes
    from anslut.connector import Connector
    from anslut.connectors.maternity import MaternityConnector
    from anslut.connectors.phone import PhoneAdviceConnector
    from anslut.connectors.record import RecordConnector
    from anslut.connectors.school_health import SchoolHealthConnector
    from anslut.connectors.vaccination import VaccinationConnector
    from anslut.entries import (
        Actor,
        AfterDelivery,
        Analysis,
        AnalysisGroup,
        Author,
        ChildAfterDelivery,
        Code,
        Countersignature,
        Dosage,
        Dose,
        Drug,
        EarlierPregnancy,
        Entry,
        GrowthPatient,
        Header,
        Identifier,
        LaboratoryUnit,
        MaternityCheckup,
        MaternityEnrolment,
        MaternityMedicine,
        MotherAfterDelivery,
        Organization,
        OrgUnit,
        Quantity,
        Reference,
        Referral,
        Referrer,
        Result,
        Signature,
        Specimen,
        VaccinationRegistration,
        Vaccine,
        VaccineDose,
        Value,
        care_contact,
        diagnosis,
        growth_observation,
        header,
        laboratory_result,
        maternity_record,
        medication,
        note,
        referral_status,
        vaccination,
    )
    from anslut.errors import AnslutError
    from anslut.keywords import Keyword, KeywordNote, exclusion_of, split_excluded
    from anslut.logs import get_logger
    from anslut.lookup import Lookup
    from anslut.query import Caller, Period, Query
    from anslut.settings import Settings
    from anslut.source import ClientCredentials, SourceClient, SourceReply

_HOMES = {
    "Actor": "anslut.entries",
    "AfterDelivery": "anslut.entries",
    "Analysis": "anslut.entries",
    "AnalysisGroup": "anslut.entries",
    "AnslutError": "anslut.errors",
    "Author": "anslut.entries",
    "Caller": "anslut.query",
    "Change": "anslut.changes",
    "Changes": "anslut.changes",
    "ChildAfterDelivery": "anslut.entries",
    "ClientCredentials": "anslut.source",
    "Code": "anslut.entries",
    "Connector": "anslut.connector",
    "Countersignature": "anslut.entries",
    "Dosage": "anslut.entries",
    "Dose": "anslut.entries",
    "Drug": "anslut.entries",
    "EarlierPregnancy": "anslut.entries",
    "Entry": "anslut.entries",
    "GrowthPatient": "anslut.entries",
    "Header": "anslut.entries",
    "Identifier": "anslut.entries",
    "Keyword": "anslut.keywords",
    "KeywordNote": "anslut.keywords",
    "LaboratoryUnit": "anslut.entries",
    "Lookup": "anslut.lookup",
    "MaternityCheckup": "anslut.entries",
    "MaternityConnector": "anslut.connectors.maternity",
    "MaternityEnrolment": "anslut.entries",
    "MaternityMedicine": "anslut.entries",
    "MotherAfterDelivery": "anslut.entries",
    "OrgUnit": "anslut.entries",
    "Organization": "anslut.entries",
    "Period": "anslut.query",
    "PersonId": "anslut_contracts.identity",
    "PhoneAdviceConnector": "anslut.connectors.phone",
    "Quantity": "anslut.entries",
    "Query": "anslut.query",
    "RecordConnector": "anslut.connectors.record",
    "Reference": "anslut.entries",
    "Referral": "anslut.entries",
    "Referrer": "anslut.entries",
    "RegionProfile": "anslut_contracts.profile",
    "Result": "anslut.entries",
    "SchoolHealthConnector": "anslut.connectors.school_health",
    "Settings": "anslut.settings",
    "Signature": "anslut.entries",
    "SourceClient": "anslut.source",
    "SourceReply": "anslut.source",
    "Specimen": "anslut.entries",
    "VaccinationConnector": "anslut.connectors.vaccination",
    "VaccinationRegistration": "anslut.entries",
    "Vaccine": "anslut.entries",
    "VaccineDose": "anslut.entries",
    "Value": "anslut.entries",
    "care_contact": "anslut.entries",
    "diagnosis": "anslut.entries",
    "exclusion_of": "anslut.keywords",
    "from_local": "anslut_contracts.time_form",
    "get_logger": "anslut.logs",
    "growth_observation": "anslut.entries",
    "header": "anslut.entries",
    "is_reserve": "anslut_contracts.identity",
    "laboratory_result": "anslut.entries",
    "maternity_record": "anslut.entries",
    "medication": "anslut.entries",
    "normalise": "anslut_contracts.identity",
    "note": "anslut.entries",
    "referral_status": "anslut.entries",
    "split_excluded": "anslut.keywords",
    "vaccination": "anslut.entries",
}

__all__ = [
    "Actor",
    "AfterDelivery",
    "Analysis",
    "AnalysisGroup",
    "AnslutError",
    "Author",
    "Caller",
    "Change",
    "Changes",
    "ChildAfterDelivery",
    "ClientCredentials",
    "Code",
    "Connector",
    "Countersignature",
    "Dosage",
    "Dose",
    "Drug",
    "EarlierPregnancy",
    "Entry",
    "GrowthPatient",
    "Header",
    "Identifier",
    "Keyword",
    "KeywordNote",
    "LaboratoryUnit",
    "Lookup",
    "MaternityCheckup",
    "MaternityConnector",
    "MaternityEnrolment",
    "MaternityMedicine",
    "MotherAfterDelivery",
    "OrgUnit",
    "Organization",
    "Period",
    "PersonId",
    "PhoneAdviceConnector",
    "Quantity",
    "Query",
    "RecordConnector",
    "Reference",
    "Referral",
    "Referrer",
    "RegionProfile",
    "Result",
    "SchoolHealthConnector",
    "Settings",
    "Signature",
    "SourceClient",
    "SourceReply",
    "Specimen",
    "VaccinationConnector",
    "VaccinationRegistration",
    "Vaccine",
    "VaccineDose",
    "Value",
    "care_contact",
    "diagnosis",
    "exclusion_of",
    "from_local",
    "get_logger",
    "growth_observation",
    "header",
    "is_reserve",
    "laboratory_result",
    "maternity_record",
    "medication",
    "normalise",
    "note",
    "referral_status",
    "split_excluded",
    "vaccination",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `anslut --help` should not wait for it."""
    if name not in _HOMES:
        raise AttributeError(f"anslut has no {name}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
