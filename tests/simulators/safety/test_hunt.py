"""The hunt itself: it finds a planted number in every form, and lets nothing through in silence."""

from __future__ import annotations

from datetime import date

import pytest
from anslut_simulators.population.identities import (
    decode_nrid,
    encode_nrid,
    nrid_check_digit,
    official_numbers,
)
from number_hunt import Found, allowances, hunt, planted, unsafe

OFFICIAL = next(str(number) for number in official_numbers() if str(number).startswith("1990"))


NUMBER = planted()
FORMS = {
    "twelve": NUMBER,
    "twelve-signed": f"{NUMBER[:8]}-{NUMBER[8:]}",
    "ten": NUMBER[2:],
    "ten-signed": f"{NUMBER[2:8]}-{NUMBER[8:]}",
    "ten-plus": f"{NUMBER[2:8]}+{NUMBER[8:]}",
    "spaced": f"{NUMBER[:8]} {NUMBER[8:]}",
    "dashed": f"{NUMBER[2:8]}\N{EN DASH}{NUMBER[8:]}",
    "json": f'{{"a":"{NUMBER[2:8]}\\u002d{NUMBER[8:]}"}}',
    "xml": f"<a>{NUMBER[2:8]}&#45;{NUMBER[8:]}</a>",
    "percent": f"personnummer={NUMBER[2:8]}%2D{NUMBER[8:]}",
    "in-a-word": f"pat_{NUMBER}_x",
    "after-letters": f"PNR{NUMBER}",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_planted_number_is_found_in_every_form(form: str) -> None:
    """Sources write numbers in many ways, and a leak can be in any of them."""
    body = f"x {FORMS[form]} y".encode()

    assert [one.safe for one in unsafe(body, allowed=allowances())] == [False] * len(
        unsafe(body, allowed=allowances())
    )
    assert unsafe(body, allowed=allowances())


def test_an_official_number_is_safe_in_every_form() -> None:
    """What is on the list may be shown."""
    forms = [OFFICIAL, f"{OFFICIAL[:8]}-{OFFICIAL[8:]}", f"{OFFICIAL[2:8]}-{OFFICIAL[8:]}", OFFICIAL[2:]]

    for form in forms:
        found = list(hunt(form.encode()))
        assert [one.safe for one in found] == [True], form


def test_a_reserve_number_of_an_issued_series_is_found() -> None:
    """98 is never issued; 22 could be somebody's."""
    safe = encode_nrid(born=date(1950, 3, 4), sex="F", serial=7)
    eleven = f"22{safe[2:11]}"
    issued = eleven + nrid_check_digit(eleven)

    assert decode_nrid(issued) is None
    assert unsafe(safe.encode()) == []
    assert [one.number for one in unsafe(f'"{issued}"'.encode())] == [issued]


@pytest.mark.parametrize(
    "innocent",
    ["SE2321000999-A1001", "20231115080000", "1700031600000", "1.2.752.129.2.1.3.1", "2023-11-15 08:00:00"],
)
def test_what_is_no_number_is_no_candidate(innocent: str) -> None:
    """Times, object identifiers and organisations are no persons: no allowance is needed for them."""
    assert list(hunt(innocent.encode())) == []


def test_an_allowance_is_for_a_whole_word_and_is_told() -> None:
    """A number does not get through by standing beside an id."""
    word = f"AB{NUMBER[2:]}CDEF"
    assert len(word) == 16

    (found,) = [one for one in hunt(word.encode(), allowed=allowances()) if not one.safe]

    assert isinstance(found, Found)
    assert found.allowed
    assert unsafe(f"{word} {NUMBER}".encode(), allowed=allowances())
    assert unsafe(f"x{word}".encode(), allowed=allowances())


def test_every_allowance_has_a_reason() -> None:
    """And none lets a bare number through."""
    for allowance in allowances():
        assert len(allowance.reason) > 20
    for form in (*FORMS.values(), f'"id":"{NUMBER}"', f'"elev_id": "{NUMBER[2:]}"'):
        assert unsafe(form.encode(), allowed=allowances()), form
