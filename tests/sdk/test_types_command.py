"""`anslut types` teaches what a connector may be asked for."""

from __future__ import annotations

import json

import pytest
from anslut.commands.types import types
from anslut_contracts import information_types, validation
from click.testing import CliRunner


def test_it_lists_every_type_with_its_contract() -> None:
    """Names as they stand in URLs."""
    shown = CliRunner().invoke(types, []).output

    for one in information_types().values():
        assert one.name in shown
        assert f"{one.contract} {one.contract_version}" in shown


@pytest.mark.parametrize("name", information_types())
def test_it_shows_fields_and_a_valid_example(name: str) -> None:
    """What it prints as an example can be sent as it is."""
    shown = CliRunner().invoke(types, [name])
    example = CliRunner().invoke(types, [name, "--example"])

    assert shown.exit_code == example.exit_code == 0
    assert "documentId" in shown.output
    assert information_types()[name].sv in shown.output
    assert validation.errors(f"entry:{name}", json.loads(example.output)) == []


def test_a_misspelt_type_is_told_which_there_are() -> None:
    """And nothing is printed as if it were one."""
    refused = CliRunner().invoke(types, ["vaccination"])

    assert refused.exit_code == 1
    assert "vaccinations" in refused.output
