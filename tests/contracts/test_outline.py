"""The outline shows people what the schema demands: nothing more, nothing less."""

from __future__ import annotations

from typing import Any

import pytest
from anslut_contracts import information_types, validation
from anslut_contracts.documents import folder, read_json
from anslut_contracts.outline import Field, form_description, outline


def paths(type_name: str) -> dict[str, Field]:
    """Return the fields by path, such as `header.author.time`."""
    found: dict[str, Field] = {}
    branch: list[str] = []
    for field in outline(type_name):
        branch = [*branch[: field.depth], field.name]
        found[".".join(branch)] = field
    return found


def used(document: Any, prefix: str = "") -> set[str]:
    """Return the paths of the fields that *document* has, lists aside."""
    if isinstance(document, list):
        return set().union(*(used(item, prefix) for item in document)) if document else set()
    if not isinstance(document, dict):
        return set()
    own = {f"{prefix}{name}" for name in document}
    return own.union(*(used(child, f"{prefix}{name}.") for name, child in document.items()))


@pytest.mark.parametrize("type_name", information_types())
def test_every_field_of_every_valid_example_is_in_the_outline(type_name: str) -> None:
    """A reader who follows the outline knows every field that the examples use, down to the shared forms."""
    known = paths(type_name)
    # A shared form is told once, below; a form within itself is told where it stands first.
    shared = {path for path, f in known.items() if form_description(f.form) or ", as " in f.form}

    for file in folder(f"examples/v1/{type_name}/valid").iterdir():
        if file.name.startswith("entry-"):
            example = read_json(f"examples/v1/{type_name}/valid/{file.name}")
            for path in used(example.get("document", example)):
                inside = any(path.startswith(f"{form}.") for form in shared)
                assert path in known or inside or path.split(".")[0] not in {"header", "body"}, (
                    file.name,
                    path,
                )


@pytest.mark.parametrize("type_name", information_types())
def test_what_the_header_forbids_is_not_shown(type_name: str) -> None:
    """The shared header has more fields than any type may use."""
    known = paths(type_name)

    assert not {f"header.{name}" for name in information_types()[type_name].header_forbids} & known.keys()
    assert known["header.documentId"].cardinality == "1..1"
    assert known["header"].depth == 0


def test_a_field_that_a_type_forbids_deep_inside_is_left_out() -> None:
    """A vaccination's signature has no role, and its author's role is a code or words, never both."""
    known = paths("vaccinations")

    assert "header.signature.time" in known
    assert "header.signature.role" not in known
    assert known["header.author.role"].form == "cvExclusive"
    assert known["header.nullified"].cardinality == "1..1"
    assert paths("diagnoses")["header.careContactId"].cardinality == "0..1"


def test_an_entry_of_nothing_but_what_is_required_lacks_nothing_else() -> None:
    """The cardinalities are the validator's: leaving a 1..1 field of the body out is refused."""
    entry = read_json("examples/v1/diagnoses/valid/entry-huvuddiagnos.json")
    document = entry.get("document", entry)
    for path, field in paths("diagnoses").items():
        head, _, name = path.partition(".")
        if (
            head == "body"
            and "." not in name
            and name in document["body"]
            and field.cardinality.startswith("1")
        ):
            without = {**document, "body": {k: v for k, v in document["body"].items() if k != name}}
            assert validation.errors("entry:diagnoses", without)
