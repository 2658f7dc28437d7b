"""Natal's own words: code systems, local codes, keywords, and the organisations of a region."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.country import Region
    from anslut_simulators.truth import Reason

_BASE: Final = "https://natal.example/fhir"
FIELD: Final = f"{_BASE}/CodeSystem/falt"
SHEET: Final = f"{_BASE}/CodeSystem/journalblad"
ACT: Final = f"{_BASE}/CodeSystem/handelse"
EXEMPT: Final = f"{_BASE}/CodeSystem/undantag-fran-e-tjanster"
CHANGE_NUMBER: Final = f"{_BASE}/NamingSystem/andringsnummer"
HSA_ID: Final = "urn:oid:1.2.752.129.2.1.4.1"
UCUM: Final = "http://unitsofmeasure.org"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
KVA: Final = "urn:oid:1.2.752.116.1.3.2.1.4"
ICD_10_SE: Final = "urn:oid:1.2.752.116.1.1.1.1.3"


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """Return the data file of words."""
    found: dict[str, Any] = msgspec.json.decode(
        resources.files(__package__).joinpath("words.json").read_bytes()
    )
    return found


@lru_cache(maxsize=1)
def keywords() -> Mapping[Reason, str]:
    """Return the heading under which Natal's users write what the resident must not see, by reason."""
    found: dict[Reason, str] = words()["keywords"]
    return found


@lru_cache(maxsize=128)
def field_code(name: str) -> dict[str, Any]:
    """Return the local code of a field as a CodeableConcept; callers must not change it."""
    return {"coding": [{"system": FIELD, "code": name, "display": words()["names"][name]}]}


@lru_cache(maxsize=16)
def sheet_code(name: str) -> dict[str, Any]:
    """Return the code of a sheet of the record as a CodeableConcept; callers must not change it."""
    code, display = words()["sheets"][name]
    return {"coding": [{"system": SHEET, "code": code, "display": display}], "text": display}


def organisations(region: Region) -> dict[str, dict[str, Any]]:
    """Return *region*'s units as Organization resources, by HSA-id; their ids are Natal's own."""
    return {
        unit.hsa_id: {
            "resourceType": "Organization",
            "id": f"ENH{place + 100}",
            "active": True,
            "identifier": [{"system": HSA_ID, "value": unit.hsa_id}],
            "name": unit.sv,
            "partOf": {
                "type": "Organization",
                "identifier": {"system": HSA_ID, "value": unit.care_provider},
            },
        }
        for place, unit in enumerate(region.units, start=1)
    }
