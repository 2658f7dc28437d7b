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

_ENTRIES = "anslut.entries"
_HOMES = {  # of what is no part of an entry
    "AnslutError": "anslut.errors",
    "Caller": "anslut.query",
    "Change": "anslut.changes",
    "Changes": "anslut.changes",
    "ClientCredentials": "anslut.source",
    "Connector": "anslut.connector",
    "Keyword": "anslut.keywords",
    "KeywordNote": "anslut.keywords",
    "Lookup": "anslut.lookup",
    "MaternityConnector": "anslut.connectors.maternity",
    "Period": "anslut.query",
    "PersonId": "anslut_contracts.identity",
    "PhoneAdviceConnector": "anslut.connectors.phone",
    "Query": "anslut.query",
    "RecordConnector": "anslut.connectors.record",
    "RegionProfile": "anslut_contracts.profile",
    "SchoolHealthConnector": "anslut.connectors.school_health",
    "Settings": "anslut.settings",
    "SourceClient": "anslut.source",
    "SourceReply": "anslut.source",
    "VaccinationConnector": "anslut.connectors.vaccination",
    "exclusion_of": "anslut.keywords",
    "from_local": "anslut_contracts.time_form",
    "get_logger": "anslut.logs",
    "is_reserve": "anslut_contracts.identity",
    "normalise": "anslut_contracts.identity",
    "split_excluded": "anslut.keywords",
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
    if name not in __all__:
        raise AttributeError(f"anslut has no {name}")
    value = getattr(import_module(_HOMES.get(name, _ENTRIES)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
