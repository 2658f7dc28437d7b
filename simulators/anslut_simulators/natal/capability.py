"""What Natal says that it can: a CapabilityStatement, and where to get a token."""

from __future__ import annotations

from typing import Any, Final

from anslut_simulators.natal.login import SCOPE

_SEARCHED: Final = ("Composition", "Condition", "Encounter", "EpisodeOfCare", "Observation", "Procedure")
_PARAMETERS: Final = (("patient", "reference"), ("subject", "reference"), ("_lastUpdated", "date"))


def statement(updated: str) -> dict[str, Any]:
    """Return the CapabilityStatement."""
    resources: list[dict[str, Any]] = [
        {
            "type": kind,
            "interaction": [{"code": "search-type"}],
            "searchParam": [{"name": name, "type": type_} for name, type_ in _PARAMETERS],
            "searchRevInclude": ["Provenance:target"],
        }
        for kind in _SEARCHED
    ]
    resources.append(
        {
            "type": "Patient",
            "documentation": "Sökning på identifier endast med POST: ett personnummer står aldrig i en adress.",
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": "identifier", "type": "token"}],
            "operation": [
                {
                    "name": "everything",
                    "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
                }
            ],
        }
    )
    resources.append({"type": "Organization", "interaction": [{"code": "read"}, {"code": "search-type"}]})
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": updated,
        "kind": "instance",
        "implementation": {"description": "Natal, påhittad mödravårds- och förlossningsjournal"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                    "code": "SMART-on-FHIR",
                                }
                            ]
                        }
                    ]
                },
                "resource": resources,
                "interaction": [{"code": "history-system"}],
            }
        ],
    }


def smart_configuration(token_url: str) -> dict[str, Any]:
    """Return where and how a token is got."""
    return {
        "token_endpoint": token_url,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": [SCOPE],
        "capabilities": ["permission-v1"],
    }
