"""Whole responses: written in pieces, and read whoever wrote them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import information_types
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import (
    More,
    Result,
    mapping_table,
    mapping_tables,
    read_response,
    write_entry,
    write_response,
)
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_contracts.rivta import MappingTable

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1"
TABLES = [table for name in sorted(information_types()) for table in mapping_tables(name)]
NAMES = [table.name for table in TABLES]
OK = Result("OK", "0f1c")
MORE = More("SE2321000999-K001", "abc")
NOTES, DIAGNOSES, LABORATORY = map(mapping_table, ("care-documentation", "diagnoses", "laboratory-results"))
each_table = pytest.mark.parametrize("table", TABLES, ids=NAMES)


def example(table: MappingTable) -> dict[str, Any]:
    """Return an example entry that the table can carry."""
    names = {"referral-status": "entry-skickad", "laboratory-results": "entry-slutsvar"}
    folder = EXAMPLES / table.type / "valid"
    name = names.get(table.type, min(path.stem for path in folder.glob("entry-*")))
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def about(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the query that an entry answers."""
    return {"patientId": entry["header"]["patientId"]}


@each_table
def test_an_answer_is_written_piece_by_piece(
    table: MappingTable, national_schema: Callable[[str], etree.XMLSchema]
) -> None:
    """A large answer can be sent while it is made: nothing is asked for before it is needed."""
    asked = []

    def entries() -> Iterator[dict[str, Any]]:
        for number in range(3):
            asked.append(number)
            yield example(table)

    pieces = write_response(table, entries(), result=OK)

    first, second = next(pieces), next(pieces)
    assert asked == [0]
    text = "".join([first, second, *pieces])
    assert asked == [0, 1, 2]
    assert re.findall("xmlns[^ >]*", text[len(first) :]) == []
    root = etree.fromstring(text)
    assert national_schema(table.xsd).validate(root), national_schema(table.xsd).error_log
    assert len(read_response(table, root, query=about(example(table))).entries) == 3


@each_table
def test_an_answer_without_entries_is_an_answer(
    table: MappingTable, national_schema: Callable[[str], etree.XMLSchema]
) -> None:
    """That there is nothing is an answer too."""
    root = etree.fromstring("".join(write_response(table, [], result=OK)))

    assert national_schema(table.xsd).validate(root)
    assert read_response(table, root).entries == []


@each_table
def test_a_result_says_what_its_contract_has(
    table: MappingTable, national_schema: Callable[[str], etree.XMLSchema]
) -> None:
    """Each contract names the parts of its result in its own way, and some have none."""
    said = Result("ERROR", "0f1c", "Fel <källa>", "INVALID_REQUEST")
    root = etree.fromstring("".join(write_response(table, [], result=said)))

    assert national_schema(table.xsd).validate(root), national_schema(table.xsd).error_log
    expected = Result("ERROR", None, "Fel <källa>") if table is NOTES else said
    assert read_response(table, root).result == (expected if table.response.result else None)


@each_table
def test_that_there_is_more_is_said_where_the_contract_can(table: MappingTable) -> None:
    """Where it cannot, part of an answer would look like all of it."""
    if table is NOTES:
        root = etree.fromstring("".join(write_response(table, [], result=OK, more=MORE)))
        assert read_response(table, root).more == MORE
    else:
        with pytest.raises(CodecError, match="cannot say that there is more"):
            write_response(table, [], result=OK, more=MORE)


def test_a_result_that_is_demanded_is_not_left_out() -> None:
    """The error comes at once, before anything is sent; where it is optional, nothing is said."""
    with pytest.raises(CodecError, match="needs a result"):
        write_response(NOTES, [])
    assert "result" not in "".join(write_response(DIAGNOSES, []))


@pytest.mark.parametrize(
    "result", [Result("", "0f1c"), Result("OK", None), Result("OK", ""), Result("OK", "\x07")]
)
def test_a_result_without_what_it_must_say_is_refused(result: Result) -> None:
    """A log id that is missing is found out when someone needs it."""
    with pytest.raises(CodecError, match=r"needs (resultCode|a log id)|cannot be written"):
        write_response(DIAGNOSES, [], result=result)


def test_an_entry_that_cannot_be_told_stops_the_answer() -> None:
    """Half an answer has no end, so nobody takes it for a whole one."""
    entry = example(DIAGNOSES)
    pieces = write_response(DIAGNOSES, [entry, {**entry, "extra": 1}], result=OK)

    with pytest.raises(CodecError, match="no place for a field in /"):
        list(pieces)


def dressed(table: MappingTable, text: str) -> etree._Element:
    """Return a response as another system might write it: other prefixes, space, comments and extensions."""
    root = etree.fromstring(text)
    for number, uri in enumerate(table.namespaces.values()):
        text = text.replace(f'xmlns="{uri}"', f'xmlns:x{number}="{uri}"')
    prefixes: Any = {f"x{number}": uri for number, uri in enumerate(table.namespaces.values())}
    other = etree.Element(root.tag, nsmap=prefixes)
    other.extend(root)
    for element in list(other.iter()):
        if len(element):
            element.text = "\n  "
            element.insert(0, etree.Comment("anm."))
            element.insert(0, etree.ProcessingInstruction("x", "y"))
            for child in element:
                child.tail = "\n\t"
            etree.SubElement(element, "{urn:annan:tillagt}extra").text = "99"
        elif element.text:
            element.insert(0, etree.Comment("mitt i"))
            element[0].tail, element.text = element.text[1:], element.text[:1]
    return other


