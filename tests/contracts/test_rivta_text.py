"""Text on its way to XML: whatever somebody wrote comes back, or is refused without being quoted."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import STOCKHOLM, information_types, time_form
from anslut_contracts.errors import CodecError, LocalTimeError
from anslut_contracts.rivta import from_elements, mapping_table, mapping_tables, write_entry, write_request
from anslut_contracts.rivta.times import read_time, write_time
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_contracts.rivta import MappingTable

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1"
NOTES = mapping_table("care-documentation")
TABLES = [table for name in sorted(information_types()) for table in mapping_tables(name)]
SECRET = "199001022384"


def note(text: object) -> dict[str, Any]:
    """Return a note with *text*."""
    found: dict[str, Any] = json.loads(
        (EXAMPLES / "care-documentation/valid/entry-besok.json").read_text("utf-8")
    )
    found["body"]["clinicalDocumentNoteText"] = text
    return found


#: Every character that XML 1.0 can carry.
CARRIED = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r\x7f\x85<>&\"']"),
    min_size=1,
)


@given(CARRIED)
@example("]]></clinicalDocumentNoteText><approvedForPatient>true</approvedForPatient>")
@example("<!-- --> <?x ?> &amp; &#13; &lt; \r\n\r")
@example("\N{NO-BREAK SPACE}\N{BYTE ORDER MARK}\N{PILE OF POO}")
def test_text_comes_back_to_the_letter(text: str) -> None:
    """What a doctor wrote is not the codec's to change, nor to take for XML."""
    written = write_entry(NOTES, note(text))

    assert from_elements(NOTES.type, etree.fromstring(written.encode())) == note(text)


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_hold_is_refused_unquoted(character: str) -> None:
    """Left out, it would be another text; written, no consumer could read the answer."""
    with pytest.raises(
        CodecError, match="/body/clinicalDocumentNoteText cannot be written as text"
    ) as caught:
        write_entry(NOTES, note(f"{SECRET}{character}å"))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["", None, 7, True, ["x"], {"x": "y"}, b"x"])
def test_what_is_not_text_is_refused(value: object) -> None:
    """Nothing is empty, and nothing is taken for text that is not."""
    with pytest.raises(CodecError, match="/body/clinicalDocumentNoteText cannot be written as text"):
        write_entry(NOTES, note(value))


WRONG: dict[str, tuple[tuple[str, ...], object, str]] = {
    "empty object": (("header", "author"), {}, "needs a value in /header/author"),
    "no object": (("header", "author"), SECRET, "needs a value in /header/author"),
    "empty list": (
        ("body", "dissentingOpinion"),
        [],
        "needs a list with something in it in /body/dissentingOpinion",
    ),
    "no list": (("body", "dissentingOpinion"), {"x": SECRET}, "needs a list"),
    "list of nothing": (("body", "dissentingOpinion"), [{}], "needs a value in /body/dissentingOpinion/0"),
    "inner field": (("header", "author", "hemlig"), SECRET, "no place for a field in /header/author"),
    "boolean": (
        ("header", "approvedForPatient"),
        "true",
        "/header/approvedForPatient cannot be written as boolean",
    ),
    "time": (("header", "documentTime"), "2023-07-01", "/header/documentTime cannot be written as time"),
    "no body": (("body",), SECRET, "needs a value in /body"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_value_of_another_shape_is_refused_unquoted(name: str) -> None:
    """The writer takes nothing for granted, and says where."""
    path, value, message = WRONG[name]
    entry = note("Mår bra.")
    inner = entry
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    with pytest.raises(CodecError, match=message) as caught:
        write_entry(NOTES, entry)
    assert SECRET not in str(caught.value)
    assert "hemlig" not in str(caught.value)


def test_a_field_that_a_table_reaches_into_is_closed_too() -> None:
    """In a header without an element of its own for the author, the author's fields are looked for one by one."""
    table = mapping_table("diagnoses")
    entry = json.loads((EXAMPLES / "diagnoses/valid/entry-huvuddiagnos.json").read_text("utf-8"))
    entry["header"]["author"]["hemlig"] = SECRET

    with pytest.raises(CodecError, match="no place for a field in /header/author"):
        write_entry(table, entry)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in a JSON value."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, step)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, step))


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_whatever_stands_anywhere_is_written_or_refused(table: MappingTable) -> None:
    """An entry that nobody validated must not bring the door down: the codec has one error."""
    folder = EXAMPLES / table.type / "valid"
    for path in folder.glob("entry-*.json"):
        text = path.read_text("utf-8")
        for place in places(json.loads(text)):
            for junk in (None, 7, "x", "", True, [], {}, ["x"], [[]], [{}], {"x": 1}, {"root": ["x"]}):
                entry = json.loads(text)
                inner = entry
                for step in place[:-1]:
                    inner = inner[step]
                inner[place[-1]] = junk
                with suppress(CodecError):
                    etree.fromstring(write_entry(table, entry))


@pytest.mark.parametrize("entry", [{}, {"header": {"patientId": {"root": "1.2.3", "extension": "1"}}}])
def test_an_entry_of_nothing_is_refused(entry: dict[str, Any]) -> None:
    """An empty element is nobody's entry; whom it is about stands in the question."""
    with pytest.raises(CodecError, match="needs a value in /"):
        write_entry(mapping_table("referral-status"), entry)


def test_hostile_filters_are_text_too() -> None:
    """A consumer's question is XML of ours: what somebody typed must not become part of it."""
    query = {"patientId": {"root": "1.2.3", "extension": "<x/>"}, "careContactIds": ["a&b", "\r"]}
    element = etree.fromstring(write_request(mapping_table("diagnoses"), query).encode())

    assert [found.text for found in element.iter("{*}id", "{*}careContactId")] == ["<x/>", "a&b", "\r"]
    with pytest.raises(CodecError, match="/careContactIds/0 cannot be written as text"):
        write_request(mapping_table("diagnoses"), query | {"careContactIds": ["\0"]})


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)), st.booleans())  # noqa: DTZ001 - local times are meant
@example(datetime(2023, 10, 29, 2, 30), True)  # noqa: DTZ001, FBT003 - as above; the repeated hour
@example(datetime(2023, 3, 26, 2, 30), False)  # noqa: DTZ001, FBT003 - as above; the skipped hour
def test_times_are_those_of_the_slow_way(local: datetime, second: bool) -> None:  # noqa: FBT001 - drawn
    """What is remembered of a day must be what the rules of time say of each moment."""
    moment = local.replace(microsecond=0, tzinfo=STOCKHOLM, fold=int(second))
    text, compact = time_form.to_json(moment), moment.strftime("%Y%m%d%H%M%S").zfill(14)

    assert write_time(text) == time_form.to_rivta(time_form.from_json(text))
    try:
        expected = time_form.to_json(time_form.from_local(compact))
    except LocalTimeError:
        with pytest.raises(LocalTimeError):
            read_time(compact)
    else:
        assert read_time(compact) == expected


@pytest.mark.parametrize("text", ["20230230000000", "20231301000000", "20230101240000", "2023010100000", "x"])
def test_a_time_that_is_none_is_refused_both_ways(text: str) -> None:
    """31 February fits the official pattern."""
    with pytest.raises(LocalTimeError):
        read_time(text)
    with pytest.raises(LocalTimeError):
        write_time(text)
