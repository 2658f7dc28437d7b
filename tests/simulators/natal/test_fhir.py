"""What Natal answers is FHIR R4, by a judge that is not ours: fhircraft, with HL7's own definitions and invariants."""

from __future__ import annotations

import importlib
import re
import warnings
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from natal_caller import Natal

pytestmark = pytest.mark.slow

MODELS = "fhircraft.fhir.resources.datatypes.R4.core"
MOTHERS = [name for name in default_population().personas() if name.startswith("natal-")]

#: Required bindings of the elements we write: FHIR R4, which the judge leaves to a terminology server.
BOUND = {
    ("Observation", "status"): {"registered", "preliminary", "final", "amended", "entered-in-error"},
    ("Composition", "status"): {"preliminary", "final", "amended", "entered-in-error"},
    ("Encounter", "status"): {"planned", "in-progress", "finished", "cancelled", "entered-in-error"},
    ("EpisodeOfCare", "status"): {"planned", "active", "onhold", "finished", "cancelled", "entered-in-error"},
    ("Procedure", "status"): {"preparation", "in-progress", "completed", "entered-in-error"},
}


@pytest.fixture(name="judge", scope="module")
def independent_judge() -> Any:
    """Return a function that raises for anything that is no resource of FHIR R4."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(f"{MODELS}.bundle")

    def judge(resource: dict[str, Any]) -> None:
        kind = resource["resourceType"]
        module = importlib.import_module(f"{MODELS}.{re.sub(r'(?<!^)(?=[A-Z])', '_', kind).lower()}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a resource without narrative is allowed, and warned of
            getattr(module, kind).model_validate(resource)
        for (bound, name), codes in BOUND.items():
            assert kind != bound or resource[name] in codes

    return judge


def test_every_persona_is_good_fhir(natal: Natal, judge: Any) -> None:
    """Drafts, removed entries, exempt ones, twins and reserve numbers too."""
    kinds = set()
    for name in MOTHERS:
        persona = default_population().personas()[name]
        if name == "natal-manga":
            continue
        for resource in natal.everything(persona.identity):
            kinds.add(resource["resourceType"])
            judge(resource)

    assert kinds == {
        "Composition", "Condition", "Encounter", "EpisodeOfCare", "Observation", "Patient", "Procedure", "Provenance",
    }  # fmt: skip


def test_generated_charts_are_good_fhir(natal: Natal, judge: Any) -> None:
    """A sample of mothers of both strata, and of children."""
    population = default_population()
    people = [
        person for person in population.sample(120, region="fjallmark") if person.parents or person.children
    ]
    people += population.sample(60, region="fjallmark", stratum="scale")
    judged = 0
    for person in people:
        if person.systems:
            for resource in natal.everything(person.identity):
                judge(resource)
                judged += 1

    assert judged > 500


def test_bundles_and_errors_are_good_fhir(natal: Natal, judge: Any) -> None:
    """Searchsets with and without entries, the units, the history, what Natal can do, and how it refuses."""
    anna = default_population().personas()["natal-vanlig"].identity
    tom = default_population().personas()["okand"].identity
    pages = [
        natal.patient(anna),
        natal.patient(tom),
        natal.get(f"/fhir/Patient/{natal.key(anna)}/$everything?_count=20"),
        natal.get(f"/fhir/Observation?patient={natal.key(anna)}&_revinclude=Provenance:target&_count=5"),
        natal.get("/fhir/Organization"),
        natal.get("/fhir/_history"),
        natal.get("/fhir/metadata"),
        natal.get("/fhir/Patient"),
        natal.get("/fhir/Observation?konstigt=1"),
    ]

    for page in pages:
        judge(page)
    assert [page["resourceType"] for page in pages[-3:]] == [
        "CapabilityStatement",
        "OperationOutcome",
        "OperationOutcome",
    ]


@pytest.mark.parametrize(
    "damage",
    [
        {"status": None},
        {"code": None},
        {"effectiveDateTime": "2023-13-01"},
        {"okant": 1},
        {"component": [{}]},
    ],
)
def test_the_judge_refuses_what_is_wrong(natal: Natal, judge: Any, damage: dict[str, Any]) -> None:
    """A judge that lets everything pass judges nothing."""
    anna = default_population().personas()["natal-vanlig"].identity
    good = next(one for one in natal.everything(anna) if one["resourceType"] == "Observation")
    bad = deepcopy(good)
    for name, value in damage.items():
        bad.pop(name, None) if value is None else bad.update({name: value})

    judge(good)
    with pytest.raises(ValueError):  # noqa: PT011 - the judge's own words are its own
        judge(bad)