@each_table
def test_another_systems_way_of_writing_does_not_matter(table: MappingTable) -> None:
    """A consumer reads what the contract says, not how somebody spells XML."""
    entry = example(table)
    plain = "".join(write_response(table, [entry, entry], result=OK))

    element = dressed(table, plain)

    assert read_response(table, element, query=about(entry)) == read_response(
        table, etree.fromstring(plain), query=about(entry)
    )


def test_codes_that_nobody_knows_are_read() -> None:
    """Code lists grow."""
    entry = example(DIAGNOSES)
    entry["body"]["diagnosisCode"] = {"code": "Å99", "codeSystem": "1.2.3.4", "displayName": "Ny kod"}
    element = etree.fromstring("".join(write_response(DIAGNOSES, [entry], result=OK)))

    assert read_response(DIAGNOSES, element).entries == [entry]


def test_an_empty_message_is_none() -> None:
    """Some systems write every element of the result."""
    text = "".join(write_response(DIAGNOSES, [], result=Result("OK", "0f1c", "x")))
    element = etree.fromstring(text.replace("<message>x</message>", "<subCode/><message/>"))

    assert read_response(DIAGNOSES, element).result == Result("OK", "0f1c")


def result_first(element: etree._Element) -> None:
    """Put the result before the entries."""
    element.insert(0, element[-1])


def no_result(element: etree._Element) -> None:
    """Take the result away."""
    element.remove(element[-1])


def twice(element: etree._Element) -> None:
    """Say twice that there is more."""
    element.insert(1, etree.fromstring(etree.tostring(element[1])))


def foreign(element: etree._Element) -> None:
    """Make the response another contract's."""
    element.tag = "{urn:annan}GetCareDocumentationResponse"


def broken_entry(element: etree._Element) -> None:
    """Break a time in the entry."""
    next(element.iter("{*}timestamp")).text = "20230326023000"


BROKEN: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "order": (result_first, "GetCareDocumentationResponse has an element that is unknown or out of order"),
    "missing": (no_result, "GetCareDocumentationResponse/result is missing"),
    "twice": (twice, "GetCareDocumentationResponse/hasMore stands more than once"),
    "foreign": (foreign, "expects the element GetCareDocumentationResponse"),
    "entry": (
        broken_entry,
        "GetCareDocumentationResponse/careDocumentation/header/record/timestamp cannot be read as time",
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_response_is_refused(name: str) -> None:
    """The message names the place, so that the producer can be told."""
    change, message = BROKEN[name]
    text = "".join(write_response(NOTES, [example(NOTES)], result=OK, more=MORE))
    element = etree.fromstring(text)
    change(element)

    with pytest.raises(CodecError, match=message):
        read_response(NOTES, element)


@pytest.mark.parametrize("place", ["<documentId>", "<diagnosisBody>"])
def test_an_entity_that_was_not_replaced_is_refused(place: str) -> None:
    """A parser that leaves entities alone leaves a hole in the text, and nobody sees it."""
    text = write_entry(DIAGNOSES, example(DIAGNOSES)).replace(place, f"{place}&mer;", 1)
    parser = etree.XMLParser(resolve_entities=False)
    entry = etree.fromstring(f'<!DOCTYPE x [<!ENTITY mer "mer">]>{text}', parser)
    root = etree.fromstring("".join(write_response(DIAGNOSES, [], result=OK)))
    root.insert(0, entry)

    with pytest.raises(CodecError, match="an entity that was not replaced"):
        read_response(DIAGNOSES, root)


def test_elements_too_far_inside_others_are_refused() -> None:
    """A laboratory's related analyses may hold others: a hostile answer must not end the reader."""
    result: dict[str, Any] = {"value": {"st": "x"}}
    for _ in range(2000):
        analysis = {"code": {"originalText": "x"}, "result": [result]}
        result = {"value": {"st": "x"}, "related": [analysis]}
    entry = example(LABORATORY)
    entry["body"]["groupOfAnalyses"][0]["analysis"][0]["result"] = [result]

    for table in mapping_tables("laboratory-results"):
        with pytest.raises(CodecError, match="so far inside others"):
            write_entry(table, entry)
    inner = "<related><code><originalText>x</originalText></code><result><value><st>x</st></value>"
    text = write_entry(LABORATORY, example(LABORATORY))
    deep = text.replace("</result>", f"{inner * 600}{'</result></related>' * 600}</result>", 1)
    element = etree.fromstring(
        "".join(write_response(LABORATORY, [])).replace("></", f">{deep}</", 1),
        etree.XMLParser(huge_tree=True),
    )
    with pytest.raises(CodecError, match="too far inside others"):
        read_response(LABORATORY, element, query=about(entry))


@each_table
def test_a_mistake_has_an_outcome_that_its_contract_can_give(table: MappingTable) -> None:
    """A contract without a result can only fault, or answer with nothing."""
    assert set(table.outcomes) == {
        "other-source-system",
        "contact-without-source-system",
        "reserve-without-source-system",
        "invalid-query",
    }
    assert table.response.result or "invalid-request" not in table.outcomes.values()


@each_table
def test_the_soap_action_is_that_of_the_wsdl(table: MappingTable, national_schemas: Path) -> None:
    """Two older contracts have another one than their namespace lets one think."""
    folder = (national_schemas / table.xsd).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.wsdl")]
    wsdl = next(text for text in texts if f'"{table.namespaces["responder"]}"' in text.replace("'", '"'))

    assert re.findall(r"soapAction=['\"](.*?)['\"]", wsdl) == [table.soap_action]
