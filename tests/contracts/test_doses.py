"""Dose numbers: which one, of how many, and whether it was the last, never contradict each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anslut_contracts
import pytest
from anslut_contracts.validation import errors

EXAMPLE = Path(anslut_contracts.__file__).parent / "examples/v1/vaccinations/valid/entry-barn-tva-vaccin.json"

# number, of how many, complete; `None`: not said
AGREE = [
    (None, None, None), (3, None, None), (None, 2, None), (None, None, True), (None, None, False),
    (1, None, True), (2, None, False), (1, 3, None), (3, 3, None), (None, 3, True), (None, 2, False),
    (3, 3, True), (1, 1, True), (2, 3, False),
]  # fmt: skip
DISAGREE = [
    (2, None, True),
    (4, 3, None),
    (None, 1, False),
    (2, 3, True),
    (3, 3, False),
    (4, 3, True),
    (1, 1, False),
]


def found(number: int | None, of: int | None, complete: bool | None) -> list[tuple[str, str]]:  # noqa: FBT001
    """Return what is wrong with an entry whose second vaccine has these numbers."""
    entry: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    given = entry["body"]["administrationRecord"][1]
    numbers = {"doseOrdinalNumber": number, "numberOfPrescribedDoses": of, "isDoseComplete": complete}
    for name, value in numbers.items():
        given.pop(name)
        if value is not None:
            given[name] = value
    return [(error.path, error.rule) for error in errors("entry:vaccinations", entry)]


@pytest.mark.parametrize("numbers", AGREE)
def test_numbers_that_agree_pass(numbers: tuple[int | None, int | None, bool | None]) -> None:
    """What a source leaves unsaid is no contradiction."""
    assert found(*numbers) == []


@pytest.mark.parametrize("numbers", DISAGREE)
def test_numbers_that_contradict_each_other_are_found(
    numbers: tuple[int | None, int | None, bool | None],
) -> None:
    """A parent who reads "dose 3 of 2" trusts nothing else on the page; the place is that vaccine's."""
    assert found(*numbers) == [("/body/administrationRecord/1", "dose-numbers-agree")]
