"""What the example connector makes of Rådgivningsstödet's lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from anslut import PersonId
from anslut.errors import SourceDataError
from anslut_examples import radgivning_mapping as radgivning

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LISTS: dict[str, list[dict[str, Any]]] = {
    "rubriker": [
        {"lokal": "R1", "kod": None, "text": "Vem ringer", "kodverk": None},
        {"lokal": "R2", "kod": None, "text": "Tredje person", "kodverk": None},
        {"lokal": "R3", "kod": None, "text": "Bedömning", "kodverk": None},
    ],
    "kontaktorsaker": [{"lokal": "KO1", "kod": None, "text": "Feber", "kodverk": None}],
    "roller": [{"lokal": "DSK", "kod": None, "text": "Distriktssköterska", "kodverk": None}],
}
NOTE: dict[str, Any] = {
    "typ": "anteckning",
    "id": "RA1",
    "samtalstid": 1700000000999,
    "sparad": 1700000060999,
    "av": {"id": None, "namn": "Ada Ek", "roll": "DSK"},
    "enhet": "RG1",
    "anteckningstyp": "RAD",
    "mall": None,
    "rubrik": None,
    "avsnitt": [],
    "signerad": None,
    "makulerad": False,
}


def codes() -> radgivning.RadgivningCodes:
    """Return the code lists of a test."""
    return radgivning.RadgivningCodes(lambda name: LISTS[name])


@pytest.mark.parametrize(
    ("root", "extension", "kind", "number"),
    [
        ("1.2.752.129.2.1.3.1", "199001022384", "PNR", "19900102-2384"),
        ("1.2.752.129.2.1.3.3", "197001782395", "SAM", "19700178-2395"),
        ("1.2.752.74.9.1", "98231009HJ54", "RES", "98231009HJ54"),
    ],
)
def test_numbers_are_written_as_the_system_writes_them(
    root: str, extension: str, kind: str, number: str
) -> None:
    """Each series in its own way."""
    asked = radgivning.number(PersonId(root=root, extension=extension))

    assert (asked.typ, asked.nummer) == (kind, number)


def test_a_change_is_told_of_the_same_person_as_was_asked_about() -> None:
    """The other way round."""
    person = PersonId(root="1.2.752.129.2.1.3.3", extension="197001782395")
    written = {"typ": "SAM", "nummer": "19700178-2395"}
    line = {"typ": "andring", "lopnr": 3, "person": written, "vad": "samtal"}

    change = radgivning.ChangeLine.of(line).change()

    assert (change.patient_id, change.type) == (person, "care-contacts")


def test_milliseconds_are_cut_and_not_rounded() -> None:
    """Half a second before midnight is still that day."""
    last = datetime(2023, 5, 31, 23, 59, 59, tzinfo=STOCKHOLM)

    assert radgivning.moment(int(last.timestamp()) * 1000 + 999) == last


def test_a_time_that_no_calendar_has_is_the_sources_error() -> None:
    """Whatever number it sends."""
    with pytest.raises(SourceDataError):
        radgivning.moment(10**20)


def test_levels_make_a_tree() -> None:
    """What follows at a higher level lies below, until the level comes back."""
    sections = [
        {"niva": 1, "kod": "R1"},
        {"niva": 2, "kod": "R2", "text": "Pappan ringer."},
        {"niva": 3, "kod": None, "fri": "Övrigt", "text": "Nås hemma."},
        {"niva": 1, "kod": "R3", "text": "Magsjuka."},
    ]

    first, second = radgivning.keywords(radgivning.Note.of({**NOTE, "avsnitt": sections}).avsnitt, codes())

    assert (first.term, first.text) == ("Vem ringer", None)
    (below,) = first.children
    assert (below.term, below.children[0].term, below.children[0].text) == (
        "Tredje person",
        "Övrigt",
        "Nås hemma.",
    )
    assert (second.term, second.children) == ("Bedömning", ())


@pytest.mark.parametrize(
    "levels",
    [[2], [1, 3], [0], [1, 0], ["1"], [None], [*range(1, 5000)]],
    ids=["deep", "skips", "zero", "back", "text", "none", "bottomless"],
)
def test_a_tree_that_cannot_be_is_the_sources_error(levels: list[Any]) -> None:
    """Nobody can say what lies under what, so nobody can say what is excluded."""
    sections = [{"niva": level, "kod": "R3", "text": "Hemligt"} for level in levels]

    with pytest.raises(SourceDataError) as caught:
        radgivning.keywords(radgivning.Note.of({**NOTE, "avsnitt": sections}).avsnitt, codes())

    assert "Hemligt" not in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"sparad": "1700000060999"},
        {"sparad": None},
        {"makulerad": "nej"},
        {"avsnitt": {"0": {}}},
        {"signerad": [1]},
        {"id": 7},
    ],
)
def test_a_line_with_another_form_is_the_sources_error(changed: dict[str, Any]) -> None:
    """And the error tells no value."""
    with pytest.raises(SourceDataError) as caught:
        radgivning.Note.of({**NOTE, **changed})

    assert "1700000060999" not in str(caught.value)


def test_what_a_code_stands_for_is_looked_up() -> None:
    """A role without a national code is its text; a code on no list is the source's error."""
    assert codes().code("roller", "DSK").original_text == "Distriktssköterska"
    assert codes().words("kontaktorsaker", radgivning.Heading(kod="KO1")) == "Feber"
    assert codes().words("kontaktorsaker", radgivning.Heading(fri="Annat")) == "Annat"
    with pytest.raises(SourceDataError):
        codes().words("rubriker", radgivning.Heading())
    with pytest.raises(SourceDataError):
        codes().code("roller", "XX")
