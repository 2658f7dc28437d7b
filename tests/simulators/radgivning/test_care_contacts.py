"""What a care contact of the truth says, and how it reads."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

import msgspec
import pytest
from anslut_contracts.code_lists import code_list
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.truth import content_kind
from anslut_simulators.truth.care_contacts import CareContact, Kind, Status

START = datetime(2023, 3, 4, 21, 10, tzinfo=STOCKHOLM)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_in_the_contracts_list(kind: Kind) -> None:
    """A code and a text of the national list."""
    code = CareContact(kind=kind, status="ended").kind_code
    known = code_list("care-contact-types")
    assert code.code_system == known.code_system
    assert code.display_name == known.texts[code.code or ""]


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_is_in_the_contracts_list(status: Status) -> None:
    """A code and a text of SNOMED CT SE."""
    code = CareContact(kind="visit", status=status).status_code
    known = code_list("care-contact-statuses")
    assert code.code_system == known.code_system
    assert code.display_name == known.texts[code.code or ""]


def test_it_is_found_by_its_types_name_and_survives_json() -> None:
    """As every kind of content must."""
    assert content_kind("care-contacts") is CareContact
    said = CareContact(kind="stay", status="ongoing", start=START, reason="Lunginflammation", path=("Spärr",))
    assert msgspec.json.decode(msgspec.json.encode(said), type=CareContact) == said
    assert said.keywords == ("Spärr",)
    assert said.under().keywords == ()


def test_it_reads_as_staff_would_tell_it() -> None:
    """Kind, status, times and reason."""
    said = CareContact(
        kind="phone", status="ended", start=START, end=START + timedelta(minutes=12), reason="Feber hos barn"
    )
    assert list(said.summary()) == ["Telefon, avslutad vårdkontakt, 2023-03-04 21:10–21:22: Feber hos barn"]
