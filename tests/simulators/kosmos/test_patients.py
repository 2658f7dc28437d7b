"""Finding a patient in Kosmos: numbers as Kosmos writes them, and keys that say nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.kosmos.numbers import InvalidNumberError, read_number, write_identity
from anslut_simulators.patient_keys import PatientKeys
from anslut_simulators.truth import Identity
from small_country import ANNA, BABY, BABY_RESERVE, BO, CARIN, ELSEWHERE, STRANGER

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller

SEARCH = "/api/v2/patienter/sok"
TODAY = date(2023, 11, 15)


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("900102-2384", "199001022384"),
        ("200101+1564", "192001011564"),
        ("230905-2393", "202309052393"),
        ("640072-2381", None),
        ("231201-2384", None),
    ],
)
def test_ten_digits_tell_the_century_by_their_separator(text: str, extension: str | None) -> None:
    """The sign turns to plus in the year of the hundredth birthday."""
    if extension is None:
        with pytest.raises(InvalidNumberError):
            read_number(text, today=TODAY)
    else:
        assert read_number(text, today=TODAY).extension == extension


def test_a_samordningsnummer_has_sixty_added_to_its_day() -> None:
    """It is found like any other number, and told apart by its day."""
    known = Identity(root="1.2.752.129.2.1.3.3", extension="196400702392")

    assert read_number("640070-2392", today=TODAY) == known
    assert write_identity(known, today=TODAY) == {"personnummer": "640070-2392"}


def test_the_sign_changes_with_the_scenarios_year() -> None:
    """The year counts, not the birthday."""
    assert write_identity(CARIN, today=date(2019, 12, 31)) == {"personnummer": "200101-1564"}
    assert write_identity(CARIN, today=date(2020, 1, 1)) == {"personnummer": "200101+1564"}


@pytest.mark.parametrize(
    "text",
    [
        "199001022384",
        "19900102-2384",
        "9001022384",
        "900102-2385",
        "901302-2384",
        "900102-2384\n",
        "９００１０２-2384",
        "",
        "x" * 10_000,
        "900102-2384'; DROP TABLE entry;--",
    ],
)
def test_other_forms_are_refused_without_an_echo(caller: Caller, text: str) -> None:
    """422 and a word; the number is nowhere in the answer."""
    answer = caller.call("POST", SEARCH, json={"personnummer": text})

    assert (answer.status_code, answer.json()["fel"]) == (422, "OGILTIGT_NUMMER")
    assert "900102" not in answer.text


@pytest.mark.parametrize("identity", [STRANGER, ELSEWHERE])
def test_strangers_and_other_regions_patients_are_unknown(caller: Caller, identity: Identity) -> None:
    """A region's Kosmos knows its own; nobody learns who lives elsewhere."""
    wanted = write_identity(identity, today=TODAY)
    answer = caller.call("POST", SEARCH, json=wanted)

    assert (answer.status_code, answer.json()["fel"]) == (404, "PATIENT_SAKNAS")


def test_records_under_other_identities_are_linked(caller: Caller) -> None:
    """A newborn's first record stays under the reserve number; whoever reads one must read both."""
    found = caller.call("POST", SEARCH, json=write_identity(BABY, today=TODAY)).json()
    reserve = caller.call("POST", SEARCH, json=write_identity(BABY_RESERVE, today=TODAY)).json()

    assert found["lankade"] == [{"patientnyckel": reserve["patientnyckel"]}]
    assert reserve["lankade"] == [{"patientnyckel": found["patientnyckel"]}]
    assert [entry["id"] for entry in caller.entries(BABY)] == ["baby-1"]
    assert [entry["id"] for entry in caller.entries(BABY_RESERVE)] == ["baby-0"]


@pytest.mark.parametrize("identity", [ANNA, BO, BABY_RESERVE])
def test_a_key_opens_to_the_identity_and_shows_none_of_it(identity: Identity) -> None:
    """Reversible for Kosmos, opaque for everybody else."""
    keys = PatientKeys(b"secret")
    key = keys.seal(identity)

    assert keys.open(key) == identity
    assert identity.extension not in key
    assert PatientKeys(b"other").open(key) is None


def test_no_changed_key_opens() -> None:
    """Every single letter counts: a slip of the pen never gives somebody else's record."""
    keys = PatientKeys(b"secret")
    key = keys.seal(ANNA)
    changed = [
        key[:place] + letter + key[place + 1 :]
        for place in range(len(key))
        for letter in "AB7"
        if key[place] != letter
    ]

    assert [other for other in changed if keys.open(other) is not None] == []


def test_a_key_of_one_scenario_is_unknown_in_another(caller: Caller, region: RunningRegion) -> None:
    """A key kept too long must not work by luck."""
    other = type(caller)(region, "prov-nycklar")
    answer = other.get(f"/api/v2/patienter/{caller.key(ANNA)}/anteckningar")

    assert (answer.status_code, answer.json()["fel"]) == (404, "PATIENT_SAKNAS")


def test_the_clock_decides_how_a_number_is_written(caller: Caller, control: ControlClient) -> None:
    """In 2090 Anna is a hundred: her number takes a plus."""
    control.set_clock(control.now().replace(year=2090))

    assert caller.call("POST", SEARCH, json={"personnummer": "900102-2384"}).status_code == 404
    assert caller.call("POST", SEARCH, json={"personnummer": "900102+2384"}).status_code == 200
