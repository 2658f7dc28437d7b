"""The two series of numbers: nobody real can have one of them."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest
from anslut_contracts import identity as identity_form
from anslut_simulators.population import UnsafeIdentityError, default_population
from anslut_simulators.population.identities import (
    NATIONAL_RESERVE_ID,
    PERSONNUMMER,
    SAMORDNINGSNUMMER,
    SERIALS_PER_DAY,
    decode_nrid,
    encode_nrid,
    nrid_check_digit,
    official_identity,
    official_numbers,
)
from anslut_simulators.population.tables import read_bytes
from anslut_simulators.truth import Identity

OFFICIAL_DIGEST = "b1be3fdf457a8746ff8c36e268c066f724201bbed400377854e95989e36cb4e1"


def test_the_official_list_is_the_one_we_vouch_for() -> None:
    """A number that slips into the list could be somebody's."""
    text = read_bytes("official_numbers.txt.gz")

    assert sha256(text).hexdigest() == OFFICIAL_DIGEST
    assert len(official_numbers()) == 41_127 + 2_264
    assert list(official_numbers()) == sorted(set(official_numbers()))


@pytest.mark.parametrize("published", ["22790814AA01", "22950606FH20", "00342145BZ31"])
def test_the_check_digit_agrees_with_published_examples(published: str) -> None:
    """The rule was read from examples, so the examples hold it."""
    assert nrid_check_digit(published[:11]) == published[11]


def test_reserve_ids_round_trip_and_stay_in_their_series() -> None:
    """Day, sex and serial can be read back from every number of a day."""
    for born, series in ((date(1956, 2, 29), "97"), (date(2012, 12, 31), "98")):
        for sex in ("F", "M"):
            numbers = [encode_nrid(born=born, sex=sex, serial=serial) for serial in range(SERIALS_PER_DAY)]
            assert len(set(numbers)) == SERIALS_PER_DAY
            assert {number[:2] for number in numbers} == {series}
            assert [decode_nrid(number) for number in numbers] == [
                (born, sex, serial) for serial in range(SERIALS_PER_DAY)
            ]


@pytest.mark.parametrize(
    "identity",
    [
        Identity(root=PERSONNUMMER, extension="191212121212"),
        Identity(root=PERSONNUMMER, extension="198405142385"),
        Identity(root=SAMORDNINGSNUMMER, extension="198405142384"),
        Identity(root=NATIONAL_RESERVE_ID, extension="22790814AA01"),
        Identity(root=NATIONAL_RESERVE_ID, extension="198405142384"),
        Identity(root="1.2.752.97.3.1.3", extension="991981000010"),
        Identity(root=PERSONNUMMER, extension="１９8405142384"),
    ],
    ids=["famous", "check-digit", "wrong-root", "issued-series", "not-a-reserve-id", "local", "wide-digits"],
)
def test_the_guard_refuses_everything_else_without_quoting_it(identity: Identity) -> None:
    """Nearly a third of all well-formed numbers are a living person's."""
    with pytest.raises(UnsafeIdentityError) as refusal:
        default_population().guard(identity)

    assert identity.extension not in str(refusal.value)


def test_every_persona_passes_the_guard() -> None:
    """Authored numbers are guarded like computed ones."""
    population = default_population()

    for persona in population.personas().values():
        for identity in persona.identities:
            population.guard(identity)


def test_the_contract_accepts_every_number_on_the_list() -> None:
    """A door that refuses a number the tax agency hands out leaves somebody without a record."""
    for index in range(len(official_numbers())):
        identity = official_identity(index)
        assert identity_form.parse(identity.root, identity.extension)
