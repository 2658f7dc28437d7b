"""No person's number stands in a report, and a real one stops it."""

from __future__ import annotations

import pytest
from anslut_conformance.errors import ReportRefusedError
from anslut_conformance.redaction import Redactor, refuse_unsafe
from anslut_simulators.population import default_population

ANNA = default_population().personas()["anna-vuxen"].identity.extension


def real_looking() -> str:
    """Return a number with a right date and check digit that is on no list: made here, never written down."""
    for serial in range(1000):
        nine = f"850215{serial:03}"
        total = sum(
            (value := int(digit) * (2 - place % 2)) - (9 if value > 9 else 0)
            for place, digit in enumerate(nine)
        )
        number = f"19{nine}{-total % 10}"
        try:
            refuse_unsafe(number, where="here")
        except ReportRefusedError:
            return number
    raise AssertionError("every number of that day is on the list")


@pytest.mark.parametrize("form", [ANNA, f"{ANNA[2:8]}-{ANNA[8:]}", f"{ANNA[:8]}-{ANNA[8:]}", ANNA[2:]])
def test_a_persona_is_called_by_name_however_the_number_is_written(form: str) -> None:
    """Connectors write numbers in every way there is."""
    cleaned = Redactor(names={ANNA: "anna-vuxen"}).clean(f'{{"extension":"{form}"}}')

    assert cleaned == '{"extension":"‹anna-vuxen›"}'


def test_other_test_persons_get_the_same_pseudonym_each_time() -> None:
    """Two findings about one person can be told to be so."""
    other = default_population().sample(1, label="redaction")[0].identity.extension
    cleaned = Redactor().clean(f"{other} and {other}")

    one, two = cleaned.split(" and ")
    assert one == two
    assert other not in cleaned


def test_a_number_that_may_be_real_is_left_for_the_guard_which_refuses_it_unquoted() -> None:
    """A connector pointed at a real system by mistake must not fill a report with patients."""
    number = real_looking()
    left = Redactor().clean(f"patient {number}")

    with pytest.raises(ReportRefusedError) as refused:
        refuse_unsafe(left, where="report.html")

    assert number[2:] not in str(refused.value)
    assert "report.html" in str(refused.value)


@pytest.mark.parametrize("separator", ["-", "+", ""])
def test_the_guard_reads_every_way_to_write_a_number(separator: str) -> None:
    """Ten digits are as telling as twelve."""
    number = real_looking()
    with pytest.raises(ReportRefusedError):
        refuse_unsafe(f"({number[2:8]}{separator}{number[8:]})", where="here")


@pytest.mark.parametrize(
    "harmless",
    [
        "SE2321000999-A1001",
        "2023-11-15T08:00:00+01:00",
        "00000000-0000-4000-8000-198405142384",
        "1.2.752.129.2.1.3.1",
        "00000000-0000-4000-8000-000000000042",
        "20231115080000",
    ],
)
def test_what_only_resembles_a_number_is_let_be(harmless: str) -> None:
    """HSA-ids, times and log ids are evidence."""
    refuse_unsafe(harmless, where="here")

    assert Redactor().clean(harmless) == harmless
