"""The mapping tables and the codec: nothing lost but what is written down, and the real schemas agree."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import information_types
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import (
    More,
    Result,
    from_elements,
    mapping_table,
    mapping_tables,
    query_from_elements,
    query_to_elements,
    to_elements,
    write_request,
    write_response,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_contracts.rivta import MappingTable

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1"
TYPES = sorted(information_types())
TABLES = [table for name in TYPES for table in mapping_tables(name)]
NAMES = [table.name for table in TABLES]

#: Entries are large, so one environment of the checks tries ten times as many of them as the others.
THOROUGH = 10 if os.environ.get("ANSLUT_THOROUGH") else 1


def response(type_name: str, entries: list[dict[str, Any]]) -> etree._Element:
    """Return a whole response, with all that the contract can say beside its entries."""
    table = mapping_table(type_name)
    more = More("SE2321000999-K001", "abc") if table.response.has_more else None
    result = Result("INFO", "9d1f", "Allt väl", "INVALID_REQUEST")
    return etree.fromstring("".join(write_response(table, entries, result=result, more=more)))


@pytest.mark.parametrize("type_name", TYPES)
@given(data=st.data())
@settings(max_examples=15 * THOROUGH)
def test_an_entry_comes_back_from_xml_as_it_was(
    type_name: str, data: st.DataObject, valid_entries: Callable[[str], Any], known_loss: Callable[[Any], Any]
) -> None:
    """JSON to XML text and back is identity, but for the loss that the table lists."""
    entry = data.draw(valid_entries(type_name))

    text = etree.tostring(to_elements(type_name, entry), encoding="utf-8")

    query = {"patientId": entry["header"]["patientId"]}
    assert from_elements(type_name, etree.fromstring(text), query=query) == known_loss(entry)
    assert [loss["what"] for loss in mapping_table(type_name).losses] == [
        "The hour after the clocks go back in autumn"
    ]


@pytest.mark.parametrize("type_name", TYPES)
@given(data=st.data())
@settings(max_examples=6 * THOROUGH)
def test_the_real_schemas_accept_what_the_tables_write(
    type_name: str,
    data: st.DataObject,
    valid_entries: Callable[[str], Any],
    national_schema: Callable[[str], etree.XMLSchema],
) -> None:
    """Element order, spelling and namespaces are those of the national schemas."""
    judge = national_schema(mapping_table(type_name).xsd)
    made = response(type_name, [data.draw(valid_entries(type_name)), data.draw(valid_entries(type_name))])

    assert judge.validate(made), judge.error_log


def note() -> dict[str, Any]:
    """Return a small valid note."""
    return {
        "header": {
            "documentId": "A-1",
            "sourceSystemHsaId": "SE2321000999-K001",
            "patientId": {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"},
            "documentTime": "2023-07-01T10:00:00+02:00",
            "author": {"time": "2023-07-01T10:05:00+02:00", "hsaId": "SE2321000999-P1"},
            "careProviderHsaId": "SE2321000999-V1",
            "blockComparisonTime": "2023-07-01T10:05:00+02:00",
            "approvedForPatient": True,
        },
        "body": {
            "clinicalDocumentNoteCode": {"originalText": "Besök"},
            "clinicalDocumentNoteText": "Mår <bra>.",
        },
    }


def test_a_field_without_a_place_is_refused_unquoted() -> None:
    """Dropping a field silently is how information goes missing."""
    entry = note()
    entry["body"]["hemlig"] = "199001022384"

    with pytest.raises(CodecError, match=r"no place for a field in /body") as caught:
        to_elements("care-documentation", entry)
    assert "199001022384" not in str(caught.value)
    assert "hemlig" not in str(caught.value)


def test_a_needed_value_that_is_absent_is_refused() -> None:
    """An element without its mandatory part would be refused by every consumer."""
    entry = note()
    del entry["header"]["documentTime"]

    with pytest.raises(CodecError, match="timestamp in /header"):
        to_elements("care-documentation", entry)


def test_a_header_without_block_time_carries_no_other_one() -> None:
    """GetDiagnosis has no blockComparisonTime: another than author.time would be lost."""
    entry = note()
    entry["header"]["blockComparisonTime"] = "2023-07-01T11:00:00+02:00"

    with pytest.raises(CodecError, match="must equal"):
        to_elements("diagnoses", entry)


def referral() -> dict[str, Any]:
    """Return a step of a referral."""
    return {
        "header": {**note()["header"], "author": {"time": "2023-07-01T10:05:00+02:00"}},
        "body": {
            "statusCode": {
                "code": "99",
                "codeSystem": "1.2.752.129.2.2.2.43",
                "displayName": "Ny status",
            },
            "eventTime": "2023-07-01T10:00:00+02:00",
            "request": {"id": "R-1", "receivingOrganization": {"name": "Ortopeden"}},
        },
    }


def test_an_answer_that_does_not_say_whom_it_is_about_is_read_with_its_question() -> None:
    """GetRequestActivities answers without a patient: only who asked knows whose the entries are."""
    element = to_elements("referral-status", referral())

    assert "199001022384" not in etree.tostring(element).decode()
    with pytest.raises(CodecError, match=r"no header\.patientId: give the query"):
        from_elements("referral-status", element)
    assert from_elements("referral-status", element, query={"patientId": PATIENT}) == referral()


def test_elements_that_contradict_each_other_are_refused() -> None:
    """A record's id has the source system's in it: two systems in one entry is nobody's entry."""
    element = to_elements("referral-status", referral())
    root = next(element.iter("{urn:riv:crm:requeststatus:2}record"))[0][0]
    assert root.text == "SE2321000999-K001"
    root.text = "SE2321000999-K002"

    with pytest.raises(CodecError, match="not what another element says"):
        from_elements("referral-status", element, query={"patientId": PATIENT})


