"""Identities: form by series, never a number in an error."""

from __future__ import annotations

from datetime import date

import pytest
from anslut_contracts import identity
from anslut_contracts.errors import IdentityError

# Personnummer and samordningsnummer are from the tax agency's list of test numbers; reserve numbers are the
# examples that the descriptions of their series print.
TODAY = date(2023, 11, 15)


@pytest.mark.parametrize(
    ("root", "number"),
    [
        (identity.PERSONNUMMER, "199001022384"),
        (identity.SAMORDNINGSNUMMER, "191401682396"),
        (identity.NRID, "22950606FH20"),
        (identity.NRID, "25780404KHD5"),
        (identity.NRID, "00342145BZ31"),
        (identity.NRID, "00749852BZK0"),
        ("1.2.752.97.3.1.3", "991981000010"),
        ("1.2.752.113.11.0.2.1.1.1", "19810829M071"),
        ("1.2.752.74.9.2", "19810829SU3A"),
        ("1.2.752.74.9.3", "19810829TB1F"),
        (identity.LOCAL_ID, "SE2321000999-K001:4711"),
        ("1.2.752.266.1.1.1", "19600606AA1G"),
    ],
)
def test_published_examples_of_each_series_are_accepted(root: str, number: str) -> None:
    """The form follows the OID; series we know little about are accepted on their characters."""
    assert identity.parse(root, number).extension == number


@pytest.mark.parametrize(
    ("root", "number", "rule"),
    [
        (identity.PERSONNUMMER, "199001022385", "check-digit"),
        (identity.PERSONNUMMER, "199002302389", "date"),
        (identity.PERSONNUMMER, "19900102-2384", "form"),
        (identity.PERSONNUMMER, "199001022384\n", "form"),
        (identity.PERSONNUMMER, "١٩٩٠٠١٠٢٢٣٨٤", "form"),
        (identity.PERSONNUMMER, "191401682396", "date"),
        (identity.SAMORDNINGSNUMMER, "199001022384", "date"),
        (identity.SAMORDNINGSNUMMER, "191401682397", "check-digit"),
        (identity.NRID, "22950606FH21", "check-digit"),
        (identity.NRID, "22950606IH20", "form"),
        (identity.NRID, "20950606FH20", "date"),
        (identity.NRID, "00340145BZ31", "date"),
        ("1.2.752.97.3.1.3", "991981000011", "check-digit"),
        (identity.LOCAL_ID, "4711", "form"),
        ("not-an-oid", "1", "form"),
        ("1.2.752.266.1.1.1", "1 2", "form"),
    ],
)
def test_a_number_without_the_form_of_its_series_is_refused_unquoted(
    root: str, number: str, rule: str
) -> None:
    """What is wrong is said; the number is not."""
    with pytest.raises(IdentityError) as caught:
        identity.parse(root, number)

    assert caught.value.rule == rule
    assert number.strip() not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "root", "number"),
    [
        ("900102-2384", identity.PERSONNUMMER, "199001022384"),
        ("19900102-2384", identity.PERSONNUMMER, "199001022384"),
        (" 199001022384 ", identity.PERSONNUMMER, "199001022384"),
        ("140168+2396", identity.SAMORDNINGSNUMMER, "191401682396"),
        ("22950606FH20", identity.NRID, "22950606FH20"),
    ],
)
def test_what_people_write_becomes_an_identity(written: str, root: str, number: str) -> None:
    """Record systems keep ten digits with a separator; the contract has twelve and none."""
    assert identity.normalise(written, today=TODAY) == identity.PersonId(root=root, extension=number)


@pytest.mark.parametrize("written", ["9001022384", "", "900102 2384", "hej"])
def test_what_tells_no_century_is_refused(written: str) -> None:
    """Ten digits without a separator may be two persons a hundred years apart."""
    with pytest.raises(IdentityError):
        identity.normalise(written, today=TODAY)


def test_reserve_numbers_are_told_apart() -> None:
    """Reserve numbers and local ids need the source system's address and are never indexed."""
    assert not identity.is_reserve(identity.parse(identity.PERSONNUMMER, "199001022384"))
    assert not identity.is_reserve(identity.parse(identity.SAMORDNINGSNUMMER, "191401682396"))
    assert identity.is_reserve(identity.parse(identity.NRID, "22950606FH20"))
    assert identity.is_reserve(identity.PersonId(root="1.2.752.266.1.1.1", extension="19600606AA1G"))


def test_an_identity_does_not_print_its_number() -> None:
    """Log lines and tracebacks show repr: it must not hold the number."""
    found = identity.parse(identity.PERSONNUMMER, "199001022384")

    assert "199001022384" not in f"{found} {found!r}"
    assert found.to_json() == {"root": identity.PERSONNUMMER, "extension": "199001022384"}
