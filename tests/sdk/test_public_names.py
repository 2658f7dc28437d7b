"""The names an author imports are a promise."""

from __future__ import annotations

import anslut

PROMISED = {
    "Actor", "AfterDelivery", "Analysis", "AnalysisGroup", "AnslutError", "Author", "Caller", "Change",
    "Changes", "ChildAfterDelivery", "ClientCredentials", "Code", "Connector", "Countersignature",
    "Dosage", "Dose", "Drug", "EarlierPregnancy", "Entry", "GrowthPatient", "Header", "Identifier",
    "Keyword", "KeywordNote", "LaboratoryUnit", "Lookup", "MaternityCheckup", "MaternityConnector",
    "MaternityEnrolment", "MaternityMedicine", "MotherAfterDelivery", "OrgUnit", "Organization",
    "Period", "PersonId", "PhoneAdviceConnector", "Quantity", "Query", "RecordConnector", "Reference",
    "Referral", "Referrer", "RegionProfile", "Result", "SchoolHealthConnector", "Settings", "Signature",
    "SourceClient", "SourceReply", "Specimen", "VaccinationConnector", "VaccinationRegistration",
    "Vaccine", "VaccineDose", "Value", "care_contact", "diagnosis", "exclusion_of", "from_local",
    "get_logger", "growth_observation", "header", "is_reserve", "laboratory_result", "maternity_record",
    "medication", "normalise", "note", "referral_status", "split_excluded", "vaccination",
}  # fmt: skip


def test_the_public_names_are_the_promised_ones() -> None:
    """Adding one is a decision, taking one away a breaking change."""
    assert set(anslut.__all__) == PROMISED


def test_every_public_name_leads_somewhere() -> None:
    """The names are looked up when first used, so a wrong home would show only then."""
    assert all(getattr(anslut, name) is not None for name in anslut.__all__)
    assert dir(anslut) == anslut.__all__