CORE = "urn:riv:clinicalprocess:healthcond:description:3"


def broken(change: Callable[[etree._Element], None]) -> etree._Element:
    """Return a note's element after *change*."""
    element = etree.fromstring(etree.tostring(to_elements("care-documentation", note())))
    change(element)
    return element


def swap(element: etree._Element) -> None:
    """Put body before header."""
    element.append(element[0])


def find(element: etree._Element, name: str) -> etree._Element:
    """Return the first element of that name."""
    return next(element.iter(f"{{{CORE}}}{name}"))


def double(element: etree._Element) -> None:
    """Put the same element twice."""
    record = find(element, "record")
    record.append(etree.fromstring(etree.tostring(find(element, "timestamp"))))


def text(name: str, value: str) -> Callable[[etree._Element], None]:
    """Return the change that puts *value* into the first element *name*."""

    def change(element: etree._Element) -> None:
        find(element, name).text = value

    return change


def added(name: str, within: str) -> Callable[[etree._Element], None]:
    """Return the change that adds an element *name* last in the first element *within*."""

    def change(element: etree._Element) -> None:
        etree.SubElement(find(element, within), name).text = "x"

    return change


BROKEN: dict[str, tuple[Callable[[etree._Element], None], str]] = {
    "order": (swap, "careDocumentation has an element that is unknown or out of order"),
    "empty": (text("clinicalDocumentNoteText", ""), "clinicalDocumentNoteText is empty"),
    "boolean": (text("approvedForPatient", "ja"), "cannot be read as boolean"),
    "time": (text("timestamp", "20230326023000"), "cannot be read as time"),
    "constant": (text("root", "1.2.3"), "must be 1.2.752"),
    "unknown": (added(f"{{{CORE}}}extra", "body"), "unknown or out of order"),
    "twice": (double, "stands more than once"),
    "text": (text("record", "lös text"), "text beside"),
    "nested": (added("b", "clinicalDocumentNoteText"), "text only"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_xml_that_the_table_does_not_expect_is_refused(name: str) -> None:
    """What cannot be read surely is not read at all; the message names the place."""
    change, message = BROKEN[name]

    with pytest.raises(CodecError, match=message):
        from_elements("care-documentation", broken(change))


def test_another_contracts_element_is_refused() -> None:
    """A diagnosis is not read as a note."""
    with pytest.raises(CodecError, match="expects the element diagnosis"):
        from_elements("diagnoses", to_elements("care-documentation", note()))


def test_extensions_of_others_are_passed_over() -> None:
    """The national schemas let anyone add elements of their own namespaces last."""
    element = broken(added("{urn:annan}extra", "body"))

    assert from_elements("care-documentation", element) == note()


def test_decimals_are_read_with_a_comma_and_written_with_a_point() -> None:
    """RIV-TA allows both; JSON has one form."""
    from anslut_contracts.rivta.forms import FORMS  # noqa: PLC0415 - only this test looks inside

    assert FORMS["decimal"].read("4,2") == "4.2"


PATIENT = {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"}


def query(table: MappingTable) -> dict[str, Any]:
    """Return the example query with every filter of the type, but for those that the contract lacks."""
    found = json.loads((EXAMPLES / table.type / "valid" / "query-alla-filter.json").read_text("utf-8"))
    assert set(found) == {"patientId", *information_types()[table.type].filters}
    if table.codes and "typeOfRequest" in found:  # codes come back with the contract's own text
        found["typeOfRequest"] = [item for item in found["typeOfRequest"] if item.get("displayName")]
    return {name: value for name, value in found.items() if name not in table.unsupported_filters}


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_a_query_comes_back_as_it_was(table: MappingTable) -> None:
    """The request's table is held to the same measure as the entry's."""
    element = etree.fromstring(write_request(table, query(table)))

    assert query_from_elements(table.type, element, table.version) == query(table)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_the_real_schemas_accept_the_requests(
    table: MappingTable, national_schema: Callable[[str], etree.XMLSchema]
) -> None:
    """The producer on the other side of a RIV-TA door validates what it is asked."""
    judge = national_schema(table.xsd)

    assert judge.validate(query_to_elements(table.type, query(table), table.version)), judge.error_log


def test_a_filter_that_the_contract_lacks_is_refused() -> None:
    """GetDiagnosis cannot ask for a care provider: an unfiltered answer would be the wrong one."""
    with pytest.raises(CodecError, match="no place"):
        query_to_elements("diagnoses", {"patientId": PATIENT, "careProviderIds": ["SE2321000999-V1"]})
    assert len(query_to_elements("diagnoses", {"patientId": PATIENT, "careUnitIds": []})) == 1


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_each_table_says_what_it_maps(table: MappingTable) -> None:
    """A table that lists filters which its type lacks misleads its readers."""
    filters = information_types()[table.type].filters
    groups = [row for row in table.request.children if not row.path]
    rows = [*table.request.children, *(inner for group in groups for inner in group.children)]
    mapped = {row.path[0].removesuffix("[]") for row in rows if row.path} - {"patientId"}
    # Two older contracts can be asked for a care contact's entries, which the JSON of today does not say.
    older = {"careContactIds"} if table is not mapping_table(table.type) else set()

    assert mapped - older == filters - table.unsupported_filters - older


@pytest.mark.parametrize("type_name", TYPES)
def test_the_newest_version_is_the_one_that_the_type_names(type_name: str) -> None:
    """A type's schema and its table must not drift apart."""
    found, table = information_types()[type_name], mapping_table(type_name)

    assert (table.contract, table.version) == (found.contract, found.contract_version)
