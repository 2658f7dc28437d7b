"""What the contract has room for, the SDK's parts can say: a field without a place would be lost to everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import anslut_contracts
import msgspec
import pytest
from anslut.entries.care_contact import CareContactBody
from anslut.entries.diagnosis import DiagnosisBody
from anslut.entries.growth import GrowthBody
from anslut.entries.laboratory import LaboratoryBody
from anslut.entries.maternity import MaternityBody
from anslut.entries.medication import MedicationBody
from anslut.entries.note import NoteBody
from anslut.entries.referral_status import ReferralStatusBody
from anslut.entries.vaccination import VaccinationBody
from anslut_contracts import information_types
from anslut_contracts.schema_files import shared_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

BODIES: dict[str, type[msgspec.Struct]] = {
    "care-contacts": CareContactBody,
    "care-documentation": NoteBody,
    "diagnoses": DiagnosisBody,
    "growth-observations": GrowthBody,
    "laboratory-results": LaboratoryBody,
    "maternity-records": MaternityBody,
    "medications": MedicationBody,
    "referral-status": ReferralStatusBody,
    "vaccinations": VaccinationBody,
}
WITHOUT_A_PLACE = {
    "laboratory-results": [
        "/groupOfAnalyses/analysis/device",
        "/groupOfAnalyses/analysis/result/related",
        "/groupOfAnalyses/analysis/result/type",
        "/groupOfAnalyses/analysis/specimen/activity",
        "/groupOfAnalyses/analysis/specimen/container",
        "/referral/referralInformation",
        "/referral/requestedCareService",
        "/referral/requester",
        "/referral/version",
    ]
}
"""What the parts cannot say yet: a mapping in the contract's own JSON can. To be shortened, never added to."""

EXAMPLES = [
    path
    for name in sorted(set(BODIES) - set(WITHOUT_A_PLACE))
    for path in sorted(
        (Path(anslut_contracts.__file__).parent / "examples/v1" / name / "valid").glob("entry-*.json")
    )
]


def resolved(node: Any, home: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield *node* and everything that it refers to or combines, with the schema each stands in."""
    yield node, home
    if "$ref" in node:
        file, _, pointer = node["$ref"].partition("#")
        there = file.removeprefix("../").removesuffix(".json") or home
        target: Any = shared_schema(there)
        for step in pointer.split("/")[1:]:
            target = target[step]
        yield from resolved(target, there)
    for part in node.get("allOf", ()):
        yield from resolved(part, home)


def fields(node: dict[str, Any], home: str) -> dict[str, list[tuple[dict[str, Any], str]]]:
    """Return the fields that an object may have, each with what is said of it."""
    found: dict[str, list[tuple[dict[str, Any], str]]] = {}
    forbidden = set()
    for part, where in resolved(node, home):
        for name, inner in part.get("properties", {}).items():
            if inner is False:
                forbidden.add(name)
            else:
                found.setdefault(name, []).append((inner, where))
    return {name: said for name, said in found.items() if name not in forbidden}


def part_of(hint: Any) -> type[msgspec.Struct] | None:
    """Return the part that a field holds, alone, in a list or optionally."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((found for inner in get_args(hint) if (found := part_of(inner))), None)


def compare(part: type[msgspec.Struct], node: dict[str, Any], home: str, place: str) -> Iterator[str]:
    """Yield every field of the schema that *part* cannot say."""
    known = {field.encode_name: field.name for field in msgspec.structs.fields(part)}
    hints = get_type_hints(part)
    for name, said in fields(node, home).items():
        if name not in known:
            yield f"{place}/{name}"
            continue
        inner = part_of(hints[known[name]])
        if inner is None:
            continue
        for what, where in said:
            lists = [(one["items"], there) for one, there in resolved(what, where) if "items" in one]
            for target, there in lists or [(what, where)]:
                yield from compare(inner, target, there, f"{place}/{name}")


def test_every_information_type_is_held_here() -> None:
    """A type that is left out would be held to nothing."""
    assert set(BODIES) == set(information_types())


@pytest.mark.parametrize("name", BODIES)
def test_every_field_of_the_contract_has_its_place(name: str) -> None:
    """Compared field by field, as deep as both go."""
    home = f"types/{name}"

    lost = sorted(set(compare(BODIES[name], shared_schema(home)["$defs"]["body"], home, "")))
    assert lost == WITHOUT_A_PLACE.get(name, [])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_example_can_be_said(path: Path) -> None:
    """What the examples hold goes through the SDK's parts and comes out the same."""
    body = json.loads(path.read_text("utf-8"))["body"]

    told = msgspec.convert(body, BODIES[path.parent.parent.name])

    assert msgspec.to_builtins(told) == body
